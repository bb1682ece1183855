// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/zstackio/terraform-provider-zstack/internal/golden"
	fake "github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// retries says which requests are sent again after a fault.
type retries int

const (
	noRetry   retries = iota
	retryGET          // a login is not: it may have created a session
	retryBoth         // a login too: it cannot have created one
)

// faults are the faults that can happen to any request.
func faults() map[retries][]fake.Fault {
	all := map[retries][]fake.Fault{
		noRetry: {
			fake.EndlessBody, fake.NotHTTP,
			fake.HTMLPage, fake.NullBody, fake.ArrayBody, fake.WrongTypes, fake.WrongRowTypes, fake.DeepJSON, fake.BinaryBody,
			fake.ErrorInside(fake.InternalError("boom")),
			fake.Body("200 with an empty error", `{"error":{},"inventories":[]}`),
			fake.Body("200 with an error that is text", `{"error":"no","inventories":[]}`),

			fake.Fails(fake.InternalError("java.lang.NullPointerException")), fake.Fails(fake.DeniedByPolicy),
			fake.Fails(fake.InvalidArgument("field[x] is invalid")), fake.Fails(fake.WrongPassword), fake.Fails(fake.AdminOnly),
			fake.Fails(fake.TooManySessions), fake.Fails(fake.SecondFactor), fake.Fails(fake.PasswordMustChange),
			fake.Fails(fake.Locked), fake.Fails(fake.WrongCaptcha), fake.Fails(fake.MissingCaptcha), fake.RequestRefused,

			fake.RetryAfter(429, "7200"), fake.RetryAfter(503, "99999999999999999999"),
			fake.RetryAfter(429, "Fri, 31 Dec 9999 23:59:59 GMT"),

			fake.Redirect(302, "/login?next=%2Fzstack"), fake.Redirect(301, "https://user:pw@cloud.example/zstack#x"),
			fake.Redirect(307, "https://cloud.example/zstack"), fake.Redirect(308, "http://cloud.example/zstack"),
			fake.Redirect(302, ""), fake.Redirect(302, "http://[::1"),
		},
		retryGET: {
			fake.ResetBeforeResponse, fake.ResetWithinBody, fake.NeverResponds, fake.DrippingBody,
			fake.LongContentLength, fake.ShortContentLength, fake.EmptyBody, fake.TruncatedBody,
			fake.ErrorInside(fake.Timeout), fake.Fails(fake.Timeout),
		},
		retryBoth: {
			fake.Fails(fake.NotReady), fake.Fails(fake.NodeUnavailable),
			fake.RetryAfter(429, "1"), fake.RetryAfter(503, "1"),
			fake.RetryAfter(503, "Fri, 28 Nov 2025 00:00:00 GMT"), fake.RetryAfter(503, "soon"), fake.RetryAfter(503, "-1"),
		},
	}
	for status, retried := range map[int]retries{400: 0, 404: 0, 405: 0, 429: retryBoth, 500: 0, 502: retryBoth, 503: retryBoth, 504: retryGET} {
		for _, kind := range []fake.BodyKind{fake.PlainText, fake.HTML, fake.NoBody, fake.OtherJSON} {
			all[retried] = append(all[retried], fake.Status(status, kind))
		}
	}
	return all
}

// stages are the requests of a read of two pages, in this order.
var stages = []struct {
	name  string
	stage fake.Stage
	call  string
}{
	{"login", fake.AtLogin, "PUT /zstack/v1/accounts/login"},
	{"first page", fake.AtFirstPage, "GET /zstack/v1/backup-storage"},
	{"later page", fake.AtLaterPage, "GET /zstack/v1/backup-storage"},
}

