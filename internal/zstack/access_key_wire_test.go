// SPDX-License-Identifier: MPL-2.0

package zstack_test

import (
	"crypto/fips140"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// The zones of servers and clients in these tests. The client tries newfoundland
// only because it is the local zone, and kathmandu only if it is configured.
var (
	shanghai     = time.FixedZone("Shanghai", 8*60*60)
	newfoundland = time.FixedZone("Newfoundland", -(3*60+30)*60)
	kathmandu    = time.FixedZone("Kathmandu", (5*60+45)*60)
)

// The local zone is set before any test, because every timer reads it.
func init() { time.Local = newfoundland }

func key(zone *time.Location) zstack.AccessKey {
	return zstack.AccessKey{ID: "zcYVTsjNwZbV1qS5ZqgQ", Secret: "wPvRjKnq3VqzbcRBBhQxXwW7Dg0dKyxVp0xNVc8M", Location: zone}
}

// nodeIn returns a node whose clock is in zone.
func nodeIn(zone *time.Location) *zstacktest.Node {
	node := newNode()
	node.AddAccessKey("zcYVTsjNwZbV1qS5ZqgQ", "wPvRjKnq3VqzbcRBBhQxXwW7Dg0dKyxVp0xNVc8M")
	node.Configure(func(s *zstacktest.Settings) { s.TimeZone = zone })
	return node
}

func TestTheTimeZoneThatTheServerAcceptsIsKept(t *testing.T) {
	for _, test := range []struct {
		name     string
		server   *time.Location
		instants bool // the server compares instants, not the digits of its own clock
		requests int  // of the first read
	}{
		{"server in the local zone", newfoundland, false, 1},
		{"server in UTC", time.UTC, false, 2},
		{"server in Shanghai", shanghai, false, 3},
		{"server in the local zone that compares instants", newfoundland, true, 1},
		{"server in UTC that compares instants", time.UTC, true, 1},
		{"server in Shanghai that compares instants", shanghai, true, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				node := nodeIn(test.server)
				node.Configure(func(s *zstacktest.Settings) { s.CheckTimeZone = test.instants })
				client := newClient(t, node, key(nil))
				mustList(t, client)
				expectCount(t, node, storagesPath, test.requests)
				mustList(t, client)
				expectCount(t, node, storagesPath, test.requests+1)
			})
		})
	}
}

func TestClockSkewIsAnErrorAfterEveryZoneWasTried(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := nodeIn(kathmandu)
		client := newClient(t, node, key(nil))
		for i := range 2 {
			_, err := list(t.Context(), client)
			skew, ok := errors.AsType[*zstack.ClockSkewError](err)
			if !ok {
				t.Fatalf("the error is %v, want a ClockSkewError", err)
			}
			expectEqual(t, "the zones", skew.Zones, []string{"Newfoundland (-03:30)", "UTC (+00:00)", "Asia/Shanghai (+08:00)"})
			expectCount(t, node, storagesPath, 3*(i+1))
		}
	})
}

func TestOnlyTheConfiguredTimeZoneIsTried(t *testing.T) {
	for zone, want := range map[*time.Location]bool{kathmandu: true, shanghai: false, time.UTC: false} {
		inBubble(t, func(t *testing.T) {
			node := nodeIn(kathmandu)
			_, err := list(t.Context(), newClient(t, node, key(zone)))
			if _, skew := errors.AsType[*zstack.ClockSkewError](err); skew == want || (err == nil) != want {
				t.Errorf("in %s the error is %v", zone, err)
			}
			expectCount(t, node, storagesPath, 1)
		})
	}
}

func TestConcurrentReadsFindTheTimeZone(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := nodeIn(shanghai)
		client := newClient(t, node, key(nil))
		expectErrors(t, listAll(t.Context(), client, 64), nil)
		before := count(node, storagesPath)
		mustList(t, client)
		expectCount(t, node, storagesPath, before+1)
	})
}

func TestTimeZoneIsFoundAgainWhenTheServersClockChanges(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := nodeIn(shanghai)
		client := newClient(t, node, key(nil))
		mustList(t, client)
		node.Configure(func(s *zstacktest.Settings) { s.TimeZone = time.UTC })
		mustList(t, client)
	})
}

