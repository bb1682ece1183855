// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Error codes of the server (PROTOCOL.md §6.2).
const (
	CodeInternal              = "SYS.1000"
	CodeTimeout               = "SYS.1001"
	CodeOperationFailed       = "SYS.1006"
	CodeInvalidArgument       = "SYS.1007"
	CodeNotReady              = "SYS.1010"
	CodeNodeUnavailable       = "SYS.1012"
	CodeAuthenticationFailed  = "ID.1000"
	CodeInvalidSession        = "ID.1001"
	CodePermissionDenied      = "ID.1002"
	CodeTooManySessions       = "ID.1006"
	CodeSecondFactorRequired  = "ID.2001"
	CodePasswordMustBeChanged = "LOGIN_CONTROL.1000"
	CodeLoginLocked           = "LOGIN_CONTROL.1002"
	CodeWrongCaptcha          = "LOGIN_CONTROL.1003"
	CodeRequestRefused        = "LOGIN_CONTROL.1004"
	CodeCaptchaRequired       = "LOGIN_CONTROL.1005"
)

// Errors that a caller may want to distinguish with [errors.Is].
var (
	// ErrSessionExpired says that the session given with [Session] is no
	// longer valid. The client does not renew such a session.
	ErrSessionExpired = errors.New("the existing session is no longer valid")

	// ErrWrongSignature says that the secret does not belong to the access key.
	ErrWrongSignature = errors.New("the server refused the signature")

	// ErrUnknownAccessKey says that the access key does not exist or is disabled.
	ErrUnknownAccessKey = errors.New("the server does not know the access key")

	// ErrNoAccessKeys says that the server has no support for access keys.
	ErrNoAccessKeys = errors.New("the server does not support access keys")

	// ErrFIPS says that access keys cannot be used in FIPS 140-only mode
	// (GODEBUG=fips140=only), which forbids their HMAC-SHA1 (PROTOCOL.md §3.1).
	ErrFIPS = errors.New("access keys need HMAC-SHA1, which FIPS 140-only mode (GODEBUG=fips140=only) forbids")

	// ErrListChanged says that the pages of a list did not fit together, even
	// when it was read a second time (PROTOCOL.md §4.5).
	ErrListChanged = errors.New("the list changed while it was read")

	// ErrBodyTooLarge says that a response was longer than [MaxBodyBytes].
	ErrBodyTooLarge = fmt.Errorf("the response is longer than %d MiB", MaxBodyBytes>>20)

	// ErrClosed says that the client was closed before or during the call.
	ErrClosed = errors.New("the client is closed")
)

// RequestError says which request failed, and how often it was tried. Every
// error of a request is wrapped in one.
type RequestError struct {
	Method   string
	Endpoint string // the URL that the client was created with
	Host     string // host and port of the endpoint
	Path     string // with the context path, without a session uuid
	Attempts int    // 0: none was made
	Proxy    Proxy  // through which the request was sent; zero: none

	// UnusedProxyVariable is the name of a variable that sets a proxy, but not
	// one for the endpoint: NO_PROXY excludes the host, the variable is for the
	// other scheme, or it is ALL_PROXY, which Go programs do not use. It is empty
	// if there is none, or if the request was sent through a proxy.
	UnusedProxyVariable string

	Err error
}

// Error names the request and what went wrong.
func (e *RequestError) Error() string {
	return fmt.Sprintf("%s %s at %s: %v", e.Method, e.Path, e.Host, e.Err)
}

// Unwrap returns what went wrong.
func (e *RequestError) Unwrap() error { return e.Err }

// APIError is an error that the management node itself reports, with a code and
// a text (PROTOCOL.md §6.1).
type APIError struct {
	Code        string
	Description string
	Details     string
	HTTPStatus  int
}

// UnmarshalJSON reads an error object. Only the code decides, so a description
// or details of another type than text are kept as JSON (PROTOCOL.md §6.1).
func (e *APIError) UnmarshalJSON(data []byte) error {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return err
	}
	*e = APIError{Description: textOfJSON(members["description"]), Details: textOfJSON(members["details"])}
	_ = json.Unmarshal(members["code"], &e.Code) // A code that is not text counts as missing.
	return nil
}

// textOfJSON is a JSON string, or the JSON of another value; empty for null.
func textOfJSON(value json.RawMessage) string {
	var text *string
	if json.Unmarshal(value, &text) != nil {
		return string(value)
	}
	if text == nil {
		return ""
	}
	return *text
}

// Error contains the code and the server's text.
func (e *APIError) Error() string {
	text := e.Code + ": " + e.Description
	if e.Details != "" {
		text += " (" + e.Details + ")"
	}
	return text
}

// UnexpectedResponseError is a response that is not one of the API: plain text
// from the REST front end (PROTOCOL.md §6.3), a proxy's page, or JSON of another
// structure.
type UnexpectedResponseError struct {
	HTTPStatus int
	Excerpt    string // one line of printable text; may be empty
	HTML       bool
	Err        error // why the body could not be read or understood; may be nil
}

// Error contains the status, how the body begins, and what is wrong with it.
func (e *UnexpectedResponseError) Error() string {
	text := fmt.Sprintf("the server responded with HTTP status %s", statusText(e.HTTPStatus))
	if e.Excerpt != "" {
		text += fmt.Sprintf(" and %q", e.Excerpt)
	}
	if e.Err != nil {
		text += ": " + inPlainWords(e.Err)
	}
	return text
}

// Unwrap returns why the body could not be read or understood.
func (e *UnexpectedResponseError) Unwrap() error { return e.Err }

