// SPDX-License-Identifier: MPL-2.0

package zstack_test

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// forwarder is a proxy that sends the requests for all hosts to one server.
type forwarder struct {
	node *zstacktest.Node // plain requests go here
	to   string           // tunnels lead here, for every host

	mu       sync.Mutex
	received []string // method and host of each request
}

func (f *forwarder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.received = append(f.received, r.Method+" "+r.Host)
	f.mu.Unlock()
	if r.Method != http.MethodConnect {
		r.RequestURI = r.URL.RequestURI()
		f.node.ServeHTTP(w, r)
		return
	}
	there, err := (&net.Dialer{}).DialContext(r.Context(), "tcp", f.to)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	here, _, err := http.NewResponseController(w).Hijack() // Before the client continues, or its first bytes would be lost.
	if err != nil {
		panic(err)
	}
	_, _ = io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
	go func() {
		_, _ = io.Copy(there, here)
		_ = there.Close()
	}()
	_, _ = io.Copy(here, there)
	_ = here.Close()
}

func TestProxyOfTheEnvironmentIsUsed(t *testing.T) {
	ca := zstacktest.NewCA()
	for name, test := range map[string]struct {
		variable, endpoint string
		want               string
	}{
		"http":  {"HTTP_PROXY", "http://zstack.test", "GET zstack.test:8080"},
		"https": {"HTTPS_PROXY", "https://zstack.test", "CONNECT zstack.test:443"},
	} {
		t.Run(name, func(t *testing.T) {
			node := newNode()
			to, _ := strings.CutPrefix(node.ServeTLS(t, ca.Certificate("zstack.test")), "https://")
			forwarder := &forwarder{node: node, to: to}
			proxy := httptest.NewServer(forwarder)
			t.Cleanup(proxy.Close)
			t.Setenv(test.variable, proxy.URL)
			t.Setenv("NO_PROXY", "")

			client := newNetworkClient(t, test.endpoint, func(c *zstack.Config) {
				c.Credentials = zstack.Session{UUID: node.AddSession()}
				c.CACertificates = certificates(ca)
			})
			mustList(t, client)
			expectEqual(t, "what the proxy was asked for", forwarder.received, []string{test.want})
		})
	}
}

func TestProxyIsNotUsedForExcludedHosts(t *testing.T) {
	forwarder := &forwarder{}
	proxy := httptest.NewServer(forwarder)
	t.Cleanup(proxy.Close)
	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("NO_PROXY", "zstack.test")
	client := newNetworkClient(t, "http://zstack.test", nil)
	server := strings.TrimPrefix(newNode().Serve(t), "http://")
	client.DialWith(func(ctx context.Context, network, address string) (net.Conn, error) {
		if address != "zstack.test:8080" {
			t.Errorf("%s is dialled", address)
		}
		return (&net.Dialer{}).DialContext(ctx, network, server)
	})
	mustList(t, client)
	expectEqual(t, "what the proxy was asked for", forwarder.received, []string(nil))
}

func TestPasswordOfTheProxyIsNotShown(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://me:hunter2@"+zstacktest.ClosedPort(t))
	t.Setenv("NO_PROXY", "")
	ctx, log := logged(t.Context())
	_, err := list(ctx, newNetworkClient(t, "http://zstack.test", nil))
	expectAttempts(t, err, 2)
	if text := err.Error() + log.String(); strings.Contains(text, "hunter2") || strings.Contains(text, "aHVudGVyMg") {
		t.Errorf("the proxy's password is shown: %s", text)
	}
}

// useProxy sets the variables of a proxy, and no others, until the test ends.
func useProxy(t *testing.T, variables map[string]string) {
	t.Helper()
	zstacktest.WithoutProxies(t)
	for name, value := range variables {
		t.Setenv(name, value)
	}
}

// connectRefused is a proxy that responds to CONNECT with a status.
func connectRefused(t *testing.T, status int) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	t.Cleanup(server.Close)
	return server.URL
}

