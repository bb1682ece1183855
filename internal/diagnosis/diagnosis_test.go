// SPDX-License-Identifier: MPL-2.0

package diagnosis

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/golden"
	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// scenario is one way in which a read goes wrong.
type scenario struct {
	name   string
	server func(*testing.T, *zstacktest.Node) (endpoint string) // nil: plain http, no trouble
	config func(*zstack.Config)                                 // nil: an account login
	cancel bool                                                 // the read is interrupted
	varies bool                                                 // the reason differs between systems or runs
	limit  time.Duration                                        // of the read; 0: none
	err    error                                                // an error that no server can cause
}

// serving is a changed node that serves plain http.
func serving(change func(*zstacktest.Node)) func(*testing.T, *zstacktest.Node) string {
	return func(t *testing.T, node *zstacktest.Node) string {
		change(node)
		return node.Serve(t)
	}
}

func fails(stage zstacktest.Stage, fault zstacktest.Fault) func(*testing.T, *zstacktest.Node) string {
	return serving(func(node *zstacktest.Node) { node.Misbehave(stage, zstacktest.Always(fault)) })
}

func using(credentials zstack.Credentials) func(*zstack.Config) {
	return func(config *zstack.Config) { config.Credentials = credentials }
}

// knownKey is an access key that the node of serving(knowsKey) has.
var knownKey = zstack.AccessKey{ID: "known-key", Secret: "secret-of-known-key", Location: time.UTC}

func knowsKey(node *zstacktest.Node) {
	node.AddAccessKey(knownKey.ID, knownKey.Secret)
	node.Configure(func(s *zstacktest.Settings) { s.TimeZone = time.UTC })
}

// authority signs the certificates of the TLS nodes.
var authority = zstacktest.NewCA()

func overTLS(certificate tls.Certificate) func(*testing.T, *zstacktest.Node) string {
	return func(t *testing.T, node *zstacktest.Node) string { return node.ServeTLS(t, certificate) }
}

func trusting(config *zstack.Config) {
	certificates, err := zstack.ParseCertificates([]byte(authority.PEM()))
	if err != nil {
		panic(err)
	}
	config.CACertificates = certificates
}

func retrying(config *zstack.Config) { config.MaxRetries = 1 }

