// SPDX-License-Identifier: MPL-2.0

package zstack_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
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