// TestEveryFaultIsSurvivedOrExplained causes every fault at every request of a
// read and at the logout. The golden file has the first paragraph of each message.
func TestEveryFaultIsSurvivedOrExplained(t *testing.T) {
	before := goleak.IgnoreCurrent()
	t.Run("faults", func(t *testing.T) {
		var all sync.WaitGroup
		turns := make(chan struct{}, 8) // Most of the time nothing happens, but a logout must not wait for the processor.
		var mu sync.Mutex
		var messages []string
		faults := faults()
		for _, retried := range []retries{retryGET, retryBoth, noRetry} { // Those that take seconds come first.
			for _, fault := range faults[retried] {
				turns <- struct{}{}
				all.Go(func() {
					defer func() { <-turns }()
					var ofStages [3]string
					var stagesDone sync.WaitGroup
					for i := range stages {
						stagesDone.Go(func() { ofStages[i] = expectRetries(t, fault, i, retried) })
					}
					stagesDone.Go(func() { expectOneLogout(t, fault) })
					stagesDone.Wait()
					login, firstPage, laterPage := ofStages[0], ofStages[1], ofStages[2]
					if diff := cmp.Diff(firstPage, laterPage); diff != "" {
						t.Errorf("%s: first (-) and later page (+) differ:\n%s", fault.Name, diff)
					}
					mu.Lock()
					defer mu.Unlock()
					messages = append(messages, fmt.Sprintf("# %s\n%s\n%s\n", fault.Name, login, firstPage))
				})
			}
		}
		all.Wait()
		slices.Sort(messages)
		golden.Check(t, "faults.txt", strings.Join(messages, "\n"))
	})
	goleak.VerifyNone(t, before)
}

// unlimited is more responses than any test needs.
const unlimited = 1000

// manyPages serves the node with pages of two rows, so that a list of three
// storages takes two pages. After this number of responses the server is gone.
func (c *Cloud) manyPages(t *testing.T, responses int) {
	t.Helper()
	c.SetBackupStorages(fake.Inventory()...)
	var sent atomic.Int32
	server := httptest.NewUnstartedServer(nil)
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if int(sent.Add(1)) == responses {
			_ = server.Listener.Close()
			w.Header().Set("Connection", "close")
		}
		r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "limit=1000", "limit=2", 1)
		c.ServeHTTP(w, r)
	})
	server.Start()
	t.Cleanup(server.Close)
	c.URL = server.URL
	if responses == 0 {
		_ = server.Listener.Close()
	}
}

// firstParagraph is that of a message, the same in every run.
func (c *Cloud) firstParagraph(message string) string {
	message, _, _ = strings.Cut(message, "\n\n")
	return strings.TrimSpace(strings.ReplaceAll(message, strings.TrimPrefix(c.URL, "http://"), "HOST"))
}

// expectRetries causes a fault at a stage, first always and then once, and
// returns the message that a user sees.
func expectRetries(t *testing.T, fault fake.Fault, stage int, retried retries) string {
	at, isLogin := stages[stage].stage, stages[stage].stage == fake.AtLogin
	cloud := newCloud(t)
	cloud.manyPages(t, unlimited)
	var timeout arguments
	if fault.Name == fake.NeverResponds.Name || fault.Name == fake.DrippingBody.Name {
		timeout = arguments{"request_timeout": "2s"}
	}
	server := cloud.serve(t, cloud.account(timeout))
	attempts, times := 1, ""
	if retried == retryBoth || retried == retryGET && !isLogin {
		attempts, times = 2, " 2 times"
	}

	cloud.Misbehave(at, fake.Always(fault))
	message := cloud.firstParagraph(server.read("zstack_backup_storages", nil))
	if want := stages[stage].call + " at HOST failed" + times + ": "; !strings.Contains(message, "\n"+want) {
		t.Errorf("%s, %s: %q is not in %q", fault.Name, stages[stage].name, want, message)
	}
	// net/http itself retries a GET if the connection seems to have been closed before it.
	if n := cloud.count(at); n != attempts && (n != attempts+1 || isLogin) {
		t.Errorf("%s, %s: %d requests, want %d", fault.Name, stages[stage].name, n, attempts)
	}

	cloud.Behave()
	if attempts > 1 {
		cloud.Misbehave(at, fault)
		if message := server.read("zstack_backup_storages", nil); message != "" {
			t.Errorf("%s, %s, once:\n%s", fault.Name, stages[stage].name, message)
		}
	}
	server.close()
	if live := cloud.LiveSessions(); len(live) > 0 {
		t.Errorf("%s, %s: %d sessions left", fault.Name, stages[stage].name, len(live))
	}
	return message
}

