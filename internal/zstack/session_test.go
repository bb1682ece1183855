// SPDX-License-Identifier: MPL-2.0

package zstack_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// listAll reads in n goroutines and returns their errors.
func listAll(ctx context.Context, client *zstack.Client, n int) <-chan error {
	results := make(chan error, n)
	for range n {
		go func() {
			_, err := list(ctx, client)
			results <- err
		}()
	}
	return results
}

func expectErrors(t *testing.T, results <-chan error, want error) {
	t.Helper()
	for range cap(results) {
		if err := <-results; !errors.Is(err, want) {
			t.Errorf("a read ends with %v, want %v", err, want)
		}
	}
}

func TestConcurrentReadsShareOneLogin(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		gate := newGate(node, at(accountLogin))
		client := newClient(t, gate, admin)

		results := listAll(t.Context(), client, 64)
		synctest.Wait() // All of them wait for the login.
		gate.open()
		expectErrors(t, results, nil)
		if got := node.Logins(); got != 1 {
			t.Errorf("%d logins, want 1", got)
		}
		expectCount(t, node, storagesPath, 64)

		closeWithin(client, time.Second)
		expectNoSession(t, node)
	})
}

func TestClientMakesNoRequestBeforeTheFirstRead(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		closeWithin(newClient(t, node, admin), time.Second)
		if requests := node.Requests(); len(requests) > 0 {
			t.Errorf("%d requests, want none", len(requests))
		}
	})
}

func TestCancelledReaderDoesNotCancelTheSharedLogin(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		gate := newGate(node, at(accountLogin))
		client := newClient(t, gate, admin)

		ctx, cancel := context.WithCancel(t.Context())
		first := listAll(ctx, client, 1)
		synctest.Wait()
		second := listAll(t.Context(), client, 1)
		synctest.Wait()
		cancel()
		expectErrors(t, first, context.Canceled) // It does not wait for the gate.
		gate.open()
		expectErrors(t, second, nil)
		if got := node.Logins(); got != 1 {
			t.Errorf("%d logins, want 1", got)
		}
	})
}

func TestReadThatEndsWhileItWaitsForALoginNamesTheRequest(t *testing.T) {
	for name, test := range map[string]struct {
		delays string
		cause  error
		want   string
	}{
		"login, with a cause":      {virtualIDLogin, errors.New("the read was not complete after 2s"), "the read was not complete after 2s"},
		"login, interrupted":       {virtualIDLogin, nil, "interrupted before the request was complete"},
		"project, with a deadline": {projectLogin, context.DeadlineExceeded, "the time limit was reached before the request was complete"},
		"query, interrupted":       {storagesPath, nil, "interrupted before the request was complete"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				node := newProjectNode()
				gate := newGate(node, at(test.delays))
				client := newClient(t, gate, inProject)
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(2*time.Second, func() { cancel(test.cause) })
				_, err := list(ctx, client)
				method := http.MethodPut
				if test.delays == storagesPath {
					method = http.MethodGet
				}
				expectRequestError(t, err, zstack.RequestError{Method: method, Host: "zstack.test:8080", Path: test.delays, Attempts: 1}, test.want)

				gate.open()
				closeWithin(client, time.Second)
				expectNoSession(t, node)
			})
		})
	}
}

func TestCancelledReaderDoesNotLogIn(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		client := newClient(t, node, admin)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		expectErrors(t, listAll(ctx, client, 1), context.Canceled)
		synctest.Wait()
		if requests := node.Requests(); len(requests) > 0 {
			t.Errorf("%d requests, want none", len(requests))
		}
	})
}

func TestHungLoginEndsAfterTheRequestTimeout(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		node.Misbehave(zstacktest.AtLogin, zstacktest.NeverResponds)
		client := newClient(t, node, admin)
		_, err := list(t.Context(), client)
		var timeout *zstack.TimeoutError
		if !errors.As(err, &timeout) || timeout.After != time.Minute {
			t.Errorf("the read ends with %v, want a TimeoutError after a minute", err)
		}
		expectCount(t, node, accountLogin, 1)
		mustList(t, client) // The next read logs in again.
	})
}

func TestExpiredSessionIsReplacedOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		client := newClient(t, node, admin)
		mustList(t, client)
		node.Advance(3 * time.Hour)

		expectErrors(t, listAll(t.Context(), client, 64), nil)
		if got := node.Logins(); got != 2 {
			t.Errorf("%d logins, want 2", got)
		}
		closeWithin(client, time.Second)
		expectNoSession(t, node)
	})
}

// rival ends all sessions before the node responds to each query, as another run
// does that logs in on a server with one session per user.
func rival(node *zstacktest.Node) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == storagesPath {
			node.EndSessions()
		}
		node.ServeHTTP(w, r)
	})
}

