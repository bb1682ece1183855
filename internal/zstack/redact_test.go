// SPDX-License-Identifier: MPL-2.0

package zstack_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// someCredentials send secrets of every kind; [nodeOfSecrets] accepts them.
var someCredentials = map[string]zstack.Credentials{
	"project":    inProject,
	"access key": key(time.UTC),
	"session":    zstack.Session{UUID: "34cbfddd470a47d8bdb0727cd2182618"},
}

func nodeOfSecrets() *zstacktest.Node {
	node := nodeIn(time.UTC)
	node.AddVirtualID(inProject.Name, inProject.Password, inProject.Project)
	node.SetNextSession("34cbfddd470a47d8bdb0727cd2182618")
	node.AddSession()
	return node
}

// expectNoSecret fails if text contains a secret of node, or a part of one.
func expectNoSecret(t *testing.T, node *zstacktest.Node, what, text string) {
	t.Helper()
	const part = 8
	for _, secret := range node.Secrets() {
		for i := range max(1, len(secret)-part+1) {
			if piece := secret[i:min(i+part, len(secret))]; strings.Contains(text, piece) {
				t.Fatalf("%s contains %q of the secret %q:\n%s", what, piece, secret, text)
			}
		}
	}
}

// logged returns a context whose log lines, at TRACE, are collected.
func logged(ctx context.Context) (context.Context, *bytes.Buffer) {
	var log bytes.Buffer
	return tflogtest.RootLogger(ctx, &log), &log
}

// closeLogged closes client under the context of a reader.
func closeLogged(ctx context.Context, client *zstack.Client) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	client.Close(ctx)
}

func TestEveryAttemptIsLoggedWithoutSecrets(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := nodeOfSecrets()
		node.Misbehave(zstacktest.AtLogin, zstacktest.NoFault, zstacktest.Fails(zstacktest.NotReady))
		node.Misbehave(zstacktest.AtFirstPage, zstacktest.Status(502, zstacktest.HTML), zstacktest.NeverResponds, zstacktest.ShortContentLength)
		client := newClient(t, node, someCredentials["project"])
		ctx, log := logged(t.Context())
		if _, err := client.ListBackupStorages(ctx, []zstack.Condition{{Field: "state", Operator: "=", Values: []string{"Enabled"}}}); err != nil {
			t.Fatal(err)
		}
		closeLogged(ctx, client)

		lines, err := tflogtest.MultilineJSONDecode(bytes.NewReader(log.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		query := "limit=1000&q=state%3DEnabled&replyWithCount=true&sort=uuid&start=0"
		login, project := "PUT "+virtualIDLogin+"?", "PUT "+projectLogin+"?"
		list, logout := "GET "+storagesPath+"?"+query, "DELETE "+sessionsPath+"…?"
		want := []string{
			"trace " + login + " 1", "debug " + login + " 1 200",
			"trace " + project + " 1", "debug " + project + " 1 503 retry: SYS.1010: Management server is not ready to serve " +
				"(management node[uuid:b0c7d8a1f4a34b0b9f3c6d2c0a9d1e11] is not ready yet)",
			"trace " + project + " 2", "debug " + project + " 2 200",
			"trace " + list + " 1", "debug " + list + " 1 502 retry: " + notSuccess(502, "502 Bad Gateway"),
			"trace " + list + " 2", "debug " + list + " 2 retry: no complete response within 1m0s",
			"trace " + list + " 3", "debug " + list + " 3 200 retry: the server responded with HTTP status 200 OK: the body ended after 31 bytes, before it was complete",
			"trace " + list + " 4", "debug " + list + " 4 200",
			"trace " + logout + " 1", "debug " + logout + " 1 200",
			"trace " + logout + " 1", "debug " + logout + " 1 200",
		}
		var got []string
		for _, line := range lines {
			got = append(got, summary(t, line))
		}
		expectEqual(t, "the log", got, want)
		expectNoSecret(t, node, "the log", log.String())
	})
}

// The query is logged, and a user may have put a secret into it by mistake.
func TestSecretInAQueryIsMaskedInTheLog(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		session := node.AddSession()
		ctx, log := logged(t.Context())
		client := newClient(t, node, zstack.Session{UUID: session})
		if _, err := client.ListBackupStorages(ctx, []zstack.Condition{{Field: "uuid", Operator: "=", Values: []string{session}}}); err != nil {
			t.Fatal(err)
		}
		if text := log.String(); strings.Contains(text, session) || !strings.Contains(text, "q=uuid%3D***") {
			t.Errorf("the session is in the log, or the query is not:\n%s", text)
		}
	})
}

