// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"strings"
	"testing"
)

func TestLogoutsPathIsLoggedWithoutTheSession(t *testing.T) {
	for path, want := range map[string]string{
		"/zstack/v1/accounts/sessions/34cb":    "/zstack/v1/accounts/sessions/…",
		"/v1/accounts/sessions/34cb/valid":     "/v1/accounts/sessions/…",
		"/zstack/v1/backup-storage":            "/zstack/v1/backup-storage",
		strings.Repeat("/a", 3) + sessionsPath: "/a/a/a/v1/accounts/sessions/…",
	} {
		if got := loggedPath(path); got != want {
			t.Errorf("%s is logged as %s, want %s", path, got, want)
		}
	}
}
