// SPDX-License-Identifier: MPL-2.0

package zstack_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// selfSigned returns the DER form of a CA certificate after change.
func selfSigned(tb testing.TB, change func(*x509.Certificate)) []byte {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "Old CA", Organization: []string{"Example"}},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	change(template)
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		tb.Fatal(err)
	}
	return der
}

// negativeSerial returns the DER form of a certificate with a negative serial
// number, which x509 does not create.
func negativeSerial(tb testing.TB) []byte {
	tb.Helper()
	der := selfSigned(tb, func(c *x509.Certificate) { c.SerialNumber = big.NewInt(0x5a5a5a5a) })
	return bytes.Replace(der, []byte{2, 4, 0x5a, 0x5a, 0x5a, 0x5a}, []byte{2, 4, 0xda, 0x5a, 0x5a, 0x5a}, 1)
}

func pemOf(blockType string, data []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: blockType, Bytes: data}))
}

func TestCertificatesAreReadInEveryUnambiguousForm(t *testing.T) {
	one, two := zstacktest.NewCA().PEM(), zstacktest.NewCA().PEM()
	key := pemOf("PRIVATE KEY", []byte("secret"))
	both := one + two
	for name, text := range map[string]string{
		"two":                            both,
		"no line end at the end":         strings.TrimSuffix(both, "\n"),
		"CRLF":                           strings.ReplaceAll(both, "\n", "\r\n"),
		"CRLF without the last LF":       strings.TrimSuffix(strings.ReplaceAll(both, "\n", "\r\n"), "\n"),
		"CR":                             strings.ReplaceAll(both, "\n", "\r"),
		"byte order mark":                "\ufeff" + both,
		`\n as two characters`:           strings.ReplaceAll(both, "\n", `\n`),
		`\r\n as four characters`:        strings.ReplaceAll(both, "\n", `\r\n`),
		`\\n as three characters`:        strings.ReplaceAll(both, "\n", `\\n`),
		"indented":                       "\t" + strings.ReplaceAll(both, "\n", "\n    "),
		"spaces at the ends of lines":    strings.ReplaceAll(both, "\n", "  \n"),
		"one line":                       strings.ReplaceAll(both, "\n", " "),
		"in quotes":                      `"` + both + `"`,
		"no line between them":           strings.TrimSuffix(one, "\n") + two,
		"with comments":                  "# BEGIN of our CAs\n" + one + "\nsubject=CN = x\n-- the end --\n" + two + "\n# END\n",
		"a key between them":             one + key + two,
		"older name of the type":         strings.ReplaceAll(both, " CERTIFICATE", " X509 CERTIFICATE"),
		"without line breaks in a block": strings.ReplaceAll(both, "\n", ""),
	} {
		certificates, err := zstack.ParseCertificates([]byte(text))
		if err != nil || len(certificates) != 2 {
			t.Errorf("%s: %d certificates and the error %v, want 2 and none", name, len(certificates), err)
			continue
		}
		if got := pemOf("CERTIFICATE", certificates[0].Raw) + pemOf("CERTIFICATE", certificates[1].Raw); got != both {
			t.Errorf("%s: other certificates than those in the text", name)
		}
	}
}

