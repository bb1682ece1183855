// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"context"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"net/http"
	"regexp"
)

// passwordHash is the form in which passwords travel: lower-case hexadecimal
// SHA-512 (PROTOCOL.md §2.2).
func passwordHash(password string) string {
	sum := sha512.Sum512([]byte(password))
	return hex.EncodeToString(sum[:])
}

// loginResponse is the answer to every login (PROTOCOL.md §2.3).
type loginResponse struct {
	errorResponse
	Inventory struct {
		UUID string `json:"uuid"`
	} `json:"inventory"`
}

// salvage finds the session in an answer that breaks off, or has something
// around its JSON: there is one on the server, which is to be logged out.
func (a *loginResponse) salvage(body []byte) {
	if match := sessionMember.FindSubmatch(body); match != nil {
		a.Inventory.UUID = string(match[1])
	}
}

var sessionMember = regexp.MustCompile(`"uuid"\s*:\s*"([0-9A-Za-z-]+)"`)

// sessionPattern keeps the path of the logout below [sessionsPath].
var sessionPattern = regexp.MustCompile(`^[0-9A-Za-z-]+$`)

func (a *loginResponse) check() error {
	if !sessionPattern.MatchString(a.Inventory.UUID) {
		return errors.New("the JSON holds no session")
	}
	return nil
}

// logIn sends one login request, authorized by sign if that is not nil, and
// returns the new session. It tells opened of it, also if the answer is of no
// other use.
func (t *transport) logIn(ctx context.Context, path string, body any, sign func(*http.Request), opened func(uuid string)) (string, error) {
	var response loginResponse
	err := t.send(ctx, request{
		method:    http.MethodPut,
		path:      path,
		body:      body,
		sign:      sign,
		mayRepeat: isSafeToRepeatLogin,
		into:      &response,
	})
	uuid := response.Inventory.UUID
	if sessionPattern.MatchString(uuid) {
		opened(uuid)
	}
	if err != nil {
		return "", err
	}
	return uuid, nil
}

// logout ends a session. It is sent once and fails silently: the server
// forgets a session by itself in the end (PROTOCOL.md §2.5).
func (t *transport) logout(ctx context.Context, uuid string) {
	_ = t.send(ctx, request{
		method:    http.MethodDelete,
		path:      sessionsPath + uuid,
		mayRepeat: func(error) bool { return false },
		into:      &errorResponse{},
	})
}
