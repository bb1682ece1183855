// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"context"
	"net"
)

// DialWith makes c connect with dial, so that a test can put a server behind
// it that needs no network.
func (c *Client) DialWith(dial func(ctx context.Context, network, address string) (net.Conn, error)) {
	c.transport.dial = dial
}
