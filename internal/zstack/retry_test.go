// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"syscall"
	"testing"
	"time"
)

func TestOnlyWhatCannotHaveCreatedASessionIsRetriedAtLogin(t *testing.T) {
	const always, readOnly, never = 2, 1, 0 // what is retried: reads and logins, reads, nothing
	api := func(status int, code string) error { return &APIError{Code: code, HTTPStatus: status} }
	page := func(status int) error { return &UnexpectedResponseError{HTTPStatus: status} }
	body := func(status int, err error) error { return &UnexpectedResponseError{HTTPStatus: status, Err: err} }
	proxy := func(status int, err error) error { return &ProxyError{Status: status, Err: err} }

	for _, test := range []struct {
		name string
		err  error
		want int
	}{
		{"refused connection", &RefusedError{}, always},
		{"no route", &ConnectError{Err: syscall.EHOSTUNREACH}, always},
		{"slow connection", &ConnectError{Err: &TimeoutError{}}, always},
		{"DNS out of order", &LookupError{}, always},
		{"unknown host", &LookupError{NotFound: true}, never},
		{"handshake that was reset", &HandshakeError{Err: syscall.ECONNRESET}, always},
		{"handshake without a response", &HandshakeError{Err: &TimeoutError{}}, always},

		{"refused by the proxy's host", proxy(0, &RefusedError{}), always},
		{"unknown proxy", proxy(0, &LookupError{NotFound: true}), never},
		{"proxy that closes the connection", proxy(0, &IncompleteResponseError{}), always},
		{"proxy that hangs", proxy(0, &TimeoutError{}), always},
		{"proxy of an unknown CA", proxy(0, &CertificateError{}), never},
		{"handshake with the proxy that was closed", proxy(0, &HandshakeError{Err: io.EOF}), always},
		{"proxy without TLS", proxy(0, &PlainHTTPError{}), never},
		{"proxy that is not HTTP", proxy(0, &NotHTTPError{}), never},
		{"tunnel refused with 403", proxy(403, nil), never},
		{"tunnel refused with 407", proxy(407, nil), never},
		{"tunnel refused with 429", proxy(429, nil), always},
		{"tunnel refused with 502", proxy(502, nil), always},
		{"tunnel refused with 503", proxy(503, nil), always},
		{"tunnel refused with 504", proxy(504, nil), always},
		{"invalid proxy variable", &ProxyVariableError{}, never},

		{"no response", &IncompleteResponseError{Err: io.EOF}, readOnly},
		{"header that was cut", &IncompleteResponseError{Began: true, InHeader: true, Err: io.ErrUnexpectedEOF}, readOnly},
		{"attempt that timed out", &TimeoutError{After: time.Second}, readOnly},

		{"certificate", &CertificateError{}, never},
		{"client certificate required", &ClientCertificateError{}, never},
		{"TLS version", &TLSVersionError{}, never},
		{"TLS cipher", &TLSCipherError{}, never},
		{"TLS alert", &TLSAlertError{}, never},
		{"TLS error", &TLSError{}, never},
		{"no TLS on the port", &PlainHTTPError{}, never},
		{"neither TLS nor HTTP on the port", &NotTLSError{}, never},
		{"TLS on the port", &TLSExpectedError{}, never},
		{"no HTTP on the port", &NotHTTPError{}, never},
		{"interrupted", &InterruptedError{Err: context.Canceled}, never},
		{"redirect", &RedirectError{HTTPStatus: http.StatusFound}, never},
		{"unknown API", &UnknownAPIError{}, never},

		{"429 without JSON", page(429), always},
		{"502 without JSON", page(502), always},
		{"503 without JSON", page(503), always},
		{"503 that broke off", body(503, &IncompleteResponseError{}), always},
		{"504 without JSON", page(504), readOnly},
		{"200 that broke off", body(200, &IncompleteResponseError{}), readOnly},
		{"200 too long", body(200, ErrBodyTooLarge), never},
		{"200 of another shape", body(200, errors.New("the body is not JSON")), never},
		{"400", page(400), never},
		{"401", page(401), never},
		{"403", page(403), never},
		{"404", page(404), never},
		{"405", page(405), never},
		{"407", page(407), never},
		{"408", page(408), always},
		{"425", page(425), never},
		{"500", page(500), never},
		{"501", page(501), never},
		{"520", page(520), never},
		{"524", page(524), never},

		{"408 with an error object", api(408, "GATEWAY.1"), always},
		{"429 with an error object", api(429, "GATEWAY.1"), always},
		{"502 with an error object", api(502, "GATEWAY.1"), always},
		{"504 with an error object", api(504, "GATEWAY.1"), readOnly},
		{"wrong password as a 429", api(429, CodeAuthenticationFailed), never},
		{"locked as a 502", api(502, CodeLoginLocked), never},
		{"node not ready", api(503, CodeNotReady), always},
		{"node unavailable", api(503, CodeNodeUnavailable), always},
		{"node not ready, in a 200", api(200, CodeNotReady), always},
		{"timeout inside the server", api(503, CodeTimeout), readOnly},
		{"internal error", api(503, CodeInternal), never},
		{"operation failed", api(503, CodeOperationFailed), never},
		{"invalid argument", api(503, CodeInvalidArgument), never},
		{"wrong password", api(503, CodeAuthenticationFailed), never},
		{"expired session", api(503, CodeInvalidSession), never},
		{"denied", api(503, CodePermissionDenied), never},
		{"too many sessions", api(503, CodeTooManySessions), never},
		{"second factor", api(503, CodeSecondFactorRequired), never},
		{"password must be changed", api(503, CodePasswordMustBeChanged), never},
		{"locked", api(503, CodeLoginLocked), never},
		{"wrong captcha", api(503, CodeWrongCaptcha), never},
		{"address refused", api(403, CodeRequestRefused), never},
		{"captcha", api(503, CodeCaptchaRequired), never},
		{"an unknown code", api(503, "NEW.1"), never},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, err := range []error{test.err, &RequestError{Err: fmt.Errorf("wrapped: %w", test.err)}} {
				if got, want := mayRetryRead(err), test.want >= readOnly; got != want {
					t.Errorf("mayRetryRead(%v) = %t, want %t", err, got, want)
				}
				if got, want := mayRetryLogin(err), test.want == always; got != want {
					t.Errorf("mayRetryLogin(%v) = %t, want %t", err, got, want)
				}
			}
		})
	}
}

