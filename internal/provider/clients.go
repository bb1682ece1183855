// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"sync"
	"time"
)

// logoutTimeout keeps the logout within the two seconds after which Terraform
// kills a provider that it has asked to end.
const logoutTimeout = time.Second

// closer is a client of the management node.
type closer interface {
	// Close logs out what the client logged in, until ctx ends.
	Close(ctx context.Context)
}

// clients keeps the client in use, and closes each client that it replaces.
// Terraform configures a provider process once. A process that serves a
// debugger is configured again for every run, even while it serves another.
type clients struct {
	mu      sync.Mutex
	current closer
	closed  <-chan struct{} // closed when all replaced clients are closed; nil if there are none
}

// replace puts a client into use, and closes the previous one when its running
// reads are done.
func (c *clients) replace(ctx context.Context, client closer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.beginClosing(context.WithoutCancel(ctx))
	c.current = client
}

// close closes the client in use, and waits until it and all replaced clients
// are closed, for at most logoutTimeout. A second call continues to wait.
func (c *clients) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, logoutTimeout)
	defer cancel()
	c.mu.Lock()
	c.beginClosing(ctx)
	closed := c.closed
	c.mu.Unlock()
	select {
	case <-closed:
	case <-ctx.Done():
	}
}

// beginClosing closes the client in use in the background. The caller holds
// the lock.
func (c *clients) beginClosing(ctx context.Context) {
	client, before, closed := c.current, c.closed, make(chan struct{})
	c.closed = closed
	go func() {
		defer close(closed)
		if client != nil {
			client.Close(ctx)
		}
		if before != nil {
			<-before
		}
	}()
}