// UnknownAPIError says that the server has no API at a path, because its
// version or edition does not have it (PROTOCOL.md §6.3).
type UnknownAPIError struct {
	Path string // after the context path, such as "/v1/iam2/virtual-ids/login"
}

// Error names the path.
func (e *UnknownAPIError) Error() string { return "the server has no API at " + e.Path }

// RedirectError is a redirect, which the client never follows: it would send
// the credential to an address that the user did not configure.
type RedirectError struct {
	HTTPStatus int
	Location   string // without userinfo, query and fragment
	Endpoint   string // the endpoint with which no redirect is needed; empty: there is none
}

// Error says where the redirect points.
func (e *RedirectError) Error() string {
	return fmt.Sprintf("HTTP status %d redirects to %q", e.HTTPStatus, e.Location)
}

// ClockSkewError says that an access key's Date header was refused in every
// time zone that was tried (PROTOCOL.md §3.2).
type ClockSkewError struct {
	Zones []string // that were tried, such as "UTC (+00:00)" and "Local (+02:00)"
	Err   error    // the last refusal
}

// Error names the time zones and contains the refusal.
func (e *ClockSkewError) Error() string {
	return fmt.Sprintf("the server refused the time of the signed request in every time zone that was tried (%s): %v", strings.Join(e.Zones, ", "), e.Err)
}

// Unwrap returns the last refusal.
func (e *ClockSkewError) Unwrap() error { return e.Err }

// TimeoutError says that an attempt, or a login as a whole, took too long.
type TimeoutError struct {
	After time.Duration // 0: the caller's deadline came first
}

// Error says how long the time limit was.
func (e *TimeoutError) Error() string {
	return "no complete response " + e.limit()
}

func (e *TimeoutError) limit() string {
	if e.After == 0 {
		return "in time"
	}
	return fmt.Sprintf("within %s", e.After)
}

// InterruptedError says that the caller's context ended without a specific
// cause.
type InterruptedError struct {
	Err error // [context.Canceled] or [context.DeadlineExceeded]
}

// Error says what happened to the request.
func (e *InterruptedError) Error() string {
	if errors.Is(e.Err, context.DeadlineExceeded) {
		return "the time limit was reached before the request was complete"
	}
	return "interrupted before the request was complete"
}

// Unwrap returns the error of the context.
func (e *InterruptedError) Unwrap() error { return e.Err }

// DeadlineError says that the caller's deadline ended a request that had failed
// before, or that had no connection yet.
type DeadlineError struct {
	Err  error // of the deadline
	Last error // why the last attempt failed
}

// Error says what the deadline was, and why the last attempt failed.
func (e *DeadlineError) Error() string {
	return fmt.Sprintf("%v; the last attempt failed: %v", e.Err, e.Last)
}

// Unwrap returns both errors.
func (e *DeadlineError) Unwrap() []error { return []error{e.Err, e.Last} }

// RetryTooLateError says that the next attempt would start after the deadline.
type RetryTooLateError struct {
	Wait time.Duration // how long the server asked to wait; 0: the usual backoff would be too long
	Err  error         // the last attempt's error
}

// newRetryTooLateError returns the error of an attempt that failed with err,
// whose response had this Retry-After header.
func newRetryTooLateError(retryAfter string, deadline time.Time, err error) *RetryTooLateError {
	now := time.Now()
	wait := parseRetryAfter(retryAfter, now)
	if wait < deadline.Sub(now) {
		wait = 0
	}
	return &RetryTooLateError{Wait: wait, Err: err}
}

// Error says what failed, and why there was no other attempt.
func (e *RetryTooLateError) Error() string {
	if e.Wait == 0 {
		return fmt.Sprintf("%v; there was no time for another attempt", e.Err)
	}
	wait := max(e.Wait.Round(time.Second), time.Second).String()
	if e.Wait > 24*time.Hour {
		wait = "more than a day"
	}
	return fmt.Sprintf("%v; the next attempt would start in %s, after the deadline", e.Err, wait)
}

// Unwrap returns the last attempt's error.
func (e *RetryTooLateError) Unwrap() error { return e.Err }

// statusText is an HTTP status with its meaning.
func statusText(status int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status)))
}

// hasCode reports whether err is an [APIError] with this code.
func hasCode(err error, code string) bool {
	api, ok := errors.AsType[*APIError](err)
	return ok && api.Code == code
}

// goNames removes the names of Go's packages from the texts of their errors.
var goNames = strings.NewReplacer(brokenConnection, "", "net/http: ", "", "http: ", "", "tls: failed to parse certificate from server: ", "", "local error: ", "", "*tls.", "", "tls: ", "", "x509: ", "")

// goTexts are errors of Go's libraries that need other words, by a part of their
// text: they have no exported types.
var goTexts = []struct{ text, words string }{
	{"multiple Content-Length headers", "its Content-Length headers contradict each other"},
	{"server response headers exceeded", "its header is too long"},
	{"malformed MIME header", "a line of its header is not a header field"},
	{"gzip: ", "the gzip compression of the body is damaged"},
	{"flate: ", "the gzip compression of the body is damaged"},
	{"chunk length", invalidChunks},
	{"chunked encoding", invalidChunks},
	{"chunked line", invalidChunks},
	{"error decoding message", "a TLS message is not valid"},
}

const invalidChunks = "the chunks of the body are not valid (Transfer-Encoding: chunked)"

// inPlainWords is the text of an error of Go's libraries without Go's terms.
func inPlainWords(err error) string {
	for _, replacement := range goTexts {
		if strings.Contains(err.Error(), replacement.text) {
			return replacement.words
		}
	}
	return goNames.Replace(err.Error())
}
