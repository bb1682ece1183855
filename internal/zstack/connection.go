// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"strings"
	"sync"
	"syscall"

	"github.com/zstackio/terraform-provider-zstack/internal/lazyregexp"
)

// connection is what is recorded of the connection of an attempt. Callbacks of
// net/http set it, even after the end of the attempt.
type connection struct {
	proxy Proxy // zero: none

	mu          sync.Mutex
	handshakes  int    // TLS handshakes begun: the proxy's, if it has one, and the endpoint's
	handshaking bool   // the latest of them is not complete
	established bool   // the request got the connection
	reused      bool   // an earlier request used it
	tlsVersion  uint16 // 0: no TLS

	certificateRequested bool // the server requested a client certificate
}

type connectionKey struct{}

// traceConnection returns a context that lets net/http fill in c.
func traceConnection(ctx context.Context, c *connection) context.Context {
	return httptrace.WithClientTrace(context.WithValue(ctx, connectionKey{}, c), &httptrace.ClientTrace{
		GetConn: func(string) {
			c.update(func() { c.handshakes, c.handshaking, c.established = 0, false, false })
		},
		TLSHandshakeStart: func() {
			c.update(func() { c.handshakes, c.handshaking = c.handshakes+1, true })
		},
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) {
			c.update(func() { c.handshaking = err != nil })
		},
		GotConn: func(info httptrace.GotConnInfo) {
			c.update(func() {
				c.established, c.reused = true, info.Reused
				if encrypted, ok := info.Conn.(*tls.Conn); ok {
					c.tlsVersion = encrypted.ConnectionState().Version
				}
			})
		},
	})
}

func (c *connection) update(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
}

// isEstablished reports whether the request got the connection.
func (c *connection) isEstablished() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.established
}

// noClientCertificate is called when a server requests a client certificate.
func noClientCertificate(info *tls.CertificateRequestInfo) (*tls.Certificate, error) {
	if c, ok := info.Context().Value(connectionKey{}).(*connection); ok {
		c.update(func() { c.certificateRequested = true })
	}
	return &tls.Certificate{}, nil
}

// addLogFields adds what is recorded to the fields of a log line.
func (c *connection) addLogFields(fields map[string]any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.proxy.Address != "" {
		fields["proxy"] = c.proxy.Address
	}
	if !c.established {
		return
	}
	fields["connection"] = "new"
	if c.reused {
		fields["connection"] = "reused"
	}
	if c.tlsVersion != 0 {
		fields["tls"] = tls.VersionName(c.tlsVersion)
	}
}

// connectionError returns the cause of an attempt that failed before a response
// arrived.
func (t *transport) connectionError(c *connection, err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.established {
		return t.responseError(c, err)
	}
	if refused, ok := errors.AsType[*ProxyError](err); ok {
		return refused
	}
	isSOCKS := false
	if operation, ok := errors.AsType[*net.OpError](err); ok && (operation.Op == "proxyconnect" || strings.HasPrefix(operation.Op, "socks")) {
		err, isSOCKS = operation.Err, operation.Op != "proxyconnect"
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = &TimeoutError{After: tunnelTimeout}
	}
	_, isLookup := errors.AsType[*LookupError](err)
	switch {
	case c.handshaking:
		err = tlsError(err, c.certificateRequested)
	case t.proxyURL == nil && isTimeout(err) && !isLookup:
		err = &ConnectError{Address: t.endpoint.Host, Err: err}
	case isConnectionEnd(err):
		err = &IncompleteResponseError{Err: err}
	case isTLSAlert(err):
		err = &TLSExpectedError{}
	case isMalformedHTTP(err):
		err = newNotHTTPError(err)
	case isSOCKS && !isTimeout(err):
		err = newSOCKSError(err)
	}
	if t.proxyURL != nil && !t.reachedEndpoint(c) {
		return &ProxyError{Proxy: t.proxy, Err: err}
	}
	if plain, ok := errors.AsType[*PlainHTTPError](err); ok {
		plain.Endpoint = t.endpointWith("http")
	}
	return err
}

// reachedEndpoint reports whether the TLS handshake with the endpoint began.
func (t *transport) reachedEndpoint(c *connection) bool {
	if t.proxyURL != nil && t.proxyURL.Scheme == "https" {
		return c.handshakes > 1
	}
	return c.handshakes > 0
}

