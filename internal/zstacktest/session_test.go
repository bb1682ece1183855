// SPDX-License-Identifier: MPL-2.0

package zstacktest_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

const initialHash = "b109f3bbbc244eb82441917ed06d618b9008dd09b3befd1b5e07394c706a8bb980b1d7785e5976ec049b46df5f1326af5a2ea6d103fd07c95385ffab0cacbc86"

func logIn(t *testing.T, url, path, body string, header http.Header) response {
	t.Helper()
	return send(t, "PUT", url+"/zstack/v1/"+path, header, body)
}

func logInAdmin(t *testing.T, url string) string {
	t.Helper()
	return sessionOf(t, logIn(t, url, "accounts/login",
		`{"logInByAccount":{"accountName":"admin","password":"`+initialHash+`"}}`, nil))
}

func sessionOf(t *testing.T, r response) string {
	t.Helper()
	var login struct{ Inventory struct{ UUID string } }
	if err := json.Unmarshal([]byte(r.body), &login); err != nil || r.status != 200 || len(login.Inventory.UUID) != 32 {
		t.Fatalf("no session in %d %s", r.status, r.body)
	}
	return login.Inventory.UUID
}

func accepted(t *testing.T, url, session string) bool {
	t.Helper()
	r := send(t, "GET", url+"/zstack/v1/backup-storage", http.Header{"Authorization": {"OAuth " + session}}, "")
	if r.status != 200 && !strings.Contains(r.body, `"ID.1001"`) {
		t.Fatalf("neither a list nor ID.1001: %d %s", r.status, r.body)
	}
	return r.status == 200
}

func TestSessionsAreRenewedByUse(t *testing.T) {
	t.Parallel()
	n := newNode()
	server := n.Serve(t)
	session := logInAdmin(t, server)
	for range 3 {
		n.Advance(7199 * time.Second)
		if !accepted(t, server, session) {
			t.Fatal("a used session expired")
		}
	}
	n.Advance(7200 * time.Second)
	if accepted(t, server, session) {
		t.Error("an unused session is still accepted after two hours")
	}
	if live := n.LiveSessions(); len(live) != 0 {
		t.Errorf("live sessions %v, want none", live)
	}
}

func TestLogoutEndsASessionOnce(t *testing.T) {
	t.Parallel()
	n := newNode()
	server := n.Serve(t)
	session := logInAdmin(t, server)
	for range 2 {
		if got := send(t, "DELETE", server+"/zstack/v1/accounts/sessions/"+session, nil, ""); got.status != 200 || got.body != "{}" {
			t.Errorf("logout: %d %s", got.status, got.body)
		}
	}
	if accepted(t, server, session) {
		t.Error("the session is still accepted")
	}
	if n.Logins() != 1 || n.Logouts() != 1 {
		t.Errorf("%d logins and %d logouts, want 1 and 1", n.Logins(), n.Logouts())
	}
	if diff := cmp.Diff([]string{knownSession}, n.LiveSessions()); diff != "" {
		t.Errorf("live sessions (-want +got):\n%s", diff)
	}
}

func TestSingleSessionModeEndsEarlierSessionsOfTheUser(t *testing.T) {
	t.Parallel()
	n := newNode()
	n.AddAccount("other", "password")
	n.Configure(func(s *zstacktest.Settings) { s.UniqueSession = true })
	server := n.Serve(t)
	other := sessionOf(t, logIn(t, server, "accounts/login",
		`{"logInByAccount":{"accountName":"other","password":"`+initialHash+`"}}`, nil))
	first := logInAdmin(t, server)
	second := logInAdmin(t, server)
	if accepted(t, server, first) || !accepted(t, server, second) || !accepted(t, server, other) {
		t.Error("want the latest session of the user and the sessions of others to be valid")
	}
}

