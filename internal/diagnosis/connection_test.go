// SPDX-License-Identifier: MPL-2.0

package diagnosis

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// at is an endpoint or a proxy whose connections are handled.
func at(scheme string, handle func(net.Conn)) func(*testing.T, *zstacktest.Node) string {
	return func(t *testing.T, _ *zstacktest.Node) string { return scheme + "://" + zstacktest.Listen(t, handle) }
}

func atClosedPort(scheme string) func(*testing.T, *zstacktest.Node) string {
	return func(t *testing.T, _ *zstacktest.Node) string { return scheme + "://" + zstacktest.ClosedPort(t) }
}

func serveHTTP(t *testing.T, handle http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return server.URL
}

// maxPacket is the maximum payload of a TCP packet on Ethernet.
const maxPacket = 1460

// oldMiddlebox passes connections on to a server, but resets those whose first
// message is longer than one packet.
func oldMiddlebox(t *testing.T, server string) string {
	_, address, _ := strings.Cut(server, "://")
	return "https://" + zstacktest.Listen(t, func(here net.Conn) {
		hello := make([]byte, 64<<10)
		n, err := here.Read(hello)
		if err != nil || n > maxPacket {
			_ = here.(*net.TCPConn).SetLinger(0)
			return
		}
		there, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", address)
		if err != nil {
			return
		}
		defer func() { _ = there.Close() }()
		_, _ = there.Write(hello[:n])
		go func() {
			_, _ = io.Copy(there, here)
			_ = there.Close()
		}()
		_, _ = io.Copy(here, there)
	})
}

// unproxied is the error of a direct connection, although a variable sets a proxy.
func unproxied(variable string, err error) error {
	request := responded("http://zstack.example:8080/zstack", err)
	request.UnusedProxyVariable = variable
	return request
}

var connectionScenarios = []scenario{
	{name: "unknown host", err: responded("http://zstack.example:8080/zstack", &zstack.LookupError{Host: "zstack.example", NotFound: true})},
	{name: "DNS out of order", err: responded("http://zstack.example:8080/zstack", &zstack.LookupError{
		Host: "zstack.example", Err: &net.DNSError{Err: "server misbehaving", Name: "zstack.example"},
	})},
	{name: "connection refused", serve: atClosedPort("http")},
	{name: "connection refused, ALL_PROXY set", err: unproxied("ALL_PROXY", &zstack.RefusedError{Address: "zstack.example:8080"})},
	{name: "packets are dropped, HTTPS_PROXY set", err: unproxied("HTTPS_PROXY", &zstack.ConnectError{
		Address: "zstack.example:8080", Err: &zstack.TimeoutError{After: 30 * time.Second},
	})},
	{name: "unknown host, NO_PROXY set", err: unproxied("http_proxy", &zstack.LookupError{Host: "zstack.example", NotFound: true})},
	{name: "DNS out of reach", err: responded("http://zstack.example:8080/zstack", &zstack.LookupError{
		Host: "zstack.example", Err: &net.DNSError{Err: "read udp 10.0.0.2:4711->10.0.0.1:53: i/o timeout", Name: "zstack.example", IsTimeout: true},
	})},
	{name: "packets are dropped", err: responded("http://zstack.example:8080/zstack", &zstack.ConnectError{
		Address: "zstack.example:8080", Err: &zstack.TimeoutError{After: 30 * time.Second},
	})},
	{name: "no route", err: responded("http://zstack.example:8080/zstack", &zstack.ConnectError{
		Address: "zstack.example:8080", Err: &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", errors.New("no route to host"))},
	})},
	{name: "closed without a response", serve: at("http", zstacktest.Closes)},
}

// authority signs the certificates of the TLS servers.
var authority = zstacktest.NewCA()

func trusting(config *zstack.Config) {
	certificates, err := zstack.ParseCertificates([]byte(authority.PEM()))
	if err != nil {
		panic(err)
	}
	config.CACertificates = certificates
}

func overTLS(certificate tls.Certificate) func(*testing.T, *zstacktest.Node) string {
	return func(t *testing.T, node *zstacktest.Node) string { return node.ServeTLS(t, certificate) }
}

