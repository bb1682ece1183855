// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/http/httpproxy"
)

// Proxy is the proxy that the environment sets for an endpoint.
type Proxy struct {
	Variable string // where it is set, such as "HTTPS_PROXY"
	Address  string // host and port, without user and password
}

// environmentProxy returns the proxy that the environment sets for endpoint,
// or nil if none is used. A variable that would be used, but is not a valid
// proxy URL, is a [ProxyVariableError]: without the proxy, the credentials would
// be sent on a path that the user does not want.
func environmentProxy(endpoint *url.URL) (*url.URL, Proxy, error) {
	variable, value := lookUpVariable(endpoint.Scheme + "_proxy")
	if value == "" {
		return nil, Proxy{}, nil
	}
	// The library ignores an invalid proxy, so it only decides whether one is used.
	config := httpproxy.FromEnvironment()
	config.HTTPProxy, config.HTTPSProxy = "http://proxy.invalid", "http://proxy.invalid"
	config.CGI = config.CGI && variable == "HTTP_PROXY" // A client of a CGI program can set this one only, with a header.
	used, err := config.ProxyFunc()(endpoint)
	if err != nil {
		return nil, Proxy{}, &ProxyVariableError{Variable: variable, Reason: "it is not used while REQUEST_METHOD is set, as in a CGI program", CGI: true}
	}
	if used == nil {
		return nil, Proxy{}, nil
	}
	proxy, err := parseProxy(value)
	if err != nil {
		return nil, Proxy{}, &ProxyVariableError{Variable: variable, Reason: err.Error()}
	}
	return proxy, Proxy{Variable: variable, Address: net.JoinHostPort(proxy.Hostname(), cmp.Or(proxy.Port(), proxyPorts[proxy.Scheme]))}, nil
}

// lookUpVariable returns the environment variable with this name, which is in
// lower case, or, if that is not set, with the name in upper case.
func lookUpVariable(name string) (variable, value string) {
	for _, variable := range []string{name, strings.ToUpper(name)} {
		if value := os.Getenv(variable); value != "" {
			return variable, value
		}
	}
	return "", ""
}

// unusedProxyVariable returns the name of a variable that sets a proxy, but not
// one for endpoint, or "". A connection of this machine to itself needs none.
func unusedProxyVariable(endpoint, proxy *url.URL) string {
	address, err := netip.ParseAddr(endpoint.Hostname())
	if proxy != nil || endpoint.Hostname() == "localhost" || err == nil && address.IsLoopback() {
		return ""
	}
	for _, name := range []string{endpoint.Scheme + "_proxy", "http_proxy", "https_proxy", "all_proxy"} {
		if variable, value := lookUpVariable(name); value != "" {
			return variable
		}
	}
	return ""
}

// proxyPorts has the default port of every supported kind of proxy.
var proxyPorts = map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}

// parseProxy parses the value of a proxy variable, a URL or a host with or
// without a port. The error does not quote it, as it may contain a password.
func parseProxy(value string) (*url.URL, error) {
	switch {
	case strings.ContainsFunc(value, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }):
		return nil, errors.New("it contains a space, a line break or a character that is not printable")
	case strings.Trim(value, `"'`) != value:
		return nil, errors.New("it is in quotes, which are not a part of a URL")
	case strings.Contains(value, "#"):
		return nil, errors.New("it contains #, which must be written as %23 in a user name or password")
	case strings.Contains(value, "?"):
		return nil, errors.New("it contains ?, which must be written as %3F in a user name or password")
	}
	if !strings.Contains(value, "://") {
		if scheme, _, found := strings.Cut(value, ":"); found && proxyPorts[strings.ToLower(scheme)] != "" {
			return nil, errors.New("its scheme is not followed by ://")
		}
		value = "http://" + value
	}
	scheme, rest, _ := strings.Cut(value, "://")
	if _, supported := proxyPorts[strings.ToLower(scheme)]; !supported {
		return nil, errors.New("its scheme is not http, https, socks5 or socks5h")
	}
	if _, err := url.PathUnescape(rest); err != nil {
		return nil, errors.New("it contains % without two hexadecimal digits; in a user name or password, % must be written as %25")
	}
	proxy, err := url.Parse(value)
	switch {
	case err == nil && strings.Contains(proxy.Path, "@"):
		return nil, errors.New("it contains / in a user name or password, which must be written as %2F")
	case err != nil || !validHost(proxy.Hostname()) || proxyPorts[proxy.Hostname()] != "":
		return nil, errors.New("it is not a URL such as http://user:password@proxy.example:3128; special characters in a user name or password must be percent-encoded")
	case proxy.Port() != "":
		if port, err := strconv.ParseUint(proxy.Port(), 10, 16); err != nil || port == 0 {
			return nil, errors.New("its port is not between 1 and 65535")
		}
	}
	return proxy, nil
}

