// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// slowClient is a client whose logout takes some time.
type slowClient struct {
	logout    time.Duration
	loggedOut bool
}

func (c *slowClient) Close(ctx context.Context) {
	select {
	case <-time.After(c.logout):
		c.loggedOut = true
	case <-ctx.Done():
	}
}

// closeTakes closes c, and fails the test unless that takes this time by the
// clock of the synctest bubble.
func closeTakes(t *testing.T, c *clients, want time.Duration) {
	t.Helper()
	began := time.Now()
	c.close(t.Context())
	if took := time.Since(began); took != want {
		t.Errorf("closing takes %s, want %s", took, want)
	}
}

func TestCloseLogsOutWithinASecondOrGivesUp(t *testing.T) {
	for name, test := range map[string]struct{ logout, want time.Duration }{
		"a server that responds": {logout: 999 * time.Millisecond, want: 999 * time.Millisecond},
		"a server that hangs":    {logout: time.Hour, want: time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var c clients
				c.replace(t.Context(), &slowClient{logout: test.logout})
				closeTakes(t, &c, test.want)
			})
		})
	}
}

func TestCloseWithoutAClientReturns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		closeTakes(t, new(clients), 0)
	})
}

func TestCloseWaitsForClientsThatWereReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c clients
		first, second, third := &slowClient{logout: 300 * time.Millisecond}, &slowClient{logout: 500 * time.Millisecond}, &slowClient{}
		for _, client := range []*slowClient{first, second, third} {
			c.replace(t.Context(), client)
		}
		closeTakes(t, &c, 500*time.Millisecond)
		if !first.loggedOut || !second.loggedOut || !third.loggedOut {
			t.Errorf("logged out: %t, %t, %t, want all", first.loggedOut, second.loggedOut, third.loggedOut)
		}
	})
}

// TestReplacedClientHasTimeForItsReads ends the context of the second Configure,
// as Terraform does: the replaced client must not end with it.
func TestReplacedClientHasTimeForItsReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c clients
		busy := &slowClient{logout: time.Hour}
		c.replace(t.Context(), busy)
		configure, cancel := context.WithCancel(t.Context())
		c.replace(configure, &slowClient{})
		cancel()
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if !busy.loggedOut {
			t.Error("the client that was replaced was not logged out")
		}
	})
}

// TestSecondCloseWaitsForTheFirst covers a signal that is soon followed by the
// end of the process.
func TestSecondCloseWaitsForTheFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c clients
		client := &closesOnce{slowClient: slowClient{logout: 800 * time.Millisecond}}
		c.replace(t.Context(), client)
		go c.close(t.Context())
		synctest.Wait()
		closeTakes(t, &c, 800*time.Millisecond)
		if !client.loggedOut {
			t.Error("the second close did not wait for the logout")
		}
	})
}

// closesOnce is a client that logs out when it is closed for the first time.
type closesOnce struct {
	slowClient
	closed bool
}

func (c *closesOnce) Close(ctx context.Context) {
	if !c.closed {
		c.closed = true
		c.slowClient.Close(ctx)
	}
}
