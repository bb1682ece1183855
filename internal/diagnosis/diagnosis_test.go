// SPDX-License-Identifier: MPL-2.0

package diagnosis

import (
	"bytes"
	"context"
	"encoding/base64"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"
	"go.uber.org/goleak"

	"github.com/zstackio/terraform-provider-zstack/internal/golden"
	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", "16") // Parallel tests wait most of the time. The flag of go test takes precedence.
	goleak.VerifyTestMain(m)
}

// scenario is a read that fails.
type scenario struct {
	name   string
	serve  func(*testing.T, *zstacktest.Node) (endpoint string) // nil: plain http, no fault
	config func(*zstack.Config)                                 // nil: an account login
	login  Login
	cancel bool          // the read is interrupted
	limit  time.Duration // of the read; 0: none
	zones  bool          // zones are read, not backup storages
	err    error         // an error that no server can cause
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

func responds(status int, kind zstacktest.BodyKind) func(*testing.T, *zstacktest.Node) string {
	return fails(zstacktest.AtFirstPage, zstacktest.Status(status, kind))
}

func configured(change func(*zstacktest.Settings)) func(*testing.T, *zstacktest.Node) string {
	return serving(func(node *zstacktest.Node) { node.Configure(change) })
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

func retrying(config *zstack.Config) { config.MaxRetries = 1 }

func impatient(config *zstack.Config) { config.RequestTimeout = 500 * time.Millisecond }

const wrong = "not-the-password"

var byAccount = Login{
	Identity:    `account "admin"`,
	Credentials: []Credential{{Argument: "account_name", Source: "ZSTACK_ACCOUNT_NAME"}, {Argument: "account_password", Source: "ZSTACK_ACCOUNT_PASSWORD"}},
}

var loginScenarios = []scenario{
	{name: "wrong password", config: using(zstack.Account{Name: "admin", Password: wrong}), login: byAccount},
	{
		name: "wrong user of an account", config: using(zstack.Account{Name: "admin", Password: wrong, UserName: "nobody"}),
		login: Login{
			Identity: `user "nobody" of account "admin"`,
			Credentials: []Credential{
				{Argument: "account_name", Source: "account_name"},
				{Argument: "account_password", Source: "ZSTACK_ACCOUNT_PASSWORD", Hint: "begins or ends with whitespace"},
				{Argument: "user_name", Source: "user_name"},
			},
			Misspelt: []string{"ZSTACK_PASSWORD is not a variable of this provider. Did you mean ZSTACK_ACCOUNT_PASSWORD?"},
		},
	},
	{
		name: "a user name that is not used", config: using(zstack.Account{Name: "admin", Password: wrong}),
		login: Login{
			Identity:    `account "admin"`,
			Credentials: []Credential{{Argument: "account_name", Source: "account_name"}, {Argument: "account_password", Source: "ZSTACK_ACCOUNT_PASSWORD"}},
			Unused:      []string{"ZSTACK_ACCOUNT_NAME", "ZSTACK_USER_NAME"},
		},
	},
	{
		name: "wrong virtual ID", config: using(zstack.VirtualID{Name: "vera", Password: wrong}),
		login: Login{
			Identity:    `virtual ID "vera"`,
			Credentials: []Credential{{Argument: "virtual_id_name", Source: "virtual_id_name"}, {Argument: "virtual_id_password", Source: "ZSTACK_VIRTUAL_ID_PASSWORD", Hint: "is enclosed in quotes, which are part of the value"}},
		},
	},
	{
		name: "unknown project", config: using(zstack.VirtualID{Name: "vid", Password: "vid-password", Project: "unknown"}),
		serve: serving(func(n *zstacktest.Node) { n.AddVirtualID("vid", "vid-password", "project") }),
	},
	{
		name: "no virtual IDs", config: using(zstack.VirtualID{Name: "vid", Password: "vid-password"}),
		serve: configured(func(s *zstacktest.Settings) { s.NoIAM2Plugin = true }),
	},
	{name: "too many sessions", serve: configured(func(s *zstacktest.Settings) { s.MaxSessions = 0 })},
	{name: "second factor", serve: fails(zstacktest.AtLogin, zstacktest.Fails(zstacktest.SecondFactor))},
	{name: "password must be changed", serve: fails(zstacktest.AtFirstPage, zstacktest.Fails(zstacktest.PasswordMustChange))},
	{name: "locked", serve: fails(zstacktest.AtLogin, zstacktest.Fails(zstacktest.Locked)), login: byAccount},
	{name: "captcha missing", serve: fails(zstacktest.AtLogin, zstacktest.Fails(zstacktest.MissingCaptcha)), login: byAccount},
	{name: "captcha wrong", serve: fails(zstacktest.AtLogin, zstacktest.Fails(zstacktest.WrongCaptcha)), login: byAccount},
	{name: "source address refused", serve: fails(zstacktest.AtLogin, zstacktest.RequestRefused)},
	{name: "every session ends immediately", serve: fails(zstacktest.AtFirstPage, zstacktest.Fails(zstacktest.SessionExpired))},
	{
		name: "existing session expired", config: using(zstack.Session{UUID: "34cbfddd470a47d8bdb0727cd2182618"}),
		login: Login{Identity: "an existing session", Credentials: []Credential{{Argument: "session_uuid", Source: "ZSTACK_SESSION_UUID"}}},
	},
	{name: "unknown access key", config: using(zstack.AccessKey{ID: "unknown-key", Secret: "some-secret", Location: time.UTC}), serve: serving(knowsKey)},
	{
		name: "bad signature", config: using(zstack.AccessKey{ID: knownKey.ID, Secret: "another-secret", Location: time.UTC}), serve: serving(knowsKey),
		login: Login{
			Identity:    `access key "known-key"`,
			Credentials: []Credential{{Argument: "access_key_id", Source: "access_key_id"}, {Argument: "access_key_secret", Source: "ZSTACK_ACCESS_KEY_SECRET"}},
		},
	},
	{name: "skewed clock", config: using(knownKey), serve: serving(func(n *zstacktest.Node) { knowsKey(n); n.Advance(16 * time.Minute) })},
	{name: "no access key plug-in", config: using(knownKey), serve: configured(func(s *zstacktest.Settings) { s.NoAccessKeyPlugin = true })},
	{name: "an access key in FIPS mode", err: zstack.ErrFIPS},
}

const brokenRow = `{"schema":{},"total":1,"inventories":[{"uuid":"1ab3b836a8d54f1b9d5b6b6f0e2a7c11","name":"store","type":"Ceph","totalCapacity":"much"}]}`

// jo is a user to whom deniesJo attaches a policy.
var jo = zstack.Account{Name: zstacktest.DefaultAccount, UserName: "jo", Password: "password-of-jo"}

func deniesJo(query zstacktest.API) func(*zstacktest.Node) {
	return func(node *zstacktest.Node) {
		node.AddUser(jo.Name, jo.UserName, jo.Password)
		node.AttachPolicy(jo.Name, jo.UserName, zstacktest.Policy{
			Name: "no-queries", UUID: "0f0f0f0f0f0f4a4a8b8b0c0c0d0d0e0e", Denies: []zstacktest.API{query},
		})
	}
}

var zonesForAdministrators = zstacktest.Error{
	Code: zstack.CodePermissionDenied, Description: zstacktest.AdminOnly.Description,
	Details: zstacktest.Text{English: "request api[name: org.zstack.header.zone.APIQueryZoneMsg] is admin only, can not be executed by current user"},
}

var apiScenarios = []scenario{
	{name: "administrators only", serve: fails(zstacktest.AtFirstPage, zstacktest.Fails(zstacktest.AdminOnly))},
	{name: "allowed by no policy", serve: fails(zstacktest.AtFirstPage, zstacktest.Fails(zstacktest.DeniedByPolicy))},
	{name: "denied by policy", serve: serving(deniesJo(zstacktest.QueryBackupStorage)), config: using(jo)},
	{name: "zones for administrators only", serve: fails(zstacktest.AtZones, zstacktest.Fails(zonesForAdministrators)), zones: true},
	{name: "zones denied by policy", serve: serving(deniesJo(zstacktest.QueryZone)), config: using(jo), zones: true},
	{name: "login refused", serve: fails(zstacktest.AtLogin, zstacktest.Fails(zstacktest.DeniedByPolicy))},
	{name: "login for administrators only", serve: fails(zstacktest.AtLogin, zstacktest.Fails(zstacktest.AdminOnly))},
	{name: "server timeout", serve: fails(zstacktest.AtFirstPage, zstacktest.Fails(zstacktest.Timeout))},
	{name: "node not ready", serve: fails(zstacktest.AtLogin, zstacktest.Fails(zstacktest.NotReady))},
	{name: "internal error", serve: fails(zstacktest.AtFirstPage, zstacktest.Fails(zstacktest.InternalError("java.lang.NullPointerException")))},
	{name: "an unknown code", serve: fails(zstacktest.AtFirstPage, zstacktest.Fails(zstacktest.Error{
		Code: "NEW.1", Description: "A new kind of error", Details: zstacktest.Text{English: "with\x1b[31m colours\nand lines"},
	}))},
	{name: "no zones", serve: without("/v1/zones"), zones: true},
	{name: "no backup storages", serve: without("/v1/backup-storage")},
	{name: "a field of the wrong type", serve: fails(zstacktest.AtFirstPage, zstacktest.Body("a broken row", brokenRow))},
	{name: "a zone's field of the wrong type", serve: fails(zstacktest.AtZones, zstacktest.Body("a broken row", `{"total":1,"inventories":[{"uuid":"2bc4","name":7}]}`)), zones: true},
	{name: "a uuid twice", err: &zstack.TotalError{Resource: "backup storage", Total: 2, Rows: 1, Duplicates: 1}},
	{name: "a wrong total", serve: configured(func(s *zstacktest.Settings) { s.WrongTotal = true })},
	{name: "a list that changes all the time", serve: serving(func(n *zstacktest.Node) {
		n.SetBackupStorages(zstacktest.Storages(1500)...)
		n.BeforeQuery(func(k int) { n.SetBackupStorages(zstacktest.Storages(1500)[k%2*200:]...) })
	})},
}

// without is a node that does not have an API.
func without(path string) func(*testing.T, *zstacktest.Node) string {
	return func(t *testing.T, node *zstacktest.Node) string {
		return serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, path) {
				http.Error(w, "no api mapping to "+path, http.StatusNotFound)
				return
			}
			node.ServeHTTP(w, r)
		})
	}
}

