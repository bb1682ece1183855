// SPDX-License-Identifier: MPL-2.0

package zstacktest_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

const (
	knownSession   = "34cbfddd470a47d8bdb0727cd2182618"
	knownKey       = "zcYVTsjNwZbV1qS5ZqgQ"
	knownKeySecret = "wPvRjKnq3VqzbcRBBhQxXwW7Dg0dKyxVp0xNVc8M"
)

// situations are the meanings of the line "With:" in an exchange.
var situations = map[string]func(*zstacktest.Node){
	"no session": func(n *zstacktest.Node) {
		n.EndSessions()
		n.SetNextSession(knownSession)
	},
	"english":       configure(func(s *zstacktest.Settings) { s.Locale = zstacktest.English }),
	"clock of 2023": func(n *zstacktest.Node) { n.SetTime(time.Date(2023, 1, 2, 15, 10, 0, 0, shanghai)) },
	"no access key": func(n *zstacktest.Node) { n.RemoveAccessKey(knownKey) },
	"no access key plugin": configure(func(s *zstacktest.Settings) {
		s.NoAccessKeyPlugin = true
	}),
	"one session each": configure(func(s *zstacktest.Settings) { s.MaxSessions = 1 }),
	"vendor form": func(n *zstacktest.Node) {
		storage := zstacktest.Inventory()[0]
		storage.AttachedZoneUUIDs = []string{zstacktest.ZoneTwo}
		n.SetBackupStorages(storage)
		n.Configure(func(s *zstacktest.Settings) { s.VendorForm = true })
	},
	"fault denied":        misbehave(zstacktest.AtFirstPage, zstacktest.Fails(zstacktest.DeniedByPolicy)),
	"fault not ready":     misbehave(zstacktest.AtFirstPage, zstacktest.Fails(zstacktest.NotReady)),
	"fault rate limit":    misbehave(zstacktest.AtFirstPage, zstacktest.Status(429, zstacktest.PlainText)),
	"fault refused":       misbehave(zstacktest.AtFirstPage, zstacktest.RequestRefused),
	"fault captcha":       misbehave(zstacktest.AtLogin, zstacktest.Fails(zstacktest.MissingCaptcha)),
	"fault locked":        misbehave(zstacktest.AtLogin, zstacktest.Fails(zstacktest.Locked)),
	"fault second factor": misbehave(zstacktest.AtLogin, zstacktest.Fails(zstacktest.SecondFactor)),
}

func configure(change func(*zstacktest.Settings)) func(*zstacktest.Node) {
	return func(n *zstacktest.Node) { n.Configure(change) }
}

func misbehave(stage zstacktest.Stage, f zstacktest.Fault) func(*zstacktest.Node) {
	return func(n *zstacktest.Node) { n.Misbehave(stage, f) }
}

// TestResponsesThatWereNotRecordedAreExact sends the exchanges in testdata/exchanges.txt: those of plug-ins and situations that
// no recorded node had, with bodies that follow from the server's source.
func TestResponsesThatWereNotRecordedAreExact(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("testdata/exchanges.txt")
	if err != nil {
		t.Fatal(err)
	}
	for section := range strings.SplitSeq(strings.TrimPrefix(string(content), "== "), "\n== ") {
		name, text, _ := strings.Cut(section, "\n")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := readExchange(text)
			url := x.node(t).Serve(t)

			got := send(t, x.method, url+x.target, x.header, x.body)

			if diff := cmp.Diff(x.want, got.text()); diff != "" {
				t.Errorf("response (-want +got):\n%s", diff)
			}
			if contentType, ok := got.header["Content-Type"]; ok {
				t.Errorf("Content-Type: %q, but ZStack sets none", contentType)
			}
			if cookie := got.header.Get("Set-Cookie"); !x.faulty() && !strings.HasPrefix(cookie, "JSESSIONID=") {
				t.Errorf("Set-Cookie: %q, want a JSESSIONID", cookie)
			}
		})
	}
}

type exchange struct {
	method, target string
	header         http.Header
	with           []string
	body           string
	want           string
}

// readExchange reads request line and headers, the body if there is one, and the response: status and body. Empty lines
// separate the three.
func readExchange(text string) exchange {
	parts := strings.Split(strings.TrimRight(text, "\n"), "\n\n")
	lines := strings.Split(parts[0], "\n")
	x := exchange{header: http.Header{}, want: parts[len(parts)-1]}
	x.method, x.target, _ = strings.Cut(lines[0], " ")
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		if name == "With" {
			x.with = append(x.with, value)
		} else {
			x.header.Set(name, value)
		}
	}
	if len(parts) == 3 {
		x.body = parts[1]
	}
	return x
}

func (x exchange) node(t *testing.T) *zstacktest.Node {
	t.Helper()
	n := newNode()
	for _, name := range x.with {
		situation, ok := situations[name]
		if !ok {
			t.Fatalf("no situation %q", name)
		}
		situation(n)
	}
	return n
}

func (x exchange) faulty() bool { return strings.Contains(strings.Join(x.with, " "), "fault") }

// newNode is the node of the exchanges: three storages, the account's initial password, one session and one access key.
func newNode() *zstacktest.Node {
	storages := zstacktest.Inventory()
	if ceph, ok := storages[1].Subtype.(zstacktest.Ceph); ok {
		ceph.Mons[0].SSHPassword = "secret"
	}

	n := zstacktest.NewNode()
	n.SetTime(time.Date(2019, 12, 13, 19, 32, 49, 0, shanghai))
	n.SetBackupStorages(storages...)
	n.AddAccount("admin", "password")
	n.AddAccessKey(knownKey, knownKeySecret)
	n.SetNextSession(knownSession)
	n.AddSession()
	return n
}

var shanghai = zstacktest.DefaultSettings().TimeZone

type response struct {
	status int
	header http.Header
	body   string
}

// text is the response as the exchanges write it.
func (r response) text() string {
	return strings.TrimSuffix(fmt.Sprintf("%d\n%s", r.status, r.body), "\n")
}

func send(t *testing.T, method, url string, header http.Header, body string) response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = header
	reply, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reply.Body.Close() }()
	content, err := io.ReadAll(reply.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response{reply.StatusCode, reply.Header, string(content)}
}

// client follows no redirect and keeps no connection.
var client = &http.Client{
	Transport:     &http.Transport{DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Timeout:       time.Minute,
}

// get sends a query of backup storages with the session of [newNode].
func get(t *testing.T, url, query string) response {
	t.Helper()
	return send(t, "GET", url+"/zstack/v1/backup-storage"+query, http.Header{"Authorization": {"OAuth " + knownSession}}, "")
}
