// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"context"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/zstackio/terraform-provider-zstack/internal/lazyregexp"
)

// Credentials identify the caller to the management node: [Account],
// [VirtualID], [AccessKey] or [Session].
type Credentials interface {
	authorizer(t *transport) authorizer
}

// authorizer authorizes the requests of one client.
type authorizer interface {
	// authorization begins one call of the API.
	authorization() authorization

	// secrets lists the secrets that were sent so far. They must not be shown. A
	// password is never sent, so a response contains it only by chance.
	secrets() []string

	// close ends the authorizer's sessions on the server, until ctx ends.
	close(ctx context.Context)
}

// authorization authorizes the attempts of one call. It is not safe for
// concurrent use.
type authorization interface {
	// prepare does what the request depends on, such as a login.
	prepare(ctx context.Context) error

	// sign adds the credential to one attempt.
	sign(request *http.Request)

	// refused returns nil if err may not occur again when the request is prepared
	// and sent once more, and otherwise the error to report.
	refused(err error) error
}

// Account logs in with an account's name and password, or, if UserName is
// set, as that user of the account with the user's password (PROTOCOL.md §2.2).
type Account struct{ Name, Password, UserName string }

func (a Account) authorizer(t *transport) authorizer {
	return newSessions(t, a.logIn, passwordHash(a.Password))
}

func (a Account) logIn(ctx context.Context, l *login) (string, error) {
	path, outer := "/v1/accounts/login", "logInByAccount"
	inner := map[string]string{"accountName": a.Name, "password": passwordHash(a.Password)}
	if a.UserName != "" {
		path, outer = "/v1/accounts/users/login", "logInByUser"
		inner["userName"] = a.UserName
	}
	return l.send(ctx, path, map[string]any{outer: inner}, nil)
}

// VirtualID logs in with an IAM2 virtual ID, and then enters the project, if
// Project is set: each of the two creates a session (PROTOCOL.md §2.2).
type VirtualID struct{ Name, Password, Project string }

func (v VirtualID) authorizer(t *transport) authorizer {
	return newSessions(t, v.logIn, passwordHash(v.Password))
}

func (v VirtualID) logIn(ctx context.Context, l *login) (string, error) {
	uuid, err := l.send(ctx, "/v1/iam2/virtual-ids/login", map[string]any{
		"loginIAM2VirtualID": map[string]string{"name": v.Name, "password": passwordHash(v.Password)},
	}, nil)
	if err != nil || v.Project == "" {
		return uuid, err
	}
	return l.send(ctx, "/v1/iam2/projects/login", map[string]any{
		"loginIAM2Project": map[string]string{"projectName": v.Project},
	}, func(request *http.Request) { signSession(request, uuid) })
}

// passwordHash is the form in which passwords are sent: lower-case hexadecimal
// SHA-512 (PROTOCOL.md §2.2).
func passwordHash(password string) string {
	sum := sha512.Sum512([]byte(password))
	return hex.EncodeToString(sum[:])
}

// loginResponse is the body of the response to every login (PROTOCOL.md §2.3).
type loginResponse struct{ session string }

func (r *loginResponse) reset() { *r = loginResponse{} }

func (r *loginResponse) decodeMember(key string, decoder *json.Decoder) error {
	if key != "inventory" {
		return skipValue(decoder)
	}
	return decodeValue(decoder, func(value []byte) error {
		var inventory struct {
			UUID *string `json:"uuid"`
		}
		if r.session = ""; value[0] == 'n' {
			return nil
		}
		err := new(objectDecoder).decode(value, &inventory)
		if inventory.UUID != nil {
			r.session = *inventory.UUID
		}
		return within(key, err)
	})
}

// salvage finds the session in a body that ends early, or has other text around
// its JSON: the server has created that session, so it must be logged out.
func (r *loginResponse) salvage(body []byte) {
	if match := sessionMember().FindSubmatch(body); match != nil {
		r.session = string(match[1])
	}
}

var sessionMember = lazyregexp.New(`"uuid"\s*:\s*"([0-9A-Za-z-]+)"`)

// sessionPattern ensures that the path of the logout is below [sessionsPath].
var sessionPattern = lazyregexp.New(`^[0-9A-Za-z-]+$`)

func (r *loginResponse) check() error {
	if !sessionPattern().MatchString(r.session) {
		return errors.New("the JSON contains no session")
	}
	return nil
}

// Session is an existing session: it is used as it is, never renewed and never
// logged out (PROTOCOL.md §2.4).
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

// signSession authorizes request with a session (PROTOCOL.md §2.1).
func signSession(request *http.Request, uuid string) {
	request.Header.Set("Authorization", "OAuth "+uuid)
}