func TestErrorOfAProxyNamesItsAddressAndVariable(t *testing.T) {
	const address = "SERVER (HTTPS_PROXY)"
	for name, test := range map[string]struct {
		proxy    func(t *testing.T) string
		endpoint string // empty: https://zstack.test
		attempts int
		want     string // SERVER replaces the address of the proxy
	}{
		"407": {
			func(t *testing.T) string { return connectRefused(t, 407) }, "", 1,
			"the proxy " + address + " refused the request with HTTP status 407 Proxy Authentication Required",
		},
		"403": {
			func(t *testing.T) string { return connectRefused(t, 403) }, "", 1,
			"the proxy " + address + " refused the request with HTTP status 403 Forbidden",
		},
		"502": {
			func(t *testing.T) string { return connectRefused(t, 502) }, "", 2,
			"the proxy " + address + " refused the request with HTTP status 502 Bad Gateway",
		},
		"503": {
			func(t *testing.T) string { return connectRefused(t, 503) }, "", 2,
			"the proxy " + address + " refused the request with HTTP status 503 Service Unavailable",
		},
		"504": {
			func(t *testing.T) string { return connectRefused(t, 504) }, "", 2,
			"the proxy " + address + " refused the request with HTTP status 504 Gateway Timeout",
		},
		"204": { // Go accepts only 200.
			func(t *testing.T) string { return connectRefused(t, 204) }, "", 1,
			"the proxy " + address + " refused the request with HTTP status 204 No Content",
		},
		"nothing listens": {
			func(t *testing.T) string { return "http://" + zstacktest.ClosedPort(t) }, "", 2,
			"the proxy " + address + " cannot be used: connection refused by SERVER",
		},
		"closed": {
			func(t *testing.T) string { return "http://" + zstacktest.Listen(t, zstacktest.Closes) }, "", 2,
			"the proxy " + address + " cannot be used: the connection was closed before the response began",
		},
		"reset": {
			func(t *testing.T) string { return "http://" + zstacktest.Listen(t, zstacktest.Resets) }, "", 2,
			"the proxy " + address + " cannot be used: the connection was reset before the response began",
		},
		"no response": {
			func(t *testing.T) string { return "http://" + zstacktest.Listen(t, zstacktest.Hangs) }, "", 1,
			"the proxy " + address + " cannot be used: no complete response within 500ms",
		},
		"no HTTP": {
			func(t *testing.T) string {
				return "http://" + zstacktest.Listen(t, zstacktest.Says("SSH-2.0-OpenSSH_8.7\r\n"))
			}, "", 1,
			"the proxy " + address + ` cannot be used: the response is not HTTP: "SSH-2.0-OpenSSH_8.7"`,
		},
		"http at a port with TLS": {
			func(t *testing.T) string {
				return "http://" + zstacktest.Listen(t, zstacktest.Says("\x15\x03\x01\x00\x02\x02\x46"))
			}, "", 1,
			"the proxy " + address + " cannot be used: the proxy uses TLS on this port",
		},
		"http, at a port with TLS": {
			func(t *testing.T) string {
				return "http://" + zstacktest.Listen(t, zstacktest.Says("\x15\x03\x01\x00\x02\x02\x46"))
			}, "http://zstack.test", 1,
			"the proxy SERVER (HTTP_PROXY) cannot be used: the proxy uses TLS on this port",
		},
		"http, no HTTP": {
			func(t *testing.T) string {
				return "http://" + zstacktest.Listen(t, zstacktest.Says("SSH-2.0-OpenSSH_8.7\r\n"))
			}, "http://zstack.test", 1,
			"the proxy SERVER (HTTP_PROXY) cannot be used: the response is not HTTP: \"SSH-2.0-OpenSSH_8.7\"",
		},
		"https without TLS": {
			func(t *testing.T) string { return strings.Replace(connectRefused(t, 407), "http:", "https:", 1) }, "", 1,
			"the proxy " + address + " cannot be used: the proxy uses HTTP without TLS on this port",
		},
		"https with an unknown CA": {
			func(t *testing.T) string { return serveTLS(t, func(*tls.Config) {}) }, "", 1,
			"the proxy " + address + ` cannot be used: the certificate "CN=localhost" is signed by a CA that is not trusted: "CN=zstacktest CA"`,
		},
		"https, handshake closed": {
			func(t *testing.T) string { return "https://" + zstacktest.Listen(t, zstacktest.Closes) }, "", 2,
			"the proxy " + address + " cannot be used: the connection was closed during the TLS handshake",
		},
		"SOCKS, closed": {
			func(t *testing.T) string { return "socks5://" + zstacktest.Listen(t, zstacktest.Closes) }, "", 2,
			"the proxy " + address + " cannot be used: the connection was closed before the response began",
		},
		"SOCKS that is HTTP": {
			func(t *testing.T) string {
				return "socks5h://" + zstacktest.Listen(t, zstacktest.Says("HTTP/1.1 400 Bad Request\r\n\r\n"))
			}, "", 1,
			"the proxy " + address + " cannot be used: it is not a SOCKS proxy",
		},
		"SOCKS that requires a password of another kind": {
			func(t *testing.T) string { return "socks5://" + zstacktest.Listen(t, zstacktest.Says("\x05\xff")) }, "", 1,
			"the proxy " + address + " cannot be used: it opened no connection: no acceptable authentication methods",
		},
		"SOCKS that does not reach the endpoint": {
			func(t *testing.T) string { return "socks5://" + zstacktest.Listen(t, zstacktest.SOCKSReply(4)) }, "", 2,
			"the proxy " + address + " cannot be used: it opened no connection: host unreachable",
		},
		"http, 407": {
			func(t *testing.T) string { return connectRefused(t, 407) }, "http://zstack.test", 1,
			"the proxy SERVER (HTTP_PROXY) refused the request with HTTP status 407 Proxy Authentication Required",
		},
		"http, nothing listens": {
			func(t *testing.T) string { return "http://" + zstacktest.ClosedPort(t) }, "http://zstack.test", 2,
			"the proxy SERVER (HTTP_PROXY) cannot be used: connection refused by SERVER",
		},
		"http, https without TLS": {
			func(t *testing.T) string { return strings.Replace(connectRefused(t, 407), "http:", "https:", 1) }, "http://zstack.test", 1,
			"the proxy SERVER (HTTP_PROXY) cannot be used: the proxy uses HTTP without TLS on this port",
		},
	} {
		url := test.proxy(t)
		scheme, proxy, _ := strings.Cut(url, "://")
		withPassword := scheme + "://me:hunter2@" + proxy
		useProxy(t, map[string]string{"HTTP_PROXY": withPassword, "HTTPS_PROXY": withPassword})
		client := newNetworkClient(t, cmp.Or(test.endpoint, "https://zstack.test"), func(c *zstack.Config) {
			if name == "no response" {
				c.RequestTimeout = 500 * time.Millisecond
			}
		})
		t.Run(name, func(t *testing.T) {
			t.Parallel() // The client has read the variables.
			ctx, log := logged(t.Context())
			_, err := list(ctx, client)
			expectCause(t, err, url, "*zstack.ProxyError: "+test.want)
			expectAttempts(t, err, test.attempts)
			if request, _ := errors.AsType[*zstack.RequestError](err); request.Proxy.Address != proxy {
				t.Errorf("the error names the proxy %q, want %q", request.Proxy.Address, proxy)
			}
			text := err.Error() + log.String()
			if strings.Contains(text, "hunter2") || strings.Contains(text, "aHVudGVyMg") {
				t.Errorf("the proxy's password is shown: %s", text)
			}
			if !strings.Contains(log.String(), `"proxy":"`+proxy+`"`) {
				t.Errorf("the proxy is not in the log:\n%s", log)
			}
		})
	}
}

