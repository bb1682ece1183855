// SPDX-License-Identifier: MPL-2.0

package zstack_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// peer listens with handle instead of a node.
func peer(scheme string, handle func(net.Conn)) func(*testing.T) (string, func(*zstack.Config)) {
	return func(t *testing.T) (string, func(*zstack.Config)) {
		return scheme + "://" + zstacktest.Listen(t, handle), nil
	}
}

// serveTLS serves the node with change made to the configuration of TLS.
func serveTLS(t *testing.T, change func(*tls.Config)) string {
	t.Helper()
	server := httptest.NewUnstartedServer(newNode())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{authority.Certificate()}}
	change(server.TLS)
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

var authority = zstacktest.NewCA()

// leaf is a server's certificate, and the CA that signed it, after a change to
// both templates.
func leaf(t *testing.T, change func(server, ca *x509.Certificate)) (tls.Certificate, *x509.Certificate) {
	t.Helper()
	server := &x509.Certificate{
		SerialNumber: big.NewInt(0x5a5a5a5a), Subject: pkix.Name{CommonName: "server"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "CA"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	change(server, ca)
	caKey, serverKey := newKey(t), newKey(t)
	caDER := create(t, ca, ca, caKey, caKey)
	certificate, err := x509.ParseCertificate(caDER)
	if err != nil {
		t.Fatal(err)
	}
	der := create(t, server, certificate, serverKey, caKey)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: serverKey}, certificate
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func create(t *testing.T, template, parent *x509.Certificate, key, parentKey *ecdsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// withCertificate serves a leaf and returns a client's configuration that
// trusts its CA.
func withCertificate(t *testing.T, change func(server, ca *x509.Certificate)) (string, func(*zstack.Config)) {
	t.Helper()
	certificate, ca := leaf(t, change)
	url := serveTLS(t, func(c *tls.Config) { c.Certificates = []tls.Certificate{certificate} })
	return url, func(c *zstack.Config) { c.CACertificates = []*x509.Certificate{ca} }
}

// The cases also check whether the attempt is retried, and that no message
// contains Go's terms.
func TestEveryFailedConnectionHasItsOwnError(t *testing.T) {
	t.Parallel()
	both := func(url string) (string, func(*zstack.Config)) { return url, trusting(authority) }
	impatient := func(url string) (string, func(*zstack.Config)) {
		return url, func(c *zstack.Config) { c.RequestTimeout = 500 * time.Millisecond }
	}
	for name, test := range map[string]struct {
		server   func(t *testing.T) (url string, change func(*zstack.Config))
		attempts int
		want     string // type and text of the cause; SERVER replaces its address
	}{
		"nothing listens": {
			func(t *testing.T) (string, func(*zstack.Config)) { return "http://" + zstacktest.ClosedPort(t), nil }, 2,
			"*zstack.RefusedError: connection refused by SERVER",
		},
		"closed without a response": {
			peer("http", zstacktest.Closes), 1,
			"*zstack.IncompleteResponseError: the connection was closed before the response began",
		},
		"reset without a response": {
			peer("http", zstacktest.Resets), 1,
			"*zstack.IncompleteResponseError: the connection was reset before the response began",
		},
		"no response": {
			func(t *testing.T) (string, func(*zstack.Config)) {
				return impatient("http://" + zstacktest.Listen(t, zstacktest.Hangs))
			}, 1,
			"*zstack.TimeoutError: no complete response within 500ms",
		},
		"not HTTP": {
			peer("http", zstacktest.Says("SSH-2.0-OpenSSH_8.7\r\n")), 1,
			`*zstack.NotHTTPError: the response is not HTTP: "SSH-2.0-OpenSSH_8.7"`,
		},
		"invalid HTTP": {
			peer("http", zstacktest.Says("HTTP/1.1 200 OK\r\nTransfer-Encoding: rot13\r\n\r\n")), 1,
			`*zstack.InvalidHTTPError: the response is not valid HTTP: unsupported transfer encoding: "rot13"`,
		},
		"cut within the header": {
			peer("http", zstacktest.Says("HTTP/1.1 200 OK\r\nCont")), 1,
			`*zstack.IncompleteResponseError: the connection was closed within the header of the response`,
		},
		"cut within the status": {
			peer("http", zstacktest.Says("HTTP/1.1 20")), 1,
			`*zstack.IncompleteResponseError: the connection was closed within the header of the response`,
		},
		"two lengths": {
			peer("http", zstacktest.Says("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n")), 1,
			`*zstack.InvalidHTTPError: the response is not valid HTTP: its Content-Length headers contradict each other`,
		},
		"no header field": {
			peer("http", zstacktest.Says("HTTP/1.1 200 OK\r\na line\r\n\r\n")), 1,
			`*zstack.InvalidHTTPError: the response is not valid HTTP: a line of its header is not a header field`,
		},
		"invalid chunks": {
			peer("http", zstacktest.Says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")), 1,
			`*zstack.UnexpectedResponseError: the server responded with HTTP status 200 OK: the chunks of the body are not valid (Transfer-Encoding: chunked)`,
		},
		"not gzip": {
			peer("http", zstacktest.Says("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 20\r\n\r\n12345678901234567890")), 1,
			`*zstack.UnexpectedResponseError: the server responded with HTTP status 200 OK: the gzip compression of the body is damaged`,
		},
		"Brotli": {
			peer("http", zstacktest.Says("HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\n\x8b\x01")), 1,
			`*zstack.UnexpectedResponseError: the server responded with HTTP status 200 OK: the body has the Content-Encoding "br", which the provider did not request`,
		},
		"gzip that is cut": {
			peer("http", zstacktest.Says("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\xaa\x56")), 1,
			`*zstack.UnexpectedResponseError: the server responded with HTTP status 200 OK: the body ended after 1 bytes, before it was complete`,
		},
		"no content": {
			peer("http", zstacktest.Says("HTTP/1.1 204 No Content\r\n\r\n")), 1,
			`*zstack.UnexpectedResponseError: the server responded with HTTP status 204 No Content: the body is empty`,
		},
		"handshake closed": {
			peer("https", zstacktest.Closes), 2,
			"*zstack.HandshakeError: the connection was closed during the TLS handshake",
		},
		"handshake reset": {
			peer("https", zstacktest.Resets), 2,
			"*zstack.HandshakeError: the connection was reset during the TLS handshake",
		},
		"handshake without a response": {
			func(t *testing.T) (string, func(*zstack.Config)) {
				return impatient("https://" + zstacktest.Listen(t, zstacktest.Hangs))
			}, 1,
			"*zstack.HandshakeError: the TLS handshake was not complete within 500ms",
		},
		"https at a port with HTTP": {
			func(t *testing.T) (string, func(*zstack.Config)) {
				return strings.Replace(newNode().Serve(t), "http:", "https:", 1), nil
			}, 1,
			"*zstack.PlainHTTPError: the server uses HTTP without TLS on this port",
		},
		"https at a port with another protocol": {
			peer("https", zstacktest.Says("220 mail.example ESMTP\r\n")), 1,
			"*zstack.NotTLSError: the server does not use TLS on this port",
		},
		"http at a port with TLS, Go": {
			func(t *testing.T) (string, func(*zstack.Config)) {
				return strings.Replace(serveTLS(t, func(*tls.Config) {}), "https:", "http:", 1), nil
			}, 1,
			"*zstack.TLSExpectedError: the server uses TLS on this port",
		},
		"http at a port with TLS, an alert": {
			peer("http", zstacktest.Says("\x15\x03\x01\x00\x02\x02\x46")), 1,
			"*zstack.TLSExpectedError: the server uses TLS on this port",
		},
		"TLS 1.1": {
			func(t *testing.T) (string, func(*zstack.Config)) {
				return both(serveTLS(t, func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }))
			}, 1,
			"*zstack.TLSVersionError: the server does not support TLS 1.2 or newer",
		},
		"only RSA key exchange": {
			func(t *testing.T) (string, func(*zstack.Config)) {
				return both(serveTLS(t, func(c *tls.Config) {
					c.MaxVersion, c.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256}
				}))
			}, 1,
			"*zstack.TLSCipherError: the server and the provider have no TLS cipher suite in common",
		},
		"client certificate with TLS 1.2": {
			func(t *testing.T) (string, func(*zstack.Config)) {
				return both(serveTLS(t, func(c *tls.Config) { c.MaxVersion, c.ClientAuth = tls.VersionTLS12, tls.RequireAnyClientCert }))
			}, 1,
			"*zstack.ClientCertificateError: the server requires a client certificate",
		},
		"client certificate with TLS 1.3": {
			func(t *testing.T) (string, func(*zstack.Config)) {
				return both(serveTLS(t, func(c *tls.Config) { c.ClientAuth = tls.RequireAnyClientCert }))
			}, 1,
			"*zstack.ClientCertificateError: the server requires a client certificate",
		},
		"client certificate with nginx": {
			func(t *testing.T) (string, func(*zstack.Config)) {
				return nginx(t, "400 No required SSL certificate was sent"), nil
			}, 1,
			"*zstack.ClientCertificateError: the server requires a client certificate",
		},
		"another alert": {
			func(t *testing.T) (string, func(*zstack.Config)) {
				return both(serveTLS(t, func(c *tls.Config) {
					c.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { return nil, errors.New("no") }
				}))
			}, 1,
			"*zstack.TLSAlertError: the server refused the TLS handshake: internal error (alert 80)",
		},
		"garbage after the ClientHello": {
			peer("https", zstacktest.Says("\x16\x03\x03\x00\x04\x0e\x00\x00\x00")), 1,
			"*zstack.TLSError: the TLS connection failed: received unexpected handshake message of type serverHelloDoneMsg when waiting for serverHelloMsg",
		},

		"unknown CA": {
			func(t *testing.T) (string, func(*zstack.Config)) {
				url, _ := withCertificate(t, func(_, _ *x509.Certificate) {})
				return url, nil
			}, 1,
			`*zstack.CertificateError: the certificate "CN=server" is signed by a CA that is not trusted: "CN=CA"`,
		},
		"certificate of another host": {
			func(t *testing.T) (string, func(*zstack.Config)) {
				return withCertificate(t, func(server, _ *x509.Certificate) {
					server.DNSNames, server.IPAddresses = []string{"zstack.example", "*.zstack.example"}, []net.IP{net.IPv4(10, 0, 0, 1)}
				})
			}, 1,
			`*zstack.CertificateError: the certificate "CN=server" is for other host names or addresses: zstack.example, *.zstack.example, 10.0.0.1`,
		},
		"certificate without names": {
			func(t *testing.T) (string, func(*zstack.Config)) {
				return withCertificate(t, func(server, _ *x509.Certificate) { server.IPAddresses = nil })
			}, 1,
			`*zstack.CertificateError: the certificate "CN=server" has no subject alternative names`,
		},
		"expired certificate": {
			func(t *testing.T) (string, func(*zstack.Config)) {
				return withCertificate(t, func(server, _ *x509.Certificate) {
					server.NotBefore, server.NotAfter = time.Unix(0, 0), time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
				})
			}, 1,
			`*zstack.CertificateError: the certificate "CN=server" expired on 2001-02-03 04:05:06 UTC`,
		},
		"expired CA": {
			func(t *testing.T) (string, func(*zstack.Config)) {
				return withCertificate(t, func(_, ca *x509.Certificate) {
					ca.NotBefore, ca.NotAfter = time.Unix(0, 0), time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
				})
			}, 1,
			`*zstack.CertificateError: the certificate "CN=CA" expired on 2001-02-03 04:05:06 UTC`,
		},
		"certificate of tomorrow": {
			func(t *testing.T) (string, func(*zstack.Config)) {
				return withCertificate(t, func(server, _ *x509.Certificate) {
					server.NotBefore, server.NotAfter = time.Date(2901, 2, 3, 4, 5, 6, 0, time.UTC), time.Date(2902, 2, 3, 4, 5, 6, 0, time.UTC)
				})
			}, 1,
			`*zstack.CertificateError: the certificate "CN=server" is not valid yet: it is valid from 2901-02-03 04:05:06 UTC`,
		},
		"client's certificate": {
			func(t *testing.T) (string, func(*zstack.Config)) {
				return withCertificate(t, func(server, _ *x509.Certificate) {
					server.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
				})
			}, 1,
			`*zstack.CertificateError: the certificate "CN=server" may not be used by servers (extended key usage)`,
		},
		"negative serial number": {
			func(t *testing.T) (string, func(*zstack.Config)) {
				certificate, ca := leaf(t, func(_, _ *x509.Certificate) {})
				certificate.Certificate[0] = negated(certificate.Certificate[0])
				url := serveRawTLS(t, certificate)
				return url, func(c *zstack.Config) { c.CACertificates = []*x509.Certificate{ca} }
			}, 1,
			`*zstack.CertificateError: the server's certificate has a negative serial number`,
		},
		"CA for other addresses": {
			func(t *testing.T) (string, func(*zstack.Config)) {
				return withCertificate(t, func(_, ca *x509.Certificate) {
					ca.PermittedIPRanges = []*net.IPNet{{IP: net.IPv4(10, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)}}
				})
			}, 1,
			`*zstack.CertificateError: the certificate "CN=server" is not valid: a root or intermediate certificate is not authorized to sign for this name: ` +
				`IP address "127.0.0.1" is not permitted by any constraint`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, change := test.server(t)
			_, err := list(t.Context(), newNetworkClient(t, url, change))
			expectCause(t, err, url, test.want)
			expectAttempts(t, err, test.attempts)
		})
	}
}

// expectCause compares the type and the text of what the request's error wraps.
func expectCause(t *testing.T, err error, url, want string) {
	t.Helper()
	request, ok := errors.AsType[*zstack.RequestError](err)
	if !ok {
		t.Fatalf("the error is %v, want a RequestError", err)
	}
	_, address, _ := strings.Cut(url, "://")
	got := fmt.Sprintf("%T: %s", request.Err, request.Err)
	if address != "" {
		got = strings.ReplaceAll(got, address, "SERVER")
	}
	if got != want {
		t.Errorf("the cause is\n%s, want\n%s", got, want)
	}
}

// nginx returns the URL of a server whose every response is one of nginx's
// error pages with status 400.
func nginx(t *testing.T, title string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(w, "<html>\r\n<head><title>%[1]s</title></head>\r\n<body>\r\n<center><h1>400 Bad Request</h1></center>\r\n<center>%[1]s</center>\r\n"+
			"<hr><center>nginx/1.24.0</center>\r\n</body>\r\n</html>\r\n", title)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// negated changes the serial number of leaf's certificate to a negative one.
func negated(der []byte) []byte {
	return []byte(strings.Replace(string(der), "\x02\x04\x5a\x5a\x5a\x5a", "\x02\x04\xda\x5a\x5a\x5a", 1))
}

// serveRawTLS serves a certificate that Go's server cannot parse.
func serveRawTLS(t *testing.T, certificate tls.Certificate) string {
	t.Helper()
	certificate.Leaf = &x509.Certificate{PublicKey: &certificate.PrivateKey.(*ecdsa.PrivateKey).PublicKey}
	config := &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return &certificate, nil }}
	return "https://" + zstacktest.Listen(t, func(connection net.Conn) { _ = tls.Server(connection, config).Handshake() })
}