var scenarios = []scenario{
	{name: "wrong password", config: using(zstack.Account{Name: "admin", Password: "not-the-password"})},
	{name: "wrong user of an account", config: using(zstack.Account{Name: "admin", Password: "not-the-password", UserName: "nobody"})},
	{
		name: "unknown project", config: using(zstack.VirtualID{Name: "vid", Password: "vid-password", Project: "unknown"}),
		server: serving(func(n *zstacktest.Node) { n.AddVirtualID("vid", "vid-password", "project") }),
	},
	{name: "too many sessions", server: serving(func(n *zstacktest.Node) {
		n.Configure(func(s *zstacktest.Settings) { s.MaxSessions = 0 })
	})},
	{name: "second factor", server: fails(zstacktest.AtLogin, zstacktest.Fails(zstacktest.SecondFactor))},
	{name: "password must be changed", server: fails(zstacktest.AtFirstPage, zstacktest.Fails(zstacktest.PasswordMustChange))},
	{name: "locked", server: fails(zstacktest.AtLogin, zstacktest.Fails(zstacktest.Locked))},
	{name: "captcha missing", server: fails(zstacktest.AtLogin, zstacktest.Fails(zstacktest.MissingCaptcha))},
	{name: "captcha wrong", server: fails(zstacktest.AtLogin, zstacktest.Fails(zstacktest.WrongCaptcha))},
	{name: "source address refused", server: fails(zstacktest.AtLogin, zstacktest.RequestRefused)},
	{name: "permission denied", server: fails(zstacktest.AtFirstPage, zstacktest.Fails(zstacktest.AdminOnly))},
	{name: "denied by policy", server: fails(zstacktest.AtFirstPage, zstacktest.Fails(zstacktest.DeniedByPolicy))},
	{name: "every session ends at once", server: fails(zstacktest.AtFirstPage, zstacktest.Fails(zstacktest.SessionExpired))},
	{name: "given session expired", config: using(zstack.Session{UUID: "34cbfddd470a47d8bdb0727cd2182618"})},
	{name: "unknown access key", config: using(zstack.AccessKey{ID: "unknown-key", Secret: "some-secret", Location: time.UTC}), server: serving(knowsKey)},
	{name: "bad signature", config: using(zstack.AccessKey{ID: knownKey.ID, Secret: "another-secret", Location: time.UTC}), server: serving(knowsKey)},
	{name: "skewed clock", config: using(knownKey), server: serving(func(n *zstacktest.Node) { knowsKey(n); n.Advance(16 * time.Minute) })},
	{name: "no access key plug-in", config: using(knownKey), server: serving(func(n *zstacktest.Node) {
		n.Configure(func(s *zstacktest.Settings) { s.NoAccessKeyPlugin = true })
	})},
	{name: "server timeout", server: fails(zstacktest.AtFirstPage, zstacktest.Fails(zstacktest.Timeout))},
	{name: "node not ready", server: fails(zstacktest.AtLogin, zstacktest.Fails(zstacktest.NotReady))},
	{name: "internal error", server: fails(zstacktest.AtFirstPage, zstacktest.Fails(zstacktest.InternalError("java.lang.NullPointerException")))},
	{name: "an unknown code", server: fails(zstacktest.AtFirstPage, zstacktest.Fails(zstacktest.Error{
		Code: "NEW.1", Description: "A new kind of error", Details: zstacktest.Text{English: "with\x1b[31m colours\nand lines"},
	}))},

	{name: "a sign-in page", server: fails(zstacktest.AtLogin, zstacktest.HTMLPage)},
	{name: "another web application", server: serving(func(n *zstacktest.Node) {
		n.Configure(func(s *zstacktest.Settings) { s.ContextPath = "/elsewhere" })
	})},
	{name: "a proxy without its node", server: fails(zstacktest.AtFirstPage, zstacktest.Status(http.StatusBadGateway, zstacktest.HTML)), config: retrying},
	{name: "rate limit", server: fails(zstacktest.AtFirstPage, zstacktest.Status(http.StatusTooManyRequests, zstacktest.PlainText))},
	{
		name: "come back in two hours", server: fails(zstacktest.AtFirstPage, zstacktest.RetryAfter(http.StatusServiceUnavailable, "7200")),
		config: retrying, limit: 5 * time.Minute,
	},
	{name: "a redirect", server: fails(zstacktest.AtLogin, zstacktest.Redirect(http.StatusFound, "https://user:pw@cloud.example/zstack?token=1"))},
	{name: "a bare error", server: fails(zstacktest.AtFirstPage, zstacktest.Status(http.StatusInternalServerError, zstacktest.NoBody))},
	{name: "JSON of another shape", server: fails(zstacktest.AtFirstPage, zstacktest.WrongTypes)},
	{name: "a field of another type", server: fails(zstacktest.AtFirstPage, zstacktest.Body("a field of another type",
		`{"total":1,"inventories":[{"uuid":"1ab3b836a88342e1bbc1b1a17d092f0f","name":"new","type":"Tomorrow","hostname":{}}]}`))},
	{name: "a wrong total", server: fails(zstacktest.AtFirstPage, zstacktest.Body("a wrong total",
		`{"total":2,"inventories":[{"uuid":"1ab3b836a88342e1bbc1b1a17d092f0f"}]}`))},
	{name: "a body that breaks off", server: fails(zstacktest.AtFirstPage, zstacktest.TruncatedBody)},
	{name: "an endless body", server: fails(zstacktest.AtFirstPage, zstacktest.EndlessBody)},
	{name: "a list that changes all the time", server: serving(func(n *zstacktest.Node) {
		n.SetBackupStorages(zstacktest.Storages(1500)...)
		n.BeforeQuery(func(k int) { n.SetBackupStorages(zstacktest.Storages(1500)[k%2*200:]...) })
	})},

	{name: "unknown host", err: dialError(&zstack.LookupError{Host: "zstack.invalid", NotFound: true})},
	{name: "connection refused", varies: true, server: func(t *testing.T, _ *zstacktest.Node) string {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = listener.Close() }()
		return "http://" + listener.Addr().String()
	}},
	{name: "no route", err: dialError(&zstack.ConnectError{Address: "zstack.invalid:8080", Err: errors.New("no route to host")})},
	{name: "unknown authority", server: overTLS(authority.Certificate())},
	{name: "another host's certificate", server: overTLS(authority.Certificate("other.example")), config: trusting},
	{name: "expired certificate", server: overTLS(authority.ExpiredCertificate()), config: trusting, varies: true},
	{name: "no TLS", server: func(t *testing.T, node *zstacktest.Node) string {
		return strings.Replace(node.Serve(t), "http:", "https:", 1)
	}},

	{
		name: "an attempt takes too long", server: fails(zstacktest.AtFirstPage, zstacktest.NeverResponds),
		config: func(config *zstack.Config) { config.RequestTimeout = 300 * time.Millisecond },
	},
	{name: "the read takes too long", server: fails(zstacktest.AtFirstPage, zstacktest.NeverResponds), limit: time.Second},
	{name: "interrupted", cancel: true},
	{name: "stopped", err: zstack.ErrClosed},
	{name: "zones denied", err: &zstack.RequestError{
		Method: "GET", Host: "zstack.example:8080", Path: "/zstack/v1/zones", Attempts: 1,
		Err: &zstack.APIError{Code: zstack.CodePermissionDenied, Description: "The user doesn't have permission to perform the operation"},
	}},
}

