// SPDX-License-Identifier: MPL-2.0

package diagnosis

import (
	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// tlsCauses are errors of TLS with the endpoint.
var tlsCauses = []cause{
	{
		hasCertificateProblem(zstack.CertificateUnknownAuthority), "Unknown Certificate Authority",
		always("This machine does not trust the certificate authority (CA) that signed the certificate. Set ca_certificate_file or ca_certificate " +
			"of the provider to the certificate of that CA. If the server has a certificate of a trusted CA, it probably does not send the " +
			"intermediate certificate."),
	},
	{
		hasCertificateProblem(zstack.CertificateWrongHost), "Certificate of Another Host",
		always("The certificate is not valid for the name or address in endpoint of the provider. Use a name from the certificate in endpoint, or " +
			"have a certificate issued for the name in endpoint."),
	},
	{
		hasCertificateProblem(zstack.CertificateNoNames), "Certificate Without Host Names",
		always("The certificate names its host in the common name only, which is no longer accepted. Have a certificate issued that contains the " +
			"name or address in endpoint of the provider as a subject alternative name."),
	},
	{
		hasCertificateProblem(zstack.CertificateExpired), "Certificate Expired",
		always("Have the certificate renewed. If the date in the message is in the future, the clock of this machine is wrong."),
	},
	{
		hasCertificateProblem(zstack.CertificateNotYetValid), "Certificate Not Yet Valid",
		always("The clock of this machine is probably wrong. If it is right, the certificate was issued for a later time."),
	},
	{
		hasCertificateProblem(zstack.CertificateNegativeSerial), "Certificate With a Negative Serial Number",
		always("The certificate, or that of a CA that the server sends with it, violates the standard (RFC 5280) and is not accepted by this " +
			"provider and many other programs. Have it issued again with a positive serial number. For a test, the environment variable " +
			"GODEBUG=x509negativeserial=1 makes the provider accept it."),
	},
	{
		hasCertificateProblem(zstack.CertificateWrongUsage), "Certificate Not for Servers",
		always("The certificate was issued for another purpose, for example for clients only. Have a certificate issued whose extended key usage " +
			"includes server authentication (serverAuth)."),
	},
	{
		hasCertificateProblem(zstack.CertificateWeakSignature), "Certificate With a Weak Signature",
		always("Have the certificate, and the intermediate certificates that the server sends, issued again with SHA-256 or better."),
	},
	{
		hasCertificateProblem(zstack.CertificateMalformed), "Unreadable Certificate",
		always("The certificate that the server sends violates the standard (RFC 5280). Have it issued again."),
	},
	{
		hasType[*zstack.CertificateError], "Invalid Certificate",
		always("Have a certificate issued that is valid for this server, by a CA that is allowed to issue it."),
	},

	{
		anyOf(hasType[*zstack.PlainHTTPError], hasType[*zstack.NotTLSError]), "No TLS at the Endpoint",
		plainHTTP,
	},
	{
		hasType[*zstack.TLSExpectedError], "TLS Expected at the Endpoint",
		tlsExpected,
	},
	{
		hasType[*zstack.ClientCertificateError], "Client Certificate Required",
		always("The provider has no client certificates. Use an address of the management node that does not require one, or configure the " +
			"reverse proxy not to require one for the REST API."),
	},
	{
		hasType[*zstack.TLSVersionError], "TLS Version Not Supported",
		always("Enable TLS 1.2 or 1.3 in the server or in the reverse proxy in front of it. The provider does not support older versions, which " +
			"are not secure."),
	},
	{
		hasType[*zstack.TLSCipherError], "No Common TLS Cipher",
		always("Enable a modern cipher suite in the server or in the reverse proxy in front of it, such as TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256. " +
			"The provider does not support suites with RSA key exchange or without forward secrecy."),
	},
	{
		anyOf(hasType[*zstack.TLSAlertError], hasType[*zstack.TLSError]), "TLS Failure",
		always("Check the TLS settings and the log of the server or of the reverse proxy in front of it. If it serves several host names, the " +
			"name in endpoint of the provider must be one of them."),
	},
	{
		hasType[*zstack.HandshakeError], "TLS Handshake Interrupted",
		handshaking("The server received no request. If the port in endpoint of the provider is right and uses TLS, a firewall or another device " +
			"on the path probably drops the first TLS message because it is longer than one packet. Run Terraform with the environment variable " +
			"GODEBUG=tlsmlkem=0, which makes that message shorter, and have the device updated."),
	},
}

// hasCertificateProblem fits a certificate with this problem.
func hasCertificateProblem(problem zstack.CertificateProblem) func(error) bool {
	return with(func(e *zstack.CertificateError) bool { return e.Problem == problem })
}