func TestResponsesOfServersThatExpectTLSAreRecognized(t *testing.T) {
	for name, response := range map[string]string{
		"Go":     "Client sent an HTTP request to an HTTPS server.\n",
		"nginx":  "<html>\r\n<head><title>400 The plain HTTP request was sent to HTTPS port</title></head>\r\n<body>",
		"Tomcat": "Bad Request\r\nThis combination of host and port requires TLS.\r\n",
		"Apache": "<html><head>\n<title>400 Bad Request</title>\n</head><body>\n<h1>Bad Request</h1>\n<p>Your browser sent a request that this server could not understand.<br />\n" +
			"Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />\n",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, response)
		}))
		_, err := list(t.Context(), newNetworkClient(t, server.URL+"/cloud", nil))
		server.Close()
		expected, ok := errors.AsType[*zstack.TLSExpectedError](err)
		if want := strings.Replace(server.URL, "http:", "https:", 1) + "/cloud"; !ok || expected.Endpoint != want {
			t.Errorf("%s: the error is %#v, want the endpoint %s", name, expected, want)
		}
		expectAttempts(t, err, 1)
	}
}

func TestErrorOfAServerWithoutTLSNamesTheEndpointToSet(t *testing.T) {
	url := newNode().Serve(t)
	_, err := list(t.Context(), newNetworkClient(t, strings.Replace(url, "http:", "https:", 1), nil))
	if plain, ok := errors.AsType[*zstack.PlainHTTPError](err); !ok || plain.Endpoint != url+"/zstack" {
		t.Errorf("the error is %v with %#v, want the endpoint %s/zstack", err, plain, url)
	}
}

