// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// Bounds of the backoff between two attempts.
const (
	minBackoff = 200 * time.Millisecond
	maxBackoff = 5 * time.Second
)

// mayRetryRead says whether a request that changes nothing may be repeated
// after err (PROTOCOL.md §6.4).
func mayRetryRead(err error) bool {
	var api *APIError
	var unexpected *UnexpectedResponseError
	var timeout *TimeoutError
	switch {
	case errors.As(err, &api):
		return api.Code == CodeTimeout || isNotServing(api) || isBusyStatus(api.HTTPStatus) && !isAboutWho(api)
	case errors.As(err, &unexpected):
		return isBusyStatus(unexpected.HTTPStatus) || unexpected.HTTPStatus == http.StatusServiceUnavailable ||
			isConnectionError(unexpected.Err)
	case errors.As(err, &timeout):
		return true
	}
	return isConnectionError(err)
}

// mayRetryLogin says whether a login that failed with err cannot have
// made a session: one whose uuid is lost could not be logged out.
func mayRetryLogin(err error) bool {
	var api *APIError
	var unexpected *UnexpectedResponseError
	switch {
	case errors.As(err, &api):
		return isNotServing(api) || isRefusal(api.HTTPStatus) && !isAboutWho(api)
	case errors.As(err, &unexpected):
		return isRefusal(unexpected.HTTPStatus) || unexpected.HTTPStatus == http.StatusServiceUnavailable
	}
	return isDial(err) && isConnectionError(err)
}

// isNotServing says whether the management node does no work at all.
func isNotServing(err *APIError) bool {
	return err.Code == CodeNotReady || err.Code == CodeNodeUnavailable
}

// isAboutWho says whether the management node refuses whoever asks: a wrong
// password stays wrong, whatever status something on the way gives it.
func isAboutWho(err *APIError) bool {
	return strings.HasPrefix(err.Code, "ID.") || strings.HasPrefix(err.Code, "LOGIN_CONTROL.")
}

// isBusyStatus says whether status alone, whatever the body, tells that the
// request may be repeated.
func isBusyStatus(status int) bool {
	return isRefusal(status) || status == http.StatusGatewayTimeout
}

// isRefusal says whether status alone tells that the server did nothing.
func isRefusal(status int) bool {
	return status == http.StatusTooManyRequests || status == http.StatusBadGateway
}

// isConnectionError says whether the connection failed in a way that another
// one may not: neither an unknown host nor TLS nor what is not HTTP.
func isConnectionError(err error) bool {
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound {
		return false
	}
	var operation *net.OpError
	if errors.As(err, &operation) {
		switch operation.Op {
		case "local error", "remote error": // These are TLS alerts.
			return false
		case "proxyconnect":
			return isConnectionError(operation.Err)
		}
		return true
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// isDial says whether err struck before a connection to the server stood.
func isDial(err error) bool {
	var operation *net.OpError
	return errors.As(err, &operation) && (operation.Op == "dial" || operation.Op == "proxyconnect")
}

// retryWait is how long to wait after an attempt, which counts from 1: an
// exponential backoff with jitter, or longer if the server asks for it.
func retryWait(attempt int, response *http.Response, now time.Time) time.Duration {
	backoff := retryablehttp.DefaultBackoff(minBackoff, maxBackoff, attempt-1, nil)
	wait := backoff/2 + rand.N(backoff/2+1) // #nosec G404 -- jitter needs no secrecy.
	if response != nil {
		wait = max(wait, parseRetryAfter(response.Header.Get("Retry-After"), now))
	}
	return wait
}

// parseRetryAfter reads the header: seconds, or a date. What is too long for a
// duration is the longest one; what cannot be read, or is past, is zero.
func parseRetryAfter(value string, now time.Time) time.Duration {
	if date, err := http.ParseTime(value); err == nil {
		return max(0, date.Sub(now))
	}
	seconds, err := strconv.ParseUint(value, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange) || seconds > math.MaxInt64/uint64(time.Second):
		return math.MaxInt64
	case err != nil:
		return 0
	}
	return time.Duration(seconds) * time.Second
}