var responseScenarios = []scenario{
	{name: "a sign-in page", serve: fails(zstacktest.AtLogin, zstacktest.HTMLPage)},
	{name: "another web application", serve: configured(func(s *zstacktest.Settings) { s.ContextPath = "/elsewhere" })},
	{name: "/v1 at the end", serve: func(t *testing.T, node *zstacktest.Node) string { return node.Serve(t) + "/zstack/v1" }},
	{name: "/v1 alone", serve: func(t *testing.T, node *zstacktest.Node) string { return node.Serve(t) + "/v1/" }},
	{name: "the web interface", err: responded("http://zstack.example:5000/zstack", &zstack.UnexpectedResponseError{HTTPStatus: 200, Excerpt: "ZStack", HTML: true})},
	{name: "the web interface over TLS", err: responded("https://zstack.example:5443/zstack", &zstack.UnexpectedResponseError{HTTPStatus: 405})},
	{name: "TLS at the web interface", err: responded("http://zstack.example:5443/zstack", &zstack.TLSExpectedError{Endpoint: "https://zstack.example:5443/zstack"})},
	{name: "no TLS at the web interface", err: responded("https://zstack.example:5000/zstack", &zstack.PlainHTTPError{Endpoint: "http://zstack.example:5000/zstack"})},
	{name: "another protocol", serve: fails(zstacktest.AtLogin, zstacktest.NotHTTP)},
	{name: "a header that is not valid", serve: at("http", zstacktest.Says("HTTP/1.1 200 OK\r\nTransfer-Encoding: rot13\r\n\r\n"))},
	{name: "a header that is cut", serve: at("http", zstacktest.Says("HTTP/1.1 200 OK\r\nCont"))},
	{name: "a header with two lengths", serve: at("http", zstacktest.Says("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"))},
	{name: "a body in Brotli", serve: at("http", zstacktest.Says("HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\n\x8b\x01"))},
	{name: "204", serve: at("http", zstacktest.Says("HTTP/1.1 204 No Content\r\n\r\n"))},
	{name: "a proxy without its node", serve: responds(http.StatusBadGateway, zstacktest.HTML), config: retrying},
	{name: "408", serve: responds(http.StatusRequestTimeout, zstacktest.PlainText), config: retrying},
	{name: "425", serve: responds(http.StatusTooEarly, zstacktest.HTML)},
	{name: "520", serve: responds(520, zstacktest.HTML)},
	{name: "521", serve: responds(521, zstacktest.HTML)},
	{name: "522", serve: responds(522, zstacktest.PlainText)},
	{name: "523", serve: responds(523, zstacktest.NoBody)},
	{name: "524", serve: responds(524, zstacktest.OtherJSON)},
	{name: "525", serve: responds(525, zstacktest.HTML)},
	{name: "a gateway that wants a login", serve: responds(http.StatusUnauthorized, zstacktest.HTML)},
	{name: "a firewall that refuses", serve: responds(http.StatusForbidden, zstacktest.PlainText)},
	{name: "rate limit", serve: responds(http.StatusTooManyRequests, zstacktest.PlainText)},
	{
		name: "come back in two hours", serve: fails(zstacktest.AtFirstPage, zstacktest.RetryAfter(http.StatusServiceUnavailable, "7200")),
		config: retrying, limit: 5 * time.Minute,
	},
	{name: "a redirect to the same path elsewhere", serve: fails(zstacktest.AtLogin, zstacktest.Redirect(http.StatusFound, "https://cloud.example/zstack/v1/accounts/login"))},
	{name: "a redirect of the web interface", err: responded("http://zstack.example:5000/zstack", &zstack.RedirectError{
		HTTPStatus: 302, Location: "https://zstack.example:5443/zstack/v1/accounts/login", Endpoint: "https://zstack.example:5443/zstack",
	})},
	{name: "a redirect to a sign-in page", serve: fails(zstacktest.AtLogin, zstacktest.Redirect(http.StatusFound, "https://user:pw@cloud.example/login?token=1"))},
	{name: "a bare error", serve: responds(http.StatusInternalServerError, zstacktest.NoBody)},
	{name: "JSON of another shape", serve: fails(zstacktest.AtFirstPage, zstacktest.WrongTypes)},
	{name: "a body that breaks off", serve: fails(zstacktest.AtFirstPage, zstacktest.TruncatedBody)},
	{name: "a very long body", serve: fails(zstacktest.AtFirstPage, zstacktest.Body("a very long body", `{"inventories":[`+strings.Repeat(" ", zstack.MaxBodyBytes)))},
	{name: "reset before the response", serve: fails(zstacktest.AtFirstPage, zstacktest.ResetBeforeResponse)},
	{name: "an attempt takes too long", serve: fails(zstacktest.AtFirstPage, zstacktest.NeverResponds), config: impatient},
	{name: "the read takes too long", serve: fails(zstacktest.AtFirstPage, zstacktest.NeverResponds), limit: 500 * time.Millisecond},
	{name: "the read ends while a login is retried", err: afterDeadline(zstack.Proxy{}, &zstack.RefusedError{Address: "zstack.example:8080"})},
	{name: "the read ends while the node is not ready", err: afterDeadline(zstack.Proxy{}, &zstack.APIError{Code: zstack.CodeNotReady, Description: "Not ready", HTTPStatus: 503})},
	{name: "the read ends while it connects", err: afterDeadline(zstack.Proxy{}, &zstack.ConnectError{Address: "zstack.example:8080", Err: &zstack.TimeoutError{}})},
	{name: "the read ends while the proxy connects", err: afterDeadline(plainProxy, &zstack.ProxyError{Proxy: plainProxy, Err: &zstack.TimeoutError{}})},
	{name: "no time for another attempt", err: responded("http://zstack.example:8080/zstack", &zstack.RetryTooLateError{
		Err: &zstack.UnexpectedResponseError{HTTPStatus: http.StatusBadGateway},
	})},
	{name: "interrupted", cancel: true},
	{name: "stopped", err: zstack.ErrClosed},
	{name: "an error of no known kind", err: responded("http://zstack.example:8080/zstack", fmt.Errorf("something new"))},
}

