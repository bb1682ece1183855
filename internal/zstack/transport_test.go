// SPDX-License-Identifier: MPL-2.0

package zstack_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

func TestCACertificatesAreAddedToTheSystems(t *testing.T) {
	system, given, other := zstacktest.NewCA(), zstacktest.NewCA(), zstacktest.NewCA()
	pool := x509.NewCertPool()
	pool.AddCert(certificates(system)[0])
	zstack.SetSystemCertificates(t, pool)
	for name, test := range map[string]struct {
		ca      *zstacktest.CA
		trusted bool
	}{
		"of the system": {system, true},
		"given":         {given, true},
		"other":         {other, false},
	} {
		client := newNetworkClient(t, newNode().ServeTLS(t, test.ca.Certificate()), trusting(given))
		_, err := list(t.Context(), client)
		if _, refused := errors.AsType[*zstack.CertificateError](err); refused == test.trusted || (err == nil) != test.trusted {
			t.Errorf("a CA that is %s: the error is %v", name, err)
		}
	}
}

func TestHTTP2IsNotUsed(t *testing.T) {
	node := newNode()
	var protocols sync.Map
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		protocols.Store(r.Proto, nil)
		node.ServeHTTP(w, r)
	}))
	server.EnableHTTP2 = true
	server.TLS = &tls.Config{Certificates: []tls.Certificate{authority.Certificate()}}
	server.StartTLS()
	t.Cleanup(server.Close)
	mustList(t, newNetworkClient(t, server.URL, trusting(authority)))
	protocols.Range(func(protocol, _ any) bool {
		if protocol != "HTTP/1.1" {
			t.Errorf("%s is used", protocol)
		}
		return true
	})
}

func TestFailedRequestDoesNotCloseTheConnectionsOfOthers(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		gate := newGate(node, at(storagesPath))
		client := newClient(t, node, zstack.Session{UUID: node.AddSession()}, retries(0))
		server := serve(t, gate)
		var dials atomic.Int32
		client.DialWith(func(ctx context.Context, network, address string) (net.Conn, error) {
			dials.Add(1)
			return server.dial(ctx, network, address)
		})
		reads := listAll(t.Context(), client, 2)
		synctest.Wait()
		gate.open()
		expectErrors(t, reads, nil) // Two connections are idle now.

		node.Misbehave(zstacktest.AtFirstPage, zstacktest.ResetWithinBody)
		if _, err := list(t.Context(), client); err == nil {
			t.Fatal("the read succeeds, want an error")
		}
		mustList(t, client)
		if dials := dials.Load(); dials != 2 {
			t.Errorf("%d connections, want 2: the last read uses the one that did not fail", dials)
		}
	})
}