func TestErrorBehindATunnelIsNotAnErrorOfTheProxy(t *testing.T) {
	ca := zstacktest.NewCA()
	for name, test := range map[string]struct {
		endpoint func(t *testing.T) string // what the tunnel leads to
		want     string
	}{
		"unknown CA": {
			func(t *testing.T) string { return newNode().ServeTLS(t, ca.Certificate("zstack.test")) },
			`*zstack.CertificateError: the certificate "CN=zstack.test" is signed by a CA that is not trusted: "CN=zstacktest CA"`,
		},
		"no TLS": {
			func(t *testing.T) string { return newNode().Serve(t) },
			"*zstack.PlainHTTPError: the server uses HTTP without TLS on this port",
		},
		"handshake closed": {
			func(t *testing.T) string { return "https://" + zstacktest.Listen(t, zstacktest.Closes) },
			"*zstack.HandshakeError: the connection was closed during the TLS handshake",
		},
	} {
		for _, scheme := range []string{"http", "https"} {
			t.Run(name+" behind "+scheme, func(t *testing.T) {
				_, to, _ := strings.Cut(test.endpoint(t), "://")
				proxy := httptest.NewUnstartedServer(&forwarder{to: to})
				var change func(*zstack.Config)
				if scheme == "https" {
					proxy.TLS = &tls.Config{Certificates: []tls.Certificate{authority.Certificate()}}
					proxy.StartTLS()
					change = trusting(authority)
				} else {
					proxy.Start()
				}
				t.Cleanup(proxy.Close)
				useProxy(t, map[string]string{"HTTPS_PROXY": proxy.URL})
				_, err := list(t.Context(), newNetworkClient(t, "https://zstack.test", change))
				expectCause(t, err, "", test.want)
			})
		}
	}
}