// summary formats a log line, without what differs between runs.
func summary(t *testing.T, line map[string]any) string {
	t.Helper()
	text := fmt.Sprintf("%v %v %v?%v %v", line["@level"], line["method"], line["path"], line["query"], line["attempt"])
	if line["@level"] == "debug" {
		if _, ok := line["duration_ms"].(float64); !ok {
			t.Errorf("a line has no duration: %v", line)
		}
	}
	if status, ok := line["status"]; ok {
		if bytes, ok := line["bytes"].(float64); !ok || bytes == 0 {
			t.Errorf("a line has no bytes: %v", line)
		}
		text += fmt.Sprint(" ", status)
	}
	if wait, ok := line["retry_in"].(string); ok {
		if _, err := time.ParseDuration(wait); err != nil {
			t.Error(err)
		}
		text += " retry"
	}
	if message, ok := line["error"]; ok {
		text += fmt.Sprint(": ", message)
	}
	return text
}

// echoes are the ways in which a server or a proxy repeats a request in its
// response.
var echoes = map[string]func(w http.ResponseWriter, request string){
	"in text": func(w http.ResponseWriter, request string) {
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, "no api mapping to "+request)
	},
	"in a title": func(w http.ResponseWriter, request string) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, "<html><title>Forbidden: "+request+"</title></html>")
	},
	"in an escaped page": func(w http.ResponseWriter, request string) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, "<html><p>"+strings.NewReplacer("=", "&#x3D;", "+", "&#43;", "/", "&#x2F;").Replace(request))
	},
	"in an error object": func(w http.ResponseWriter, request string) {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = fmt.Fprintf(w, `{"error":{"code":%q,"description":%[1]q,"details":%[1]q}}`, request)
	},
	"in an error object inside a 200": func(w http.ResponseWriter, request string) {
		_, _ = fmt.Fprintf(w, `{"error":{"code":"SYS.1000","description":%q}}`, request)
	},
	"in a redirect": func(w http.ResponseWriter, request string) {
		w.Header().Set("Location", "https://elsewhere.test/"+strings.ReplaceAll(request, " ", "/"))
		w.WriteHeader(http.StatusMovedPermanently)
	},
	"in a redirect that is no URL": func(w http.ResponseWriter, request string) {
		w.Header().Set("Location", "http://[::1/"+request)
		w.WriteHeader(http.StatusMovedPermanently)
	},
	"not HTTP": func(w http.ResponseWriter, request string) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(connection, request+"\r\n")
		_ = connection.Close()
	},
}

func TestSecretsThatAServerEchoesAreRedacted(t *testing.T) {
	t.Parallel()
	for kind, paths := range map[string][]string{
		"project":    {virtualIDLogin, projectLogin, storagesPath, sessionsPath},
		"access key": {storagesPath},
		"session":    {storagesPath},
	} {
		for way, echo := range echoes {
			for _, path := range paths {
				t.Run(fmt.Sprint(kind, "/", way, "/", path), func(t *testing.T) {
					// An excerpt has 200 characters, a detail 600: secrets extend across both ends.
					for _, end := range []int{80, 200, 600} {
						for offset := end - 80; offset < end; offset += 16 {
							inBubble(t, func(t *testing.T) { checkEcho(t, someCredentials[kind], path, offset, echo) })
						}
					}
				})
			}
		}
	}
}

// checkEcho reads from a server that echoes requests for path after offset
// characters, and closes.
func checkEcho(t *testing.T, credentials zstack.Credentials, path string, offset int, echo func(http.ResponseWriter, string)) {
	t.Helper()
	node := nodeOfSecrets()
	mirror := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, path) {
			node.ServeHTTP(w, r)
			return
		}
		body, _ := io.ReadAll(r.Body)
		node.ServeHTTP(httptest.NewRecorder(), r) // It records the secrets.
		_, password, _ := strings.Cut(string(body), `"password":"`)
		text := strings.Join([]string{r.URL.Path, r.Header.Get("Authorization"), strings.Trim(password, `"}`)}, " ")
		echo(w, strings.Repeat("x", offset)+text)
	})
	client := newClient(t, mirror, credentials, retries(0))
	ctx, log := logged(t.Context())
	_, err := list(ctx, client)
	closeLogged(ctx, client)

	expectNoSecret(t, node, "the log", log.String())
	if err != nil {
		for _, text := range everyText(err) {
			expectNoSecret(t, node, "the error", text)
			expectShowable(t, text)
		}
	}
}

