// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"net"
	"net/http"
	"net/url"
	"time"
)

// Limits of connections. The number of idle ones is more than Terraform reads
// at the same time by default (10), so that no read has to open a connection
// that an earlier one closed.
const (
	dialTimeout        = 30 * time.Second
	idleTimeout        = 90 * time.Second
	maxIdleConnections = 64
	tunnelTimeout      = time.Minute // net/http's, for the response to CONNECT
)

// transport sends requests and retries them. It has no credentials.
type transport struct {
	// keepAlive is for requests that may be retried: the other side may have
	// closed an idle connection. singleUse opens a connection for every request.
	keepAlive, singleUse *http.Transport

	dial           func(ctx context.Context, network, address string) (net.Conn, error)
	endpoint       *url.URL
	proxyURL       *url.URL // nil: none
	proxy          Proxy    // the same, without user and password
	proxySecret    string   // user and password as they are sent to the proxy; empty: none
	unusedProxy    string   // a variable that sets a proxy, but not one for the endpoint
	proxyError     error    // why no request may be sent; nil: none
	userAgent      string
	requestTimeout time.Duration
	maxRetries     int
	secrets        func() []string // what no log line and no error may contain
}

func newTransport(config Config) *transport {
	t := &transport{
		dial:           (&net.Dialer{Timeout: dialTimeout}).DialContext,
		endpoint:       config.Endpoint,
		userAgent:      config.UserAgent,
		requestTimeout: config.RequestTimeout,
		maxRetries:     config.MaxRetries,
	}
	t.proxyURL, t.proxy, t.proxyError = environmentProxy(config.Endpoint)
	t.unusedProxy = unusedProxyVariable(config.Endpoint, t.proxyURL)
	if t.proxyURL != nil && t.proxyURL.User != nil {
		password, _ := t.proxyURL.User.Password()
		t.proxySecret = base64.StdEncoding.EncodeToString([]byte(t.proxyURL.User.Username() + ":" + password))
	}

	var protocols http.Protocols
	protocols.SetHTTP1(true) // The server does not support HTTP/2, for which net/http has other errors.
	t.keepAlive = &http.Transport{
		Proxy: http.ProxyURL(t.proxyURL),
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			connection, err := t.dial(ctx, network, address)
			if err != nil {
				return nil, dialError(address, err)
			}
			return connection, nil
		},
		OnProxyConnectResponse: t.checkTunnel,
		Protocols:              &protocols,
		MaxIdleConnsPerHost:    maxIdleConnections,
		IdleConnTimeout:        idleTimeout,
		TLSHandshakeTimeout:    2 * config.RequestTimeout, // It ends the handshake of a cancelled request.
		TLSClientConfig: &tls.Config{
			MinVersion:           tls.VersionTLS12,
			RootCAs:              rootCAs(config.CACertificates),
			InsecureSkipVerify:   config.InsecureSkipVerify, // #nosec G402 -- set by the user, with a warning.
			GetClientCertificate: noClientCertificate,
		},
	}
	t.singleUse = t.keepAlive.Clone()
	t.singleUse.DisableKeepAlives = true
	return t
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

// roundTripper returns the transport for requests of a method.
func (t *transport) roundTripper(method string) http.RoundTripper {
	if method == http.MethodGet {
		return t.keepAlive
	}
	return t.singleUse
}

// checkTunnel returns an error if a proxy's response to CONNECT is not a success.
func (t *transport) checkTunnel(_ context.Context, _ *url.URL, _ *http.Request, response *http.Response) error {
	if response.StatusCode == http.StatusOK {
		return nil
	}
	return &ProxyError{Proxy: t.proxy, Status: response.StatusCode, retryAfter: response.Header.Get("Retry-After")}
}