func TestUserOfAnAccountLogsInByNameOrUUID(t *testing.T) {
	t.Parallel()
	n := newNode()
	n.AddUser("admin", "reader", "password")
	server := n.Serve(t)
	for _, account := range []string{`"accountName":"admin"`, `"accountUuid":"36c27e8ff05c4780bf6d2fa65700f22e"`} {
		session := sessionOf(t, logIn(t, server, "accounts/users/login",
			`{"logInByUser":{`+account+`,"userName":"reader","password":"`+initialHash+`"}}`, nil))
		if !accepted(t, server, session) {
			t.Errorf("the session of %s is not accepted", account)
		}
	}
}

func TestProjectLoginCreatesAnotherSession(t *testing.T) {
	t.Parallel()
	n := newNode()
	n.AddVirtualID("alice", "password", "backup")
	server := n.Serve(t)
	outer := sessionOf(t, logIn(t, server, "iam2/virtual-ids/login",
		`{"loginIAM2VirtualID":{"name":"alice","password":"`+initialHash+`"}}`, nil))
	enter := func(project string, header http.Header) response {
		return logIn(t, server, "iam2/projects/login", `{"loginIAM2Project":{"projectName":"`+project+`"}}`, header)
	}
	session := http.Header{"Authorization": {"OAuth " + outer}}
	inner := sessionOf(t, enter("backup", session))

	if inner == outer || !accepted(t, server, outer) || !accepted(t, server, inner) {
		t.Error("want two sessions, both accepted")
	}
	for name, test := range map[string]struct {
		reply response
		want  string
	}{
		"without session":      {enter("backup", nil), "missing header 'Authorization'"},
		"with unknown session": {enter("backup", http.Header{"Authorization": {"OAuth x"}}), `"ID.1001"`},
		"foreign project":      {enter("secret", session), `"SYS.1007"`},
		"session of an account": {
			enter("backup", http.Header{"Authorization": {"OAuth " + knownSession}}), `"SYS.1007"`,
		},
	} {
		if !strings.Contains(test.reply.body, test.want) {
			t.Errorf("%s: %s, want %s", name, test.reply.body, test.want)
		}
	}
}

func TestMalformedLoginIsAnError(t *testing.T) {
	t.Parallel()
	server := newNode().Serve(t)
	for body, status := range map[string]int{
		"": 503, "{}": 503, "null": 503, `{"logInByAccount":null}`: 503, "[]": 503, "x": 500, "[1]": 500, `{"logInByAccount":"x"}`: 500,
		`{"LogInByAccount":{"accountName":"admin","password":"x"}}`: 503, // keys are case-sensitive
		`{"logInByAccount":{"accountname":"admin","password":"x"}}`: 503,
	} {
		if got := logIn(t, server, "accounts/login", body, nil); got.status != status {
			t.Errorf("%q: %d %s, want %d", body, got.status, got.body, status)
		}
	}
}

func TestClockSkewIsComparedByDigitsUnlessZonesAreChecked(t *testing.T) {
	t.Parallel()
	n := newNode()
	server := n.Serve(t)
	utc := time.Date(2023, 1, 2, 15, 4, 5, 0, time.UTC)
	for name, test := range map[string]struct {
		now       time.Time
		checkZone bool
		want      int
	}{
		"digits agree":               {time.Date(2023, 1, 2, 15, 4, 5, 0, shanghai), false, 200},
		"digits within 15 minutes":   {time.Date(2023, 1, 2, 15, 19, 5, 0, shanghai), false, 200},
		"digits beyond 15 minutes":   {time.Date(2023, 1, 2, 15, 19, 6, 0, shanghai), false, 403},
		"instants agree, not digits": {utc, false, 403},
		"instants are compared":      {utc, true, 200},
		"instants do not agree":      {time.Date(2023, 1, 2, 15, 4, 5, 0, shanghai), true, 403},
	} {
		n.SetTime(test.now)
		n.Configure(func(s *zstacktest.Settings) { s.CheckTimeZone = test.checkZone })
		got := send(t, "GET", server+"/zstack/v1/backup-storage", http.Header{
			"Date":          {"Mon, 02 Jan 2023 15:04:05 GMT"},
			"Authorization": {"ZStack " + knownKey + ":pH1vfvEOulQGXbUPcZSC0dDvJwo="},
		}, "")
		if got.status != test.want {
			t.Errorf("%s: %d %s, want %d", name, got.status, got.body, test.want)
		}
	}
	if n.Logins() != 0 {
		t.Errorf("%d sessions were created for a signed request", n.Logins())
	}
}