func TestSecretThatAServerWritesInAnotherWayIsRedacted(t *testing.T) {
	const session = "34cbfddd470a47d8bdb0727cd2182618"
	dashes := func(s string) string { return strings.Join([]string{s[:8], s[8:12], s[12:16], s[16:20], s[20:]}, "-") }
	for way, change := range map[string]func(string) string{
		"upper case":   strings.ToUpper,
		"with dashes":  dashes,
		"in two lines": func(s string) string { return strings.ToUpper(s[:20]) + "\n " + s[20:] },
	} {
		for kind, test := range map[string]struct {
			credentials zstack.Credentials
			secret      string
		}{
			"session": {zstack.Session{UUID: session}, session},
			"hash":    {admin, sha512Of(admin.Password)},
		} {
			for _, body := range []string{"no %s here", `{"error":{"code":"NEW.1","details":%q}}`} {
				t.Run(fmt.Sprint(kind, " ", way, " ", body[:2]), func(t *testing.T) {
					inBubble(t, func(t *testing.T) {
						echo := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
							w.WriteHeader(http.StatusBadRequest)
							_, _ = fmt.Fprintf(w, body, change(test.secret))
						})
						ctx, log := logged(t.Context())
						_, err := list(ctx, newClient(t, echo, test.credentials, retries(0)))
						shown := strings.NewReplacer("-", "", " ", "").Replace(strings.ToLower(err.Error() + log.String()))
						if strings.Contains(shown, test.secret[20:]) {
							t.Errorf("the secret is shown: %v", err)
						}
					})
				})
			}
		}
	}
}

// everyText returns the texts of err and of the errors of this package that it
// wraps.
func everyText(err error) []string {
	texts := []string{err.Error()}
	var api *zstack.APIError
	if errors.As(err, &api) {
		texts = append(texts, api.Code, api.Description, api.Details)
	}
	var unexpected *zstack.UnexpectedResponseError
	if errors.As(err, &unexpected) {
		texts = append(texts, unexpected.Excerpt)
	}
	var redirect *zstack.RedirectError
	if errors.As(err, &redirect) {
		texts = append(texts, redirect.Location)
	}
	return texts
}

// expectShowable fails if text is not a line of moderate length.
func expectShowable(t *testing.T, text string) {
	t.Helper()
	if length := len([]rune(text)); length > 1600 {
		t.Errorf("a text has %d characters", length)
	}
	if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		t.Errorf("%q is more than printable characters", text)
	}
}

func TestResponseThatIsNotHTTPIsTruncated(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		noise := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			echoes["not HTTP"](w, strings.Repeat("noise ", 100_000))
		})
		_, err := list(t.Context(), newClient(t, noise, zstack.Session{UUID: "5e55"}, retries(0)))
		if err == nil {
			t.Fatal("the read succeeds, want an error")
		}
		expectShowable(t, err.Error())
	})
}

// The password is not sent, so the server's text cannot contain it: a word that
// is the same as the password is not redacted.
func TestCommonWordThatIsAPasswordIsNotRedacted(t *testing.T) {
	for _, password := range []string{"password", "1", "D.1", "e", " "} {
		inBubble(t, func(t *testing.T) {
			node := newNode()
			node.Configure(func(s *zstacktest.Settings) { s.Locale = zstacktest.English })
			_, err := list(t.Context(), newClient(t, node, zstack.Account{Name: "admin", Password: password}))
			expectRequestError(t, err, zstack.RequestError{
				Method: http.MethodPut, Host: "zstack.test:8080", Path: accountLogin, Attempts: 1,
			}, "ID.1000: Unable to authenticate a user (wrong account name or password)")
			expectCode(t, err, zstack.CodeAuthenticationFailed)
		})
	}
}

func TestCommonWordThatIsASessionDoesNotChangeTheKindOfError(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		node.Misbehave(zstacktest.AtFirstPage, zstacktest.HTMLPage, zstacktest.NotHTTP)
		client := newClient(t, node, zstack.Session{UUID: "e"}, retries(0))
		var unexpected *zstack.UnexpectedResponseError
		if _, err := list(t.Context(), client); !errors.As(err, &unexpected) {
			t.Errorf("the error is %v, want an UnexpectedResponseError", err)
		}
	})
}