func TestErrorsSayWhichCertificateCannotBeReadAndWhy(t *testing.T) {
	der := selfSigned(t, func(*x509.Certificate) {})
	negative := pemOf("CERTIFICATE", negativeSerial(t))
	good, key := pemOf("CERTIFICATE", der), pemOf("PRIVATE KEY", []byte("secret"))
	body := strings.Join(strings.Split(good, "\n")[1:len(strings.Split(good, "\n"))-2], "\n")
	const (
		cutOff = " in it is cut off or damaged: it must begin with the line -----BEGIN CERTIFICATE----- and end with the line -----END CERTIFICATE-----"
		isDER  = "it is in DER format, but must be in PEM format; convert it with: openssl x509 -inform der -in FILE -out ca.pem " +
			"(or, for a .p12 or .pfx file: openssl pkcs12 -in FILE -cacerts -nokeys -out ca.pem)"
		isPath = "it contains the path of a file, not a certificate"
		isPage = "it is an HTML page"
		none   = "it contains no certificate in PEM format (-----BEGIN CERTIFICATE-----)"
		serial = " in it (CN=Old CA,O=Example) cannot be read: x509: negative serial number"
	)
	for name, test := range map[string]struct{ text, want string }{
		"empty":                       {"", "it is empty"},
		"whitespace":                  {" \r\n", "it is empty"},
		"other text":                  {"nope", none},
		"a sentence":                  {"see the wiki\n", none},
		"a key":                       {key, "it contains no certificate, only a PEM block of type PRIVATE KEY"},
		"a request":                   {pemOf("CERTIFICATE REQUEST", der), "it contains no certificate, only a PEM block of type CERTIFICATE REQUEST"},
		"DER":                         {string(der), isDER},
		"Base64 of DER":               {base64.StdEncoding.EncodeToString(der), "it is the Base64 text of a certificate without the lines around it; put -----BEGIN CERTIFICATE----- before it and -----END CERTIFICATE----- after it"},
		"Base64 of DER in lines":      {body, "it is the Base64 text of a certificate without the lines around it; put -----BEGIN CERTIFICATE----- before it and -----END CERTIFICATE----- after it"},
		"Base64 of PEM":               {base64.StdEncoding.EncodeToString([]byte(good)), "it is a PEM file in Base64; decode it first, for example with base64decode() or base64 -d"},
		"UTF-16":                      {"\xff\xfe-\x00-\x00", "it is UTF-16 text; save it as UTF-8"},
		"a path":                      {"/etc/ssl/ca.pem", isPath},
		"a path of Windows":           {`C:\certs\ca`, isPath},
		"a name of a file":            {"ca.pem\n", isPath},
		"an HTML page":                {"\ufeff\n<!DOCTYPE HTML>\n<html><body>Log in</body></html>\n", isPage},
		"an HTML page in one line":    {"<html><body>Not Found</body></html>", isPage},
		"an XML document":             {`<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>`, none},
		"negative serial":             {negative, "certificate 1" + serial},
		"negative serial, second":     {good + negative + good, "certificate 2" + serial},
		"negative serial after a key": {key + good + negative, "certificate 2" + serial},
		"not Base64":                  {good + strings.Replace(good, "MII", "M*I", 1), "certificate 2 in it is damaged: the text between its BEGIN and END lines is not Base64"},
		"not a certificate":           {good + pemOf("CERTIFICATE", []byte("AAAA")), "certificate 2 in it cannot be read: x509: malformed certificate"},
		"an empty block":              {good + pemOf("CERTIFICATE", nil), "certificate 2 in it cannot be read: x509: malformed certificate"},
		"cut off":                     {good[:len(good)/2], "certificate 1" + cutOff},
		"second cut off":              {good + good[:len(good)/2], "certificate 2" + cutOff},
		"first cut off":               {good[:len(good)/2] + "\n" + good, "certificate 1 in it is cut off: its END line is missing"},
		"a dash is missing":           {good[1:] + good, "certificate 1" + cutOff},
		"dashes of a word processor":  {good + strings.ReplaceAll(good, "-----", "–––––"), "certificate 2" + cutOff},
		"no BEGIN line":               {good + good[28:], "certificate 2" + cutOff},
		"no lines around the second":  {good + body, "it contains Base64 text without the line -----BEGIN CERTIFICATE----- after certificate 1"},
		"another END":                 {strings.ReplaceAll(good, "END CERTIFICATE", "END CERTIFICAT"), "certificate 1 in it is damaged: its last line is -----END CERTIFICAT-----"},
		"OpenSSL's own format":        {pemOf("TRUSTED CERTIFICATE", der), "certificate 1 in it is in OpenSSL's own format; convert it with: openssl x509 -in FILE -out ca.pem"},
		"PKCS #7":                     {good + pemOf("PKCS7", der), "certificate 2 in it is in a PKCS #7 block; convert it with: openssl pkcs7 -in FILE -print_certs -out ca.pem"},
	} {
		certificates, err := zstack.ParseCertificates([]byte(test.text))
		if err == nil || err.Error() != test.want || certificates != nil {
			t.Errorf("%s: %d certificates and the error\n%v, want\n%s", name, len(certificates), err, test.want)
		}
	}
}

// FuzzParseCertificates tests that the standard library finds as many
// certificates, unless there is an error.
func FuzzParseCertificates(f *testing.F) {
	der := selfSigned(f, func(*x509.Certificate) {})
	good := pemOf("CERTIFICATE", der)
	for _, text := range []string{"", good, good + good, "\ufeff" + good, strings.ReplaceAll(good, "\n", `\n`), string(der), good[:len(good)/2] + good, "ca.pem"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		certificates, err := zstack.ParseCertificates(text)
		if err != nil {
			if len(certificates) > 0 || len(err.Error()) > 600 {
				t.Errorf("%d certificates and the error %v", len(certificates), err)
			}
			return
		}
		for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
			if block.Type != "CERTIFICATE" {
				continue
			}
			found := false
			for _, certificate := range certificates {
				found = found || bytes.Equal(certificate.Raw, block.Bytes)
			}
			if !found {
				t.Errorf("a certificate is dropped")
			}
		}
	})
}
