// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// roundTripper is a function that plays the network.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }

// net/http may still be writing the header of an attempt that was given up.
func TestHeaderOfAnAttemptIsNotTouchedByTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := NewClient(Config{
			Endpoint: &url.URL{Scheme: "http", Host: "zstack.test", Path: "/zstack"}, MaxRetries: 1, RequestTimeout: time.Minute,
			Credentials: AccessKey{ID: "id", Secret: "secret", Location: time.UTC},
		})
		var headers []http.Header
		client.transport.http.Transport = roundTripper(func(request *http.Request) (*http.Response, error) {
			headers = append(headers, request.Header)
			time.Sleep(10 * time.Second) // The next attempt has another date.
			return nil, context.DeadlineExceeded
		})
		if _, err := client.ListBackupStorages(t.Context(), nil); err == nil {
			t.Error("the read succeeds, want an error")
		}
		if len(headers) != 2 || headers[0].Get("Date") == headers[1].Get("Date") {
			t.Errorf("the headers of two attempts are %v, want a date for each", headers)
		}
	})
}

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
