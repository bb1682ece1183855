// SPDX-License-Identifier: MPL-2.0

package zstacktest

import (
	"io"
	"net"
	"testing"
)

// What may be at an address instead of a node: nothing, or a server that ends connections, hangs or uses another protocol.

// ClosedPort returns an address on which nothing listens until the test ends. A connection occupies its port: a free one could
// be assigned to a server of another test.
func ClosedPort(tb testing.TB) string {
	tb.Helper()
	connection, err := new(net.Dialer).DialContext(tb.Context(), "tcp", Listen(tb, Hangs))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = connection.Close() })
	return connection.LocalAddr().String()
}

// Listen calls handle for every connection, which it then closes, until the test ends, and returns the address.
func Listen(tb testing.TB, handle func(net.Conn)) string {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = connection.Close() }()
				handle(connection)
			}()
		}
	}()
	return listener.Addr().String()
}

// Closes ends the connection after the client has sent something.
func Closes(connection net.Conn) { _, _ = connection.Read(make([]byte, 64<<10)) }

// Resets resets the connection after the client has sent something.
func Resets(connection net.Conn) {
	Closes(connection)
	_ = connection.(*net.TCPConn).SetLinger(0)
}

// Hangs keeps the connection open until the client closes it.
func Hangs(connection net.Conn) { _, _ = io.Copy(io.Discard, connection) }

// Says sends text after the client has sent something.
func Says(text string) func(net.Conn) {
	return func(connection net.Conn) {
		Closes(connection)
		_, _ = io.WriteString(connection, text)
	}
}

// SOCKSReply is a SOCKS proxy that accepts every password, and responds with a code to the request for a connection.
func SOCKSReply(code byte) func(net.Conn) {
	return func(connection net.Conn) {
		for _, response := range []string{"\x05\x02", "\x01\x00", "\x05" + string(rune(code)) + "\x00\x01\x00\x00\x00\x00\x00\x00"} {
			Says(response)(connection)
		}
	}
}

// WithoutProxies unsets all variables of proxies until the test ends.
func WithoutProxies(t *testing.T) {
	t.Helper()
	for _, name := range []string{"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY", "REQUEST_METHOD"} {
		t.Setenv(name, "") // Empty counts as unset.
	}
}
