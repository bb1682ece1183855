// SPDX-License-Identifier: MPL-2.0

package diagnosis

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// issued serves a certificate after a change to its template.
func issued(change func(*x509.Certificate)) func(*testing.T, *zstacktest.Node) string {
	return overTLS(authority.Issue(change))
}

func year(y int) time.Time { return time.Date(y, time.February, 3, 4, 5, 6, 0, time.UTC) }

var certificateScenarios = []scenario{
	{name: "unknown CA", serve: overTLS(authority.Certificate())},
	{name: "another host's certificate", serve: overTLS(authority.Certificate("other.example", "10.0.0.1")), config: trusting},
	{name: "certificate without names", serve: issued(func(c *x509.Certificate) { c.DNSNames, c.IPAddresses = nil, nil }), config: trusting},
	{name: "expired certificate", serve: issued(func(c *x509.Certificate) { c.NotBefore, c.NotAfter = year(2001), year(2002) }), config: trusting},
	{name: "certificate of the future", serve: issued(func(c *x509.Certificate) { c.NotBefore, c.NotAfter = year(2901), year(2902) }), config: trusting},
	{name: "client's certificate", serve: issued(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }), config: trusting},
	{name: "negative serial number", serve: func(t *testing.T, _ *zstacktest.Node) string {
		certificate := authority.Issue(func(c *x509.Certificate) { c.SerialNumber = big.NewInt(0x5a5a5a5a) })
		return serveDER(t, certificate, replaced(t, certificate.Certificate[0], "\x02\x04\x5a\x5a\x5a\x5a", "\x02\x04\xda\x5a\x5a\x5a"))
	}, config: trusting},
	{name: "SHA-1", serve: func(t *testing.T, _ *zstacktest.Node) string {
		const sha256WithRSA, sha1WithRSA = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05"
		certificate := limited().certificate
		return serveDER(t, certificate, replaced(t, certificate.Certificate[0], sha256WithRSA, sha1WithRSA))
	}, config: trustingLimited},
	{name: "a malformed certificate", serve: func(t *testing.T, _ *zstacktest.Node) string {
		return serveDER(t, authority.Certificate(), []byte("no certificate"))
	}},
	{name: "a CA for other addresses", serve: func(t *testing.T, node *zstacktest.Node) string {
		return node.ServeTLS(t, limited().certificate)
	}, config: trustingLimited},
}

// replaced is der after a replacement that keeps its length.
func replaced(t *testing.T, der []byte, before, after string) []byte {
	t.Helper()
	changed := strings.ReplaceAll(string(der), before, after)
	if changed == string(der) {
		t.Fatalf("%x is not in the certificate", before)
	}
	return []byte(changed)
}

// serveDER serves a certificate that Go's server cannot parse.
func serveDER(t *testing.T, certificate tls.Certificate, der []byte) string {
	t.Helper()
	changed := tls.Certificate{
		Certificate: [][]byte{der}, PrivateKey: certificate.PrivateKey,
		Leaf: &x509.Certificate{PublicKey: &certificate.PrivateKey.(*ecdsa.PrivateKey).PublicKey},
	}
	config := &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return &changed, nil }}
	return "https://" + zstacktest.Listen(t, func(connection net.Conn) { _ = tls.Server(connection, config).Handshake() })
}

// chain is a server's certificate and the CA that signed it.
type chain struct {
	certificate tls.Certificate
	ca          *x509.Certificate
}

// limited is a chain whose CA has an RSA key and may not sign for 127.0.0.1.
var limited = sync.OnceValue(func() chain {
	caKey, err := rsa.GenerateKey(rand.Reader, 1024) // A short key is made quickly.
	panicOn(err)
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "limited CA"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
		PermittedIPRanges: []*net.IPNet{{IP: net.IPv4(10, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)}},
	}
	der, err := x509.CreateCertificate(rand.Reader, ca, ca, &caKey.PublicKey, caKey)
	panicOn(err)
	ca, err = x509.ParseCertificate(der)
	panicOn(err)
	leaf := authority.Certificate()
	template := *leaf.Leaf
	template.SignatureAlgorithm = x509.SHA256WithRSA
	der, err = x509.CreateCertificate(rand.Reader, &template, ca, leaf.Leaf.PublicKey, caKey)
	panicOn(err)
	return chain{tls.Certificate{Certificate: [][]byte{der}, PrivateKey: leaf.PrivateKey}, ca}
})

func trustingLimited(config *zstack.Config) {
	config.CACertificates = []*x509.Certificate{limited().ca}
}

func panicOn(err error) {
	if err != nil {
		panic(err)
	}
}
