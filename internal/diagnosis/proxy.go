// SPDX-License-Identifier: MPL-2.0

package diagnosis

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// proxyCauses are errors of a proxy: the endpoint received nothing. In the
// advice, {proxy} is its address, {variable} where it is set, and {host} the
// endpoint's host and port.
var proxyCauses = []cause{
	{
		with(func(e *zstack.ProxyVariableError) bool { return e.CGI }), "Invalid Proxy Variable",
		ofProxy("Unset REQUEST_METHOD, or use http_proxy instead of {variable}. Nothing was sent: the provider does not connect directly if a " +
			"variable sets a proxy."),
	},
	{
		hasType[*zstack.ProxyVariableError], "Invalid Proxy Variable",
		ofProxy("Correct {variable}, for example {variable}=http://proxy.example:3128, or unset it. Nothing was sent: the provider does not " +
			"connect directly if a variable sets a proxy."),
	},
	{
		anyOf(hasProxyStatus(http.StatusProxyAuthRequired), hasSOCKSProblem(zstack.SOCKSLogin)), "Proxy Authentication Required",
		ofProxy("Set the user name and the password that the proxy requires, or correct them, before the host in {variable}: " +
			"user:password@{proxy}, with special characters percent-encoded. The provider supports only basic authentication, not NTLM or Kerberos."),
	},
	{
		anyOf(hasProxyStatus(http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout), hasSOCKSProblem(zstack.SOCKSUnreachable)), "Endpoint Not Reachable Through the Proxy",
		ofProxy("The proxy could not connect to {host}, or is overloaded. The proxy, not this machine, looks up the host name and connects: " +
			"check that the proxy can reach the host."),
	},
	{
		anyOf(hasProxyStatus(http.StatusForbidden, http.StatusMethodNotAllowed, http.StatusUnauthorized), hasSOCKSProblem(zstack.SOCKSForbidden)), "Request Refused by the Proxy",
		ofProxy("Ask the administrator of the proxy to allow connections to {host}. Many proxies allow CONNECT to port 443 only."),
	},
	{
		hasProxyStatus(), "Unexpected Response of the Proxy",
		ofProxy("Check that {proxy} is the address of a proxy, not of a web server, and that {variable} begins with https:// if and only if the " +
			"proxy itself uses TLS."),
	},
	{
		hasProxyError[*zstack.LookupError], "Unknown Proxy Host",
		ofProxy("Correct the host name of the proxy in {variable}, check the DNS settings of this machine, or unset the variable."),
	},
	{
		hasProxyError[*zstack.RefusedError], "Proxy Connection Refused",
		ofProxy("No process listens on {proxy}. Correct the address and port of the proxy in {variable}, start the proxy, or unset the variable."),
	},
	{
		hasProxyError[*zstack.CertificateError], "Proxy Certificate Not Trusted",
		ofProxy("It is the proxy's certificate, not that of the management node. If the proxy does not use TLS itself, {variable} must begin with " +
			"http://. If it does, set ca_certificate_file or ca_certificate of the provider to the certificate of its CA, or have its certificate " +
			"replaced."),
	},
	{
		anyOf(hasProxyError[*zstack.PlainHTTPError], hasProxyError[*zstack.NotTLSError]), "No TLS at the Proxy",
		ofProxy("Replace https:// with http:// in {variable}: the scheme is for the connection to the proxy itself, not to the management node."),
	},
	{
		hasProxyError[*zstack.TLSExpectedError], "TLS Expected at the Proxy",
		ofProxy("Replace http:// with https:// in {variable}: the scheme is for the connection to the proxy itself, not to the management node."),
	},
	{
		hasProxyError[*zstack.TimeoutError], "Proxy Timeout",
		ofProxy("The proxy did not respond in time. Check that this machine can reach {proxy} (firewall, VPN), and that the proxy can reach " +
			"{host}: it responds only when it is connected."),
	},
	{
		hasSOCKSProblem(zstack.SOCKSOtherProtocol), "Proxy Connection Failed",
		ofProxy("If it is an HTTP proxy, replace socks5:// with http:// in {variable}. Otherwise check that {proxy} is the address of a proxy."),
	},
	{
		hasType[*zstack.ProxyError], "Proxy Connection Failed",
		ofProxy("Check that {proxy} is the address of a proxy, that the proxy runs, and that the scheme in {variable} is the proxy's own: " +
			"http://, https:// or socks5://."),
	},
}

