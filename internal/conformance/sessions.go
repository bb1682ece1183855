// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// logout logs in and out, and checks that the server then rejects the sessions.
func logout(ctx context.Context, n *node) (result, error) {
	switch n.config.Credentials.(type) {
	case zstack.AccessKey:
		return notApplicable("access keys have no sessions")
	case zstack.Session:
		return notApplicable("an existing session is never logged out")
	}
	client := zstack.NewClient(n.config)
	defer closeClient(ctx, client)
	n.reads++
	if _, err := client.BackupStoragePage(ctx, nil, 0, 1); err != nil {
		return result{}, err
	}
	sessions := client.Sessions()
	closeClient(ctx, client)

	var r result
	for _, session := range sessions {
		r.compared++
		difference, err := n.expectRefusal(ctx, session)
		if err != nil {
			return r, err
		}
		r.differences = append(r.differences, difference...)
	}
	r.counts = count(r.compared, "session")
	return r, nil
}

// unknownSession checks how the server rejects a session that does not exist.
func unknownSession(ctx context.Context, n *node) (result, error) {
	if _, ok := n.config.Credentials.(zstack.AccessKey); ok {
		return notApplicable("access keys have no sessions")
	}
	random := make([]byte, 16)
	_, _ = rand.Read(random) // It never fails.
	differences, err := n.expectRefusal(ctx, zstack.Session{UUID: hex.EncodeToString(random)})
	return result{compared: 1, counts: count(1, "session"), differences: differences}, err
}

// expectRefusal returns how the response to a session differs from a refusal
// with the code ID.1001.
func (n *node) expectRefusal(ctx context.Context, session zstack.Session) ([]string, error) {
	config := n.config
	config.Credentials = session
	client := zstack.NewClient(config)
	defer closeClient(ctx, client)
	n.reads++
	_, err := client.BackupStoragePage(ctx, nil, 0, 1)
	switch api, isAPI := errors.AsType[*zstack.APIError](err); {
	case err == nil:
		return []string{"the session is accepted"}, nil
	case errors.Is(err, zstack.ErrSessionExpired):
		return nil, nil
	case isAPI:
		return []string{fmt.Sprintf("the session is refused with %s instead of %s", identifier(api.Code), zstack.CodeInvalidSession)}, nil
	}
	return nil, err
}
