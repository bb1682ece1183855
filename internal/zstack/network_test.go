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
	"testing"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// newNetworkClient returns a client that uses the network.
func newNetworkClient(t *testing.T, url string, change func(*zstack.Config)) *zstack.Client {
	t.Helper()
	endpoint, err := zstack.ParseEndpoint(url)
	if err != nil {
		t.Fatal(err)
	}
	config := zstack.Config{Endpoint: endpoint, Credentials: admin, RequestTimeout: time.Minute, MaxRetries: 1}
	if change != nil {
		change(&config)
	}
	client := zstack.NewClient(config)
	t.Cleanup(func() { closeWithin(client, time.Second) })
	return client
}

// certificates is the CA's own certificate.
func certificates(ca *zstacktest.CA) []*x509.Certificate {
	parsed, err := zstack.ParseCertificates([]byte(ca.PEM()))
	if err != nil {
		panic(err)
	}
	return parsed
}

func trusting(ca *zstacktest.CA) func(*zstack.Config) {
	return func(c *zstack.Config) { c.CACertificates = certificates(ca) }
}

func TestCertificateDecidesWhetherTheServerIsTrusted(t *testing.T) {
	ca, other := zstacktest.NewCA(), zstacktest.NewCA()
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	for name, test := range map[string]struct {
		certificate tls.Certificate
		change      func(*zstack.Config)
		wanted      any // pointer to the error; nil: none
	}{
		"given CA":     {ca.Certificate(), trusting(ca), nil},
		"no given CA":  {ca.Certificate(), nil, &unknown},
		"another CA":   {ca.Certificate(), trusting(other), &unknown},
		"wrong host":   {ca.Certificate("elsewhere.test"), trusting(ca), &host},
		"expired":      {ca.ExpiredCertificate(), trusting(ca), &invalid},
		"not verified": {ca.ExpiredCertificate("elsewhere.test"), func(c *zstack.Config) { c.InsecureSkipVerify = true }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			node := newNode()
			client := newNetworkClient(t, node.ServeTLS(t, test.certificate), test.change)
			if test.wanted == nil {
				mustList(t, client)
				return
			}
			_, err := list(t.Context(), client)
			if !errors.As(err, test.wanted) {
				t.Errorf("the error is %v, want a %T", err, test.wanted)
			}
			expectAttempts(t, err, 1)
			if requests := node.Requests(); len(requests) > 0 {
				t.Errorf("%d requests reached the server, want none", len(requests))
			}
		})
	}
}

func expectAttempts(t *testing.T, err error, want int) {
	t.Helper()
	var request *zstack.RequestError
	if !errors.As(err, &request) || request.Attempts != want {
		t.Errorf("the error is %v, want a RequestError after %d attempts", err, want)
	}
}

func TestResetConnectionIsRetried(t *testing.T) {
	t.Parallel()
	node := newNode()
	node.Misbehave(zstacktest.AtFirstPage, zstacktest.ResetWithinBody, zstacktest.ResetBeforeResponse)
	client := newNetworkClient(t, node.Serve(t), func(c *zstack.Config) { c.MaxRetries = 2 })
	mustList(t, client)
}

// A server that accepts connections and sends nothing leaves no goroutines:
// TestMain looks for them.
func TestHungHandshakeEndsWithTheCall(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	client := newNetworkClient(t, "https://"+listener.Addr().String(), nil)
	ctx, cancel := context.WithCancel(t.Context())
	reads := listAll(ctx, client, 1)
	connection, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	cancel()
	expectErrors(t, reads, context.Canceled)
}

func TestConnectionsAreReusedAndClosed(t *testing.T) {
	const readers, rounds = 16, 3
	opened, ended := make(chan net.Conn, readers*rounds), make(chan net.Conn, readers*rounds)
	node := newNode()
	meeting := newMeeting(readers)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == storagesPath {
			meeting.wait()
		}
		node.ServeHTTP(w, r)
	}))
	server.Config.ConnState = func(connection net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			opened <- connection
		case http.StateClosed:
			ended <- connection
		}
	}
	server.Start()
	t.Cleanup(server.Close)

	client := newNetworkClient(t, server.URL, nil)
	for range rounds {
		expectErrors(t, listAll(t.Context(), client, readers), nil)
	}
	if got := len(opened); got != readers+1 {
		t.Errorf("%d connections for a login and %d readers, want one for each", got, readers)
	}
	closeWithin(client, time.Second)
	for range len(opened) {
		<-ended
	}
}

// meeting makes goroutines wait until a number of them have arrived.
type meeting struct {
	mu      sync.Mutex
	size    int
	present int
	full    chan struct{}
}

func newMeeting(size int) *meeting { return &meeting{size: size, full: make(chan struct{})} }

func (m *meeting) wait() {
	m.mu.Lock()
	full := m.full
	if m.present++; m.present == m.size {
		m.present, m.full = 0, make(chan struct{})
		close(full)
	}
	m.mu.Unlock()
	<-full
}