func TestRetryAfterOfAProxyIsHonored(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	t.Cleanup(server.Close)
	useProxy(t, map[string]string{"HTTPS_PROXY": server.URL})
	_, err := list(t.Context(), newNetworkClient(t, "https://zstack.test", nil))
	if late, ok := errors.AsType[*zstack.RetryTooLateError](err); !ok || late.Wait != time.Hour {
		t.Errorf("the error is %v, want a RetryTooLateError", err)
	}
	if _, ok := errors.AsType[*zstack.ProxyError](err); !ok {
		t.Errorf("the error is %v, want a ProxyError in it", err)
	}
}

func TestErrorOfAProxyWithAnUnknownHostNamesTheProxy(t *testing.T) {
	useProxy(t, map[string]string{"https_proxy": "proxy.test"})
	client := newNetworkClient(t, "https://zstack.test", nil)
	client.DialWith(func(_ context.Context, _, address string) (net.Conn, error) {
		if address != "proxy.test:80" {
			t.Errorf("%s is dialled", address)
		}
		return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Name: "proxy.test", IsNotFound: true}}
	})
	_, err := list(t.Context(), client)
	expectCause(t, err, "", `*zstack.ProxyError: the proxy proxy.test:80 (https_proxy) cannot be used: DNS does not know the host name "proxy.test"`)
	expectAttempts(t, err, 1)
}