func TestEveryAttemptIsSignedWithItsOwnTime(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := nodeIn(time.UTC)
		node.Misbehave(zstacktest.AtFirstPage, zstacktest.RetryAfter(503, "1200")) // Longer than a signature is valid.
		mustList(t, newClient(t, node, key(time.UTC)))
		requests := node.Requests()
		if first, second := requests[0].Header.Get("Date"), requests[1].Header.Get("Date"); len(requests) != 2 || first == second {
			t.Errorf("%d requests, with the dates %s and %s", len(requests), first, second)
		}
	})
}

func TestSignatureDoesNotCoverTheContextPath(t *testing.T) {
	for _, contextPath := range []string{"/zstack", "/cloud/zs", "/v1", "/a b"} {
		inBubble(t, func(t *testing.T) {
			node := nodeIn(time.UTC)
			node.Configure(func(s *zstacktest.Settings) { s.ContextPath = contextPath })
			client := newClient(t, node, key(time.UTC), func(c *zstack.Config) {
				c.Endpoint, _ = zstack.ParseEndpoint("http://zstack.test" + strings.ReplaceAll(contextPath, " ", "%20"))
			})
			mustList(t, client)
		})
	}
}

func TestRejectedAccessKeyHasItsOwnError(t *testing.T) {
	for name, test := range map[string]struct {
		key    zstack.AccessKey
		change func(*zstacktest.Settings)
		want   error
	}{
		"wrong secret": {zstack.AccessKey{ID: "zcYVTsjNwZbV1qS5ZqgQ", Secret: "wrong"}, nil, zstack.ErrWrongSignature},
		"unknown key":  {zstack.AccessKey{ID: "unknown", Secret: "wrong"}, nil, zstack.ErrUnknownAccessKey},
		"no plug-in":   {key(nil), func(s *zstacktest.Settings) { s.NoAccessKeyPlugin = true }, zstack.ErrNoAccessKeys},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				node := nodeIn(time.UTC)
				if test.change != nil {
					node.Configure(test.change)
				}
				test.key.Location = time.UTC
				_, err := list(t.Context(), newClient(t, node, test.key))
				if !errors.Is(err, test.want) {
					t.Errorf("the error is %v, want %v", err, test.want)
				}
				var request *zstack.RequestError
				if !errors.As(err, &request) {
					t.Errorf("the error %v does not name the request", err)
				}
				expectCount(t, node, storagesPath, 1)
			})
		})
	}
}

func TestAccessKeyLogsNeitherInNorOut(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := nodeIn(time.UTC)
		client := newClient(t, node, key(time.UTC))
		mustList(t, client)
		closeWithin(client, time.Second)
		for _, r := range node.Requests() {
			if r.Method != http.MethodGet {
				t.Errorf("%s %s was sent", r.Method, r.Path)
			}
		}
	})
}

func TestEveryRequestHasTheUserAgent(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		client := newClient(t, node, admin)
		mustList(t, client)
		closeWithin(client, time.Second)
		var got []string
		for _, r := range node.Requests() {
			got = append(got, fmt.Sprint(r.Method, " ", r.Header["User-Agent"], r.Header["Accept"], r.Header["Content-Type"], r.Header["Cookie"]))
		}
		expectEqual(t, "the headers", got, []string{
			"PUT [terraform-provider-zstack/test] [application/json] [application/json; charset=utf-8] []",
			"GET [terraform-provider-zstack/test] [application/json] [] []",
			"DELETE [terraform-provider-zstack/test] [application/json] [] []",
		})
	})
}

// The mode is set when a process starts, so the test starts itself in it.
func TestAccessKeyInFIPSModeIsAnErrorNotAPanic(t *testing.T) {
	if !fips140.Enforced() {
		command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestAccessKeyInFIPSModeIsAnErrorNotAPanic$", "-test.v")
		command.Env = append(os.Environ(), "GODEBUG=fips140=only")
		if output, err := command.CombinedOutput(); err != nil || !strings.Contains(string(output), "--- PASS") {
			t.Errorf("in FIPS 140-only mode: %v\n%s", err, output)
		}
		return
	}
	client := zstack.NewClient(zstack.Config{
		Endpoint: &url.URL{Scheme: "http", Host: "zstack.test:8080", Path: "/zstack"}, Credentials: key(nil), RequestTimeout: time.Minute,
	})
	if _, err := list(t.Context(), client); !errors.Is(err, zstack.ErrFIPS) {
		t.Errorf("the error is %v, want ErrFIPS", err)
	}
}