// responded is the error of the first request to an endpoint whose port no test
// can use.
func responded(endpoint string, err error) *zstack.RequestError {
	parsed, parseErr := url.Parse(endpoint)
	if parseErr != nil {
		panic(parseErr)
	}
	return &zstack.RequestError{Method: "PUT", Endpoint: endpoint, Host: parsed.Host, Path: parsed.Path + "/v1/accounts/login", Attempts: 1, Err: err}
}

var plainProxy = zstack.Proxy{Variable: "http_proxy", Address: "proxy.example:3128"}

// afterDeadline is the error of a login that the read's time limit ended after
// an attempt had failed with last.
func afterDeadline(proxy zstack.Proxy, last error) error {
	request := responded("http://zstack.example:8080/zstack", &zstack.DeadlineError{Err: &ReadTimeoutError{500 * time.Millisecond}, Last: last})
	request.Proxy = proxy
	return request
}

// outcome is the outcome of a scenario.
type outcome struct {
	Diagnosis
	secrets []string
	log     string
}

// prepare returns a read as the scenario says. It has its client, which has read
// the variables of proxies, so that it may run in parallel.
func (s scenario) prepare(t *testing.T) (read func(*testing.T) outcome) {
	if s.err != nil {
		return func(*testing.T) outcome { return outcome{Diagnosis: Of(s.err, s.login)} }
	}
	zstacktest.WithoutProxies(t)
	node := zstacktest.NewNode()
	node.SetBackupStorages(zstacktest.Inventory()...)
	node.Configure(func(s *zstacktest.Settings) { s.Locale = zstacktest.English })
	serve := s.serve
	if serve == nil {
		serve = serving(func(*zstacktest.Node) {})
	}
	endpoint, err := zstack.ParseEndpoint(serve(t, node))
	if err != nil {
		t.Fatal(err)
	}
	client := newClient(t, endpoint, s.config)
	return func(t *testing.T) outcome {
		var log bytes.Buffer
		err := s.read(tflogtest.RootLogger(t.Context(), &log), client)
		if err == nil {
			t.Fatal("the read succeeded")
		}
		d := Of(err, s.login)
		d.Cause, d.Advice = anonymous(d.Cause, endpoint), anonymous(d.Advice, endpoint)
		return outcome{d, append(node.Secrets(), wrong), log.String()}
	}
}