// hasProxyStatus fits a proxy that refuses a request with one of these statuses,
// or with any status if there are none.
func hasProxyStatus(statuses ...int) func(error) bool {
	return with(func(e *zstack.ProxyError) bool {
		return slices.Contains(statuses, e.Status) || len(statuses) == 0 && e.Status != 0
	})
}

// hasProxyError fits a proxy that cannot be used because of an error of type E.
func hasProxyError[E error](err error) bool {
	return with(func(e *zstack.ProxyError) bool { return hasType[E](e.Err) })(err)
}

// hasSOCKSProblem fits a SOCKS proxy that opened no connection because of a problem.
func hasSOCKSProblem(problem zstack.SOCKSProblem) func(error) bool {
	return with(func(e *zstack.SOCKSError) bool { return e.Problem == problem })
}

// ofProxy is advice about the proxy, followed by how to do without it.
func ofProxy(advice string) func(failure) string {
	return func(f failure) string {
		variable := f.request.Proxy.Variable
		if invalid, ok := errors.AsType[*zstack.ProxyVariableError](f.err); ok {
			variable = invalid.Variable
		}
		values := strings.NewReplacer(
			"{proxy}", cmp.Or(f.request.Proxy.Address, "proxy.example:3128"),
			"{variable}", cmp.Or(variable, f.proxyVariable()),
			"{host}", f.request.Host,
		)
		if variable == "" {
			return "No environment variable sets a proxy, so a transparent proxy on the path to the server intercepted the request. " + values.Replace(advice)
		}
		return values.Replace(advice) + f.withoutProxy()
	}
}

// withoutProxy says how to reach the endpoint without a proxy.
func (f failure) withoutProxy() string {
	return fmt.Sprintf("\n\nIf this machine can reach the management node without the proxy, add %s to NO_PROXY.", f.hostname())
}

// proxyVariable is the variable that sets the proxy for the endpoint.
func (f failure) proxyVariable() string {
	if strings.HasPrefix(f.request.Endpoint, "https:") {
		return "HTTPS_PROXY"
	}
	return "HTTP_PROXY"
}

// proxy is the proxy of the request, and where it is set.
func (f failure) proxy() string {
	return fmt.Sprintf("%s (%s)", f.request.Proxy.Address, f.request.Proxy.Variable)
}

// hostname is the endpoint's host without the port.
func (f failure) hostname() string {
	host, _, err := net.SplitHostPort(f.request.Host)
	if err != nil {
		return f.request.Host
	}
	return host
}

// connecting is advice about a connection without a proxy. It says why the
// proxy that a variable sets was not used.
func connecting(advice string) func(failure) string {
	return func(f failure) string {
		unused := f.request.UnusedProxyVariable
		why := fmt.Sprintf("this variable is only for %s endpoints. If the management node is reached through that proxy, set %s",
			strings.TrimSuffix(strings.ToLower(unused), "_proxy"), f.proxyVariable())
		switch {
		case unused == "":
			return advice
		case strings.EqualFold(unused, f.proxyVariable()):
			why = fmt.Sprintf("NO_PROXY excludes %s. If the management node is reached through that proxy, change NO_PROXY", f.hostname())
		case strings.EqualFold(unused, "ALL_PROXY"):
			why = "the provider does not use this variable. If the management node is reached through that proxy, set " + f.proxyVariable()
		}
		return fmt.Sprintf("%s\n\n%s is set, but that proxy was not used: %s.", advice, unused, why)
	}
}

// responding is advice about a response, which may be that of a proxy if
// there is no tunnel through it.
func responding(advice string) func(failure) string {
	return func(f failure) string {
		if f.request.Proxy.Address == "" || strings.HasPrefix(f.request.Endpoint, "https:") {
			return advice
		}
		return f.suspectingProxy(advice)
	}
}

// handshaking is advice about a handshake with the endpoint, which a proxy may
// have interrupted.
func handshaking(advice string) func(failure) string {
	return func(f failure) string {
		if f.request.Proxy.Address == "" {
			return connecting(advice)(f)
		}
		return f.suspectingProxy(advice)
	}
}

// suspectingProxy is advice, and that the proxy may be the cause.
func (f failure) suspectingProxy(advice string) string {
	return fmt.Sprintf("%s The proxy %s may be the cause.%s", advice, f.proxy(), f.withoutProxy())
}
