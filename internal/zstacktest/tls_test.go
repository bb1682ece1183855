// SPDX-License-Identifier: MPL-2.0

package zstacktest_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"testing"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// trusting is a client that trusts the authority and no other.
func trusting(t *testing.T, ca *zstacktest.CA) *http.Client {
	t.Helper()
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(ca.PEM())) {
		t.Fatal("the authority's PEM holds no certificate")
	}
	return &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
	}}
}

func TestTLSIsAcceptedFromAKnownAuthorityOnly(t *testing.T) {
	t.Parallel()
	ca := zstacktest.NewCA()
	for name, test := range map[string]struct {
		trusted     *zstacktest.CA
		certificate tls.Certificate
		rejected    func(error) bool
	}{
		"valid":      {ca, ca.Certificate(), nil},
		"unknown CA": {zstacktest.NewCA(), ca.Certificate(), is[x509.UnknownAuthorityError]},
		"wrong host": {ca, ca.Certificate("zstack.example"), is[x509.HostnameError]},
		"expired":    {ca, ca.ExpiredCertificate(), is[x509.CertificateInvalidError]},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := query(t.Context(), t, trusting(t, test.trusted), newNode().ServeTLS(t, test.certificate), 100)
			if test.rejected == nil && got.status != 200 || test.rejected != nil && !test.rejected(got.failure) {
				t.Errorf("%+v", got)
			}
		})
	}
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