// withTLS serves the node over TLS with a changed configuration.
func withTLS(change func(*tls.Config)) func(*testing.T, *zstacktest.Node) string {
	return func(t *testing.T, node *zstacktest.Node) string {
		config := &tls.Config{Certificates: []tls.Certificate{authority.Certificate()}}
		change(config)
		return serveTLS(t, node, config)
	}
}

func serveTLS(t *testing.T, handler http.Handler, config *tls.Config) string {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // Refused handshakes are expected.
	server.TLS = config
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

// damagedRecord is a TLS record that no key fits.
const damagedRecord = "\x17\x03\x03\x00\x10................"

// afterHandshake is a TLS server that responds to a request with texts, the last
// one of them unencrypted.
func afterHandshake(texts ...string) func(*testing.T, *zstacktest.Node) string {
	config := &tls.Config{Certificates: []tls.Certificate{authority.Certificate()}}
	return at("https", func(connection net.Conn) {
		encrypted := tls.Server(connection, config)
		zstacktest.Closes(encrypted)
		for _, text := range texts[:len(texts)-1] {
			_, _ = io.WriteString(encrypted, text)
		}
		_, _ = io.WriteString(connection, texts[len(texts)-1])
		zstacktest.Hangs(connection)
	})
}

// otherScheme is a server's URL with http for https, or the other way round.
func otherScheme(url string) string {
	scheme, rest, _ := strings.Cut(url, ":")
	return map[string]string{"http": "https", "https": "http"}[scheme] + ":" + rest
}

var tlsScenarios = []scenario{
	{name: "https at a port with http", serve: func(t *testing.T, node *zstacktest.Node) string { return otherScheme(node.Serve(t)) }},
	{name: "https at a port with another protocol", serve: at("https", zstacktest.Says("220 mail.example ESMTP\r\n"))},
	{name: "http at a port with TLS", serve: func(t *testing.T, node *zstacktest.Node) string {
		return otherScheme(node.ServeTLS(t, authority.Certificate()))
	}},
	{name: "http at a port with TLS, nginx", serve: func(t *testing.T, _ *zstacktest.Node) string {
		return serveHTTP(t, func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head></html>", http.StatusBadRequest)
		})
	}},
	{name: "TLS 1.1", serve: withTLS(func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }), config: trusting},
	{name: "only RSA key exchange", serve: withTLS(func(c *tls.Config) {
		c.MaxVersion, c.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256}
	}), config: trusting},
	{name: "client certificate, TLS 1.2", serve: withTLS(func(c *tls.Config) {
		c.MaxVersion, c.ClientAuth = tls.VersionTLS12, tls.RequireAnyClientCert
	}), config: trusting},
	{name: "client certificate, TLS 1.3", serve: withTLS(func(c *tls.Config) { c.ClientAuth = tls.RequireAnyClientCert }), config: trusting},
	{name: "another alert", serve: withTLS(func(c *tls.Config) {
		c.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { return nil, errors.New("no") }
	}), config: trusting},
	{name: "garbage after the first TLS message", serve: at("https", zstacktest.Says("\x16\x03\x03\x00\x04\x0e\x00\x00\x00"))},
	{name: "a damaged TLS record", serve: afterHandshake(damagedRecord), config: trusting},
	{name: "a damaged TLS record in the body", serve: afterHandshake("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{", damagedRecord), config: trusting},
	{name: "a device that resets long first messages", serve: func(t *testing.T, node *zstacktest.Node) string {
		return oldMiddlebox(t, node.ServeTLS(t, authority.Certificate()))
	}, config: trusting},
	{name: "handshake closed, retried", serve: at("https", zstacktest.Closes), config: retrying},
	{name: "handshake without a response", serve: at("https", zstacktest.Hangs), config: impatient},
}

// TestShorterFirstTLSMessagePassesOldMiddleboxes proves the advice of "TLS
// Handshake Interrupted".
func TestShorterFirstTLSMessagePassesOldMiddleboxes(t *testing.T) {
	zstacktest.WithoutProxies(t)
	node := zstacktest.NewNode()
	endpoint, err := zstack.ParseEndpoint(oldMiddlebox(t, node.ServeTLS(t, authority.Certificate())))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("GODEBUG", "tlsmlkem=0")
	if _, err := newClient(t, endpoint, trusting).ListBackupStorages(t.Context(), nil); err != nil {
		t.Error(err)
	}
}
