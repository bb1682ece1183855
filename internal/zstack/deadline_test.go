// SPDX-License-Identifier: MPL-2.0

package zstack_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

func TestRetryAfterIsHonoredOrFailsImmediatelyIfBeyondTheDeadline(t *testing.T) {
	for _, test := range []struct {
		retryAfter string
		wait       time.Duration // the minimum; 0: it fails immediately
	}{
		{"3", 3 * time.Second},
		{"59", 59 * time.Second},
		{"Sat, 01 Jan 2000 00:00:30 GMT", 30 * time.Second}, // A bubble's time begins at midnight.
		{"soon", 100 * time.Millisecond},
		{"-5", 100 * time.Millisecond},
		{"60", 0},
		{"9999999999999999999999", 0},
		{"Sat, 01 Jan 2050 00:00:00 GMT", 0},
	} {
		for _, status := range []int{429, 503} {
			t.Run(fmt.Sprint(status, " ", test.retryAfter), func(t *testing.T) {
				inBubble(t, func(t *testing.T) {
					node := newNode()
					node.Misbehave(zstacktest.AtFirstPage, zstacktest.RetryAfter(status, test.retryAfter))
					client := newClient(t, node, zstack.Session{UUID: node.AddSession()})
					ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
					defer cancel()
					began := time.Now()
					_, err := list(ctx, client)
					took := time.Since(began) // By the bubble's clock.

					var late *zstack.RetryTooLateError
					if test.wait == 0 {
						if !errors.As(err, &late) || took != 0 {
							t.Errorf("after %s the error is %v, want a RetryTooLateError immediately", took, err)
						}
						expectCount(t, node, storagesPath, 1)
						return
					}
					if err != nil || took < test.wait {
						t.Errorf("after %s the error is %v, want none after %s", took, err, test.wait)
					}
					expectCount(t, node, storagesPath, 2)
				})
			})
		}
	}
}

func TestRetryThatIsTooLateSaysWhyAndHowLate(t *testing.T) {
	for retryAfter, want := range map[string]string{
		"90":                     notSuccess(503, "Service Unavailable") + "; the next attempt would start in 1m30s, after the deadline",
		"9999999999999999999999": notSuccess(503, "Service Unavailable") + "; the next attempt would start in more than a day, after the deadline",
	} {
		inBubble(t, func(t *testing.T) {
			node := newNode()
			node.Misbehave(zstacktest.AtLogin, zstacktest.RetryAfter(503, retryAfter))
			client := newClient(t, node, admin)
			_, err := list(t.Context(), client) // It has no deadline, but the login has one.
			expectRequestError(t, err, zstack.RequestError{
				Method: http.MethodPut, Host: "zstack.test:8080", Path: accountLogin, Attempts: 1,
			}, want)
		})
	}
}

func TestErrorOfTheLastAttemptMentionsNoRetry(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		node.Misbehave(zstacktest.AtFirstPage, zstacktest.RetryAfter(503, "90"))
		client := newClient(t, node, zstack.Session{UUID: node.AddSession()}, retries(0))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := list(ctx, client)
		expectRequestError(t, err, zstack.RequestError{
			Method: http.MethodGet, Host: "zstack.test:8080", Path: storagesPath, Attempts: 1,
		}, notSuccess(503, "Service Unavailable"))
	})
}

// Without a connection, no session was created.
func TestSlowDialIsRetriedEvenAtLogin(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		client := newClient(t, node, admin)
		server, dials := serve(t, node), 0
		client.DialWith(func(ctx context.Context, network, address string) (net.Conn, error) {
			if dials++; dials <= 2 {
				return nil, &net.OpError{Op: "dial", Net: network, Err: os.ErrDeadlineExceeded}
			}
			return server.dial(ctx, network, address)
		})
		mustList(t, client)
		if dials != 4 { // The third is the login's, the fourth the read's.
			t.Errorf("%d dials, want 4", dials)
		}
	})
}

func TestDeadlineEndsAReadThatIsRetried(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		node.Misbehave(zstacktest.AtFirstPage, zstacktest.Always(zstacktest.NeverResponds))
		client := newClient(t, node, admin)
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		defer cancel()
		if _, err := list(ctx, client); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the error is %v, want that of the deadline", err)
		}
		expectCount(t, node, storagesPath, 2) // One of a minute and a part of another.
	})
}

// untilTheDeadline reads for half a second, and returns the error of the last
// attempt.
func untilTheDeadline(t *testing.T, client *zstack.Client) error {
	t.Helper()
	cause := errors.New("the read took too long")
	ctx, cancel := context.WithTimeoutCause(t.Context(), 500*time.Millisecond, cause)
	defer cancel()
	_, err := list(ctx, client)
	time.Sleep(time.Minute) // By the bubble's clock: the login ends too.
	deadline, ok := errors.AsType[*zstack.DeadlineError](err)
	if !ok || !errors.Is(err, cause) {
		t.Fatalf("the error is %v, want a DeadlineError with the cause", err)
	}
	return deadline.Last
}

func TestDeadlineKeepsTheErrorOfTheLastAttempt(t *testing.T) {
	t.Run("while a login is retried", func(t *testing.T) {
		inBubble(t, func(t *testing.T) {
			client := newClient(t, newNode(), admin)
			client.DialWith(func(context.Context, string, string) (net.Conn, error) {
				return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
			})
			if _, ok := errors.AsType[*zstack.RefusedError](untilTheDeadline(t, client)); !ok {
				t.Error("the last error is not that of the connection")
			}
		})
	})
	for name, credentials := range map[string]zstack.Credentials{
		"while a login connects": admin,
		"while a read connects":  zstack.Session{UUID: "34cbfddd470a47d8bdb0727cd2182618"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				client := newClient(t, newNode(), credentials)
				client.DialWith(func(ctx context.Context, _, _ string) (net.Conn, error) {
					<-ctx.Done()
					return nil, ctx.Err()
				})
				last := untilTheDeadline(t, client)
				if pending, ok := errors.AsType[*zstack.ConnectError](last); !ok || pending.Error() != "no connection to zstack.test:8080 in time" {
					t.Errorf("the last error is %v, want that of the connection", last)
				}
			})
		})
	}
}

func TestBackoffPastTheDeadlineKeepsTheErrorAndNamesNoWait(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		node.Misbehave(zstacktest.AtFirstPage, zstacktest.Always(zstacktest.Status(502, zstacktest.NoBody)))
		client := newClient(t, node, zstack.Session{UUID: node.AddSession()})
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, err := list(ctx, client)
		expectRequestError(t, err, zstack.RequestError{
			Method: http.MethodGet, Host: "zstack.test:8080", Path: storagesPath, Attempts: 1,
		}, "the server responded with HTTP status 502 Bad Gateway; there was no time for another attempt")
	})
}

func TestCancelEndsTheWaitBetweenAttempts(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		node.Misbehave(zstacktest.AtFirstPage, zstacktest.RetryAfter(503, "3600"))
		client := newClient(t, node, admin)
		cause := errors.New("interrupted")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(cause) })
		began := time.Now()
		if _, err := list(ctx, client); !errors.Is(err, cause) {
			t.Errorf("the error is %v, want the cause %v", err, cause)
		}
		if took := time.Since(began); took != time.Second { // By the bubble's clock.
			t.Errorf("the read ends after %s, want a second", took)
		}
		expectCount(t, node, storagesPath, 1)
	})
}
