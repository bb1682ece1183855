// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"cmp"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	fake "github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// again says which requests are repeated after a fault.
type again int

const (
	never  again = iota
	get          // a login is not: it may have made a session
	always       // a login too: it cannot have made one
)

// trouble is a fault and what a user gets to see of it, if repeating the
// request does not help or is not tried.
type trouble struct {
	fault   fake.Fault
	again   again
	summary string
	reason  string // what follows "failed: "
	login   string // the same of a login, if that differs
}

const (
	foreign     = "Not a ZStack Endpoint"
	incomplete  = "Incomplete Response"
	unexpected  = "Unexpected Response"
	unreachable = "Management Node Not Reachable Behind the Proxy"
	tooBusy     = "Server Too Busy"
	rateLimit   = "Rate Limit Exceeded"
	redirected  = "Redirect Refused"
)

// troubles is what can go wrong with any request.
func troubles() []trouble {
	return slices.Concat(connectionTroubles, bodyTroubles, statusTroubles(), errorTroubles(), headerTroubles())
}

var connectionTroubles = []trouble{
	{fake.ResetBeforeResponse, get, incomplete, "read tcp HOST: read: connection reset by peer", ""},
	{fake.ResetWithinBody, get, incomplete, "the server answered with HTTP status 200 OK: the body broke off after 38 bytes: read tcp HOST: read: connection reset by peer", ""},
	{fake.NeverResponds, get, "Request Timeout", "no complete answer within 2s", ""},
	{fake.DrippingBody, get, "Request Timeout", "no complete answer within 2s", ""},
	{fake.LongContentLength, get, incomplete, "the server answered with HTTP status 200 OK: the body broke off after 40 bytes: unexpected EOF", ""},
	{fake.ShortContentLength, get, incomplete, "the server answered with HTTP status 200 OK: the JSON broke off after 31 bytes: unexpected EOF", ""},
	{fake.EndlessBody, never, "Response Too Large", "the server answered with HTTP status 200 OK: the answer is longer than 32 MiB", ""},
	{fake.NotHTTP, never, foreign, "net/http: HTTP/1.x transport connection broken: malformed HTTP response \"SSH-2.0-OpenSSH_8.7\"", ""},
}

var bodyTroubles = []trouble{
	{fake.HTMLPage, never, foreign, "the server answered with HTTP status 200 OK and \"Sign in\": the body is not JSON", ""},
	{fake.EmptyBody, get, incomplete, "the server answered with HTTP status 200 OK: the body is empty: unexpected EOF", ""},
	{fake.TruncatedBody, get, incomplete, "the server answered with HTTP status 200 OK: the JSON broke off after 57 bytes: unexpected EOF", ""},
	{fake.NullBody, never, unexpected, "the server answered with HTTP status 200 OK and \"null\": the JSON holds no list of inventories", "the server answered with HTTP status 200 OK and \"null\": the JSON holds no session"},
	{fake.ArrayBody, never, unexpected, "the server answered with HTTP status 200 OK: the JSON is not an object but of type array", ""},
	{fake.WrongTypes, never, unexpected, "the server answered with HTTP status 200 OK: the JSON value of \"total\" is of the wrong type, string", "the server answered with HTTP status 200 OK: the JSON value of \"inventory\" is of the wrong type, number"},
	{fake.WrongRowTypes, never, unexpected, "the server answered with HTTP status 200 OK: the JSON value of \"inventories.uuid\" is of the wrong type, array", "the server answered with HTTP status 200 OK: the JSON value of \"inventory.uuid\" is of the wrong type, object"},
	{fake.DeepJSON, never, unexpected, "the server answered with HTTP status 200 OK: the body is not JSON", ""},
	{fake.BinaryBody, never, unexpected, "the server answered with HTTP status 200 OK and \"\uFFFD \uFFFD\": the body is not JSON", ""},
	{fake.ErrorInside(fake.InternalError("boom")), never, "Internal Server Error", "the server answered SYS.1000: An internal error happened in system (boom)", ""},
	{fake.ErrorInside(fake.Timeout), get, "Server Timeout", "the server answered SYS.1001: A message or a operation timeout (the message timed out)", ""},
	{fake.Body("200 with an error that is empty", `{"error":{},"inventories":[]}`), never, unexpected, "the server answered with HTTP status 200 OK: the JSON holds an error without a code", ""},
	{fake.Body("200 with an error that is text", `{"error":"no","inventories":[]}`), never, unexpected, "the server answered with HTTP status 200 OK: the JSON value of \"error\" is of the wrong type, string", ""},
}

