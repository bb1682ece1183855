// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

// TLS alerts with an error type of their own (RFC 8446 §6).
const (
	alertHandshakeFailure     = 40
	alertProtocolVersion      = 70
	alertInsufficientSecurity = 71
	alertCertificateRequired  = 116
)

// tlsError returns the cause of a TLS handshake that failed.
func tlsError(err error, certificateRequested bool) error {
	verification, isVerification := errors.AsType[*tls.CertificateVerificationError](err)
	record, isRecord := errors.AsType[tls.RecordHeaderError](err)
	alert, isAlert := alertOf(err)
	text := err.Error()
	switch {
	case isVerification:
		return newCertificateError(verification)
	case strings.Contains(text, "negative serial number"):
		return &CertificateError{Problem: CertificateNegativeSerial, Err: err}
	case strings.Contains(text, "failed to parse certificate"):
		return &CertificateError{Problem: CertificateMalformed, Err: err}
	case isRecord && bytes.HasPrefix(record.RecordHeader[:], []byte("HTTP")):
		return &PlainHTTPError{}
	case isRecord:
		return &NotTLSError{}
	case isAlert && (certificateRequested || alert == alertCertificateRequired):
		return &ClientCertificateError{Err: err}
	case alert == alertProtocolVersion || strings.Contains(text, "unsupported protocol version") || strings.Contains(text, "no supported versions"):
		return &TLSVersionError{Err: err}
	case alert == alertHandshakeFailure || alert == alertInsufficientSecurity || strings.Contains(text, "unconfigured cipher suite"):
		return &TLSCipherError{Err: err}
	case isAlert:
		return &TLSAlertError{Alert: alert, Err: err}
	case isConnectionEnd(err) || isTimeout(err):
		return &HandshakeError{Err: err}
	}
	return &TLSError{Err: err}
}

// alertOf returns the alert with which the server ended a TLS connection.
// crypto/tls has no exported type for it.
func alertOf(err error) (uint8, bool) {
	operation, ok := errors.AsType[*net.OpError](err)
	if !ok || operation.Op != "remote error" {
		return 0, false
	}
	for alert := range uint8(255) {
		if operation.Err.Error() == tls.AlertError(alert).Error() {
			return alert, true
		}
	}
	return 0, false
}

// isTLSFailure reports whether err says that one of the two sides ended a TLS
// connection with an alert.
func isTLSFailure(err error) bool {
	operation, ok := errors.AsType[*net.OpError](err)
	return ok && (operation.Op == "remote error" || operation.Op == "local error")
}

// newCertificateError returns the error of a certificate that is not accepted.
func newCertificateError(verification *tls.CertificateVerificationError) *CertificateError {
	err := verification.Err
	_, isWeak := errors.AsType[x509.InsecureAlgorithmError](err)
	_, isUnknown := errors.AsType[x509.UnknownAuthorityError](err)
	hostname, isWrongHost := errors.AsType[x509.HostnameError](err)
	invalid, isInvalid := errors.AsType[x509.CertificateInvalidError](err)
	result := &CertificateError{Problem: CertificateInvalid, Err: err}
	var certificate *x509.Certificate
	if len(verification.UnverifiedCertificates) > 0 {
		certificate = verification.UnverifiedCertificates[0]
	}
	switch {
	case isWeak || strings.Contains(err.Error(), "insecure algorithm"):
		result.Problem = CertificateWeakSignature
	case isUnknown:
		result.Problem = CertificateUnknownAuthority
	case isWrongHost:
		certificate = hostname.Certificate
		result.Problem = CertificateWrongHost
		if len(namesOf(certificate)) == 0 {
			result.Problem = CertificateNoNames
		}
	case isInvalid:
		certificate = invalid.Cert
		switch {
		case invalid.Reason == x509.Expired && time.Now().Before(certificate.NotBefore):
			result.Problem = CertificateNotYetValid
		case invalid.Reason == x509.Expired:
			result.Problem = CertificateExpired
		case invalid.Reason == x509.IncompatibleUsage:
			result.Problem = CertificateWrongUsage
		}
	}
	if certificate != nil {
		result.Subject, result.Issuer = clean(certificate.Subject.String(), maxExcerpt), clean(certificate.Issuer.String(), maxExcerpt)
		result.Names = namesOf(certificate)
		result.NotBefore, result.NotAfter = certificate.NotBefore, certificate.NotAfter
	}
	return result
}

// namesOf returns the host names and addresses that a certificate is for.
func namesOf(certificate *x509.Certificate) []string {
	names := slices.Clone(certificate.DNSNames)
	for _, address := range certificate.IPAddresses {
		names = append(names, address.String())
	}
	for i, name := range names {
		names[i] = clean(name, maxExcerpt)
	}
	return names
}

// plainHTTPTexts are in the responses of servers that expect TLS, but got
// plain HTTP: those of Go, nginx, Tomcat, Apache httpd and Jetty.
var plainHTTPTexts = [][]byte{
	[]byte("Client sent an HTTP request to an HTTPS server"),
	[]byte("The plain HTTP request was sent to HTTPS port"),
	[]byte("This combination of host and port requires TLS"),
	[]byte("speaking plain HTTP to an SSL-enabled server port"),
}

// responseTLSError returns what a response says about TLS, or nil.
func responseTLSError(status int, body []byte) error {
	if status != http.StatusBadRequest {
		return nil
	}
	if slices.ContainsFunc(plainHTTPTexts, func(text []byte) bool { return bytes.Contains(body, text) }) {
		return &TLSExpectedError{}
	}
	if bytes.Contains(body, []byte("No required SSL certificate was sent")) { // nginx
		return &ClientCertificateError{}
	}
	return nil
}