func (s scenario) read(ctx context.Context, client *zstack.Client) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	if s.cancel {
		cancel()
	}
	if s.limit > 0 {
		ctx, cancel = context.WithTimeoutCause(ctx, s.limit, &ReadTimeoutError{s.limit})
	}
	defer cancel()
	if s.zones {
		_, err = client.ListZones(ctx, nil)
	} else {
		_, err = client.ListBackupStorages(ctx, nil)
	}
	return err
}

// anonymous replaces addresses, which differ between runs. All except the
// endpoint's are those of a proxy.
func anonymous(text string, endpoint *url.URL) string {
	text = strings.ReplaceAll(text, endpoint.Host, "zstack.example:"+map[string]string{"http": "8080", "https": "443"}[endpoint.Scheme])
	text = strings.ReplaceAll(text, "add 127.0.0.1 to", "add zstack.example to")
	return regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(text, "proxy.example:3128")
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

// termsOfGo are words of Go's libraries that a user does not know.
var termsOfGo = regexp.MustCompile(`context (canceled|deadline)|EOF|(dial|read|write|proxyconnect|connect) tcp|connectex|x509:|tls:|i/o timeout|net/http|\*\w+\.|%!|no such host|<nil>`)

// TestEveryErrorSaysWhatWasRequestedWhatCameBackAndWhatToDo compares the
// diagnostics of all scenarios with testdata/diagnostics.txt. Review that file
// when it changes: it contains the messages as users see them.
func TestEveryErrorSaysWhatWasRequestedWhatCameBackAndWhatToDo(t *testing.T) {
	scenarios := slices.Concat(loginScenarios, apiScenarios, responseScenarios, connectionScenarios, tlsScenarios, certificateScenarios, proxyScenarios)
	outcomes := make([]outcome, len(scenarios))
	t.Run("scenarios", func(t *testing.T) {
		for i, s := range scenarios {
			read := s.prepare(t)
			t.Run(s.name, func(t *testing.T) {
				t.Parallel()
				outcomes[i] = read(t)
			})
		}
	})
	var got strings.Builder
	titles := map[string]bool{}
	for i, told := range outcomes {
		titles[told.Title] = true
		fmt.Fprintf(&got, "# %s\n\nError: %s\n\n%s\n\n\n", scenarios[i].name, told.Title, told.Detail())
		if term := termsOfGo.FindString(told.Detail()); term != "" {
			t.Errorf("%s: %q is a term of Go:\n%s", scenarios[i].name, term, told.Detail())
		}
		for _, secret := range append(told.secrets, proxyPassword, base64.StdEncoding.EncodeToString([]byte("me:"+proxyPassword))) {
			if strings.Contains(told.Title+told.Detail()+told.log, secret) {
				t.Errorf("%s: the secret %s is in the message or in the log:\n%s\n%s", scenarios[i].name, secret, told.Detail(), told.log)
			}
		}
	}
	for _, c := range causes {
		if !titles[c.title] {
			t.Errorf("no scenario provokes %q", c.title)
		}
	}
	golden.Check(t, "diagnostics.txt", got.String())
}
