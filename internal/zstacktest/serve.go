// SPDX-License-Identifier: MPL-2.0

package zstacktest

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"testing"
)

// Serve serves the node on 127.0.0.1 until the test ends and returns its URL without a path.
func (n *Node) Serve(tb testing.TB) string {
	tb.Helper()
	server := n.newServer(tb)
	server.Start()
	return server.URL
}

// ServeTLS is [Node.Serve] over TLS with a certificate of a [CA].
func (n *Node) ServeTLS(tb testing.TB, certificate tls.Certificate) string {
	tb.Helper()
	server := n.newServer(tb)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	return server.URL
}

// newServer prepares a server whose requests, also those a fault keeps waiting, end with the test.
func (n *Node) newServer(tb testing.TB) *httptest.Server {
	tb.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	server := httptest.NewUnstartedServer(n)
	server.Config.BaseContext = func(net.Listener) context.Context { return ctx }
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // refused handshakes are what some tests are about
	tb.Cleanup(func() {
		cancel()
		server.CloseClientConnections()
		server.Close()
	})
	return server
}