// expectOneLogout causes a fault at the logout, when Terraform shows no
// diagnostics any more.
func expectOneLogout(t *testing.T, fault fake.Fault) {
	cloud := newCloud(t)
	server := cloud.serve(t, cloud.account(nil))
	cloud.Misbehave(fake.AtLogout, fake.Always(fault))
	if message := server.read("zstack_backup_storages", nil); message != "" {
		t.Errorf("%s, logout: %s", fault.Name, message)
	}
	server.close()
	if n := cloud.count(fake.AtLogout); n != 1 {
		t.Errorf("%s: %d logouts, want 1", fault.Name, n)
	}
}

// TestServerThatIsGoneIsExplained stops the server before each request of a
// read, and before the logout.
func TestServerThatIsGoneIsExplained(t *testing.T) {
	for responses := range len(stages) + 1 {
		t.Run(fmt.Sprintf("after %d responses", responses), func(t *testing.T) {
			t.Parallel()
			cloud := newCloud(t)
			cloud.manyPages(t, responses)
			want := ""
			if responses < len(stages) {
				want = "ERROR: Connection Refused\n" + stages[responses].call + " at HOST failed 2 times: connection refused by HOST."
			}
			server := cloud.serve(t, cloud.account(nil))
			if diff := cmp.Diff(want, cloud.firstParagraph(server.read("zstack_backup_storages", nil))); diff != "" {
				t.Error(diff)
			}
			server.close()
		})
	}
}

// TestTerraformShowsAFaultThatIsNotSurvived causes some of the faults for the
// real binary under the real Terraform.
func TestTerraformShowsAFaultThatIsNotSurvived(t *testing.T) {
	for _, test := range []struct {
		stage   fake.Stage
		fault   fake.Fault
		summary string // "" if it is survived
	}{
		{fake.AtLogin, fake.Always(fake.HTMLPage), "Not a ZStack Endpoint"},
		{fake.AtFirstPage, fake.ResetWithinBody, ""},
		{fake.AtLaterPage, fake.Always(fake.Redirect(http.StatusFound, "https://cloud.example")), "Redirect Refused"},
		{fake.AtLogout, fake.Always(fake.NeverResponds), ""},
	} {
		t.Run(fmt.Sprintf("stage %d: %s", test.stage, test.fault.Name), func(t *testing.T) {
			cloud := Start(t)
			cloud.manyPages(t, unlimited)
			t.Setenv("ZSTACK_ENDPOINT", cloud.URL)
			cloud.Misbehave(test.stage, test.fault)
			var want, got []string
			if test.summary != "" {
				want = []string{test.summary}
			}
			for _, d := range cloud.CLI(t, listAll).Diagnostics("plan") {
				got = append(got, d.Summary)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if live := len(cloud.LiveSessions()); (live > 0) != (test.stage == fake.AtLogout) {
				t.Errorf("%d sessions left", live)
			}
		})
	}
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

// TestRefusedLoginSaysAsWhomAndFromWhereTheCredentialsCame has an account in the
// provider block and more in the environment.
func TestRefusedLoginSaysAsWhomAndFromWhereTheCredentialsCame(t *testing.T) {
	cloud := Start(t)
	t.Setenv("ZSTACK_ACCOUNT_PASSWORD", "'not the password'")
	t.Setenv("ZSTACK_USER_NAME", "jo")
	server := cloud.serve(t, arguments{"endpoint": cloud.URL, "account_name": "admin"})
	message := server.read("zstack_backup_storages", nil)
	for _, want := range []string{
		"ERROR: Wrong Name or Password",
		`The credentials are those of account "admin":`,
		"  account_name is from the provider block",
		"  account_password is from ZSTACK_ACCOUNT_PASSWORD",
		"account_password is enclosed in quotes, which are part of the value.",
		"Set but not used, because the provider block takes precedence or because other credentials are complete: ZSTACK_ACCOUNT_NAME, ZSTACK_USER_NAME.",
		"To log in as the user in ZSTACK_USER_NAME, set user_name together with account_name and account_password.",
	} {
		if !strings.Contains(message, want) {
			t.Errorf("%q is not in the message:\n%s", want, message)
		}
	}
	if strings.Contains(message, "not the password") {
		t.Errorf("the password is in the message:\n%s", message)
	}
}