// statusTroubles are the statuses of a proxy, or of the server in front of its
// bus, with any kind of body.
func statusTroubles() (all []trouble) {
	for _, row := range []struct {
		status  int
		again   again
		summary string
		html    string // the summary if the body is a page
	}{
		{400, never, unexpected, foreign},
		{404, never, foreign, foreign},
		{405, never, unexpected, foreign},
		{429, always, rateLimit, rateLimit},
		{500, never, unexpected, foreign},
		{502, always, unreachable, unreachable},
		{503, always, unreachable, unreachable},
		{504, get, unreachable, unreachable},
	} {
		text := fmt.Sprintf("%d %s", row.status, http.StatusText(row.status))
		reason := "the server answered with HTTP status " + text
		words := http.StatusText(row.status)
		if row.status == http.StatusTooManyRequests {
			words = "Rate limit exceeded"
		}
		all = append(all,
			trouble{fake.Status(row.status, fake.PlainText), row.again, row.summary, fmt.Sprintf("%s and %q", reason, words), ""},
			trouble{fake.Status(row.status, fake.HTML), row.again, row.html, fmt.Sprintf("%s and %q", reason, text), ""},
			trouble{fake.Status(row.status, fake.NoBody), row.again, row.summary, reason, ""},
			trouble{fake.Status(row.status, fake.OtherJSON), row.again, row.summary, reason, ""},
		)
	}
	return all
}

// errorTroubles are the errors that the management node itself reports.
func errorTroubles() (all []trouble) {
	for _, row := range []struct {
		err     fake.Error
		again   again
		summary string
	}{
		{fake.InternalError("java.lang.NullPointerException"), never, "Internal Server Error"},
		{fake.Timeout, get, "Server Timeout"},
		{fake.DeniedByPolicy, never, "Operation Refused"},
		{fake.InvalidArgument("field[x] is invalid"), never, "Invalid Argument"},
		{fake.NotReady, always, "Management Node Not Ready"},
		{fake.NodeUnavailable, always, "Management Node Not Ready"},
		{fake.WrongPassword, never, "Wrong Name or Password"},
		{fake.AdminOnly, never, "Permission Denied"},
		{fake.TooManySessions, never, "Too Many Sessions"},
		{fake.SecondFactor, never, "Second Factor Required"},
		{fake.PasswordMustChange, never, "Password Must Be Changed"},
		{fake.Locked, never, "Login Locked"},
		{fake.WrongCaptcha, never, "Captcha Required"},
		{fake.MissingCaptcha, never, "Captcha Required"},
	} {
		all = append(all, trouble{
			fake.Fails(row.err), row.again, row.summary,
			fmt.Sprintf("the server answered %s: %s (%s)", row.err.Code, row.err.Description, row.err.Details.English), "",
		})
	}
	return append(all, trouble{
		fake.RequestRefused, never, "Source Address Refused",
		"the server answered LOGIN_CONTROL.1004: Request refused (Request from [1.2.3.4] is refused)", "",
	})
}

