// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"context"
	"net/http"
)

// VirtualID logs in with an IAM2 virtual ID, and then enters the project, if
// one is named: each of the two makes a session (PROTOCOL.md §2.2).
type VirtualID struct{ Name, Password, Project string }

func (v VirtualID) authorizer(t *transport) authorizer {
	return newSessions(t, v.login, passwordHash(v.Password))
}

func (v VirtualID) login(ctx context.Context, t *transport, opened func(string)) (string, error) {
	uuid, err := t.logIn(ctx, "/v1/iam2/virtual-ids/login", map[string]any{
		"loginIAM2VirtualID": map[string]string{"name": v.Name, "password": passwordHash(v.Password)},
	}, nil, opened)
	if err != nil || v.Project == "" {
		return uuid, err
	}
	return t.logIn(ctx, "/v1/iam2/projects/login", map[string]any{
		"loginIAM2Project": map[string]string{"projectName": v.Project},
	}, func(request *http.Request) { signSession(request, uuid) }, opened)
}
