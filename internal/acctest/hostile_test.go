// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	fake "github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// raw serves a text to whoever connects, and then closes the connection or
// waits for the other side to do it.
func raw(t *testing.T, answer string, wait bool) (url string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = conn.Close() }()
		_, _ = io.WriteString(conn, answer)
		if wait {
			_, _ = io.Copy(io.Discard, conn)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// TestAnswerThatIsHardlyHTTPIsExplainedInAFewWords is about servers that
// net/http has words of its own for, and some that it would wait for.
func TestAnswerThatIsHardlyHTTPIsExplainedInAFewWords(t *testing.T) {
	const long = 1 << 20
	const status = "the server answered with HTTP status "
	const broken = "net/http: HTTP/1.x transport connection broken: "
	for name, test := range map[string]struct {
		answer  string
		wait    bool
		summary string
		reason  string // how it begins
	}{
		"nothing": {
			summary: "Incomplete Response", reason: "the server closed the connection without an answer: EOF.",
		},
		"another protocol": {
			answer:  "\x00\x01" + strings.Repeat("x", long),
			summary: "Not a ZStack Endpoint", reason: broken + `malformed HTTP response "\x00\x01xxxxxxxx`,
		},
		"protocol switch": {
			answer: "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n", wait: true,
			summary: "Unexpected Response", reason: status + "101 Switching Protocols.",
		},
		"endless header": {
			answer:  "HTTP/1.1 200 OK\r\n" + strings.Repeat("X: "+strings.Repeat("x", 1000)+"\r\n", 11_000),
			summary: "Backup Storages Not Read", reason: broken + "net/http: server response headers exceeded 10485760 bytes; aborted.",
		},
		"many early hints": {
			answer:  strings.Repeat("HTTP/1.1 103 Early Hints\r\nX: "+strings.Repeat("x", 1000)+"\r\n\r\n", 11_000),
			summary: "Backup Storages Not Read", reason: broken + "net/http: server response headers exceeded 10485760 bytes; aborted.",
		},
		"long bad Location": {
			answer:  "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://[" + strings.Repeat("x", long) + "\r\n\r\n",
			summary: "Backup Storages Not Read", reason: `failed to parse Location header "http://[xxxxxxxx`,
		},
		"long reason": {
			answer:  "HTTP/1.1 500 " + strings.Repeat("x", long) + "\r\nContent-Length: 0\r\n\r\n",
			summary: "Unexpected Response", reason: status + "500 Internal Server Error.",
		},
		"a status of tomorrow": {
			answer:  "HTTP/1.1 799 Tomorrow\r\nContent-Length: 0\r\n\r\n",
			summary: "Unexpected Response", reason: status + "799.",
		},
		"no content": {
			answer:  "HTTP/1.1 204 No Content\r\n\r\n",
			summary: "Incomplete Response", reason: status + "204 No Content: the body is empty: unexpected EOF.",
		},
		"broken chunks": {
			answer:  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
			summary: "Unexpected Response", reason: status + "200 OK: the body broke off after 0 bytes: invalid byte in chunk length.",
		},
		"no gzip": {
			answer:  "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
			summary: "Incomplete Response", reason: status + "200 OK: the body broke off after 0 bytes: unexpected EOF.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := newCloud(t)
			cloud.URL = raw(t, test.answer, test.wait)
			text := cloud.serve(t, cloud.account(arguments{"request_timeout": "10s"})).read("zstack_backup_storages", nil)
			want := fmt.Sprintf("ERROR: %s\nPUT /zstack/v1/accounts/login at HOST failed: %s", test.summary, test.reason)
			if text = cloud.anonymous(text); !strings.HasPrefix(text, want) {
				t.Errorf("want a text that begins with\n%s\ngot\n%.1000s", want, text)
			}
			if len(text) > 4096 {
				t.Errorf("%d bytes are too many to read", len(text))
			}
		})
	}
}

// TestRestOfAnAnswerThatIsLongerThanItSaysIsNotLogged is about bytes that
// net/http finds on a connection it has no use for any more.
func TestRestOfAnAnswerThatIsLongerThanItSaysIsNotLogged(t *testing.T) {
	cloud := Start(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		cloud.ServeHTTP(answer, r)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = conn.Close() }()
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n%s", answer.Body)
		_, _ = io.Copy(io.Discard, conn)
	}))
	t.Cleanup(server.Close)
	t.Setenv("ZSTACK_ENDPOINT", server.URL)

	output, err := cloud.CLI(t, listAll).Try("plan")
	if err == nil || !strings.Contains(output, "Error: Incomplete Response") {
		t.Errorf("%v\n%s", err, output)
	}
}

// TestSecretIsHiddenInWhatAnAnswerEchoes is about pages and errors that quote
// the request they refuse. They are cut off, but never within a secret.
func TestSecretIsHiddenInWhatAnAnswerEchoes(t *testing.T) {
	const session = "5e5510ab5e5510ab5e5510ab5e5510ab"
	sum := sha512.Sum512([]byte(fake.DefaultPassword))
	hash := hex.EncodeToString(sum[:])
	for name, filler := range map[string]string{
		"at once":           "",
		"after a line":      strings.Repeat("x", 100),
		"after 190 letters": strings.Repeat("x", 190),
		"after 590 letters": strings.Repeat("x", 590),
		"after 3180 blanks": "x" + strings.Repeat(" ", 3180),
	} {
		for _, test := range []struct {
			stage  fake.Stage
			secret string
		}{{fake.AtLogin, hash}, {fake.AtFirstPage, session}, {fake.AtLogout, session}} {
			for _, echo := range []fake.Fault{
				fake.Body("a page", filler+test.secret),
				fake.Body("a page with a title", "<title>"+filler+test.secret+"</title>"),
				fake.Fails(fake.InternalError(filler + test.secret)),
				fake.Fails(fake.Error{Code: filler + test.secret}),
				fake.Redirect(http.StatusFound, "/"+filler+test.secret),
				fake.Redirect(http.StatusFound, "http://["+filler+test.secret),
			} {
				t.Run(fmt.Sprintf("stage %d, %.20s %s", test.stage, echo.Name, name), func(t *testing.T) {
					t.Parallel()
					cloud := newCloud(t)
					cloud.SetNextSession(session)
					cloud.Misbehave(test.stage, fake.Always(echo))
					server := cloud.serve(t, cloud.account(nil))
					if text := server.read("zstack_backup_storages", nil); text == "" && test.stage != fake.AtLogout {
						t.Error("nothing went wrong")
					}
					server.close()
				})
			}
		}
	}
}
