// SPDX-License-Identifier: MPL-2.0

// Package diagnosis turns an error of the client into what a person needs to
// know: a title, what was asked and what came back, and what to do now.
package diagnosis

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// Diagnosis is what a person is told of an error.
type Diagnosis struct {
	Title  string // in title case; the troubleshooting guide has an entry for it
	Cause  string // which request failed, and what came back
	Advice string // what to do now
}

// Detail is the cause and the advice.
func (d Diagnosis) Detail() string { return d.Cause + "\n\n" + d.Advice }

// ReadTimeoutError says that a read as a whole took too long.
type ReadTimeoutError struct{ Limit time.Duration }

// Error says how much time the read had.
func (e *ReadTimeoutError) Error() string {
	return fmt.Sprintf("the read was not complete after %s", e.Limit)
}

// Of returns the diagnosis of an error of the client.
func Of(err error) Diagnosis {
	for _, c := range causes {
		if c.fits(err) {
			return Diagnosis{c.title, whatFailed(err), c.advice}
		}
	}
	return Diagnosis{
		"Backup Storages Not Read", whatFailed(err),
		"Check that endpoint of the provider points to the REST API of a ZStack management node. With TF_LOG_PROVIDER=DEBUG the log shows every request.",
	}
}

// whatFailed says which request failed, how often, and why.
func whatFailed(err error) string {
	var request *zstack.RequestError
	if !errors.As(err, &request) {
		return fmt.Sprintf("Reading the backup storages failed: %s.", err)
	}
	attempts := ""
	if request.Attempts > 1 {
		attempts = fmt.Sprintf(" %d times", request.Attempts)
	}
	return fmt.Sprintf("%s %s at %s failed%s: %s.", request.Method, request.Path, request.Host, attempts, reason(request.Err))
}

// reason is what came back: the server's words, or why there are none.
func reason(err error) string {
	var api *zstack.APIError
	var late *zstack.RetryTooLateError
	switch {
	case errors.As(err, &late):
		return reason(late.Err) + strings.TrimPrefix(late.Error(), late.Err.Error())
	case errors.As(err, &api):
		return "the server responded with " + api.Error()
	default:
		return err.Error()
	}
}
