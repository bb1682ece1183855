// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"context"
	"fmt"
	"net/http"
)

// Session is a session that somebody else made: it is used as it is, never
// renewed by a login and never logged out (PROTOCOL.md §2.4).
type Session struct{ UUID string }

func (s Session) authorizer(*transport) authorizer { return s }
func (s Session) authorization() authorization     { return s }
func (s Session) secrets() []string                { return []string{s.UUID} }
func (s Session) close(context.Context)            {}
func (s Session) prepare(context.Context) error    { return nil }
func (s Session) sign(request *http.Request)       { signSession(request, s.UUID) }

func (s Session) refused(err error) error {
	if hasCode(err, CodeInvalidSession) {
		return fmt.Errorf("%w: %w", ErrSessionExpired, err)
	}
	return err
}