func dialError(err error) error {
	return &zstack.RequestError{
		Method: "PUT", Host: "zstack.invalid:8080", Path: "/zstack/v1/accounts/login", Attempts: 1,
		Err: err,
	}
}

// read runs the scenario and returns the address of the server and the error.
func (s scenario) read(t *testing.T) (string, error) {
	if s.err != nil {
		return "", s.err
	}
	node := zstacktest.NewNode()
	node.Configure(func(s *zstacktest.Settings) { s.Locale = zstacktest.English })
	serve := s.server
	if serve == nil {
		serve = serving(func(*zstacktest.Node) {})
	}
	endpoint, err := zstack.ParseEndpoint(serve(t, node))
	if err != nil {
		t.Fatal(err)
	}
	client := newClient(t, endpoint, s.config)
	ctx, cancel := context.WithCancel(t.Context())
	if s.cancel {
		cancel()
	}
	if s.limit > 0 {
		ctx, cancel = context.WithTimeoutCause(ctx, s.limit, &ReadTimeoutError{s.limit})
	}
	defer cancel()
	_, err = client.ListBackupStorages(ctx, nil)
	if err == nil {
		t.Fatal("the read succeeded")
	}
	return endpoint.Host, err
}

func newClient(t *testing.T, endpoint *url.URL, change func(*zstack.Config)) *zstack.Client {
	t.Helper()
	config := zstack.Config{
		Endpoint:       endpoint,
		Credentials:    zstack.Account{Name: zstacktest.DefaultAccount, Password: zstacktest.DefaultPassword},
		RequestTimeout: time.Minute,
	}
	if change != nil {
		change(&config)
	}
	client := zstack.NewClient(config)
	t.Cleanup(func() { client.Close(context.Background()) })
	return client
}

// TestEveryErrorSaysWhatWasAskedWhatCameBackAndWhatToDo compares the
// diagnostics of all scenarios with testdata/diagnostics.txt, which is meant to
// be read: it is what a user gets to see.
func TestEveryErrorSaysWhatWasAskedWhatCameBackAndWhatToDo(t *testing.T) {
	var got strings.Builder
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			host, err := s.read(t)
			d := Of(err)
			detail := d.Detail()
			if request := (*zstack.RequestError)(nil); s.varies && errors.As(err, &request) {
				detail = strings.Replace(detail, reason(request.Err), "(text of the system)", 1)
			}
			if host != "" {
				detail = strings.ReplaceAll(detail, host, "zstack.example:8080")
			}
			fmt.Fprintf(&got, "# %s\n\nError: %s\n\n%s\n\n\n", s.name, d.Title, detail)
		})
	}
	golden.Check(t, "diagnostics.txt", got.String())
}