func TestInvalidProxyVariableFailsTheReadAndIsNotShown(t *testing.T) {
	const (
		space    = "it contains a space, a line break or a character that is not printable"
		quotes   = "it is in quotes, which are not a part of a URL"
		scheme   = "its scheme is not http, https, socks5 or socks5h"
		percent  = "it contains % without two hexadecimal digits; in a user name or password, % must be written as %25"
		number   = "it contains #, which must be written as %23 in a user name or password"
		question = "it contains ?, which must be written as %3F in a user name or password"
		slash    = "it contains / in a user name or password, which must be written as %2F"
		port     = "its port is not between 1 and 65535"
		slashes  = "its scheme is not followed by ://"
		notURL   = "it is not a URL such as http://user:password@proxy.example:3128; special characters in a user name or password must be percent-encoded"
		valid    = "http://me:hunter2@proxy.example:3128"
	)
	for value, want := range map[string]string{
		valid + "\n":                            space,
		valid + "\r\n":                          space,
		" " + valid:                             space,
		"\ufeff" + valid:                        space,
		"http://me:hunter2 @proxy.example:3128": space,
		" ":                                     space,
		`"` + valid + `"`:                       quotes,
		"'" + valid + "'":                       quotes,
		"http://me:hunter2%@proxy.example:3128": percent,
		"http://me:hunter2%zz@proxy.example:3128": percent,
		"me:hunter2%@proxy.example:3128":          percent,
		"http://me:hunter2#@proxy.example:3128":   number,
		valid + "#":                               number,
		"http://me:hunter2?@proxy.example:3128":   question,
		"http://me:hunter2/@proxy.example:3128":   notURL,
		"http://me:12345/hunter2@proxy.example":   slash,
		"http://me:hunter2^@proxy.example:3128":   notURL,
		`http://CORP\me:hunter2@proxy.example`:    notURL,
		"ftp://me:hunter2@proxy.example":          scheme,
		"socks4://me:hunter2@proxy.example":       scheme,
		"socks://me:hunter2@proxy.example":        scheme,
		"://me:hunter2@proxy.example":             scheme,
		"http://me:hunter2@proxy.example:port":    notURL,
		"http://me:hunter2@proxy.example:0":       port,
		"http://me:hunter2@proxy.example:70000":   port,
		"http://me:hunter2@proxy.example:-1":      notURL,
		"http://me:hunter2@":                      notURL,
		"http://":                                 notURL,
		"http:/me:hunter2@proxy.example":          slashes,
		"https:proxy.example:3128":                slashes,
		"http:":                                   slashes,
		"http://http://proxy.example":             notURL,
	} {
		for variable, endpoint := range map[string]string{
			"HTTP_PROXY": "http://zstack.test", "http_proxy": "http://zstack.test", "HTTPS_PROXY": "https://zstack.test", "https_proxy": "https://zstack.test",
		} {
			useProxy(t, map[string]string{variable: value})
			client := newNetworkClient(t, endpoint, nil)
			client.DialWith(func(_ context.Context, _, address string) (net.Conn, error) {
				t.Errorf("%s=%q: %s is dialled", variable, value, address)
				return nil, net.ErrClosed
			})
			_, err := list(t.Context(), client)
			invalid, ok := errors.AsType[*zstack.ProxyVariableError](err)
			if !ok || !strings.EqualFold(invalid.Variable, variable) || invalid.Reason != want {
				t.Errorf("%s=%q: the error is %v, want one that says: %s", variable, value, err, want)
				continue
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%s=%q: the password is in the error: %v", variable, value, err)
			}
			expectAttempts(t, err, 0)
		}
	}
}

func TestProxyVariableThatIsNotUsedMayContainAnything(t *testing.T) {
	for name, test := range map[string]struct {
		endpoint  string
		variables map[string]string
		unused    string // the variable that the error names
	}{
		"of the other scheme":      {"http://zstack.test", map[string]string{"HTTPS_PROXY": "%", "ALL_PROXY": "%"}, "HTTPS_PROXY"},
		"of the other scheme, too": {"https://zstack.test", map[string]string{"http_proxy": "%"}, "http_proxy"},
		"excluded":                 {"http://zstack.test", map[string]string{"HTTP_PROXY": "%", "HTTPS_PROXY": "%", "NO_PROXY": ".test"}, "HTTP_PROXY"},
		"all excluded":             {"https://zstack.test", map[string]string{"HTTP_PROXY": "%", "HTTPS_PROXY": "%", "no_proxy": "*"}, "HTTPS_PROXY"},
		"loopback":                 {"http://127.0.0.1", map[string]string{"HTTP_PROXY": "%", "ALL_PROXY": "%"}, ""},
		"localhost":                {"https://localhost", map[string]string{"HTTPS_PROXY": "%"}, ""},
		"ALL_PROXY":                {"http://zstack.test", map[string]string{"ALL_PROXY": "%"}, "ALL_PROXY"},
		"in upper case":            {"http://zstack.test", map[string]string{"http_proxy": "", "HTTP_PROXY": ""}, ""},
	} {
		useProxy(t, test.variables)
		client := newNetworkClient(t, test.endpoint, nil)
		client.DialWith(func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.DNSError{Name: "zstack.test", IsNotFound: true}
		})
		_, err := list(t.Context(), client)
		request, ok := errors.AsType[*zstack.RequestError](err)
		if !ok || !strings.HasPrefix(request.Err.Error(), "DNS does not know") {
			t.Errorf("%s: the error is %v, want that of a direct connection", name, err)
		} else if !strings.EqualFold(request.UnusedProxyVariable, test.unused) { // Windows has no case here.
			t.Errorf("%s: the unused variable is %q, want %q", name, request.UnusedProxyVariable, test.unused)
		}
	}
}