func TestBackoffGrowsFrom200MillisecondsTo5SecondsWithJitter(t *testing.T) {
	for attempt, want := range map[int]time.Duration{
		1: 200 * time.Millisecond, 2: 400 * time.Millisecond, 3: 800 * time.Millisecond, 5: 3200 * time.Millisecond, 6: 5 * time.Second,
		64: 5 * time.Second, 1 << 20: 5 * time.Second,
	} {
		waits := map[time.Duration]bool{}
		for range 100 {
			got := retryWait(attempt, "", time.Time{})
			if got < want/2 || got > want {
				t.Errorf("after attempt %d the wait is %s, want %s at most and half of it at least", attempt, got, want)
			}
			waits[got] = true
		}
		if len(waits) < 10 {
			t.Errorf("after attempt %d there are %d different waits, want jitter", attempt, len(waits))
		}
	}
}

func TestRetryAfterExtendsTheBackoff(t *testing.T) {
	now := time.Date(2024, time.May, 1, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"":    200 * time.Millisecond,
		"0":   200 * time.Millisecond,
		"120": 2 * time.Minute,
		now.Add(time.Hour).Format(http.TimeFormat): time.Hour,
	} {
		if got := retryWait(1, value, now); got < want/2 || got > want {
			t.Errorf("with Retry-After %q the wait is %s, want %s at most", value, got, want)
		}
	}
}

var retryAfterValues = map[string]time.Duration{
	"0":                                 0,
	"1":                                 time.Second,
	"007":                               7 * time.Second,
	"86400":                             24 * time.Hour,
	"9223372036":                        9223372036 * time.Second,
	"9223372037":                        math.MaxInt64,
	"18446744073709551616":              math.MaxInt64,
	"99999999999999999999999":           math.MaxInt64,
	"":                                  0,
	"-1":                                0,
	"+1":                                0,
	"1.5":                               0,
	"1s":                                0,
	"soon":                              0,
	"Wed, 01 May 2024 12:00:30 GMT":     30 * time.Second,
	"Wednesday, 01-May-24 12:00:30 GMT": 30 * time.Second,
	"Wed May  1 12:00:30 2024":          30 * time.Second,
	"Wed, 01 May 2024 11:59:59 GMT":     0,
	"Mon, 01 Jan 0001 00:00:00 GMT":     0,
	"Fri, 31 Dec 9999 23:59:59 GMT":     math.MaxInt64,
	"Wed, 01 May 2024 12:00:30":         0,
}

var retryAfterNow = time.Date(2024, time.May, 1, 12, 0, 0, 0, time.UTC)

func TestRetryAfterIsReadInEveryForm(t *testing.T) {
	for value, want := range retryAfterValues {
		if got := parseRetryAfter(value, retryAfterNow); got != want {
			t.Errorf("Retry-After %q is %s, want %s", value, got, want)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	for value := range retryAfterValues {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		wait := parseRetryAfter(value, retryAfterNow)
		if wait < 0 {
			t.Errorf("Retry-After %q is %s", value, wait)
		}
		if date, err := http.ParseTime(value); err == nil && wait > 0 && wait < math.MaxInt64 && !retryAfterNow.Add(wait).Equal(date) {
			t.Errorf("Retry-After %q is %s, which ends at %s", value, wait, retryAfterNow.Add(wait))
		}
	})
}