func headerTroubles() []trouble {
	const (
		busy   = "the server answered with HTTP status 503 Service Unavailable and \"Service Unavailable\""
		rushed = "the server answered with HTTP status 429 Too Many Requests and \"Too Many Requests\""
		late   = "; the next attempt is due in more than a day, which is too late"
	)
	return []trouble{
		{fake.RetryAfter(429, "1"), always, rateLimit, rushed, ""},
		{fake.RetryAfter(503, "1"), always, unreachable, busy, ""},
		{fake.RetryAfter(503, time.Now().UTC().Format(http.TimeFormat)), always, unreachable, busy, ""},
		{fake.RetryAfter(503, "soon"), always, unreachable, busy, ""},
		{fake.RetryAfter(503, "-1"), always, unreachable, busy, ""},
		{fake.RetryAfter(429, "7200"), never, tooBusy, rushed + "; the next attempt is due in 2h0m0s, which is too late", ""},
		{fake.RetryAfter(503, "99999999999999999999"), never, tooBusy, busy + late, ""},
		{fake.RetryAfter(429, "Fri, 31 Dec 9999 23:59:59 GMT"), never, tooBusy, rushed + late, ""},

		{fake.Redirect(302, "/login?next=%2Fzstack"), never, redirected, `HTTP status 302 redirects to "http://HOST/login"`, ""},
		{fake.Redirect(301, "https://user:pw@cloud.example/zstack#x"), never, redirected, `HTTP status 301 redirects to "https://cloud.example/zstack"`, ""},
		{fake.Redirect(307, "https://cloud.example/zstack"), never, redirected, `HTTP status 307 redirects to "https://cloud.example/zstack"`, ""},
		{fake.Redirect(308, "http://cloud.example/zstack"), never, redirected, `HTTP status 308 redirects to "http://cloud.example/zstack"`, ""},
		{fake.Redirect(302, ""), never, unexpected, "the server answered with HTTP status 302 Found", ""},
		{fake.Redirect(302, "http://[::1"), never, "Backup Storages Not Read", `failed to parse Location header "http://[::1": parse "http://[::1": missing ']' in host`, ""},
	}
}

// requests that a fault can strike.
var requests = []struct {
	name  string
	stage fake.Stage
	call  string
}{
	{"login", fake.AtLogin, "PUT /zstack/v1/accounts/login"},
	{"first page", fake.AtFirstPage, "GET /zstack/v1/backup-storage"},
	{"later page", fake.AtLaterPage, "GET /zstack/v1/backup-storage"},
}

// TestFaultIsSurvivedOrExplained plays every fault at every request of a read.
func TestFaultIsSurvivedOrExplained(t *testing.T) {
	before := goleak.IgnoreCurrent()
	t.Run("faults", func(t *testing.T) {
		for _, trouble := range troubles() {
			t.Run(trouble.fault.Name, func(t *testing.T) {
				t.Parallel()
				var all sync.WaitGroup // Most of the time nothing happens.
				defer all.Wait()
				for _, request := range requests {
					all.Go(func() { trouble.strike(t, request.stage, request.call) })
				}
				all.Go(func() { trouble.strikeLogout(t) })
			})
		}
	})
	goleak.VerifyNone(t, before)
}

// forever is more answers than anybody asks for.
const forever = 1000

// manyPages serves the node with pages so short that a list of three storages
// takes two of them. With the last of its answers the server is gone.
func (c *Cloud) manyPages(t *testing.T, answers int) {
	t.Helper()
	c.SetBackupStorages(fake.Inventory()...)
	var answered atomic.Int32
	server := httptest.NewUnstartedServer(nil)
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if int(answered.Add(1)) == answers {
			_ = server.Listener.Close()
			w.Header().Set("Connection", "close")
		}
		r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "limit=1000", "limit=2", 1)
		c.ServeHTTP(w, r)
	})
	server.Start()
	t.Cleanup(server.Close)
	c.URL = server.URL
	if answers == 0 {
		_ = server.Listener.Close()
	}
}

var localPort = regexp.MustCompile(`127\.0\.0\.1:\d+->`)

// anonymous is text without the ports that this test happens to have.
func (c *Cloud) anonymous(text string) string {
	return localPort.ReplaceAllString(strings.ReplaceAll(text, strings.TrimPrefix(c.URL, "http://"), "HOST"), "")
}

func (f trouble) strike(t *testing.T, stage fake.Stage, call string) {
	cloud := newCloud(t)
	cloud.manyPages(t, forever)
	server := cloud.serve(t, cloud.account(f.patience()))
	attempts, times := 1, ""
	if f.again == always || f.again == get && stage != fake.AtLogin {
		attempts, times = 2, " 2 times"
	}

	cloud.Misbehave(stage, fake.Always(f.fault))
	text := server.read("zstack_backup_storages", nil)
	what, _, _ := strings.Cut(cloud.anonymous(text), "\n\n")
	reason := f.reason
	if stage == fake.AtLogin {
		reason = cmp.Or(f.login, f.reason)
	}
	if diff := gocmp.Diff(fmt.Sprintf("ERROR: %s\n%s at HOST failed%s: %s.", f.summary, call, times, reason), what); diff != "" {
		t.Errorf("at stage %d:\n%s", stage, diff)
	}
	// net/http itself repeats a GET if the connection seems to have been closed before it.
	if n := cloud.count(stage); n != attempts && (n != attempts+1 || stage == fake.AtLogin) {
		t.Errorf("at stage %d: %d requests, want %d", stage, n, attempts)
	}

	cloud.Behave()
	if attempts > 1 {
		cloud.Misbehave(stage, f.fault)
		if text := server.read("zstack_backup_storages", nil); text != "" {
			t.Errorf("at stage %d once is too much:\n%s", stage, text)
		}
	}
	server.close()
	if live := cloud.LiveSessions(); len(live) > 0 {
		t.Errorf("at stage %d: %d sessions left", stage, len(live))
	}
}

