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
	"sync"
	"testing"

	"github.com/zstackio/terraform-provider-zstack/internal/golden"
	fake "github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// serveBytes sends bytes as the response to every request, and then closes the
// connection or waits for the other side to close it.
func serveBytes(t *testing.T, response string, wait bool) (url string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = conn.Close() }()
		_, _ = io.WriteString(conn, response)
		if wait {
			_, _ = io.Copy(io.Discard, conn)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// TestMalformedHTTPIsExplainedBriefly covers responses for which net/http has
// its own errors, and some that never end.
func TestMalformedHTTPIsExplainedBriefly(t *testing.T) {
	const long = 1 << 20
	cases := []struct {
		name, response string
		wait           bool
	}{
		{name: "nothing"},
		{name: "another protocol", response: "\x00\x01" + strings.Repeat("x", long)},
		{name: "protocol switch", response: "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n", wait: true},
		{name: "endless header", response: "HTTP/1.1 200 OK\r\n" + strings.Repeat("X: "+strings.Repeat("x", 1000)+"\r\n", 11_000)},
		{name: "many early hints", response: strings.Repeat("HTTP/1.1 103 Early Hints\r\nX: "+strings.Repeat("x", 1000)+"\r\n\r\n", 11_000)},
		{name: "long bad Location", response: "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://[" + strings.Repeat("x", long) + "\r\n\r\n"},
		{name: "long reason", response: "HTTP/1.1 500 " + strings.Repeat("x", long) + "\r\nContent-Length: 0\r\n\r\n"},
		{name: "unknown status", response: "HTTP/1.1 799 Tomorrow\r\nContent-Length: 0\r\n\r\n"},
		{name: "no content", response: "HTTP/1.1 204 No Content\r\n\r\n"},
		{name: "broken chunks", response: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"},
		{name: "no gzip", response: "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"},
	}
	messages := make([]string, len(cases))
	var all sync.WaitGroup
	for i, test := range cases {
		all.Go(func() {
			cloud := newCloud(t)
			cloud.URL = serveBytes(t, test.response, test.wait)
			message := cloud.serve(t, cloud.account(arguments{"request_timeout": "10s"})).read("zstack_backup_storages", nil)
			messages[i] = fmt.Sprintf("# %s\n%s\n", test.name, cloud.firstParagraph(message))
			if len(message) > 4096 {
				t.Errorf("%s: %d bytes are too many to read", test.name, len(message))
			}
		})
	}
	all.Wait()
	golden.Check(t, "malformed-http.txt", strings.Join(messages, "\n"))
}

// TestBytesAfterTheEndOfAResponseAreNotLogged covers unsolicited data on an idle
// connection, which net/http logs.
func TestBytesAfterTheEndOfAResponseAreNotLogged(t *testing.T) {
	cloud := Start(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		response := httptest.NewRecorder()
		cloud.ServeHTTP(response, r)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = conn.Close() }()
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n%s", response.Body)
		_, _ = io.Copy(io.Discard, conn)
	}))
	t.Cleanup(server.Close)
	t.Setenv("ZSTACK_ENDPOINT", server.URL)

	output, err := cloud.CLI(t, listAll).Try("plan")
	if err == nil || !strings.Contains(output, "Error: Incomplete Response") {
		t.Errorf("%v\n%s", err, output)
	}
}

// TestSecretThatAResponseEchoesIsRedacted covers pages and errors that quote the
// rejected request. Messages truncate them, but show no part of a secret.
func TestSecretThatAResponseEchoesIsRedacted(t *testing.T) {
	const session = "5e5510ab5e5510ab5e5510ab5e5510ab"
	sum := sha512.Sum512([]byte(fake.DefaultPassword))
	hash := hex.EncodeToString(sum[:])
	for name, filler := range map[string]string{
		"at the beginning":  "",
		"after a line":      strings.Repeat("x", 100),
		"after 190 letters": strings.Repeat("x", 190),
		"after 590 letters": strings.Repeat("x", 590),
		"after 3180 spaces": "x" + strings.Repeat(" ", 3180),
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
