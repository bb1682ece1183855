// SPDX-License-Identifier: MPL-2.0

// Package zstack is a read-only client of a ZStack management node: it logs
// in, lists backup storages and zones, and logs out. PROTOCOL.md in this folder
// describes the REST API.
package zstack

import (
	"context"
	"crypto/x509"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Config says where the management node is, how to log in, and how long to try.
type Config struct {
	// Endpoint is the base URL with the context path, as [ParseEndpoint]
	// returns it.
	Endpoint *url.URL

	// Credentials is one of [Account], [VirtualID], [AccessKey] and [Session].
	Credentials Credentials

	// CACertificates are trusted in addition to the system's.
	CACertificates []*x509.Certificate

	// InsecureSkipVerify accepts any certificate.
	InsecureSkipVerify bool

	// RequestTimeout limits one attempt, from connecting to the last byte, and an
	// entire login. It must be greater than zero.
	RequestTimeout time.Duration

	// MaxRetries is the maximum number of retries after the first attempt of a
	// request; 0 disables retries.
	MaxRetries int

	// UserAgent is sent with every request.
	UserAgent string
}

// Client sends requests to one management node. It is safe for concurrent use.
type Client struct {
	transport  *transport
	authorizer authorizer

	mu      sync.Mutex
	running int           // calls that have begun and not returned
	closed  bool          // no call may begin
	idle    chan struct{} // closed when closed is set and no call is running
}

// NewClient makes no request: the first read logs in.
func NewClient(config Config) *Client {
	transport := newTransport(config)
	authorizer := config.Credentials.authorizer(transport)
	transport.secrets = authorizer.secrets
	return &Client{transport: transport, authorizer: authorizer, idle: make(chan struct{})}
}

// Close waits for the running calls, at most half of the time until ctx ends,
// and logs out every session that the client logged in, in parallel where one
// does not depend on another. It waits for a login in progress, and logs out its
// sessions too. A logout is logged with the logger of the call that logged in. A
// call that begins later fails with [ErrClosed].
func (c *Client) Close(ctx context.Context) {
	c.mu.Lock()
	if !c.closed && c.running == 0 {
		close(c.idle)
	}
	c.closed = true
	c.mu.Unlock()

	waitForHalf(ctx, c.idle)
	c.authorizer.close(ctx)
	c.transport.keepAlive.CloseIdleConnections()
	c.transport.singleUse.CloseIdleConnections() // It has none, but may still be opening one for a cancelled request.
}

// waitForHalf waits for done, but leaves half of the time until ctx ends.
func waitForHalf(ctx context.Context, done <-chan struct{}) {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/2)
		defer cancel()
	}
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// enter begins a call, which must end with leave.
func (c *Client) enter() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return ErrClosed
	}
	c.running++
	return nil
}

func (c *Client) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running--; c.closed && c.running == 0 {
		close(c.idle)
	}
}

// get sends an authorized GET and decodes the response into into.
func (c *Client) get(ctx context.Context, path string, query url.Values, into responseBody) error {
	authorization := c.authorizer.authorization()
	for {
		if err := authorization.prepare(ctx); err != nil {
			return err
		}
		err := c.transport.send(ctx, request{
			method:   http.MethodGet,
			path:     path,
			query:    query,
			sign:     authorization.sign,
			mayRetry: mayRetryRead,
			into:     into,
		})
		if err == nil {
			return nil
		}
		if err := authorization.refused(err); err != nil {
			return err
		}
	}
}