// strikeLogout lets the fault strike when nobody can be told any more.
func (f trouble) strikeLogout(t *testing.T) {
	cloud := newCloud(t)
	server := cloud.serve(t, cloud.account(nil))
	cloud.Misbehave(fake.AtLogout, fake.Always(f.fault))
	if text := server.read("zstack_backup_storages", nil); text != "" {
		t.Error(text)
	}
	server.close()
	if n := cloud.count(fake.AtLogout); n != 1 {
		t.Errorf("%d logouts, want 1", n)
	}
}

// TestServerThatIsGoneIsExplained lets the server go away before each request of
// a read, and before the logout.
func TestServerThatIsGoneIsExplained(t *testing.T) {
	for answers := range len(requests) + 1 {
		t.Run(fmt.Sprintf("after %d answers", answers), func(t *testing.T) {
			t.Parallel()
			cloud := newCloud(t)
			cloud.manyPages(t, answers)
			want := ""
			if answers < len(requests) {
				want = "ERROR: Connection Refused\n" + requests[answers].call + " at HOST failed 2 times: dial tcp HOST: connect: connection refused."
			}
			server := cloud.serve(t, cloud.account(nil))
			what, _, _ := strings.Cut(cloud.anonymous(server.read("zstack_backup_storages", nil)), "\n\n")
			if diff := gocmp.Diff(want, what); diff != "" {
				t.Error(diff)
			}
			server.close()
		})
	}
}

// TestTerraformShowsWhatIsNotSurvived plays some of the faults to the real
// Terraform with the real binary.
func TestTerraformShowsWhatIsNotSurvived(t *testing.T) {
	for _, test := range []struct {
		stage   fake.Stage
		fault   fake.Fault
		summary string // "" if it is survived
	}{
		{fake.AtLogin, fake.Always(fake.HTMLPage), foreign},
		{fake.AtFirstPage, fake.ResetWithinBody, ""},
		{fake.AtLaterPage, fake.Always(fake.Redirect(http.StatusFound, "https://cloud.example")), redirected},
		{fake.AtLogout, fake.Always(fake.NeverResponds), ""},
	} {
		t.Run(fmt.Sprintf("stage %d: %s", test.stage, test.fault.Name), func(t *testing.T) {
			cloud := Start(t)
			cloud.manyPages(t, forever)
			t.Setenv("ZSTACK_ENDPOINT", cloud.URL)
			cloud.Misbehave(test.stage, test.fault)
			var want, got []string
			if test.summary != "" {
				want = []string{test.summary}
			}
			for _, d := range cloud.CLI(t, listAll).Diagnostics("plan") {
				got = append(got, d.Summary)
			}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if live := len(cloud.LiveSessions()); (live > 0) != (test.stage == fake.AtLogout) {
				t.Errorf("%d sessions left", live)
			}
		})
	}
}

// patience is long unless the fault is there to use it up.
func (f trouble) patience() arguments {
	if f.summary == "Request Timeout" {
		return arguments{"request_timeout": "2s"}
	}
	return nil
}

// count is the number of requests that reached the node at a stage.
func (c *Cloud) count(stage fake.Stage) (n int) {
	for _, request := range c.Requests() {
		at := fake.AtLogin
		switch request.Method {
		case http.MethodDelete:
			at = fake.AtLogout
		case http.MethodGet:
			at = fake.AtFirstPage
			if request.Query.Get("start") != "0" {
				at = fake.AtLaterPage
			}
		}
		if at == stage {
			n++
		}
	}
	return n
}
