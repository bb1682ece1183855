// SPDX-License-Identifier: MPL-2.0

package zstack_test

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// The cases also check how many sessions are created.
func TestEveryLoginSendsWhatItsKindNeeds(t *testing.T) {
	hash := sha512Of("secret-4711")
	for name, test := range map[string]struct {
		credentials zstack.Credentials
		want        []string // method, path, credential and body of the requests before the query
	}{
		"account": {
			zstack.Account{Name: "ops", Password: "secret-4711"},
			[]string{`PUT /zstack/v1/accounts/login  {"logInByAccount":{"accountName":"ops","password":"` + hash + `"}}`},
		},
		"user": {
			zstack.Account{Name: "ops", UserName: "robot", Password: "secret-4711"},
			[]string{`PUT /zstack/v1/accounts/users/login  {"logInByUser":{"accountName":"ops","password":"` + hash + `","userName":"robot"}}`},
		},
		"virtual ID": {
			zstack.VirtualID{Name: "vid", Password: "secret-4711"},
			[]string{`PUT /zstack/v1/iam2/virtual-ids/login  {"loginIAM2VirtualID":{"name":"vid","password":"` + hash + `"}}`},
		},
		"virtual ID in a project": {
			zstack.VirtualID{Name: "vid", Password: "secret-4711", Project: "red <1>"},
			[]string{
				`PUT /zstack/v1/iam2/virtual-ids/login  {"loginIAM2VirtualID":{"name":"vid","password":"` + hash + `"}}`,
				`PUT /zstack/v1/iam2/projects/login OAuth 11111111111111111111111111111111 {"loginIAM2Project":{"projectName":"red \u003c1\u003e"}}`,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				node := newNode()
				node.AddAccount("ops", "secret-4711")
				node.AddUser("ops", "robot", "secret-4711")
				node.AddVirtualID("vid", "secret-4711", "red <1>")
				node.SetNextSession("11111111111111111111111111111111")
				client := newClient(t, node, test.credentials)
				mustList(t, client)
				closeWithin(client, time.Second)

				var got []string
				for _, r := range node.Requests()[:len(test.want)] {
					got = append(got, strings.Join([]string{r.Method, r.Path, r.Header.Get("Authorization"), string(r.Body)}, " "))
				}
				expectEqual(t, "the logins", got, test.want)
				if got, want := node.Logouts(), len(test.want); got != want {
					t.Errorf("%d logouts, want %d", got, want)
				}
				expectNoSession(t, node)
			})
		})
	}
}

func TestProjectIsLoggedOutBeforeItsVirtualID(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newProjectNode()
		client := newClient(t, node, inProject)
		mustList(t, client)
		var project string
		for _, r := range node.Requests() {
			if r.Path == storagesPath {
				project = strings.TrimPrefix(r.Header.Get("Authorization"), "OAuth ")
			}
		}
		closeWithin(client, time.Second)

		var ended []string
		for _, r := range node.Requests() {
			if r.Method == http.MethodDelete {
				ended = append(ended, strings.TrimPrefix(r.Path, sessionsPath))
			}
		}
		if len(ended) != 2 || ended[0] != project || ended[1] == project {
			t.Errorf("the project's session is logged out after the virtual ID's, or not at all")
		}
		expectNoSession(t, node)
	})
}

func TestVirtualIDIsLoggedOutWhenTheProjectRefusesIt(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		node.AddVirtualID("vid", "secret-4711")
		client := newClient(t, node, inProject)
		for range 3 {
			_, err := list(t.Context(), client)
			expectCode(t, err, zstack.CodeInvalidArgument)
		}
		expectCount(t, node, virtualIDLogin, 1)
		closeWithin(client, time.Second)
		expectNoSession(t, node)
	})
}

// TestSessionInAnInvalidLoginResponseIsLoggedOutAndNotShown covers sessions that
// the server has created, although its response is not valid.
func TestSessionInAnInvalidLoginResponseIsLoggedOutAndNotShown(t *testing.T) {
	const session = "34cbfddd470a47d8bdb0727cd2182618"
	const good = `{"inventory":{"uuid":"` + session + `","userUuid":"36c27e8ff05c4780bf6d2fa65700f22e"}}`
	for name, response := range map[string]struct {
		body    string
		missing int // bytes that Content-Length announces, but that are not sent
	}{
		"broke off after the end":  {body: good, missing: 100},
		"broke off after the uuid": {body: good[:60]},
		"has a mark in front":      {body: "\ufeff" + good},
		"has code in front":        {body: "while(1);" + good},
		"is within a text":         {body: "created " + good},
		"also has an error":        {body: `{"error":"none",` + good[1:]},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				var ended []string
				client := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.Method == http.MethodDelete {
						ended = append(ended, strings.TrimPrefix(r.URL.Path, sessionsPath))
						return
					}
					w.Header().Set("Content-Length", strconv.Itoa(len(response.body)+response.missing))
					_, _ = io.WriteString(w, response.body)
				}), admin)
				ctx, log := logged(t.Context())
				_, err := list(ctx, client)
				if err == nil || strings.Contains(err.Error()+log.String(), session[:8]) {
					t.Errorf("no error, or the session is in it or in the log: %v\n%s", err, log)
				}
				closeWithin(client, time.Second)
				expectEqual(t, "the sessions that were logged out", ended, []string{session})
			})
		})
	}
}
