// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-log/tflog"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"
)

func TestPathOfALogoutIsLoggedWithoutTheSession(t *testing.T) {
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

func TestSecretsAreMaskedInEveryLogLine(t *testing.T) {
	var log bytes.Buffer
	ctx := maskSecrets(tflogtest.RootLogger(t.Context(), &log), []string{"", "secret-4711", "secret-4712"})
	tflog.Trace(ctx, "the message contains secret-4711", map[string]any{"field": "and secret-4712 too"})
	if text := log.String(); strings.Contains(text, "secret-471") || !strings.Contains(text, "the message contains ***") || !strings.Contains(text, "and *** too") {
		t.Errorf("the log is %s", text)
	}
}

func TestRedactionDoesNotModifyItsArgument(t *testing.T) {
	for _, err := range []error{
		&APIError{Code: "ID.1", Description: "secret-4711", Details: "secret-4711\n"},
		&UnexpectedResponseError{HTTPStatus: 404, Excerpt: "secret-4711"},
		&RedirectError{HTTPStatus: 302, Location: "http://a/secret-4711"},
		&NotHTTPError{Begin: "secret-4711"},
		&ProxyError{Err: &NotHTTPError{Begin: "secret-4711"}},
		errors.New("a library's error with secret-4711"),
	} {
		before := err.Error()
		shown := redact(err, []string{"secret-4711"})
		if after := err.Error(); after != before {
			t.Errorf("the error %q is now %q", before, after)
		}
		if text := shown.Error(); strings.Contains(text, "secret") || !strings.Contains(text, "***") {
			t.Errorf("the error is shown as %q", text)
		}
	}
}
