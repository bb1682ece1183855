// SPDX-License-Identifier: MPL-2.0

package zstacktest_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"net/http/httptrace"
	"testing"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// trusting is a client that trusts one CA only.
func trusting(t *testing.T, ca *zstacktest.CA) *http.Client {
	t.Helper()
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(ca.PEM())) {
		t.Fatal("the CA's PEM contains no certificate")
	}
	return &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
	}}
}

func TestOnlyCertificatesOfTheTrustedCAAreAccepted(t *testing.T) {
	t.Parallel()
	ca := zstacktest.NewCA()
	for name, test := range map[string]struct {
		trusted     *zstacktest.CA
		certificate tls.Certificate
		rejected    func(error) bool
	}{
		"valid":      {ca, ca.Certificate(), nil},
		"unknown CA": {zstacktest.NewCA(), ca.Certificate(), isError[x509.UnknownAuthorityError]},
		"wrong host": {ca, ca.Certificate("zstack.example"), isError[x509.HostnameError]},
		"expired":    {ca, ca.ExpiredCertificate(), isError[x509.CertificateInvalidError]},
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

func isError[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// connections sends requests one after another, and returns whether each used the connection of the previous one.
func connections(t *testing.T, client *http.Client, url string, count int) []bool {
	t.Helper()
	var reused []bool
	trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) { reused = append(reused, info.Reused) }}
	for range count {
		if got := query(httptrace.WithClientTrace(t.Context(), trace), t, client, url, 1<<20); got.failure != nil {
			t.Fatal(got.failure)
		}
	}
	return reused
}

func TestConnectionIsClosedAfterAHundredRequests(t *testing.T) {
	t.Parallel()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	reused := connections(t, &http.Client{Transport: transport}, newNode().Serve(t), 201)
	for k, got := range reused {
		if want := k%100 != 0; got != want {
			t.Errorf("request %d used the connection of the previous one: %t, want %t", k+1, got, want)
		}
	}
}

func TestConnectionIsClosedAfterTwentyIdleSeconds(t *testing.T) {
	t.Parallel()
	if got := newNode().Server().IdleTimeout; got != 20*time.Second {
		t.Errorf("connections are closed after %s", got)
	}
}

func TestIdleConnectionsMayBeClosedImmediately(t *testing.T) {
	t.Parallel()
	n := newNode()
	n.Configure(func(s *zstacktest.Settings) { s.ClosesIdleConnections = true })
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	// A request may be sent before its connection is seen to be closed; net/http then retries a GET on a new connection.
	connections(t, &http.Client{Transport: transport}, n.Serve(t), 5)
}
