// SPDX-License-Identifier: MPL-2.0

package zstacktest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

func TestTomcatRespondsWithHTML(t *testing.T) {
	t.Parallel()
	server := newNode().Serve(t)
	for _, test := range []struct {
		method, target string
		want           int
	}{
		{"GET", "/", 404},
		{"GET", "/zstackv1/backup-storage", 404},
		{"GET", "/other/v1/backup-storage", 404},
		{"GET", "/zstack/v1/backup-storage?q=name={x}", 400},
		{"GET", "/zstack/v1/backup-storage?q=" + strings.Repeat("x", 70_000), 400},
		{"PATCH", "/zstack/v1/backup-storage", 403},
		{"OPTIONS", "/zstack/v1/backup-storage", 403},
	} {
		got := send(t, test.method, server+test.target, nil, "")
		if got.status != test.want || !strings.HasPrefix(got.header.Get("Content-Type"), "text/html") {
			t.Errorf("%s %.50s: %d, Content-Type %q", test.method, test.target, got.status, got.header.Get("Content-Type"))
		}
	}
}

func TestContextPathIsASetting(t *testing.T) {
	t.Parallel()
	n := newNode()
	n.Configure(func(s *zstacktest.Settings) { s.ContextPath = "/cloud/one" })
	server := n.Serve(t)
	for path, want := range map[string]string{
		"/cloud/one/v1/accounts/sessions/" + knownSession + "/valid": `{"valid":true}`,
		"/cloud/one/v1/nothing": "no api mapping to /v1/nothing",
	} {
		if got := send(t, "GET", server+path, nil, ""); got.body != want {
			t.Errorf("%s: %s, want %s", path, got.body, want)
		}
	}
}

func TestLiveHTTPSessionGetsNoCookie(t *testing.T) {
	t.Parallel()
	server := newNode().Serve(t)
	cookie := get(t, server, "").header.Get("Set-Cookie")
	live, _, _ := strings.Cut(cookie, ";")
	for sent, want := range map[string]string{live: "", "JSESSIONID=ended": cookie, "other=x": cookie} {
		got := send(t, "GET", server+"/zstack/v1/nothing", http.Header{"Cookie": {sent}}, "").header.Get("Set-Cookie")
		if got != want {
			t.Errorf("with the cookie %s: Set-Cookie is %q, want %q", sent, got, want)
		}
	}
}

// FuzzQuery checks that every query string gets a response of one of the few kinds.
func FuzzQuery(f *testing.F) {
	for _, name := range hostile {
		f.Add("q=" + url.QueryEscape("name="+name))
		f.Add("q=" + url.QueryEscape("name~="+name))
		f.Add("q=" + url.QueryEscape("name?="+name))
	}
	f.Add("q=type%3DCeph&q=mons.hostname%3Dx&sort=-poolName&fields=uuid,poolName&limit=1&start=1&replyWithCount=true")
	f.Add("sort=%27&fields=,&count=true&limit=-1")
	f.Add("replyWithCount=true&sort=name&q=" + url.QueryEscape("name=x' return") + "&q=" + url.QueryEscape("name?=x' (,y"))
	f.Add("q=zone.name%3Dx&q=zone.backupStorage.zone.name!%3Dzone-1&q=zoneRef.zoneUuid~%3D%25&q=__userTag__%3D%25s")
	current, old := newNode(), newNode()
	old.Configure(func(s *zstacktest.Settings) { s.Version = zstacktest.Version{3, 1, 0} }) // passes quotes on unchanged
	for _, n := range []*zstacktest.Node{current, old} {
		n.SetZones(zstacktest.Zones()...)
		n.AddBackupStorages(zstacktest.Storages(10)...)
	}
	f.Fuzz(func(t *testing.T, rawQuery string) {
		for _, n := range []*zstacktest.Node{current, old} {
			checkQuery(t, n, rawQuery)
		}
	})
}

func checkQuery(t *testing.T, n *zstacktest.Node, rawQuery string) {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/zstack/v1/backup-storage", nil)
	request.URL.RawQuery = rawQuery
	request.Header.Set("Authorization", "OAuth "+knownSession)
	reply := httptest.NewRecorder()
	n.ServeHTTP(reply, request)

	body := reply.Body.Bytes()
	switch reply.Code {
	case 200, 503:
		if !json.Valid(body) {
			t.Errorf("%d with %s", reply.Code, body)
		}
	case 400, 500:
	default:
		t.Errorf("status %d", reply.Code)
	}
}
