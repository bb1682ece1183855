// SPDX-License-Identifier: MPL-2.0

package zstack_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// closing closes client in the background; the channel is closed afterwards.
func closing(client *zstack.Client, limit time.Duration) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		closeWithin(client, limit)
	}()
	return done
}

func expectWaiting(t *testing.T, done <-chan struct{}) {
	t.Helper()
	synctest.Wait()
	select {
	case <-done:
		t.Error("Close does not wait")
	default:
	}
}

func TestCloseWaitsForTheLoginInProgress(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		gate := newGate(node, at(accountLogin))
		client := newClient(t, gate, admin)
		ctx, cancel := context.WithCancel(t.Context())
		reads := listAll(ctx, client, 3)
		synctest.Wait()
		cancel()
		expectErrors(t, reads, context.Canceled)

		done := closing(client, time.Second)
		expectWaiting(t, done)
		gate.open()
		<-done
		expectCount(t, node, accountLogin, 1)
		expectNoSession(t, node)
	})
}

func TestCloseWaitsForReads(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		gate := newGate(node, at(storagesPath))
		client := newClient(t, gate, admin)
		reads := listAll(t.Context(), client, 3)
		synctest.Wait()

		done := closing(client, time.Second)
		expectWaiting(t, done)
		gate.open()
		expectErrors(t, reads, nil)
		<-done
		expectNoSession(t, node)
	})
}

func TestCloseLogsOutAlthoughAReadHangs(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		gate := newGate(node, at(storagesPath))
		client := newClient(t, gate, admin)
		ctx, cancel := context.WithCancel(t.Context())
		reads := listAll(ctx, client, 1)
		synctest.Wait()

		closeWithin(client, time.Second)
		expectNoSession(t, node)
		cancel()
		expectErrors(t, reads, context.Canceled)
	})
}

func TestCloseLogsOutTheVirtualIDAlthoughTheProjectsLoginHangs(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newProjectNode()
		client := newClient(t, newGate(node, at(projectLogin)), inProject)
		ctx, cancel := context.WithCancel(t.Context())
		reads := listAll(ctx, client, 1)
		synctest.Wait()
		cancel()
		expectErrors(t, reads, context.Canceled)

		closeWithin(client, time.Second)
		expectNoSession(t, node)
	})
}

func TestLoginThatEndsWhileCloseWaitsIsLoggedOut(t *testing.T) {
	for name, after := range map[string]time.Duration{
		"early":                    100 * time.Millisecond,
		"late":                     900 * time.Millisecond,
		"after Close has given up": time.Hour,
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				node := newNode()
				gate := newGate(node, at(accountLogin))
				client := newClient(t, gate, admin)
				ctx, cancel := context.WithCancel(t.Context())
				reads := listAll(ctx, client, 1)
				synctest.Wait()
				cancel()
				expectErrors(t, reads, context.Canceled)

				timer := time.AfterFunc(after, gate.open)
				closeWithin(client, time.Second)
				if timer.Stop() { // Close has given up, but the process keeps running.
					gate.open()
				}
				synctest.Wait()
				if got := node.Logins(); got != 1 {
					t.Errorf("%d logins, want 1", got)
				}
				expectNoSession(t, node)
			})
		})
	}
}

func TestCloseWhileReadsBeginLeavesNothingBehind(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		client := newClient(t, node, admin)
		reads := listAll(t.Context(), client, 64)
		done := closing(client, time.Second)
		for range cap(reads) {
			if err := <-reads; err != nil && !errors.Is(err, zstack.ErrClosed) {
				t.Errorf("a read ends with %v, want ErrClosed or no error", err)
			}
		}
		<-done
		expectNoSession(t, node)
	})
}

