// SPDX-License-Identifier: MPL-2.0

// Package diagnosis turns an error of the client into a message for a person: a
// title, what was requested, what came back, and what to do now. Every cause is
// one row of [causes].
package diagnosis

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// Diagnosis is the message for an error.
type Diagnosis struct {
	Title  string // in title case; the troubleshooting guide has an entry for it
	Cause  string // which request failed, and what came back
	Advice string // what to do now
}

// Detail is the cause and the advice.
func (d Diagnosis) Detail() string { return d.Cause + "\n\n" + d.Advice }

// ReadTimeoutError says that a read as a whole took too long.
type ReadTimeoutError struct{ Limit time.Duration }

// Error says how long the time limit of the read was.
func (e *ReadTimeoutError) Error() string {
	return fmt.Sprintf("the read was not complete after %s", e.Limit)
}

// Of returns the diagnosis of an error of a client. login describes how the
// client logs in.
func Of(err error, login Login) Diagnosis {
	f := failure{err: err, login: login}
	if request, ok := errors.AsType[*zstack.RequestError](err); ok {
		f.request = *request
	}
	decisive, more := err, ""
	if deadline, ok := errors.AsType[*zstack.DeadlineError](err); ok {
		decisive, more = deadline.Last, outOfTime
	}
	for _, c := range causes {
		if c.fits(decisive) {
			return Diagnosis{c.title, f.cause(), c.advice(f) + more}
		}
	}
	return Diagnosis{"Read Failed", f.cause(), readFailed}
}

const readFailed = "Check that endpoint (ZSTACK_ENDPOINT) of the provider points to the REST API of a ZStack management node. With TF_LOG_PROVIDER=DEBUG " +
	"the log shows every request."

// outOfTime follows the advice about the last attempt if the time limit of the
// read ended the attempts.
const outOfTime = "\n\nThe time limit of the read ended the attempts. If it is too short, raise timeouts.read of the data source."

// failure is an error, with the request that failed and the login.
type failure struct {
	err     error
	request zstack.RequestError // zero: the read failed between two requests
	login   Login
}

// cause says which request failed, through which proxy, how often, and why.
func (f failure) cause() string {
	switch {
	case f.request.Err == nil:
		return fmt.Sprintf("The read failed: %s.", f.err)
	case f.request.Attempts == 0:
		return fmt.Sprintf("%s was not sent: %s.", f.name(), reason(f.request.Err))
	}
	through, times := "", ""
	if hasProxy := f.request.Proxy.Address != ""; hasProxy && !hasType[*zstack.ProxyError](f.err) {
		through = " through the proxy " + f.proxy()
	}
	if f.request.Attempts > 1 {
		times = fmt.Sprintf(" %d times", f.request.Attempts)
	}
	return fmt.Sprintf("%s%s failed%s: %s.", f.name(), through, times, reason(f.request.Err))
}

// name is the request and the server that it was for.
func (f failure) name() string {
	return fmt.Sprintf("%s %s at %s", f.request.Method, f.request.Path, f.request.Host)
}

// reason is what came back: the server's text, or why there is none.
func reason(err error) string {
	if deadline, ok := errors.AsType[*zstack.DeadlineError](err); ok {
		return strings.TrimSuffix(deadline.Error(), deadline.Last.Error()) + reason(deadline.Last)
	}
	if late, ok := errors.AsType[*zstack.RetryTooLateError](err); ok {
		return reason(late.Err) + strings.TrimPrefix(late.Error(), late.Err.Error())
	}
	if api, ok := errors.AsType[*zstack.APIError](err); ok {
		return "the server responded with " + api.Error()
	}
	return err.Error()
}
