// SPDX-License-Identifier: MPL-2.0

package zstacktest_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// outcome is the result of a query in net/http: an error without a response, or a response and the end of its body.
type outcome struct {
	response
	failure error // instead of a response
	broken  error // at the end of the body
}

func query(ctx context.Context, t *testing.T, client *http.Client, url string, limit int64) outcome {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, "GET", url+"/zstack/v1/backup-storage", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "OAuth "+knownSession)
	reply, err := client.Do(request)
	if err != nil {
		return outcome{failure: err}
	}
	defer func() { _ = reply.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(reply.Body, limit))
	return outcome{response: response{reply.StatusCode, reply.Header, string(body)}, broken: err}
}

// isReset distinguishes a reset connection, which is a network error, from a closed one, which is the end of the input.
func isReset(err error) bool {
	network, ok := errors.AsType[*net.OpError](err)
	return ok && network.Op == "read" && !errors.Is(err, io.EOF)
}

func TestFaultsBreakTheConnectionAsTheirNamesSay(t *testing.T) {
	t.Parallel()
	const enough = 1 << 20
	tests := []struct {
		fault  zstacktest.Fault
		isSeen func(outcome) bool
	}{
		{zstacktest.ResetBeforeResponse, func(o outcome) bool { return isReset(o.failure) }},
		{zstacktest.ResetWithinBody, func(o outcome) bool { return o.status == 200 && isReset(o.broken) }},
		{zstacktest.LongContentLength, func(o outcome) bool { return errors.Is(o.broken, io.ErrUnexpectedEOF) }},
		{zstacktest.ShortContentLength, func(o outcome) bool { return o.broken == nil && o.body == `{"schema":{},"total":0,"invento` }},
		{zstacktest.NotHTTP, func(o outcome) bool { return strings.Contains(o.failure.Error(), "malformed HTTP") }},
		{zstacktest.EndlessBody, func(o outcome) bool { return o.broken == nil && len(o.body) == enough }},
	}
	for _, test := range tests {
		n := newNode()
		n.Misbehave(zstacktest.AtFirstPage, test.fault)
		if got := query(t.Context(), t, client, n.Serve(t), enough); !test.isSeen(got) {
			t.Errorf("%s: %+v", test.fault.Name, got)
		}
	}
}

func TestConnectionsAreResetOverTLSToo(t *testing.T) {
	t.Parallel()
	ca := zstacktest.NewCA()
	n := newNode()
	n.Misbehave(zstacktest.AtFirstPage, zstacktest.ResetBeforeResponse)
	got := query(t.Context(), t, trusting(t, ca), n.ServeTLS(t, ca.Certificate()), 100)
	if !isReset(got.failure) {
		t.Errorf("%+v, want a reset connection", got)
	}
}

func TestFaultsSendTheResponseThatTheirNamesSay(t *testing.T) {
	t.Parallel()
	tests := []struct {
		fault  zstacktest.Fault
		status int
		body   string // what it begins with
		header http.Header
	}{
		{zstacktest.HTMLPage, 200, "<!doctype html>", nil},
		{zstacktest.TruncatedBody, 200, `{"schema":{},"total":1,"inventories":[{"uuid":"1ab`, nil},
		{zstacktest.NullBody, 200, "null", nil},
		{zstacktest.ArrayBody, 200, "[", nil},
		{zstacktest.WrongTypes, 200, `{"schema":[]`, nil},
		{zstacktest.WrongRowTypes, 200, `{"schema":{}`, nil},
		{zstacktest.DeepJSON, 200, `{"inventories":[{"inventories":[`, nil},
		{zstacktest.BinaryBody, 200, "\x1f\x8b", nil},
		{zstacktest.ErrorInside(zstacktest.Timeout), 200, `{"error":{"code":"SYS.1001"`, nil},
		{zstacktest.Fails(zstacktest.InternalError("boom")), 503, `{"error":{"code":"SYS.1000"`, nil},
		{zstacktest.Fails(zstacktest.PasswordMustChange), 503, `{"error":{"code":"LOGIN_CONTROL.1000"`, nil},
		{zstacktest.Status(502, zstacktest.HTML), 502, "<html>", http.Header{"Content-Type": {"text/html"}}},
		{zstacktest.Status(503, zstacktest.PlainText), 503, "Service Unavailable", nil},
		{zstacktest.Status(504, zstacktest.OtherJSON), 504, `{"status":504`, nil},
		{zstacktest.RetryAfter(429, "99999999999999999999"), 429, "Too Many", http.Header{"Retry-After": {"99999999999999999999"}}},
		{zstacktest.Redirect(302, "https://other.example/login"), 302, "", http.Header{"Location": {"https://other.example/login"}}},
	}
	for _, test := range tests {
		n := newNode()
		n.Misbehave(zstacktest.AtFirstPage, test.fault)
		got := query(t.Context(), t, client, n.Serve(t), 1<<20)
		if got.failure != nil || got.status != test.status || !strings.HasPrefix(got.body, test.body) {
			t.Errorf("%s: %v, %d %.100s", test.fault.Name, got.failure, got.status, got.body)
		}
		for name := range test.header {
			if got.header.Get(name) != test.header.Get(name) {
				t.Errorf("%s: %s %q", test.fault.Name, name, got.header.Get(name))
			}
		}
	}
}

