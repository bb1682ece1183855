// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"errors"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Limits of the backoff between two attempts.
const (
	minBackoff = 200 * time.Millisecond
	maxBackoff = 5 * time.Second
)

// mayRetryRead reports whether a request that changes nothing may be retried
// after err (PROTOCOL.md §6.4).
func mayRetryRead(err error) bool {
	if api, ok := errors.AsType[*APIError](err); ok {
		return api.Code == CodeTimeout || isNotServing(api) || isBusyStatus(api.HTTPStatus) && !isAboutCaller(api)
	}
	if unexpected, ok := errors.AsType[*UnexpectedResponseError](err); ok && (isBusyStatus(unexpected.HTTPStatus) || isUnavailable(unexpected)) {
		return true
	}
	_, incomplete := errors.AsType[*IncompleteResponseError](err)
	_, timeout := errors.AsType[*TimeoutError](err)
	return incomplete || timeout || isTransientBeforeRequest(err)
}

// mayRetryLogin reports whether a login that failed with err cannot have
// created a session: one whose UUID is lost could not be logged out.
func mayRetryLogin(err error) bool {
	if api, ok := errors.AsType[*APIError](err); ok {
		return isNotServing(api) || isRefusal(api.HTTPStatus) && !isAboutCaller(api)
	}
	if unexpected, ok := errors.AsType[*UnexpectedResponseError](err); ok {
		return isRefusal(unexpected.HTTPStatus) || isUnavailable(unexpected)
	}
	return isTransientBeforeRequest(err)
}

// isTransientBeforeRequest reports whether the server did not receive the
// request, for a reason that may not occur again. An unknown host, a bad
// certificate or a response that is not HTTP is not such a reason.
func isTransientBeforeRequest(err error) bool {
	if proxy, ok := errors.AsType[*ProxyError](err); ok {
		_, incomplete := errors.AsType[*IncompleteResponseError](proxy.Err)
		_, timeout := errors.AsType[*TimeoutError](proxy.Err)
		socks, isSOCKS := errors.AsType[*SOCKSError](proxy.Err)
		unreachable := isSOCKS && socks.Problem == SOCKSUnreachable || isBusyStatus(proxy.Status) || proxy.Status == http.StatusServiceUnavailable
		return unreachable || incomplete || timeout || isTransientBeforeRequest(proxy.Err)
	}
	if lookup, ok := errors.AsType[*LookupError](err); ok {
		return !lookup.NotFound
	}
	_, refused := errors.AsType[*RefusedError](err)
	_, notConnected := errors.AsType[*ConnectError](err)
	_, handshake := errors.AsType[*HandshakeError](err)
	return refused || notConnected || handshake
}

// isNotServing reports whether the management node serves no requests at all.
func isNotServing(err *APIError) bool {
	return err.Code == CodeNotReady || err.Code == CodeNodeUnavailable
}

// isAboutCaller reports whether the management node rejects the caller: a wrong
// password stays wrong, even if a proxy changes the status of the response.
func isAboutCaller(err *APIError) bool {
	return strings.HasPrefix(err.Code, "ID.") || strings.HasPrefix(err.Code, "LOGIN_CONTROL.")
}

// isUnavailable reports whether the response is a 503 that no management node
// sends.
func isUnavailable(err *UnexpectedResponseError) bool {
	return err.HTTPStatus == http.StatusServiceUnavailable
}

// isBusyStatus reports whether the status alone says that the request may be
// retried.
func isBusyStatus(status int) bool {
	return isRefusal(status) || status == http.StatusGatewayTimeout
}

// isRefusal reports whether the status alone says that the server did nothing.
func isRefusal(status int) bool {
	return status == http.StatusRequestTimeout || status == http.StatusTooManyRequests || status == http.StatusBadGateway
}

// retryWait is how long to wait after an attempt, which counts from 1: an
// exponential backoff with jitter, or longer if the server asks for it in its
// Retry-After header.
func retryWait(attempt int, retryAfter string, now time.Time) time.Duration {
	backoff := maxBackoff
	if attempt < 6 { // Longer waits are over the limit.
		backoff = min(backoff, minBackoff<<(attempt-1))
	}
	wait := backoff/2 + rand.N(backoff/2+1) // #nosec G404 -- jitter needs no secrecy.
	return max(wait, parseRetryAfter(retryAfter, now))
}

// parseRetryAfter reads the header: seconds, or a date. A value that is too
// long for a duration is the longest one; one that is invalid or past is zero.
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