// responseError returns the cause of an attempt that got a connection, but no
// response.
func (t *transport) responseError(c *connection, err error) error {
	if isTLSFailure(err) {
		return tlsError(err, c.certificateRequested)
	}
	switch {
	case cutHeader().MatchString(err.Error()):
		return &IncompleteResponseError{Began: true, InHeader: true, Err: io.ErrUnexpectedEOF}
	case isTLSAlert(err):
		return t.firstHopError(&TLSExpectedError{Endpoint: t.endpointWith("https")})
	case isMalformedHTTP(err):
		return t.firstHopError(newNotHTTPError(err))
	case isConnectionEnd(err):
		return &IncompleteResponseError{Err: err}
	case strings.HasPrefix(err.Error(), brokenConnection):
		return &InvalidHTTPError{Err: err}
	}
	return err
}

// brokenConnection begins every error of net/http about the header of a
// response.
const brokenConnection = "net/http: HTTP/1.x transport connection broken: "

// cutHeader matches the error of net/http about a header that ends within its
// status or within the name of a field.
var cutHeader = lazyregexp.New(`malformed MIME header: missing colon: "[\w-]+"$|malformed HTTP response "HTTP/1\.[01]"$|malformed HTTP status code "\d{0,2}"$`)

// firstHopError returns err as an error of the proxy if requests for the
// endpoint are sent to it and not through a tunnel.
func (t *transport) firstHopError(err error) error {
	if t.proxyURL != nil && t.endpoint.Scheme == "http" {
		return &ProxyError{Proxy: t.proxy, Err: err}
	}
	return err
}

// responseCause returns the error of a response to a request for path: err, or
// one that says more.
func (t *transport) responseCause(path string, err error) error {
	if redirect, ok := errors.AsType[*RedirectError](err); ok {
		redirect.Endpoint = t.endpointOfRedirect(redirect.Location, path)
	}
	if expected, ok := errors.AsType[*TLSExpectedError](err); ok {
		expected.Endpoint = t.endpointWith("https")
	}
	unexpected, ok := errors.AsType[*UnexpectedResponseError](err)
	switch {
	case ok && unexpected.HTTPStatus == http.StatusProxyAuthRequired && t.endpoint.Scheme == "http":
		return &ProxyError{Proxy: t.proxy, Status: unexpected.HTTPStatus}
	case ok && unexpected.HTTPStatus == http.StatusNotFound && unexpected.Excerpt == "no api mapping to "+path:
		return &UnknownAPIError{Path: path}
	}
	return err
}

// endpointOfRedirect returns the endpoint whose request for path is sent to
// location, or "" if there is none.
func (t *transport) endpointOfRedirect(location, path string) string {
	base, err := url.Parse(strings.TrimSuffix(location, path))
	if err != nil || !strings.HasSuffix(location, path) {
		return ""
	}
	if base.Scheme == "http" && base.Port() == "" {
		base.Host += ":80" // The default port of http, but not of an endpoint.
	}
	endpoint, err := ParseEndpoint(base.String())
	if err != nil || endpoint.Path != base.Path || endpoint.String() == t.endpoint.String() {
		return ""
	}
	return base.String()
}

// endpointWith returns the endpoint with another scheme.
func (t *transport) endpointWith(scheme string) string {
	endpoint := *t.endpoint
	endpoint.Scheme = scheme
	return endpoint.String()
}

// dialError returns the cause of a connection that could not be opened.
func dialError(address string, err error) error {
	if lookup, ok := errors.AsType[*net.DNSError](err); ok {
		return &LookupError{Host: lookup.Name, NotFound: lookup.IsNotFound, Err: err}
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, windowsConnectionRefused):
		return &RefusedError{Address: address, Err: err}
	case isTimeout(err):
		err = &TimeoutError{After: dialTimeout}
	}
	return &ConnectError{Address: address, Err: err}
}

// Error numbers of Windows, which package syscall does not name.
const (
	windowsConnectionAborted = syscall.Errno(10053)
	windowsConnectionReset   = syscall.Errno(10054)
	windowsConnectionRefused = syscall.Errno(10061)
)

// isReset reports whether err says that a connection was reset.
func isReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, windowsConnectionReset) || errors.Is(err, windowsConnectionAborted)
}

// isConnectionEnd reports whether err says that a connection was closed or
// reset by the other side.
func isConnectionEnd(err error) bool {
	return isReset(err) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.EPIPE) ||
		errors.Is(err, io.ErrClosedPipe) ||
		strings.Contains(err.Error(), "server closed idle connection") || strings.Contains(err.Error(), "unexpected EOF") // net/http does not export them.
}

// howConnectionEnded completes the sentence "the connection was …".
func howConnectionEnded(err error) string {
	if isReset(err) {
		return "reset"
	}
	return "closed"
}

