// SPDX-License-Identifier: MPL-2.0

package diagnosis

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

const proxyPassword = "hunter2hunter2"

// behind sets the variable for a proxy with a user name and a password, and
// returns an endpoint that only this proxy can reach.
func behind(variable string, proxy func(*testing.T, *zstacktest.Node) string) func(*testing.T, *zstacktest.Node) string {
	return func(t *testing.T, node *zstacktest.Node) string {
		url := proxy(t, node)
		t.Setenv(variable, strings.Replace(url, "://", "://me:"+proxyPassword+"@", 1))
		scheme, _, _ := strings.Cut(strings.ToLower(variable), "_")
		return scheme + "://zstack.example"
	}
}

// set sets a variable to a value and returns the endpoint that it is for.
func set(variable, value string) func(*testing.T, *zstacktest.Node) string {
	return func(t *testing.T, _ *zstacktest.Node) string {
		t.Setenv(variable, value)
		scheme, _, _ := strings.Cut(strings.ToLower(variable), "_")
		return scheme + "://zstack.example"
	}
}

// refuses is a proxy or a server that responds with a status to everything.
func refuses(status int) func(*testing.T, *zstacktest.Node) string {
	return func(t *testing.T, _ *zstacktest.Node) string {
		return serveHTTP(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(status)
			_, _ = fmt.Fprintf(w, "<html><head><title>%d %s</title></head></html>", status, http.StatusText(status))
		})
	}
}

// refusesOverTLS is the same with a certificate of the authority.
func refusesOverTLS(t *testing.T, _ *zstacktest.Node) string {
	forbids := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	return serveTLS(t, forbids, &tls.Config{Certificates: []tls.Certificate{authority.Certificate()}})
}

// tlsAlert is what a server with TLS sends to a client without it.
const tlsAlert = "\x15\x03\x01\x00\x02\x02\x46"

// unknownProxy is a proxy whose name DNS does not know.
var unknownProxy = &zstack.RequestError{
	Method: "PUT", Endpoint: "https://zstack.example:443/zstack", Host: "zstack.example:443", Path: "/zstack/v1/accounts/login", Attempts: 1,
	Proxy: zstack.Proxy{Variable: "https_proxy", Address: "proxy.example:3128"},
	Err: &zstack.ProxyError{
		Proxy: zstack.Proxy{Variable: "https_proxy", Address: "proxy.example:3128"},
		Err:   &zstack.LookupError{Host: "proxy.example", NotFound: true},
	},
}

// otherVariable is the error of a direct connection, although the variable for
// the other scheme sets a proxy.
var otherVariable = &zstack.RequestError{
	Method: "PUT", Endpoint: "https://zstack.example:443/zstack", Host: "zstack.example:443", Path: "/zstack/v1/accounts/login", Attempts: 1,
	UnusedProxyVariable: "HTTP_PROXY", Err: &zstack.LookupError{Host: "zstack.example", NotFound: true},
}

