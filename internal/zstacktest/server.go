// SPDX-License-Identifier: MPL-2.0

package zstacktest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
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

// Server returns an HTTP server that serves the node and treats connections as the real one does. The caller sets
// its address.
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

// isLastOfConnection counts a request of a connection, and reports whether the connection is closed after it.
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
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // some tests cause handshakes that fail
	tb.Cleanup(func() {
		cancel()
		server.CloseClientConnections()
		server.Close()
	})
	return server
}

// CA is a certificate authority (CA) that no system trusts.
type CA struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// NewCA creates a CA with its own key.
func NewCA() *CA {
	ca := &CA{key: newKey()}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "zstacktest CA"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(24 * time.Hour),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign,
	}
	ca.certificate = ca.issue(template, template, &ca.key.PublicKey)
	return ca
}

// PEM is the CA's certificate, as a user would write it to a file.
func (ca *CA) PEM() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.certificate.Raw}))
}

// Certificate is a valid server certificate for host names and IP addresses; without any, for those of [Node.ServeTLS].
func (ca *CA) Certificate(hosts ...string) tls.Certificate {
	return ca.Issue(func(*x509.Certificate) {}, hosts...)
}

// ExpiredCertificate is a certificate that was valid until a minute ago.
func (ca *CA) ExpiredCertificate(hosts ...string) tls.Certificate {
	return ca.Issue(func(template *x509.Certificate) { template.NotAfter = time.Now().Add(-time.Minute) }, hosts...)
}

// Issue is [CA.Certificate] after a change to the template of the certificate.
func (ca *CA) Issue(change func(*x509.Certificate), hosts ...string) tls.Certificate {
	if len(hosts) == 0 {
		hosts = []string{"localhost", "127.0.0.1", "::1"}
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2),
		Subject:      pkix.Name{CommonName: hosts[0]},
		NotBefore:    time.Now().Add(-48 * time.Hour),
		NotAfter:     time.Now().Add(24 * time.Hour),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	change(template)
	key := newKey()
	leaf := ca.issue(template, ca.certificate, &key.PublicKey)
	return tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key, Leaf: leaf}
}

func (ca *CA) issue(template, parent *x509.Certificate, key *ecdsa.PublicKey) *x509.Certificate {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key, ca.key)
	if err != nil {
		panic(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return certificate
}

func newKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
}