// HandshakeError says that the TLS handshake was not completed, because the
// connection or the time limit ended. The server received no request, and no
// session was created.
type HandshakeError struct{ Err error }

// Error says how the handshake ended.
func (e *HandshakeError) Error() string {
	if timeout, ok := errors.AsType[*TimeoutError](e.Err); ok {
		return "the TLS handshake was not complete " + timeout.limit()
	}
	return "the connection was " + howConnectionEnded(e.Err) + " during the TLS handshake"
}

// Unwrap returns why the handshake ended.
func (e *HandshakeError) Unwrap() error { return e.Err }

// PlainHTTPError says that a server at an https URL uses HTTP without TLS.
type PlainHTTPError struct {
	Endpoint string // the endpoint to set; empty for a proxy
}

// Error says what the server uses.
func (*PlainHTTPError) Error() string { return "the server uses HTTP without TLS on this port" }

// NotTLSError says that a server at an https URL uses neither TLS nor HTTP.
type NotTLSError struct{}

// Error says what the server does not use.
func (*NotTLSError) Error() string { return "the server does not use TLS on this port" }

// TLSExpectedError says that a server at an http URL uses TLS.
type TLSExpectedError struct {
	Endpoint string // the endpoint to set; empty for a proxy
}

// Error says what the server uses.
func (*TLSExpectedError) Error() string { return "the server uses TLS on this port" }

// ClientCertificateError says that the server requires a client certificate,
// which this client does not have.
type ClientCertificateError struct{ Err error }

// Error says what the server requires.
func (*ClientCertificateError) Error() string { return "the server requires a client certificate" }

// Unwrap returns the server's alert; nil if it used an HTTP response.
func (e *ClientCertificateError) Unwrap() error { return e.Err }

// TLSVersionError says that the server does not support TLS 1.2 or newer.
type TLSVersionError struct{ Err error }

// Error says what the server does not support.
func (*TLSVersionError) Error() string { return "the server does not support TLS 1.2 or newer" }

// Unwrap returns the error of the handshake.
func (e *TLSVersionError) Unwrap() error { return e.Err }

// TLSCipherError says that client and server have no cipher suite, curve or
// signature algorithm in common.
type TLSCipherError struct{ Err error }

// Error says what the two do not have.
func (*TLSCipherError) Error() string {
	return "the server and the provider have no TLS cipher suite in common"
}

// Unwrap returns the error of the handshake.
func (e *TLSCipherError) Unwrap() error { return e.Err }

// TLSAlertError says that the server refused the TLS handshake for another
// reason.
type TLSAlertError struct {
	Alert uint8 // RFC 8446 §6
	Err   error
}

// Error contains the meaning of the alert and its number.
func (e *TLSAlertError) Error() string {
	return fmt.Sprintf("the server refused the TLS handshake: %s (alert %d)", strings.TrimPrefix(tls.AlertError(e.Alert).Error(), "tls: "), e.Alert)
}

// Unwrap returns the error of the handshake.
func (e *TLSAlertError) Unwrap() error { return e.Err }

// TLSError says that the TLS connection failed for any other reason.
type TLSError struct{ Err error }

// Error says why.
func (e *TLSError) Error() string {
	return "the TLS connection failed: " + inPlainWords(e.Err)
}

// Unwrap returns the error of the handshake.
func (e *TLSError) Unwrap() error { return e.Err }

// CertificateProblem is what is wrong with a certificate, as a clause whose
// subject is the certificate.
type CertificateProblem string

// The problems that need different remedies.
const (
	CertificateUnknownAuthority CertificateProblem = "is signed by a CA that is not trusted"
	CertificateWrongHost        CertificateProblem = "is for other host names or addresses"
	CertificateNoNames          CertificateProblem = "has no subject alternative names"
	CertificateExpired          CertificateProblem = "expired"
	CertificateNotYetValid      CertificateProblem = "is not valid yet"
	CertificateNegativeSerial   CertificateProblem = "has a negative serial number"
	CertificateWrongUsage       CertificateProblem = "may not be used by servers (extended key usage)"
	CertificateWeakSignature    CertificateProblem = "is signed with an algorithm that is no longer secure, such as SHA-1"
	CertificateMalformed        CertificateProblem = "cannot be read"
	CertificateInvalid          CertificateProblem = "is not valid"
)

// CertificateError says that the certificate of the server, or of a CA in its
// chain, is not accepted. The other fields are about that certificate; they are
// zero if it cannot be read.
type CertificateError struct {
	Problem             CertificateProblem
	Subject, Issuer     string
	Names               []string // host names and addresses that it is for
	NotBefore, NotAfter time.Time
	Err                 error
}

// Error says what is wrong with which certificate.
func (e *CertificateError) Error() string {
	text := "the server's certificate "
	if e.Subject != "" {
		text = fmt.Sprintf("the certificate %q ", e.Subject)
	}
	text += string(e.Problem)
	switch e.Problem {
	case CertificateUnknownAuthority:
		text += fmt.Sprintf(": %q", e.Issuer)
	case CertificateWrongHost:
		text += ": " + strings.Join(e.Names, ", ")
	case CertificateExpired:
		text += " on " + e.NotAfter.UTC().Format(time.DateTime+" MST")
	case CertificateNotYetValid:
		text += ": it is valid from " + e.NotBefore.UTC().Format(time.DateTime+" MST")
	case CertificateMalformed, CertificateInvalid:
		text += ": " + goNames.Replace(e.Err.Error())
	}
	return text
}

// Unwrap returns the error of the verification.
func (e *CertificateError) Unwrap() error { return e.Err }