func TestRecorderKeepsRequestsInOrder(t *testing.T) {
	t.Parallel()
	n := newNode()
	server := n.Serve(t)
	logInAdmin(t, server)
	get(t, server, "?q=name%3Da%3Bb&limit=1")
	get(t, server, "/nowhere/at/all")

	requests := n.Requests()
	if len(requests) != 3 {
		t.Fatalf("%d requests, want 3", len(requests))
	}
	if login := requests[0]; login.Method != "PUT" || login.Path != "/zstack/v1/accounts/login" || login.Status != 200 ||
		!strings.Contains(string(login.Body), initialHash) {
		t.Errorf("login was recorded as %+v", login)
	}
	if query := requests[1]; query.RawQuery != "q=name%3Da%3Bb&limit=1" || query.Query.Get("q") != "name=a;b" ||
		query.Header.Get("Authorization") != "OAuth "+knownSession {
		t.Errorf("query was recorded as %+v", query)
	}
	if requests[2].Status != 404 {
		t.Errorf("status %d, want 404", requests[2].Status)
	}
}

func TestEverySecretIsListed(t *testing.T) {
	t.Parallel()
	n := newNode()
	n.AddUser("admin", "reader", "user-password")
	n.AddVirtualID("alice", "virtual-password")
	server := n.Serve(t)
	session := logInAdmin(t, server)
	logIn(t, server, "accounts/login", `{"logInByAccount":{"accountName":"admin","password":"wrong-hash"}}`, nil)
	send(t, "GET", server+"/zstack/v1/backup-storage", http.Header{
		"Date": {"Fri, 13 Dec 2019 19:32:49 CST"}, "Authorization": {"ZStack " + knownKey + ":some-signature"},
	}, "")
	secrets := n.Secrets()
	for _, secret := range []string{
		zstacktest.DefaultPassword, "password", initialHash, "user-password", "virtual-password", "wrong-hash", session,
		knownSession, knownKeySecret, "some-signature", "secret",
	} {
		if !slices.Contains(secrets, secret) {
			t.Errorf("%q is missing", secret)
		}
	}
	if slices.Contains(secrets, knownKey) || slices.Contains(secrets, "") {
		t.Error("the ID of an access key or the empty text is a secret")
	}
}

func TestEveryMethodLogsOut(t *testing.T) {
	t.Parallel()
	server := newNode().Serve(t)
	for _, method := range []string{"DELETE", "GET", "POST"} {
		session := logInAdmin(t, server)
		send(t, method, server+"/zstack/v1/accounts/sessions/"+session, nil, "")
		if accepted(t, server, session) {
			t.Errorf("%s does not log out", method)
		}
	}
}

func TestLogoutMayKeepTheSession(t *testing.T) {
	t.Parallel()
	n := newNode()
	n.Configure(func(s *zstacktest.Settings) { s.LogoutKeepsSession = true })
	server := n.Serve(t)
	session := logInAdmin(t, server)
	if got := send(t, "DELETE", server+"/zstack/v1/accounts/sessions/"+session, nil, ""); got.status != 200 {
		t.Errorf("logout: %d %s", got.status, got.body)
	}
	if !accepted(t, server, session) {
		t.Error("the session is not accepted any more")
	}
}

