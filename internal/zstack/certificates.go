// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/zstackio/terraform-provider-zstack/internal/lazyregexp"
)

// ParseCertificates reads CA certificates in PEM format. It accepts any line
// ends, a byte order mark, indentation, and line ends written as \n, which
// environment variables and copied text often contain. It ignores other text
// and blocks of other types, but no certificate: the error says which one cannot
// be read and why. It completes a sentence whose subject is the text ("it is
// empty"), and never quotes the text, which may be a secret.
func ParseCertificates(text []byte) ([]*x509.Certificate, error) {
	var certificates []*x509.Certificate
	otherType := ""
	rest := writtenLineEnd().ReplaceAllString(strings.TrimPrefix(string(text), "\ufeff"), "\n")
	for {
		around, block := rest, pemBlock().FindStringSubmatchIndex(rest)
		if block != nil {
			around = rest[:block[0]]
		}
		if err := checkAround(around, len(certificates)+1); err != nil {
			return nil, err
		}
		if block == nil {
			break
		}
		begin, body, end := rest[block[2]:block[3]], rest[block[4]:block[5]], rest[block[6]:block[7]]
		rest = rest[block[1]:]
		if !certificateBlock().MatchString(begin) {
			otherType = begin
			continue
		}
		certificate, err := parseBlock(begin, body, end)
		if err != nil {
			return nil, fmt.Errorf("certificate %d in it %w", len(certificates)+1, err)
		}
		certificates = append(certificates, certificate)
	}
	if len(certificates) == 0 {
		return nil, noCertificate(text, otherType)
	}
	return certificates, nil
}

var (
	// writtenLineEnd is a line end written with backslashes.
	writtenLineEnd = lazyregexp.New(`(\\+r)?\\+n`)

	pemBlock = lazyregexp.New(`(?s)-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END ([A-Z0-9 ]+)-----`)

	// certificateBlock matches the types of blocks with certificates in them.
	certificateBlock = lazyregexp.New(`^((X509 |TRUSTED )?CERTIFICATE|PKCS7|CMS)$`)

	certificateMarker = lazyregexp.New(`(BEGIN|END)[A-Z0-9 ]* CERTIFICATE`)
	base64Line        = lazyregexp.New(`(?m)^\s*[A-Za-z0-9+/]{60,}={0,2}\s*$`)
	spaces            = lazyregexp.New(`\s`)
)

// checkAround returns an error if the text outside of blocks seems to be a part
// of the certificate at this position.
func checkAround(text string, position int) error {
	switch {
	case certificateMarker().MatchString(text):
		return fmt.Errorf("certificate %d in it is cut off or damaged: it must begin with the line -----BEGIN CERTIFICATE----- and end with "+
			"the line -----END CERTIFICATE-----", position)
	case position > 1 && base64Line().MatchString(text):
		return fmt.Errorf("it contains Base64 text without the line -----BEGIN CERTIFICATE----- after certificate %d", position-1)
	}
	return nil
}

// parseBlock parses one PEM block of a type that contains certificates.
func parseBlock(begin, body, end string) (*x509.Certificate, error) {
	switch {
	case strings.Contains(body, "-----BEGIN"):
		return nil, errors.New("is cut off: its END line is missing")
	case begin == "TRUSTED CERTIFICATE":
		return nil, errors.New("is in OpenSSL's own format; convert it with: openssl x509 -in FILE -out ca.pem")
	case begin == "PKCS7" || begin == "CMS":
		return nil, errors.New("is in a PKCS #7 block; convert it with: openssl pkcs7 -in FILE -print_certs -out ca.pem")
	case begin != end:
		return nil, fmt.Errorf("is damaged: its last line is -----END %s-----", end)
	}
	der, err := base64.StdEncoding.DecodeString(spaces().ReplaceAllString(body, ""))
	if err != nil {
		return nil, errors.New("is damaged: the text between its BEGIN and END lines is not Base64")
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("%scannot be read: %w", subjectOf(der), err)
	}
	return certificate, nil
}

// subjectOf returns the subject of a certificate that Go does not accept, in
// parentheses, or "" if it cannot be found.
func subjectOf(der []byte) string {
	var certificate struct {
		Signed struct {
			Version   int `asn1:"optional,explicit,default:0,tag:0"`
			Serial    asn1.RawValue
			Algorithm asn1.RawValue
			Issuer    asn1.RawValue
			Validity  asn1.RawValue
			Subject   pkix.RDNSequence
			PublicKey asn1.RawValue
		}
		Algorithm asn1.RawValue
		Signature asn1.RawValue
	}
	// Unmarshal ignores what follows the last field of a structure.
	if _, err := asn1.Unmarshal(der, &certificate); err != nil || len(certificate.Signed.Subject) == 0 {
		return ""
	}
	return fmt.Sprintf("(%s) ", clean(certificate.Signed.Subject.String(), maxExcerpt))
}

// noCertificate is the error for text without certificates. It says what the
// text looks like, and what to do.
func noCertificate(text []byte, otherType string) error {
	trimmed := bytes.TrimSpace(text)
	decoded, err := base64.StdEncoding.DecodeString(spaces().ReplaceAllString(string(trimmed), ""))
	isBase64 := err == nil && len(decoded) > 48 // A short path can be Base64, too.
	switch {
	case len(trimmed) == 0:
		return errors.New("it is empty")
	case otherType != "":
		return fmt.Errorf("it contains no certificate, only a PEM block of type %s", otherType)
	case bytes.HasPrefix(text, []byte{0xff, 0xfe}) || bytes.HasPrefix(text, []byte{0xfe, 0xff}):
		return errors.New("it is UTF-16 text; save it as UTF-8")
	case isDER(text):
		return errors.New("it is in DER format, but must be in PEM format; convert it with: openssl x509 -inform der -in FILE -out ca.pem " +
			"(or, for a .p12 or .pfx file: openssl pkcs12 -in FILE -cacerts -nokeys -out ca.pem)")
	case isBase64 && isDER(decoded):
		return errors.New("it is the Base64 text of a certificate without the lines around it; put -----BEGIN CERTIFICATE----- before it and " +
			"-----END CERTIFICATE----- after it")
	case isBase64 && bytes.Contains(decoded, []byte("-----BEGIN ")):
		return errors.New("it is a PEM file in Base64; decode it first, for example with base64decode() or base64 -d")
	case htmlPage().Match(text):
		return errors.New("it is an HTML page")
	case len(trimmed) <= maxFilePath && filePath().Match(trimmed):
		return ErrFilePath
	}
	return errors.New("it contains no certificate in PEM format (-----BEGIN CERTIFICATE-----)")
}

// ErrFilePath is the error of ParseCertificates for a text that is the path of
// a file.
var ErrFilePath = errors.New("it contains the path of a file, not a certificate")

var htmlPage = lazyregexp.New(`^\x{feff}?\s*<(?i:!doctype html|html)\b`)

// filePath matches one line that has a separator of directories or the usual
// extension of a certificate, and no tag. The length is not part of the pattern, which would
// take a millisecond to compile.
var filePath = lazyregexp.New(`^[^\n<>]*[/\\][^\n<>]*$|^[^\n<>]+\.(pem|crt|cer|cert|der|ca|txt)$`)

// maxFilePath is the length of the longest path that is taken for one.
const maxFilePath = 500

// isDER reports whether data is exactly one DER sequence.
func isDER(data []byte) bool {
	var sequence asn1.RawValue
	rest, err := asn1.Unmarshal(data, &sequence)
	return err == nil && len(rest) == 0 && sequence.Tag == asn1.TagSequence && sequence.IsCompound && len(data) > 32
}