var proxyScenarios = []scenario{
	{name: "CONNECT 407", serve: behind("HTTPS_PROXY", refuses(http.StatusProxyAuthRequired))},
	{name: "CONNECT 403", serve: behind("https_proxy", refuses(http.StatusForbidden))},
	{name: "CONNECT 502", serve: behind("HTTPS_PROXY", refuses(http.StatusBadGateway)), config: retrying},
	{name: "CONNECT 503", serve: behind("HTTPS_PROXY", refuses(http.StatusServiceUnavailable)), config: retrying},
	{name: "CONNECT 504", serve: behind("HTTPS_PROXY", refuses(http.StatusGatewayTimeout)), config: retrying},
	{name: "CONNECT 400", serve: behind("HTTPS_PROXY", refuses(http.StatusBadRequest))},
	{name: "http in front of a proxy with TLS", serve: behind("HTTPS_PROXY", at("http", zstacktest.Says(tlsAlert)))},
	{name: "http in front of a proxy with TLS, over http", serve: behind("HTTP_PROXY", at("http", zstacktest.Says(tlsAlert)))},
	{name: "the proxy closes the connection, over http", serve: behind("HTTP_PROXY", at("http", zstacktest.Closes))},
	{name: "the proxy does not respond, over http", serve: behind("HTTP_PROXY", at("http", zstacktest.Hangs)), config: impatient},
	{name: "the proxy cuts the body, over http", serve: behind("HTTP_PROXY", at("http", zstacktest.Says("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{")))},
	{name: "407 over http", serve: behind("HTTP_PROXY", refuses(http.StatusProxyAuthRequired))},
	{name: "407 of a transparent proxy", serve: refuses(http.StatusProxyAuthRequired)},
	{name: "403 over http", serve: behind("HTTP_PROXY", refuses(http.StatusForbidden))},
	{name: "404 over http", serve: behind("HTTP_PROXY", refuses(http.StatusNotFound))},
	{name: "502 over http", serve: behind("http_proxy", refuses(http.StatusBadGateway))},
	{name: "no proxy listens", serve: behind("HTTPS_PROXY", atClosedPort("http"))},
	{name: "no proxy listens, over http", serve: behind("HTTP_PROXY", atClosedPort("http"))},
	{name: "no SOCKS proxy listens", serve: behind("HTTPS_PROXY", atClosedPort("socks5"))},
	{name: "unknown proxy", err: unknownProxy},
	{name: "the proxy closes the connection", serve: behind("HTTPS_PROXY", at("http", zstacktest.Closes))},
	{name: "the proxy does not respond", serve: behind("HTTPS_PROXY", at("http", zstacktest.Hangs)), config: impatient},
	{name: "the proxy is an SSH server", serve: behind("HTTPS_PROXY", at("http", zstacktest.Says("SSH-2.0-OpenSSH_8.7\r\n")))},
	{name: "the SOCKS proxy is a web server", serve: behind("HTTPS_PROXY", at("socks5", zstacktest.Says("HTTP/1.1 400 Bad Request\r\n\r\n")))},
	{name: "the SOCKS proxy requires a password of another kind", serve: behind("HTTPS_PROXY", at("socks5", zstacktest.Says("\x05\xff")))},
	{name: "the SOCKS proxy does not reach the endpoint", serve: behind("HTTPS_PROXY", at("socks5", zstacktest.SOCKSReply(4))), config: retrying},
	{name: "the SOCKS proxy forbids the connection", serve: behind("HTTPS_PROXY", at("socks5", zstacktest.SOCKSReply(2)))},
	{name: "https in front of a plain proxy", serve: behind("HTTPS_PROXY", func(t *testing.T, node *zstacktest.Node) string {
		return otherScheme(refuses(http.StatusForbidden)(t, node))
	})},
	{name: "the proxy's certificate is not trusted", serve: behind("HTTPS_PROXY", refusesOverTLS)},
	{name: "the proxy's handshake is closed", serve: behind("HTTPS_PROXY", at("https", zstacktest.Closes))},
	{name: "a proxy variable with a line break", serve: set("HTTPS_PROXY", "http://me:"+proxyPassword+"@proxy.example:3128\n")},
	{name: "a proxy variable with an invalid password", serve: set("http_proxy", "http://me:"+proxyPassword+"%@proxy.example:3128")},
	{name: "a proxy variable with another scheme", serve: set("HTTP_PROXY", "ftp://me:"+proxyPassword+"@proxy.example:3128")},
	{name: "HTTP_PROXY in a CGI program", serve: func(t *testing.T, node *zstacktest.Node) string {
		t.Setenv("REQUEST_METHOD", "GET")
		return set("HTTP_PROXY", "http://me:"+proxyPassword+"@proxy.example:3128")(t, node)
	}},
	{name: "unknown host, HTTP_PROXY set for https", err: otherVariable},
	{name: "the endpoint's handshake is closed behind a proxy", serve: behind("HTTPS_PROXY", func(t *testing.T, _ *zstacktest.Node) string {
		return serveHTTP(t, func(w http.ResponseWriter, _ *http.Request) {
			connection, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				panic(err)
			}
			_, _ = connection.Write([]byte("HTTP/1.1 200 OK\r\n\r\n"))
			zstacktest.Closes(connection)
			_ = connection.Close()
		})
	})},
}
