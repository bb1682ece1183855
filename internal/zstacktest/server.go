// SPDX-License-Identifier: MPL-2.0

package zstacktest

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

// The limits of a kept connection (PROTOCOL.md §1).
const (
	maxRequestsPerConnection = 100
	maxIdle                  = 20 * time.Second
)

// Server returns an HTTP server that serves the node and treats connections as the real one does. Its address is still to
// be set.
func (n *Node) Server() *http.Server {
	server := &http.Server{
		Handler:           n,
		IdleTimeout:       maxIdle,
		ReadHeaderTimeout: maxIdle,
		ConnContext: func(ctx context.Context, _ net.Conn) context.Context {
			return context.WithValue(ctx, requestCount{}, new(atomic.Int64))
		},
		ConnState: func(connection net.Conn, state http.ConnState) {
			if state == http.StateIdle && n.currentSettings().ClosesIdleConnections {
				_ = connection.Close()
			}
		},
	}
	return server
}

// requestCount is the key of the number of requests that a connection has served.
type requestCount struct{}

// isLastOfConnection counts a request of a connection, and tells whether the connection is closed after it.
func isLastOfConnection(r *http.Request) bool {
	count, ok := r.Context().Value(requestCount{}).(*atomic.Int64)
	return ok && count.Add(1) >= maxRequestsPerConnection
}

// Serve serves the node on 127.0.0.1 until the test ends and returns its URL without a path.
func (n *Node) Serve(tb testing.TB) string {
	tb.Helper()
	server := n.testServer(tb)
	server.Start()
	return server.URL
}

// ServeTLS is [Node.Serve] over TLS with a certificate of a [CA].
func (n *Node) ServeTLS(tb testing.TB, certificate tls.Certificate) string {
	tb.Helper()
	server := n.testServer(tb)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	return server.URL
}

// testServer prepares a server whose requests, including those that a fault keeps waiting, end with the test.
func (n *Node) testServer(tb testing.TB) *httptest.Server {
	tb.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	server := httptest.NewUnstartedServer(n)
	server.Config = n.Server()
	server.Config.BaseContext = func(net.Listener) context.Context { return ctx }
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // some tests are about refused handshakes
	tb.Cleanup(func() {
		cancel()
		server.CloseClientConnections()
		server.Close()
	})
	return server
}
