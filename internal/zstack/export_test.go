// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"context"
	"crypto/x509"
	"net"
	"testing"
)

// DialWith makes c connect with dial, so that a test can use a server without a
// network.
func (c *Client) DialWith(dial func(ctx context.Context, network, address string) (net.Conn, error)) {
	c.transport.dial = dial
}

// SetSystemCertificates replaces the system's CA certificates until t ends.
func SetSystemCertificates(t *testing.T, pool *x509.CertPool) {
	t.Helper()
	before := systemCertificates
	systemCertificates = func() (*x509.CertPool, error) { return pool.Clone(), nil }
	t.Cleanup(func() { systemCertificates = before })
}