func TestProxyVariableMayBeAHostWithoutAScheme(t *testing.T) {
	for value, want := range map[string]string{
		"proxy.test:8080":                   "proxy.test:8080",
		"proxy.test":                        "proxy.test:80",
		"me:hunter2@proxy.test:8080":        "proxy.test:8080",
		"10.0.0.1:3128":                     "10.0.0.1:3128",
		"HTTP://proxy.test":                 "proxy.test:80",
		"https://proxy.test":                "proxy.test:443",
		"socks5://proxy.test":               "proxy.test:1080",
		"socks5h://me:hunter%202@[::1]:80/": "[::1]:80",
		"http://me@corp:hunter2@proxy.test": "proxy.test:80",
		"http://me:it's@proxy.test":         "proxy.test:80",
	} {
		useProxy(t, map[string]string{"HTTPS_PROXY": value})
		client := newNetworkClient(t, "https://zstack.test", func(c *zstack.Config) { c.MaxRetries = 0 })
		client.DialWith(func(_ context.Context, _, address string) (net.Conn, error) {
			if address != want {
				t.Errorf("HTTPS_PROXY=%s: %s is dialled, want %s", value, address, want)
			}
			return nil, net.ErrClosed
		})
		_, err := list(t.Context(), client)
		if proxy, ok := errors.AsType[*zstack.ProxyError](err); !ok || proxy.Address != want {
			t.Errorf("HTTPS_PROXY=%s: the error is %v, want a ProxyError", value, err)
		}
	}
}

func TestCredentialsThatAProxyEchoesAreRedacted(t *testing.T) {
	for _, status := range []int{403, 503} {
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "denied: "+r.Header.Get("Proxy-Authorization"))
		}))
		t.Cleanup(proxy.Close)
		useProxy(t, map[string]string{"HTTP_PROXY": strings.Replace(proxy.URL, "//", "//someone:hunter2hunter2@", 1)})
		ctx, log := logged(t.Context())
		_, err := list(ctx, newNetworkClient(t, "http://zstack.test", nil))
		if text := err.Error() + log.String(); strings.Contains(text, "c29tZW9uZTpod") || !strings.Contains(text, "denied: Basic ***") {
			t.Errorf("the credential is shown, or the page is not: %s", text)
		}
	}
}

// A client of a CGI program can set HTTP_PROXY with a header, but not http_proxy.
func TestInACGIProgramOnlyTheLowerCaseVariableSetsAProxy(t *testing.T) {
	useProxy(t, map[string]string{"http_proxy": "http://proxy.test", "REQUEST_METHOD": "GET"})
	client := newNetworkClient(t, "http://zstack.test", func(c *zstack.Config) { c.MaxRetries = 0 })
	client.DialWith(func(context.Context, string, string) (net.Conn, error) { return nil, net.ErrClosed })
	_, err := list(t.Context(), client)
	if proxy, ok := errors.AsType[*zstack.ProxyError](err); !ok || proxy.Address != "proxy.test:80" {
		t.Errorf("the error is %v, want that of the proxy", err)
	}
}