func isTimeout(err error) bool {
	_, ours := errors.AsType[*TimeoutError](err)
	network, ok := errors.AsType[net.Error](err)
	return ours || ok && network.Timeout()
}

// isMalformedHTTP reports whether err says that a response is not HTTP.
// net/http has no exported error for it.
func isMalformedHTTP(err error) bool { return strings.Contains(err.Error(), "malformed HTTP") }

// isTLSAlert reports whether err says that a response is a TLS record with an
// alert instead of HTTP.
func isTLSAlert(err error) bool {
	return isMalformedHTTP(err) && strings.Contains(err.Error(), `\x15\x03`)
}

// LookupError says that DNS has no address for a host name.
type LookupError struct {
	Host     string
	NotFound bool // DNS says that the name does not exist
	Err      error
}

// Error names the host and says why there is no address.
func (e *LookupError) Error() string {
	lookup, ok := errors.AsType[*net.DNSError](e.Err)
	switch {
	case e.NotFound:
		return fmt.Sprintf("DNS does not know the host name %q", e.Host)
	case ok && lookup.IsTimeout:
		return fmt.Sprintf("DNS did not respond in time to the lookup of the host name %q", e.Host)
	case ok:
		reason := lookup.Err[strings.LastIndex(lookup.Err, ": ")+1:] // The part before it is about sockets.
		return fmt.Sprintf("DNS could not look up the host name %q: %s", e.Host, strings.TrimSpace(reason))
	}
	return fmt.Sprintf("DNS could not look up the host name %q: %v", e.Host, e.Err)
}

// Unwrap returns the error of the lookup.
func (e *LookupError) Unwrap() error { return e.Err }

// RefusedError says that no process listens on an address.
type RefusedError struct {
	Address string // host and port
	Err     error
}

// Error names the address.
func (e *RefusedError) Error() string { return "connection refused by " + e.Address }

// Unwrap returns the system's error.
func (e *RefusedError) Unwrap() error { return e.Err }

// ConnectError says that no connection could be opened for another reason.
type ConnectError struct {
	Address string // host and port
	Err     error
}

// Error names the address and the reason.
func (e *ConnectError) Error() string {
	if timeout, ok := errors.AsType[*TimeoutError](e.Err); ok {
		return fmt.Sprintf("no connection to %s %s", e.Address, timeout.limit())
	}
	reason := e.Err
	if operation, ok := errors.AsType[*net.OpError](e.Err); ok {
		reason = operation.Err // Without the address, which is in the sentence.
	}
	if call, ok := errors.AsType[*os.SyscallError](e.Err); ok {
		reason = call.Err // Without the name of the system call.
	}
	return fmt.Sprintf("no connection to %s: %v", e.Address, reason)
}

// Unwrap returns the reason.
func (e *ConnectError) Unwrap() error { return e.Err }

// IncompleteResponseError says that the connection ended before the response
// was complete, or before it began.
type IncompleteResponseError struct {
	Began    bool // the response began
	InHeader bool // it ended within its header
	Bytes    int  // of the body that were received
	Err      error
}

// Error says how much of the response was received.
func (e *IncompleteResponseError) Error() string {
	switch {
	case !e.Began:
		return "the connection was " + howConnectionEnded(e.Err) + " before the response began"
	case e.InHeader:
		return "the connection was " + howConnectionEnded(e.Err) + " within the header of the response"
	case errors.Is(e.Err, io.EOF):
		return "the body is empty"
	}
	return fmt.Sprintf("the body ended after %d bytes, before it was complete", e.Bytes)
}

// Unwrap returns how the connection ended.
func (e *IncompleteResponseError) Unwrap() error { return e.Err }

// NotHTTPError says that the response is not HTTP.
type NotHTTPError struct {
	Begin string // the beginning of the response, one line of printable text
}

// newNotHTTPError takes the beginning of the response from an error of net/http,
// which quotes it.
func newNotHTTPError(err error) *NotHTTPError {
	_, quoted, _ := strings.Cut(err.Error(), `"`)
	return &NotHTTPError{Begin: strings.TrimSuffix(quoted, `"`)}
}

// Error says how the response begins.
func (e *NotHTTPError) Error() string {
	return fmt.Sprintf(`the response is not HTTP: "%s"`, e.Begin)
}

// InvalidHTTPError says that the header of a response violates HTTP, or is too
// long.
type InvalidHTTPError struct{ Err error }

// Error says what is wrong with the header.
func (e *InvalidHTTPError) Error() string {
	return "the response is not valid HTTP: " + inPlainWords(e.Err)
}

// Unwrap returns the error of net/http.
func (e *InvalidHTTPError) Unwrap() error { return e.Err }