func TestHostThatDNSDoesNotKnowIsNotRetried(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err      *net.DNSError
		want     string
		attempts int
	}{
		"unknown":      {&net.DNSError{Err: "no such host", Name: "zstack.test", IsNotFound: true}, `DNS does not know the host name "zstack.test"`, 1},
		"out of order": {&net.DNSError{Err: "server misbehaving", Name: "zstack.test"}, `DNS could not look up the host name "zstack.test": server misbehaving`, 2},
		"unreachable":  {&net.DNSError{Err: "dial udp 10.0.0.1:53: connect: network is unreachable", Name: "zstack.test"}, `DNS could not look up the host name "zstack.test": network is unreachable`, 2},
		"silent":       {&net.DNSError{Err: "read udp 10.0.0.2:4711->10.0.0.1:53: i/o timeout", Name: "zstack.test", IsTimeout: true}, `DNS did not respond in time to the lookup of the host name "zstack.test"`, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := newNetworkClient(t, "http://zstack.test", nil)
			client.DialWith(func(context.Context, string, string) (net.Conn, error) {
				return nil, &net.OpError{Op: "dial", Net: "tcp", Err: test.err}
			})
			_, err := list(t.Context(), client)
			expectCause(t, err, "", "*zstack.LookupError: "+test.want)
			expectAttempts(t, err, test.attempts)
		})
	}
}

func TestLogLineOfAnAttemptDescribesItsConnection(t *testing.T) {
	node := newNode()
	ctx, log := logged(t.Context())
	client := newNetworkClient(t, node.ServeTLS(t, authority.Certificate()), trusting(authority))
	for range 2 {
		if _, err := list(ctx, client); err != nil {
			t.Fatal(err)
		}
	}
	lines, err := tflogtest.MultilineJSONDecode(log)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, line := range lines {
		if line["@level"] == "debug" {
			got = append(got, fmt.Sprint(line["method"], " ", line["connection"], " ", line["tls"], " ", line["proxy"]))
		}
	}
	expectEqual(t, "the attempts", got, []string{"PUT new TLS 1.3 <nil>", "GET new TLS 1.3 <nil>", "GET reused TLS 1.3 <nil>"})
}