func TestUnknownSessionMayBeAnotherError(t *testing.T) {
	t.Parallel()
	n := newNode()
	n.Configure(func(s *zstacktest.Settings) { s.UnknownSession = &zstacktest.AdminOnly })
	got := send(t, "GET", n.Serve(t)+"/zstack/v1/zones", http.Header{"Authorization": {"OAuth x"}}, "")
	if !strings.Contains(got.body, `"code":"ID.1002"`) {
		t.Errorf("%d %s, want ID.1002", got.status, got.body)
	}
}

func TestSessionInCapitalsIsAcceptedButNotLoggedOut(t *testing.T) {
	t.Parallel()
	server := newNode().Serve(t)
	session := logInAdmin(t, server)
	if !accepted(t, server, strings.ToUpper(session)) {
		t.Error("a session in capitals is not accepted")
	}
	send(t, "DELETE", server+"/zstack/v1/accounts/sessions/"+strings.ToUpper(session), nil, "")
	if !accepted(t, server, session) {
		t.Error("a logout in capitals ended the session")
	}
}

func TestFailedQueriesRenewTheSessionAndBadRequestsDoNot(t *testing.T) {
	t.Parallel()
	for query, renews := range map[string]bool{"?q=foo%3Dx": true, "?limit=x": false} {
		n := newNode()
		server := n.Serve(t)
		n.Advance(7000 * time.Second)
		get(t, server, query)
		n.Advance(7000 * time.Second)
		if got := accepted(t, server, knownSession); got != renews {
			t.Errorf("%s: the session is accepted %t, want %t", query, got, renews)
		}
	}
}

func TestBodyWithoutCharsetIsLatin1(t *testing.T) {
	t.Parallel()
	n := newNode()
	n.AddAccount("Zoë", "password")
	n.AddAccount("镇", "password")
	server := n.Serve(t)
	for name, test := range map[string]struct {
		contentType, account string
		status               int
	}{
		"UTF-8, not declared":             {"application/json", "镇", 503},
		"UTF-8, declared":                 {"application/json; charset=utf-8", "镇", 200},
		"ISO-8859-1":                      {"application/json", "Zo\xeb", 200},
		"escaped, therefore only ASCII":   {"", `\u9547`, 200},
		"ISO-8859-1, but declared UTF-8":  {"application/json; charset=UTF-8", "Zo\xeb", 503},
		"UTF-8 in a parameter with quote": {`application/json; charset="utf-8"`, "镇", 200},
	} {
		body := `{"logInByAccount":{"accountName":"` + test.account + `","password":"` + initialHash + `"}}`
		got := logIn(t, server, "accounts/login", body, http.Header{"Content-Type": {test.contentType}})
		if got.status != test.status {
			t.Errorf("%s: %d %s, want %d", name, got.status, got.body, test.status)
		}
	}
}

func TestPolicyDeniesOneAPIToOneUser(t *testing.T) {
	t.Parallel()
	n := newNode()
	n.AddUser("admin", "reader", "password")
	n.AttachPolicy("admin", "reader", zstacktest.Policy{Name: "no-zones", UUID: "p", Denies: []zstacktest.API{zstacktest.QueryZone}})
	server := n.Serve(t)
	session := sessionOf(t, logIn(t, server, "accounts/users/login",
		`{"logInByUser":{"accountName":"admin","userName":"reader","password":"`+initialHash+`"}}`, nil))
	if !accepted(t, server, session) {
		t.Error("storages are denied too")
	}
	got := send(t, "GET", server+"/zstack/v1/zones", http.Header{"Authorization": {"OAuth " + session}}, "")
	if !strings.Contains(got.body, `"SYS.1006"`) || !strings.Contains(got.body, "no-zones") {
		t.Errorf("%d %s, want SYS.1006 with the name of the policy", got.status, got.body)
	}
	if got := getZones(t, server, ""); got.status != 200 {
		t.Errorf("the account itself: %d %s", got.status, got.body)
	}
}
