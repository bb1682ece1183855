// SPDX-License-Identifier: MPL-2.0

package zstacktest

import (
	"crypto/tls"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strings"
	"time"
)

// Stage is the kind of request that a fault happens to.
type Stage int

// The stages. A fault at login happens before the session is created, one at logout before the session ends. A first and a
// later page are queries for backup storages; a later one has start > 0. AtZones is every request for zones.
const (
	AtLogin Stage = iota + 1
	AtFirstPage
	AtLaterPage
	AtZones
	AtLogout

	elsewhere Stage = 0
)

// Fault is one misbehavior of a server, or of a proxy in front of it.
type Fault struct {
	// Name says what happens.
	Name   string
	happen func(*call)
	sticky bool
}

// Misbehave makes faults happen to the next requests of a stage, one each, in this order, after those that are already due.
func (n *Node) Misbehave(stage Stage, faults ...Fault) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.faults[stage] = append(n.faults[stage], faults...)
}

// Behave removes all faults that are still due.
func (n *Node) Behave() {
	n.mu.Lock()
	defer n.mu.Unlock()
	clear(n.faults)
}

// Always is a fault that happens to every request until [Node.Behave].
func Always(f Fault) Fault {
	f.sticky = true
	return f
}

// NoFault lets one request pass.
var NoFault = Fault{Name: "no fault"}

func (n *Node) nextFault(stage Stage) (Fault, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	due := n.faults[stage]
	if len(due) == 0 {
		return Fault{}, false
	}
	if !due[0].sticky {
		n.faults[stage] = due[1:]
	}
	return due[0], due[0].happen != nil
}

// Faults of the connection. Those that wait do so until the client or the server closes it.
var (
	// ResetBeforeResponse is a full worker queue: the connection is reset before a byte is sent.
	ResetBeforeResponse = Fault{Name: "connection reset before the response", happen: connection("", reset)}
	// ResetWithinBody is a node that dies while it responds.
	ResetWithinBody = Fault{
		Name:   "connection reset within the body",
		happen: connection("HTTP/1.1 200 \r\nContent-Length: 5000\r\n\r\n"+listBegin, reset),
	}
	// NeverResponds is a node that hangs: not even a status line is sent.
	NeverResponds = Fault{Name: "no response", happen: hang}
	// DrippingBody is a connection so slow that the body never ends, although bytes keep coming.
	DrippingBody = Fault{Name: "the body drips", happen: drip}
	// EndlessBody is a body without end, as fast as it is read.
	EndlessBody = Fault{Name: "the body never ends", happen: flood}
	// LongContentLength announces more bytes of body than are sent.
	LongContentLength = Fault{Name: "Content-Length is too long", happen: announce(5000)}
	// ShortContentLength announces fewer bytes of body than are sent.
	ShortContentLength = Fault{Name: "Content-Length is too short", happen: announce(len(emptyList) - 9)}
	// NotHTTP is another protocol on the port.
	NotHTTP = Fault{Name: "a protocol other than HTTP", happen: connection("SSH-2.0-OpenSSH_8.7\r\n", closed)}
)

const (
	listBegin = `{"schema":{},"total":1,"inventories":[`
	emptyList = `{"schema":{},"total":0,"inventories":[]}`
)

// Responses with status 200 whose body is wrong.
var (
	HTMLPage      = Body("200 with an HTML page", "<!doctype html>\n<html><head><title>Sign in</title></head><body>Portal</body></html>")
	EmptyBody     = Body("200 with an empty body", "")
	TruncatedBody = Body("200 with a truncated body", `{"schema":{},"total":1,"inventories":[{"uuid":"1ab3b836a8`)
	NullBody      = Body("200 with null", "null")
	ArrayBody     = Body("200 with an array", `[{"inventories":[]}]`)
	WrongTypes    = Body("200 with wrong JSON types", `{"schema":[],"total":"three","inventory":7,"inventories":{"uuid":1}}`)
	WrongRowTypes = Body("200 with wrong JSON types in a row", `{"schema":{},"total":1,"inventory":{"uuid":{}},`+
		`"inventories":[{"uuid":["x"],"totalCapacity":"much","attachedZoneUuids":"none"}]}`)
	DeepJSON   = Body("200 with deeply nested JSON", strings.Repeat(`{"inventories":[`, 100_000)+strings.Repeat(`]}`, 100_000))
	BinaryBody = Body("200 with binary data", "\x1f\x8b\x08\x00\x00\xff\xfe\x00")
)

// Body is 200 with any body.
func Body(name, body string) Fault {
	return Fault{Name: name, happen: write(http.StatusOK, nil, body)}
}

