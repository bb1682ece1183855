// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/url"

	"github.com/hashicorp/go-cleanhttp"
	"golang.org/x/net/http/httpproxy"
)

// sessionsPath is followed by a session's uuid, which is a secret.
const sessionsPath = "/v1/accounts/sessions/"

// maxIdleConnections is more than Terraform reads at the same time by default
// (10), so that no read has to open a connection that an earlier one closed.
const maxIdleConnections = 64

// transport sends requests and repeats them. It knows no credentials.
type transport struct {
	http       *http.Client
	endpoint   *url.URL
	userAgent  string
	maxRetries int
	secrets    func() []string // what no log line and no error may hold
}

func newTransport(config Config) *transport {
	pooled := cleanhttp.DefaultPooledTransport()
	pooled.MaxIdleConnsPerHost = maxIdleConnections
	pooled.ForceAttemptHTTP2 = false // The server has none, and it fails in ways of its own.
	pooled.TLSHandshakeTimeout = 0   // config.RequestTimeout bounds it.
	pooled.TLSClientConfig = &tls.Config{
		MinVersion:         tls.VersionTLS12,
		RootCAs:            rootCAs(config.CACertificates),
		InsecureSkipVerify: config.InsecureSkipVerify, // #nosec G402 -- the user's choice, with a warning.
	}
	proxy := httpproxy.FromEnvironment().ProxyFunc()
	pooled.Proxy = func(request *http.Request) (*url.URL, error) { return proxy(request.URL) }

	return &transport{
		http: &http.Client{
			Transport:     pooled,
			Timeout:       config.RequestTimeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		endpoint:   config.Endpoint,
		userAgent:  config.UserAgent,
		maxRetries: config.MaxRetries,
	}
}

// systemCertificates is replaced in tests.
var systemCertificates = x509.SystemCertPool

// rootCAs returns the system's CA certificates and the additional ones, or nil
// for the system's alone.
func rootCAs(additional []*x509.Certificate) *x509.CertPool {
	if len(additional) == 0 {
		return nil
	}
	pool, err := systemCertificates()
	if err != nil {
		pool = x509.NewCertPool()
	}
	for _, certificate := range additional {
		pool.AddCert(certificate)
	}
	return pool
}

// request is one call of the API.
type request struct {
	method   string
	path     string // behind the context path
	query    url.Values
	body     any                 // sent as JSON; nil: none
	sign     func(*http.Request) // called before every attempt; nil: no credential
	mayRetry func(error) bool
	into     responseBody
}

// send sends r until an attempt succeeds, the error is none that may be
// repeated, or the attempts or the time are used up. Every error is a
// [RequestError].
func (t *transport) send(ctx context.Context, r request) error {
	ctx = maskSecrets(ctx, t.secrets())
	call := &call{transport: t, request: r, url: t.endpoint.JoinPath(r.path)}
	call.url.RawQuery = r.query.Encode()
	if err := call.do(ctx); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return &RequestError{
			Method:   r.method,
			Host:     call.url.Host,
			Path:     loggedPath(call.url.Path),
			Attempts: call.attempt,
			Err:      redact(err, call.allSecrets()),
		}
	}
	return nil
}
