// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"sync"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// clients keeps the client in use, and sees to it that none is left behind.
// Terraform configures a provider process once. A process that serves a
// debugger is configured for every run anew, also while it serves another.
type clients struct {
	mu       sync.Mutex
	current  *zstack.Client
	retiring sync.WaitGroup
}

// replace puts a client into use, and closes the one before it once its
// running reads are done.
func (c *clients) replace(ctx context.Context, client *zstack.Client) {
	if previous := c.swap(client); previous != nil {
		c.retiring.Go(func() { previous.Close(context.WithoutCancel(ctx)) })
	}
}

func (c *clients) swap(client *zstack.Client) (previous *zstack.Client) {
	c.mu.Lock()
	defer c.mu.Unlock()
	previous, c.current = c.current, client
	return previous
}

// close closes the client in use and waits for those before it, until ctx
// ends.
func (c *clients) close(ctx context.Context) {
	if last := c.swap(nil); last != nil {
		last.Close(ctx)
	}
	retired := make(chan struct{})
	go func() {
		c.retiring.Wait()
		close(retired)
	}()
	select {
	case <-retired:
	case <-ctx.Done():
	}
}