func TestBareStatusMayHaveNoBody(t *testing.T) {
	t.Parallel()
	n := newNode()
	n.Misbehave(zstacktest.AtFirstPage, zstacktest.Status(500, zstacktest.NoBody), zstacktest.EmptyBody)
	server := n.Serve(t)
	for _, status := range []int{500, 200} {
		if got := query(t.Context(), t, client, server, 100); got.status != status || got.body != "" {
			t.Errorf("%d %q, want %d without a body", got.status, got.body, status)
		}
	}
}

// TestWaitingFaultsEndWithTheServer never cancels its request, so it would hang if a fault did not end.
func TestWaitingFaultsEndWithTheServer(t *testing.T) {
	t.Parallel()
	for _, fault := range []zstacktest.Fault{zstacktest.NeverResponds, zstacktest.DrippingBody, zstacktest.EndlessBody} {
		done := make(chan outcome, 1)
		t.Run(fault.Name, func(t *testing.T) {
			n := newNode()
			n.Misbehave(zstacktest.AtFirstPage, fault)
			server := n.Serve(t)
			go func() { done <- query(context.Background(), t, client, server, 1<<62) }()
			if err := n.WaitFor(t.Context(), func(r zstacktest.Request) bool { return r.Method == "GET" }); err != nil {
				t.Fatal(err)
			}
		})
		if o := <-done; o.failure == nil && o.broken == nil {
			t.Errorf("%s: the query succeeded: %+v", fault.Name, o.response)
		}
	}
}

func TestWaitingFaultsEndWithTheClient(t *testing.T) {
	t.Parallel()
	n := newNode()
	n.Misbehave(zstacktest.AtFirstPage, zstacktest.NeverResponds)
	server := n.Serve(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan outcome)
	go func() { done <- query(ctx, t, client, server, 100) }()
	if err := n.WaitFor(t.Context(), func(zstacktest.Request) bool { return true }); err != nil {
		t.Fatal(err)
	}
	cancel()
	if o := <-done; !errors.Is(o.failure, context.Canceled) {
		t.Errorf("%+v, want a cancelled query", o)
	}
}

func TestEveryFaultHappensToOneRequestOfItsStage(t *testing.T) {
	t.Parallel()
	n := newNode()
	server := n.Serve(t)
	n.Misbehave(zstacktest.AtLogin, zstacktest.Status(502, zstacktest.HTML))
	n.Misbehave(zstacktest.AtFirstPage, zstacktest.NoFault, zstacktest.Status(500, zstacktest.NoBody))
	n.Misbehave(zstacktest.AtLaterPage, zstacktest.Always(zstacktest.Status(504, zstacktest.NoBody)))
	n.Misbehave(zstacktest.AtLogout, zstacktest.Status(429, zstacktest.PlainText))

	statuses := func(send func() response, count int) []int {
		var got []int
		for range count {
			got = append(got, send().status)
		}
		return got
	}
	admin := `{"logInByAccount":{"accountName":"admin","password":"` + initialHash + `"}}`
	logout := func() response {
		return send(t, "DELETE", server+"/zstack/v1/accounts/sessions/"+knownSession, nil, "")
	}
	for name, test := range map[string]struct {
		send func() response
		want []int
	}{
		"login":      {func() response { return logIn(t, server, "accounts/login", admin, nil) }, []int{502, 200}},
		"first page": {func() response { return get(t, server, "?start=0") }, []int{200, 500, 200}},
		"later page": {func() response { return get(t, server, "?start=2") }, []int{504, 504, 504}},
	} {
		if got := statuses(test.send, len(test.want)); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
	if n.Logins() != 1 {
		t.Errorf("%d logins, want one: a fault at login happens before there is a session", n.Logins())
	}
	if got := statuses(logout, 2); !slices.Equal(got, []int{429, 200}) || n.Logouts() != 1 {
		t.Errorf("logout: %v and %d logouts", got, n.Logouts())
	}
	n.Behave()
	if got := logIn(t, server, "accounts/login", admin, nil); got.status != 200 {
		t.Errorf("after Behave: %d", got.status)
	}
}
