// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"context"
	"net/http"
)

// Credentials is a way to be known to the management node: [Account],
// [VirtualID], [AccessKey] or [Session].
type Credentials interface {
	authorizer(t *transport) authorizer
}

// authorizer authorizes the requests of one client.
type authorizer interface {
	// authorization begins one call of the API.
	authorization() authorization

	// secrets lists what must not be shown of all that has travelled so far. A
	// password never does, so no answer can hold it but by chance.
	secrets() []string

	// close ends what the authorizer began on the server, until ctx ends.
	close(ctx context.Context)
}

// authorization authorizes the attempts of one call. It is not for concurrent
// use.
type authorization interface {
	// prepare does what must come before the request, such as a login.
	prepare(ctx context.Context) error

	// sign adds the credential to one attempt.
	sign(request *http.Request)

	// refused returns nil if preparing and sending the request once more may
	// help against err, and otherwise the error to report.
	refused(err error) error
}
