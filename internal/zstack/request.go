// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// sessionsPath is followed by a session's uuid, which is a secret.
const sessionsPath = "/v1/accounts/sessions/"

// request is one call of the API.
type request struct {
	method   string
	path     string // after the context path
	query    url.Values
	body     any                 // sent as JSON; nil: none
	sign     func(*http.Request) // called for every attempt; nil: no credential
	mayRetry func(error) bool
	into     responseBody

	// progress is called before every attempt, with its connection, and after an
	// attempt that is retried, with its error and no connection. It may be nil.
	progress func(RequestError, *connection)
}

// send sends r until an attempt succeeds, its error may not be retried, or the
// retries or the time are used up. Every error is a [RequestError].
func (t *transport) send(ctx context.Context, r request) error {
	target := t.endpoint.JoinPath(r.path)
	target.RawQuery = r.query.Encode()
	failed := &RequestError{
		Method: r.method, Endpoint: t.endpoint.String(), Host: target.Host, Path: loggedPath(target.Path),
		Proxy: t.proxy, UnusedProxyVariable: t.unusedProxy, Err: t.proxyError,
	}
	if failed.Err != nil {
		return failed
	}
	ctx = maskSecrets(ctx, t.secrets())
	for {
		failed.Attempts++
		attempt := &attempt{request: r, target: target, number: failed.Attempts, connection: &connection{proxy: t.proxy}}
		r.report(*failed, attempt.connection)
		err := attempt.send(ctx, t)
		wait, retry := time.Duration(0), false
		if err != nil && ctx.Err() == nil && attempt.number <= t.maxRetries && r.mayRetry(err) {
			wait, retry = retryWait(attempt.number, attempt.retryAfter, time.Now()), true
			if deadline, ok := ctx.Deadline(); ok && wait >= time.Until(deadline) {
				retry, err = false, newRetryTooLateError(attempt.retryAfter, deadline, err)
			}
		}
		attempt.log(ctx, err, wait, retry)
		if err == nil {
			return nil
		}
		pending := attempt.connection
		if retry {
			failed.Err, pending = err, nil
			r.report(*failed, pending)
			err = sleep(ctx, wait)
		}
		if err != nil {
			failed.Err = t.deadlineError(ctx, err, failed.Err, pending)
			return failed
		}
	}
}

func (r request) report(failed RequestError, pending *connection) {
	if r.progress != nil {
		r.progress(failed, pending)
	}
}

// deadlineError returns err, the error of a request. If it is that of the
// caller's deadline, the result also says what the attempts failed with: last is
// the error of the attempt before, or nil, and pending the connection of the
// attempt that was cut off, or nil.
func (t *transport) deadlineError(ctx context.Context, err, last error, pending *connection) error {
	_, ours := errors.AsType[*TimeoutError](context.Cause(ctx)) // The limit of an entire login.
	if ours || !errors.Is(ctx.Err(), context.DeadlineExceeded) || !errors.Is(err, context.Cause(ctx)) {
		return err
	}
	if last == nil && pending != nil && !pending.isEstablished() {
		last = t.connectionError(pending, &TimeoutError{})
	}
	if last == nil {
		return err
	}
	return &DeadlineError{Err: err, Last: last}
}

// sleep waits, but not longer than ctx.
func sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return contextError(ctx)
	}
}

// contextError returns why ctx has ended, or nil if it has not.
func contextError(ctx context.Context) error {
	cause := context.Cause(ctx)
	if errors.Is(cause, context.Canceled) || errors.Is(cause, context.DeadlineExceeded) {
		return &InterruptedError{Err: cause}
	}
	return cause
}

// attempt is one attempt of a request, with the values for its log lines.
type attempt struct {
	request request
	target  *url.URL
	number  int // counts from 1

	connection *connection
	began      time.Time
	status     int // 0: no response
	bytes      int // of the body
	retryAfter string
	secrets    []string
}

// send makes the attempt. Its error names the cause and contains no secret.
func (a *attempt) send(ctx context.Context, t *transport) error {
	limited, cancel := context.WithTimeoutCause(ctx, t.requestTimeout, &TimeoutError{After: t.requestTimeout})
	defer cancel()
	httpRequest, err := a.newRequest(traceConnection(limited, a.connection), t.userAgent)
	if err != nil {
		return err
	}
	a.secrets = t.secretsOf(httpRequest)
	a.began = time.Now()
	tflog.Trace(ctx, "Sending a request to ZStack", a.logFields())

	response, err := t.roundTripper(a.request.method).RoundTrip(httpRequest) //nolint:bodyclose // readResponse closes it.
	if err == nil {
		a.status, a.retryAfter = response.StatusCode, response.Header.Get("Retry-After")
		a.bytes, err = readResponse(response, a.request.into, a.secrets...)
	}
	err = redact(a.cause(ctx, limited, t, err), a.secrets)
	if refused, ok := errors.AsType[*ProxyError](err); ok && refused.retryAfter != "" {
		a.retryAfter = refused.retryAfter
	}
	return err
}

// newRequest returns the request of one attempt. Each attempt needs its own: it
// has its own signature, and net/http may still be sending the previous one.
func (a *attempt) newRequest(ctx context.Context, userAgent string) (*http.Request, error) {
	var body io.Reader // nil, not an empty reader, for no body
	if a.request.body != nil {
		encoded, err := json.Marshal(a.request.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(encoded)
	}
	httpRequest, err := http.NewRequestWithContext(ctx, a.request.method, a.target.String(), body)
	if err != nil {
		return nil, err
	}
	httpRequest.Header.Set("User-Agent", userAgent)
	httpRequest.Header.Set("Accept", "application/json")
	if body != nil {
		httpRequest.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	if a.request.sign != nil {
		a.request.sign(httpRequest)
	}
	return httpRequest, nil
}

// cause returns the cause of an attempt that failed with err. limited is ctx
// with the time limit of the attempt.
func (a *attempt) cause(ctx, limited context.Context, t *transport, err error) error {
	if err == nil {
		return nil
	}
	ended := cmp.Or(contextError(ctx), contextError(limited))
	_, isTimeout := errors.AsType[*TimeoutError](ended)
	switch {
	case ended != nil && !isTimeout:
		return ended
	case a.status != 0 && ended != nil:
		return ended
	case a.status != 0:
		return t.responseCause(a.request.path, err)
	}
	return t.connectionError(a.connection, cmp.Or(ended, err))
}

// log logs the attempt and whether another follows.
func (a *attempt) log(ctx context.Context, err error, wait time.Duration, retry bool) {
	fields := a.logFields()
	fields["duration_ms"] = time.Since(a.began).Milliseconds()
	if err != nil {
		fields["error"] = err.Error()
	}
	if retry {
		fields["retry_in"] = wait.String()
	}
	tflog.Debug(ctx, "Sent a request to ZStack", fields)
}

// logFields describes the attempt without anything that may contain a secret:
// neither body nor header.
func (a *attempt) logFields() map[string]any {
	fields := map[string]any{
		"method":  a.request.method,
		"path":    loggedPath(a.target.Path),
		"query":   a.target.RawQuery,
		"attempt": a.number,
	}
	if a.status != 0 {
		fields["status"] = a.status
		fields["bytes"] = a.bytes
	}
	a.connection.addLogFields(fields)
	return fields
}

// loggedPath is path without the session uuid of a logout.
func loggedPath(path string) string {
	if before, _, found := strings.Cut(path, sessionsPath); found {
		return before + sessionsPath + "…"
	}
	return path
}
