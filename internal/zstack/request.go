// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/hashicorp/go-retryablehttp"
	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// call is one request with all its attempts.
type call struct {
	*transport
	request request
	url     *url.URL

	attempt    int       // counts from 1
	began      time.Time // the attempt
	status     int       // of the attempt's answer; 0: not read yet
	bytes      int       // of the attempt's answer
	wait       time.Duration
	credential string // what the attempt's Authorization header holds of it
}

// do makes the attempts.
func (c *call) do(ctx context.Context) error {
	var body any // Nil, and not an empty []byte, for no body.
	if c.request.body != nil {
		text, err := json.Marshal(c.request.body)
		if err != nil {
			return err
		}
		body = text
	}
	httpRequest, err := retryablehttp.NewRequestWithContext(ctx, c.request.method, c.url.String(), body)
	if err != nil {
		return err
	}
	httpRequest.Header.Set("User-Agent", c.userAgent)
	httpRequest.Header.Set("Accept", "application/json")
	if body != nil {
		httpRequest.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	httpRequest.SetResponseHandler(func(response *http.Response) (err error) {
		c.status = response.StatusCode
		c.bytes, err = readResponse(response, c.request.into, c.allSecrets()...)
		return err
	})

	client := retryablehttp.Client{
		HTTPClient:     c.http,
		RetryMax:       c.maxRetries,
		RequestLogHook: func(_ retryablehttp.Logger, httpRequest *http.Request, _ int) { c.begin(httpRequest) },
		CheckRetry:     c.end,
		Backoff:        func(_, _ time.Duration, _ int, _ *http.Response) time.Duration { return c.wait },
		ErrorHandler:   retryablehttp.PassthroughErrorHandler,
	}
	_, err = client.Do(httpRequest) //nolint:bodyclose // readResponse closes it.
	return err
}

// begin is called before every attempt: a signature is good for one of them.
func (c *call) begin(httpRequest *http.Request) {
	c.attempt++
	c.status, c.bytes = 0, 0
	c.began = time.Now()
	if c.request.sign != nil {
		httpRequest.Header = httpRequest.Header.Clone() // The attempt before may still be writing the old one.
		c.request.sign(httpRequest)
		header := httpRequest.Header.Get("Authorization")
		c.credential = header[strings.LastIndexAny(header, " :")+1:]
	}
	tflog.Trace(httpRequest.Context(), "Sending a request to ZStack", c.logFields(nil))
}

// end is called when an attempt has failed, when its header has arrived, and
// when its body was read. It says whether another attempt is to follow.
func (c *call) end(ctx context.Context, response *http.Response, err error) (bool, error) {
	if err == nil && c.status == 0 {
		return false, nil // The body is still to be read.
	}
	err = c.attemptError(ctx, err)
	retry := err != nil && ctx.Err() == nil && c.attempt <= c.maxRetries && c.request.mayRetry(err)
	if retry {
		c.wait = retryWait(c.attempt, response, time.Now())
		if deadline, ok := ctx.Deadline(); ok && c.wait >= time.Until(deadline) {
			retry, err = false, &RetryTooLateError{Wait: c.wait, Err: err}
		}
	}
	fields := c.logFields(err)
	if retry {
		fields["retry_in"] = c.wait.String()
	}
	tflog.Debug(ctx, "Sent a request to ZStack", fields)
	return retry, err
}

// attemptError says in this package's terms why an attempt failed.
func (c *call) attemptError(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var urlError *url.Error
	if errors.As(err, &urlError) {
		err = urlError.Err // Without the URL: that of a logout holds the session.
	}
	var timeout interface{ Timeout() bool }
	if errors.As(err, &timeout) && timeout.Timeout() && !isDial(err) {
		return &TimeoutError{After: c.http.Timeout}
	}
	if c.status == 0 && errors.Is(err, io.EOF) {
		return fmt.Errorf("the server closed the connection without an answer: %w", err)
	}
	return err
}

// logFields describes the attempt without anything that may hold a secret:
// neither body nor header.
func (c *call) logFields(err error) map[string]any {
	fields := map[string]any{
		"method":  c.request.method,
		"path":    loggedPath(c.url.Path),
		"query":   c.url.RawQuery,
		"attempt": c.attempt,
	}
	if c.status != 0 {
		fields["status"] = c.status
		fields["bytes"] = c.bytes
	}
	if err != nil {
		fields["error"] = redact(err, c.allSecrets()).Error()
	}
	if c.status != 0 || err != nil {
		fields["duration_ms"] = time.Since(c.began).Milliseconds()
	}
	return fields
}

// allSecrets is what must not be shown of this call. An echo may write the
// signs in a signature in another way, so its letters and digits count too.
func (c *call) allSecrets() []string {
	all := append(c.secrets(), c.credential)
	for _, part := range strings.FieldsFunc(c.credential, isSign) {
		if len(part) >= 8 {
			all = append(all, part)
		}
	}
	return all
}

func isSign(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// loggedPath is path without the session uuid of a logout.
func loggedPath(path string) string {
	if before, _, found := strings.Cut(path, sessionsPath); found {
		return before + sessionsPath + "…"
	}
	return path
}