// Fails is the response with an [Error]: 503 and the error object. It also simulates a policy that denies the query, a user
// who is locked or needs a captcha, and a node that is not ready.
func Fails(e Error) Fault { return errorObject("error "+e.Code, http.StatusServiceUnavailable, e) }

// ErrorInside is status 200 with an error object in the body.
func ErrorInside(e Error) Fault { return errorObject("200 with error "+e.Code, http.StatusOK, e) }

func errorObject(name string, status int, e Error) Fault {
	return Fault{Name: name, happen: func(c *call) { write(status, nil, e.body(c.settings))(c) }}
}

// BodyKind is the kind of body that a [Status] has.
type BodyKind string

// The kinds of body.
const (
	PlainText BodyKind = "text"
	HTML      BodyKind = "HTML"
	NoBody    BodyKind = "an empty body"
	// OtherJSON is JSON without an error object.
	OtherJSON BodyKind = "JSON"
)

// Status is a status of a proxy, or of the server's REST front end.
func Status(status int, kind BodyKind) Fault {
	return Fault{
		Name:   fmt.Sprintf("%d with %s", status, kind),
		happen: write(status, contentType(kind), statusBody(status, kind)),
	}
}

func contentType(kind BodyKind) http.Header {
	if kind == HTML {
		return http.Header{"Content-Type": {"text/html"}}
	}
	return nil
}

func statusBody(status int, kind BodyKind) string {
	text := http.StatusText(status)
	switch kind {
	case PlainText:
		if status == http.StatusTooManyRequests {
			return "Rate limit exceeded"
		}
		return text
	case HTML:
		return fmt.Sprintf("<html>\n<head><title>%[1]d %[2]s</title></head>\n<body><center><h1>%[1]d %[2]s</h1></center>"+
			"<hr><center>nginx</center></body>\n</html>\n", status, text)
	case OtherJSON:
		return fmt.Sprintf(`{"status":%d,"reason":%s}`, status, quote(text, plain))
	default:
		return ""
	}
}

// RetryAfter is a status with the header Retry-After: seconds, a date or nonsense.
func RetryAfter(status int, when string) Fault {
	return Fault{
		Name:   fmt.Sprintf("%d with Retry-After: %s", status, when),
		happen: write(status, http.Header{"Retry-After": {when}}, http.StatusText(status)),
	}
}

// Redirect redirects the client.
func Redirect(status int, location string) Fault {
	return Fault{
		Name:   fmt.Sprintf("%d to %s", status, location),
		happen: write(status, http.Header{"Location": {location}}, ""),
	}
}

// RequestRefused is the response of the access control plug-in to an address that is not allowed: an error object without
// the usual wrapper.
var RequestRefused = Fault{
	Name: "403 with an unwrapped error",
	happen: write(http.StatusForbidden, nil,
		`{"code":"LOGIN_CONTROL.1004","description":"Request refused","details":"Request from [1.2.3.4] is refused","cost":"1ms"}`),
}

func write(status int, header http.Header, body string) func(*call) {
	return func(c *call) {
		c.w.Header()["Content-Type"] = nil
		maps.Copy(c.w.Header(), header)
		c.w.WriteHeader(status)
		_, _ = io.WriteString(c.w, body)
	}
}

func announce(length int) func(*call) {
	return connection(fmt.Sprintf("HTTP/1.1 200 \r\nContent-Length: %d\r\n\r\n%s", length, emptyList), closed)
}

// ending is how a connection ends.
type ending bool

const (
	closed ending = false
	reset  ending = true
)

// connection writes bytes without net/http and ends the connection.
func connection(bytes string, end ending) func(*call) {
	return func(c *call) {
		conn, _, err := http.NewResponseController(c.w).Hijack()
		if err != nil {
			panic(http.ErrAbortHandler) // HTTP/2: the stream is reset instead
		}
		_, _ = io.WriteString(conn, bytes)
		if end == reset {
			if encrypted, ok := conn.(*tls.Conn); ok {
				conn = encrypted.NetConn()
			}
			if tcp, ok := conn.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0)
			}
		}
		_ = conn.Close()
	}
}

func hang(c *call) {
	<-c.r.Context().Done()
	panic(http.ErrAbortHandler)
}

// drip writes a space from time to time.
func drip(c *call) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	stream(c, " ", func() { <-tick.C })
}

// flood writes spaces as fast as they are read.
func flood(c *call) { stream(c, strings.Repeat(" ", 64<<10), func() {}) }

// stream begins a list and sends chunks until the client no longer reads them.
func stream(c *call, chunk string, pause func()) {
	write(http.StatusOK, nil, listBegin)(c)
	for c.r.Context().Err() == nil {
		_, _ = io.WriteString(c.w, chunk)
		_ = http.NewResponseController(c.w).Flush()
		pause()
	}
	panic(http.ErrAbortHandler)
}