// The process may keep running, as that of a debugged provider does.
func TestLoginThatHangsAfterCloseHasGivenUpIsLoggedOut(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newProjectNode()
		node.Misbehave(zstacktest.AtLogin, zstacktest.NoFault, zstacktest.NeverResponds)
		gate := newGate(node, at(virtualIDLogin))
		client := newClient(t, gate, inProject)
		ctx, cancel := context.WithCancel(t.Context())
		reads := listAll(ctx, client, 1)
		synctest.Wait()
		cancel()
		expectErrors(t, reads, context.Canceled)
		closeWithin(client, time.Second)

		gate.open()
		time.Sleep(2 * time.Minute) // By the bubble's clock. The login ends after one minute.
		synctest.Wait()
		if got := node.Logins(); got != 1 {
			t.Errorf("%d logins, want 1", got)
		}
		expectNoSession(t, node)
	})
}

func TestCallsAfterCloseSendNothing(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		client := newClient(t, node, admin)
		mustList(t, client)
		began := time.Now()
		closeWithin(client, time.Second)
		closeWithin(client, time.Second)
		if took := time.Since(began); took != 0 { // By the bubble's clock.
			t.Errorf("Close waits %s for nothing", took)
		}
		before := len(node.Requests())
		expectErrors(t, listAll(t.Context(), client, 3), zstack.ErrClosed)
		if sent := len(node.Requests()) - before; sent > 0 {
			t.Errorf("%d requests after Close, want none", sent)
		}
		if got := node.Logouts(); got != 1 {
			t.Errorf("%d logouts, want 1", got)
		}
		expectNoSession(t, node)
	})
}

func TestCloseGivesUpOnAServerThatHangs(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		node.Misbehave(zstacktest.AtLogout, zstacktest.NeverResponds)
		client := newClient(t, node, admin)
		mustList(t, client)
		began := time.Now()
		closeWithin(client, time.Second)
		if took := time.Since(began); took != time.Second { // By the bubble's clock.
			t.Errorf("Close takes %s, want a second", took)
		}
	})
}

// The session is logged out after any fault of a login or a read.
func TestNoFaultLeavesASessionBehind(t *testing.T) {
	t.Parallel()
	for name, stage := range map[string]zstacktest.Stage{"login": zstacktest.AtLogin, "read": zstacktest.AtFirstPage} {
		for _, fault := range faults {
			t.Run(name+"/"+fault.Name, func(t *testing.T) {
				inBubble(t, func(t *testing.T) {
					node := newNode()
					node.Misbehave(stage, zstacktest.Always(fault.Fault))
					client := newClient(t, node, admin, retries(1))
					if _, err := list(t.Context(), client); err == nil {
						t.Error("the read succeeds, want an error")
					}
					closeWithin(client, time.Second)
					expectNoSession(t, node)
				})
			})
		}
	}
}

// A call that is cancelled while it waits leaves no session, whatever it waits for.
func TestNoCancelledReadLeavesASessionBehind(t *testing.T) {
	for _, path := range []string{virtualIDLogin, projectLogin, storagesPath} {
		t.Run(path, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				node := newProjectNode()
				gate := newGate(node, func(r *http.Request) bool { return r.URL.Path == path })
				client := newClient(t, gate, inProject)
				cause := errors.New("interrupted")
				ctx, cancel := context.WithCancelCause(t.Context())
				reads := listAll(ctx, client, 8)
				synctest.Wait()
				cancel(cause)
				expectErrors(t, reads, cause)
				gate.open()
				closeWithin(client, time.Second)
				expectNoSession(t, node)
			})
		})
	}
}

// slow is a handler that responds to logouts after a while, and never to some.
func slow(handler http.Handler, after time.Duration, never func(*http.Request) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodDelete {
			if never(r) {
				<-r.Context().Done()
				panic(http.ErrAbortHandler)
			}
			time.Sleep(after) // By the bubble's clock.
		}
		handler.ServeHTTP(w, r)
	})
}

func noRequest(*http.Request) bool { return false }