func TestSessionsThatAnotherRunKeepsEndingCauseNoLoop(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		client := newClient(t, rival(node), admin)
		_, err := list(t.Context(), client)
		expectCode(t, err, zstack.CodeInvalidSession)
		expectCount(t, node, accountLogin, 2)
		expectCount(t, node, storagesPath, 2)
	})
}

func expectCode(t *testing.T, err error, code string) {
	t.Helper()
	var api *zstack.APIError
	if !errors.As(err, &api) || api.Code != code {
		t.Errorf("the error is %v, want one with code %s", err, code)
	}
}

func TestTwoRunsSucceedInSingleSessionMode(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		node.Configure(func(s *zstacktest.Settings) { s.UniqueSession = true })
		ours, theirs := newClient(t, node, admin), newClient(t, node, admin)
		for range 3 {
			mustList(t, ours)
			mustList(t, theirs)
		}
		if got := node.Logins(); got != 6 {
			t.Errorf("%d logins, want one for each turn", got)
		}
	})
}

func TestRejectedPasswordIsNotRetried(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		client := newClient(t, node, zstack.Account{Name: "admin", Password: "wrong"})
		for range 3 {
			_, err := list(t.Context(), client)
			expectCode(t, err, zstack.CodeAuthenticationFailed)
		}
		expectCount(t, node, accountLogin, 1)
	})
}

func TestPasswordThatWasChangedDuringReadsIsTriedOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		client := newClient(t, node, admin)
		mustList(t, client)
		node.AddAccount(zstacktest.DefaultAccount, "another")
		node.EndSessions()
		for range 3 {
			_, err := list(t.Context(), client)
			expectCode(t, err, zstack.CodeAuthenticationFailed)
		}
		expectCount(t, node, accountLogin, 2)
	})
}

// Only the virtual ID's session has ended, so there is nothing wrong with the
// credentials.
func TestNextReadLogsInAgainAfterAnotherRunEndedTheVirtualIDsSession(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newProjectNode()
		node.Misbehave(zstacktest.AtLogin, zstacktest.NoFault, zstacktest.Fails(zstacktest.SessionExpired))
		client := newClient(t, node, inProject)
		_, err := list(t.Context(), client)
		expectCode(t, err, zstack.CodeInvalidSession)
		mustList(t, client)
		closeWithin(client, time.Second)
		expectNoSession(t, node)
	})
}

func TestNextReadLogsInAgainAfterTheNodeWasNotReady(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		node.Misbehave(zstacktest.AtLogin, zstacktest.Fails(zstacktest.NotReady))
		client := newClient(t, node, admin, retries(0))
		_, err := list(t.Context(), client)
		expectCode(t, err, zstack.CodeNotReady)
		mustList(t, client)
	})
}

func TestNextReadLogsInAgainAfterABrokenConnection(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		node.Misbehave(zstacktest.AtLogin, zstacktest.HTMLPage)
		client := newClient(t, node, admin)
		var unexpected *zstack.UnexpectedResponseError
		if _, err := list(t.Context(), client); !errors.As(err, &unexpected) {
			t.Errorf("the first read ends with %v, want an UnexpectedResponseError", err)
		}
		mustList(t, client)
	})
}

func TestGivenSessionIsNeitherReplacedNorLoggedOut(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		client := newClient(t, node, zstack.Session{UUID: node.AddSession()})
		mustList(t, client)
		node.EndSessions()
		_, err := list(t.Context(), client)
		if !errors.Is(err, zstack.ErrSessionExpired) {
			t.Errorf("the error is %v, want ErrSessionExpired", err)
		}
		expectCode(t, err, zstack.CodeInvalidSession)
		closeWithin(client, time.Second)
		for _, r := range node.Requests() {
			if r.Method != http.MethodGet {
				t.Errorf("%s %s was sent", r.Method, r.Path)
			}
		}
	})
}

// A server that returns an invalid session cannot make the client send a DELETE
// to another path than that of a session.
func TestLogoutIsSentOnlyToThePathOfASession(t *testing.T) {
	for _, uuid := range []string{"../../backup-storage/1ab3b836a88342e1bbc1b1a17d092f0f", "..", ".", "x/y", "x?y=z", "%2e%2e", "a b", "a\r\nb"} {
		t.Run(uuid, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				node := newNode()
				node.SetNextSession(uuid)
				client := newClient(t, node, admin)
				if _, err := list(t.Context(), client); err == nil {
					t.Error("the read succeeds, want an error")
				}
				closeWithin(client, time.Second)
				for _, r := range node.Requests() {
					if r.Method == http.MethodDelete {
						t.Errorf("DELETE %s was sent", r.Path)
					}
				}
			})
		})
	}
}
