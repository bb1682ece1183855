// SPDX-License-Identifier: MPL-2.0

package zstack

import "context"

// Account logs in with an account's name and password, or, if UserName is
// set, as that user of the account with the user's password (PROTOCOL.md §2.2).
type Account struct{ Name, Password, UserName string }

func (a Account) authorizer(t *transport) authorizer {
	return newSessions(t, a.login, passwordHash(a.Password))
}

func (a Account) login(ctx context.Context, t *transport, opened func(string)) (string, error) {
	path, outer := "/v1/accounts/login", "logInByAccount"
	inner := map[string]string{"accountName": a.Name, "password": passwordHash(a.Password)}
	if a.UserName != "" {
		path, outer = "/v1/accounts/users/login", "logInByUser"
		inner["userName"] = a.UserName
	}
	return t.logIn(ctx, path, map[string]any{outer: inner}, nil, opened)
}