func TestSessionsAreLoggedOutInParallel(t *testing.T) {
	const sessions = 30
	hanging := func(first *sync.Once) func(*http.Request) bool {
		return func(*http.Request) (hangs bool) {
			first.Do(func() { hangs = true })
			return hangs
		}
	}
	for name, test := range map[string]struct {
		never func(*http.Request) bool
		left  int
	}{
		"each after 900 ms": {noRequest, 0},
		"one never":         {hanging(&sync.Once{}), 1},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				node := newNode()
				client := newClient(t, slow(node, 900*time.Millisecond, test.never), admin)
				for range sessions - 1 { // The session stays valid, but the client gets a new one.
					node.Misbehave(zstacktest.AtFirstPage, zstacktest.Fails(zstacktest.SessionExpired))
					mustList(t, client)
				}
				if got := len(node.LiveSessions()); got != sessions {
					t.Fatalf("%d sessions, want %d", got, sessions)
				}
				closeWithin(client, time.Second)
				if got := len(node.LiveSessions()); got != test.left {
					t.Errorf("%d sessions are left, want %d", got, test.left)
				}
			})
		})
	}
}

func TestVirtualIDIsLoggedOutAlthoughTheProjectsLogoutHangs(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newProjectNode()
		project := ""
		client := newClient(t, slow(node, 0, func(r *http.Request) bool {
			return strings.TrimPrefix(r.URL.Path, sessionsPath) == project
		}), inProject)
		mustList(t, client)
		requests := node.Requests()
		project = strings.TrimPrefix(requests[len(requests)-1].Header.Get("Authorization"), "OAuth ")
		closeWithin(client, time.Second)
		expectEqual(t, "the sessions that are left", node.LiveSessions(), []string{project})
	})
}

// A server closes idle connections without notice: a request that is sent on one
// of them may be lost.
func TestLoginsAndLogoutsUseNoIdleConnection(t *testing.T) {
	node := newProjectNode()
	server := httptest.NewUnstartedServer(node)
	server.Config.ConnState = func(connection net.Conn, state http.ConnState) {
		if state == http.StateIdle {
			_ = connection.Close()
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	for range 20 {
		client := newNetworkClient(t, server.URL, func(c *zstack.Config) {
			c.Credentials, c.MaxRetries = inProject, 4
		})
		mustList(t, client)
		mustList(t, client)
		closeWithin(client, time.Second)
	}
	expectNoSession(t, node)
}

func TestLoginsAndLogoutsCloseTheirConnection(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		closing := map[string]bool{}
		client := newClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			closing[r.Method] = r.Close
			node.ServeHTTP(w, r)
		}), admin)
		mustList(t, client)
		closeWithin(client, time.Second)
		expectEqual(t, "the methods that close their connection", closing, map[string]bool{"PUT": true, "GET": false, "DELETE": true})
	})
}

// main closes the client with another context, which has no logger.
func TestLogoutIsLoggedWithTheLoggerOfTheLogin(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		client := newClient(t, node, admin)
		ctx, log := logged(t.Context())
		if _, err := list(ctx, client); err != nil {
			t.Fatal(err)
		}
		mustList(t, client)
		closeWithin(client, time.Second)
		if text := log.String(); !strings.Contains(text, `"path":"`+sessionsPath+`…"`) || strings.Count(text, "DELETE") != 2 {
			t.Errorf("the logout is not in the log:\n%s", text)
		}
		expectNoSecret(t, node, "the log", log.String())
	})
}

func TestCloseClosesIdleConnections(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		client := newClient(t, node, admin)
		var open []net.Conn
		server := serve(t, node)
		client.DialWith(func(ctx context.Context, network, address string) (net.Conn, error) {
			connection, err := server.dial(ctx, network, address)
			open = append(open, connection)
			return connection, err
		})
		mustList(t, client)
		closeWithin(client, time.Second)
		synctest.Wait()
		for i, connection := range open {
			if _, err := connection.Write(nil); !errors.Is(err, io.ErrClosedPipe) {
				t.Errorf("connection %d is open", i)
			}
		}
	})
}