// ProxyVariableError says that a proxy variable of the environment would be
// used for the endpoint, but is not a proxy URL. Nothing was sent.
type ProxyVariableError struct {
	Variable string // such as "HTTPS_PROXY"
	Reason   string // completes a sentence whose subject is the value, which it does not quote
	CGI      bool   // the value is valid, but REQUEST_METHOD is set
}

// Error names the variable and says what is wrong with its value.
func (e *ProxyVariableError) Error() string {
	return "the proxy in the environment variable " + e.Variable + " cannot be used: " + e.Reason
}

// ProxyError says that the proxy could not be reached or used, or refused the
// request: the endpoint received nothing.
type ProxyError struct {
	Proxy // zero if the environment sets none: then it is a transparent one

	// Status is the HTTP status with which the proxy refused the request; 0 if
	// it did not respond.
	Status int

	// Err is why the proxy could not be reached or used; nil if Status is set.
	Err error

	retryAfter string // the header of the response to CONNECT
}

// Error names the proxy and says what happened.
func (e *ProxyError) Error() string {
	name := "a proxy that no environment variable names"
	if e.Address != "" {
		name = fmt.Sprintf("the proxy %s (%s)", e.Address, e.Variable)
	}
	if e.Err != nil {
		// An error of a connection calls the other side the server.
		return fmt.Sprintf("%s cannot be used: %s", name, strings.ReplaceAll(e.Err.Error(), "the server", "the proxy"))
	}
	return fmt.Sprintf("%s refused the request with HTTP status %s", name, statusText(e.Status))
}

// Unwrap returns why the proxy could not be reached or used.
func (e *ProxyError) Unwrap() error { return e.Err }

// SOCKSError says that a SOCKS proxy opened no connection to the endpoint.
type SOCKSError struct {
	Problem SOCKSProblem
	Err     error
}

// SOCKSProblem distinguishes what needs different remedies.
type SOCKSProblem int

// The problems of a SOCKS proxy.
const (
	SOCKSFailure       SOCKSProblem = iota // any other
	SOCKSLogin                             // it requires a user name and a password, or refused them
	SOCKSForbidden                         // its rules forbid the connection
	SOCKSUnreachable                       // it could not reach the endpoint
	SOCKSOtherProtocol                     // it is not a SOCKS proxy
)

// socksProblems are found in the texts of net/http, which has no exported
// errors for them.
var socksProblems = []struct {
	text    string
	problem SOCKSProblem
}{
	{"unexpected protocol version", SOCKSOtherProtocol},
	{"authentication", SOCKSLogin},
	{"username/password", SOCKSLogin},
	{"not allowed by ruleset", SOCKSForbidden},
	{"unreachable", SOCKSUnreachable},
	{"connection refused", SOCKSUnreachable},
	{"TTL expired", SOCKSUnreachable},
}

// newSOCKSError returns the error of a SOCKS proxy's response.
func newSOCKSError(err error) *SOCKSError {
	for _, entry := range socksProblems {
		if strings.Contains(err.Error(), entry.text) {
			return &SOCKSError{entry.problem, err}
		}
	}
	return &SOCKSError{SOCKSFailure, err}
}

// Error contains the proxy's text.
func (e *SOCKSError) Error() string {
	if e.Problem == SOCKSOtherProtocol {
		return "it is not a SOCKS proxy"
	}
	return "it opened no connection: " + strings.TrimPrefix(e.Err.Error(), "unknown error ")
}

// Unwrap returns the error of net/http.
func (e *SOCKSError) Unwrap() error { return e.Err }
