// SPDX-License-Identifier: MPL-2.0

package diagnosis

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// cause is one kind of error, and what to tell of it.
type cause struct {
	fits   func(error) bool
	title  string
	advice string
}

// causes are tried in this order: an error may wrap another one that says
// less.
var causes = []cause{
	{
		isError(context.Canceled), "Read Interrupted",
		"Terraform was told to stop. Nothing was changed.",
	},
	{
		hasType[*ReadTimeoutError], "Read Timeout",
		"If the management node is only slow, raise timeouts.read of the data source. If it does not respond at all, a lower " +
			"request_timeout of the provider shows that sooner.",
	},
	{
		hasType[*zstack.RetryTooLateError], "Server Too Busy",
		"Run Terraform again later, or allow more time: timeouts.read of the data source limits a read, and request_timeout of the provider " +
			"limits a login.",
	},
	{
		hasType[*zstack.TimeoutError], "Request Timeout",
		"Check whether a firewall, VPN or proxy between this machine and the management node drops the connection. If the node is only slow, raise " +
			"request_timeout of the provider (ZSTACK_REQUEST_TIMEOUT).",
	},
	{
		isError(zstack.ErrClosed), "Provider Stopped",
		"The provider was stopped or configured again during the read. Run Terraform again.",
	},
	{
		isError(zstack.ErrListChanged), "Backup Storages Changed While They Were Read",
		"Backup storages were added or removed between two pages of the list, twice in a row. Run Terraform again. If the error persists, narrow the search " +
			"with type or name, so that one page is enough.",
	},
	{
		hasType[*zstack.TotalError], "Inconsistent List",
		"The number of rows did not match the number that the server counted, twice in a row, so the list may be incomplete. Run Terraform again. If the error " +
			"persists, check whether a proxy in front of the management node caches responses or removes query parameters.",
	},
	{
		isWrongField, "Unexpected Value",
		"The provider cannot read this backup storage, and does not return a list without it. If other types of backup storages are enough, select them by " +
			"type: the server then leaves this one out. Report the message above with the version of ZStack.",
	},
	{
		isError(zstack.ErrBodyTooLarge), "Response Too Large",
		"No list of backup storages is that long. Check that endpoint (or host and port) of the provider points to a ZStack management node.",
	},

	{
		isError(zstack.ErrSessionExpired), "Session Expired",
		"The provider cannot renew the session in session_uuid (ZSTACK_SESSION_UUID). Set the UUID of a valid session there, or use " +
			"account_name and account_password, with which the provider logs in itself.",
	},
	{
		isError(zstack.ErrUnknownAccessKey), "Unknown Access Key",
		"Check access_key_id (ZSTACK_ACCESS_KEY_ID): the key must exist in ZStack and be enabled.",
	},
	{
		isError(zstack.ErrWrongSignature), "Wrong Access Key Secret",
		"Check access_key_secret (ZSTACK_ACCESS_KEY_SECRET): it does not belong to this access_key_id. If it does, a proxy changes the path " +
			"or the Date header of the request: both are signed.",
	},
	{
		hasType[*zstack.ClockSkewError], "Clock Skew",
		"A signed request must carry the management node's time, with at most 15 minutes difference, and ZStack normally expects it in its own time zone. Set " +
			"server_time_zone (ZSTACK_SERVER_TIME_ZONE) to that zone, such as \"Asia/Shanghai\". If it is set correctly, correct the clock of this machine or of the node.",
	},
	{
		isError(zstack.ErrNoAccessKeys), "Access Keys Not Supported",
		"This ZStack does not support access keys. Instead of access_key_id and access_key_secret, use account_name and account_password, or other credentials.",
	},

	{
		hasCode(zstack.CodeAuthenticationFailed), "Wrong Name or Password",
		"Check account_name and account_password (for a user of the account also user_name; for a virtual ID virtual_id_name and virtual_id_password) and the " +
			"ZSTACK_* variables of these names. The provider does not retry, because repeated failures lock the account.",
	},
	{
		hasCode(zstack.CodeInvalidSession), "Session Ended Early",
		"The session was no longer valid directly after the login, twice. ZStack may allow only one session per user " +
			"(identity/enable.unique.session), and someone else logs in as the same user: use a separate user for Terraform, or an access key.",
	},
	{
		hasCode(zstack.CodeTooManySessions), "Too Many Sessions",
		"The user has as many sessions as ZStack allows (identity/session.maxConcurrent, normally 500). Log out unused sessions, wait until they " +
			"expire, or raise the limit. The provider always logs out its own sessions. An access key needs no session.",
	},
	{
		hasCode(zstack.CodeSecondFactorRequired), "Second Factor Required",
		"The provider cannot send a second factor. Use a user without two-factor authentication, an access key (access_key_id and access_key_secret), or " +
			"an existing session (session_uuid).",
	},
	{
		hasCode(zstack.CodePasswordMustBeChanged), "Password Must Be Changed",
		"Log in to ZStack's web interface with these credentials, change the password, and give the provider the new one.",
	},
	{
		hasCode(zstack.CodeLoginLocked), "Login Locked",
		"ZStack has locked this login after too many failures. Wait for the time in the message, or ask an administrator to unlock it. Check the password before " +
			"you try again.",
	},
	{
		hasCode(zstack.CodeCaptchaRequired, zstack.CodeWrongCaptcha), "Captcha Required",
		"After several failed logins ZStack asks for a captcha, which the provider cannot solve. Check the password, log in to ZStack's web interface once, " +
			"and run Terraform again.",
	},
	{
		hasCode(zstack.CodeRequestRefused), "Source Address Refused",
		"ZStack's access control does not accept the address of this machine. Ask an administrator to allow it.",
	},
	{
		isDeniedZones, "Permission Denied",
		"To read zones, the account, user or project needs the right to call org.zstack.header.zone.APIQueryZoneMsg: ask an administrator of ZStack to " +
			"grant it. Or use zone_uuid instead of zone_name: the provider then does not read zones.",
	},
	{hasCode(zstack.CodePermissionDenied), "Permission Denied", permissionAdvice},
	{
		hasCode(zstack.CodeOperationFailed), "Operation Refused",
		"ZStack responds with this code mostly when a policy denies the call. " + permissionAdvice,
	},
	{
		hasCode(zstack.CodeTimeout), "Server Timeout",
		"The management node did not finish within its own time limit. Run Terraform again. If the error persists, check the node's load and database.",
	},
	{
		hasCode(zstack.CodeNotReady, zstack.CodeNodeUnavailable), "Management Node Not Ready",
		"The management node is starting, or has lost the connection to its database. Run Terraform again when it is ready.",
	},
	{
		hasCode(zstack.CodeInvalidArgument), "Invalid Argument",
		"The management node rejected a value; its message above says which one. Check the arguments of the provider: after the login of a virtual ID it is " +
			"most likely project_name.",
	},
	{
		hasCode(zstack.CodeInternal), "Internal Server Error",
		"The management node failed. Run Terraform again. If the error persists, check the node's log, and report the version of ZStack and the message above.",
	},
	{
		hasType[*zstack.APIError], "Server Error",
		"The management node's message above says why.",
	},

	{
		hasType[*zstack.RedirectError], "Redirect Refused",
		"The provider does not follow redirects, because that would send credentials to an address that you did not configure. If the address is right, set endpoint of the " +
			"provider (ZSTACK_ENDPOINT) to it.",
	},
	{
		hasStatus(http.StatusTooManyRequests), "Rate Limit Exceeded",
		"The server limits the number of requests per minute. Run Terraform again later, or with a lower -parallelism.",
	},
	{
		hasStatus(http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout), "Management Node Not Reachable Behind the Proxy",
		"A proxy responded because it could not reach the management node. The node may be starting: run Terraform again when it is ready.",
	},
	{
		hasType[*zstack.IncompleteResponseError], "Incomplete Response",
		"The server, or a proxy in front of it, closed the connection before the response was complete. Run Terraform again. If the error persists, check the logs of the management " +
			"node and of the proxies in front of it.",
	},
	{
		isForeign, "Not a ZStack Endpoint",
		"Check endpoint (ZSTACK_ENDPOINT), or host and port (ZSTACK_HOST, ZSTACK_PORT), of the provider: it must be the REST API of the management node, " +
			"normally http://<address>:8080/zstack, not its web interface on port 5000. The proxy in HTTP_PROXY or HTTPS_PROXY may also have responded; " +
			"to reach the node without it, add the node's address to NO_PROXY.",
	},
	{
		hasType[*zstack.UnexpectedResponseError], "Unexpected Response",
		"This is not a valid ZStack API response. Check that endpoint of the provider points to the REST API of a management node. If it does, run Terraform again, and check the logs " +
			"of the management node and of the proxies in front of it.",
	},

	{
		isUnknownHost, "Unknown Host",
		"Check the host name in endpoint (ZSTACK_ENDPOINT) or host (ZSTACK_HOST) of the provider, and the DNS settings of this machine.",
	},
	{
		hasType[x509.UnknownAuthorityError], "Unknown Certificate Authority",
		"The certificate is signed by a certificate authority (CA) that this machine does not trust. Set ca_certificate_file or ca_certificate of the provider " +
			"to the certificate of that CA.",
	},
	{
		hasType[x509.HostnameError], "Certificate of Another Host",
		"The server's certificate is not valid for the name or address in endpoint (or host) of the provider. Use a name there that is in the certificate, " +
			"or issue a certificate for the name that is there.",
	},
	{
		hasType[x509.CertificateInvalidError], "Invalid Certificate",
		"Renew the server's certificate. If it is still valid, the clock of this machine is wrong.",
	},
	{
		hasType[*tls.CertificateVerificationError], "Certificate Not Trusted",
		"Set ca_certificate_file or ca_certificate of the provider to the certificate of the CA that signed the server's certificate.",
	},
	{
		isNotTLS, "No TLS at the Endpoint",
		"endpoint of the provider begins with https, but the server does not use TLS on this port. A management node without a proxy in front of it uses plain " +
			"http on port 8080.",
	},
	{
		isNoCommonTLS, "TLS Failure",
		"The server and the provider have no common TLS version or cipher, or the server requires a client certificate. The provider supports TLS 1.2 and newer.",
	},
	{
		hasType[*zstack.RefusedError], "Connection Refused",
		"No process listens on this address and port. Check endpoint (or host and port) of the provider. A management node opens its port only after it has started.",
	},
	{
		isNotConnected, "Connection Failed",
		"Check that this machine can reach the management node: address, route, firewall, VPN, and the proxy in HTTP_PROXY or HTTPS_PROXY if one is set.",
	},
}

const permissionAdvice = "The account, user or project needs the right to call org.zstack.header.storage.backup.APIQueryBackupStorageMsg: ask an " +
	"administrator of ZStack to grant it, or use other credentials."

// isError fits an error that wraps target.
func isError(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

// hasType fits an error that wraps one of type T.
func hasType[T error](err error) bool {
	var target T
	return errors.As(err, &target)
}

// hasCode fits an error that the management node reports with one of these codes.
func hasCode(codes ...string) func(error) bool {
	return func(err error) bool {
		var api *zstack.APIError
		return errors.As(err, &api) && slices.Contains(codes, api.Code)
	}
}

// isWrongField fits a field of a row that has another JSON type than documented.
func isWrongField(err error) bool {
	var field *zstack.FieldError
	return errors.As(err, &field) && field.Row != nil
}

// isDeniedZones fits a query for zones that the credentials do not permit.
func isDeniedZones(err error) bool {
	var request *zstack.RequestError
	return errors.As(err, &request) && strings.HasSuffix(request.Path, "/v1/zones") &&
		hasCode(zstack.CodePermissionDenied, zstack.CodeOperationFailed)(err)
}

// hasStatus fits a response with one of these HTTP statuses that is not the API's.
func hasStatus(statuses ...int) func(error) bool {
	return func(err error) bool {
		var response *zstack.UnexpectedResponseError
		return errors.As(err, &response) && slices.Contains(statuses, response.HTTPStatus)
	}
}

// isForeign fits a response that does not come from a management node.
func isForeign(err error) bool {
	var response *zstack.UnexpectedResponseError
	if errors.As(err, &response) {
		return response.HTML || response.HTTPStatus == http.StatusNotFound
	}
	return hasType[*zstack.NotHTTPError](err)
}

// isUnknownHost fits a name that DNS does not know.
func isUnknownHost(err error) bool {
	var lookup *zstack.LookupError
	return errors.As(err, &lookup) && lookup.NotFound
}

// isNotTLS fits a server that responded to a TLS handshake with something else.
func isNotTLS(err error) bool {
	return hasType[*zstack.PlainHTTPError](err) || hasType[*zstack.NotTLSError](err)
}

// isNoCommonTLS fits a TLS handshake that the server refused.
func isNoCommonTLS(err error) bool {
	return hasType[*zstack.TLSVersionError](err) || hasType[*zstack.TLSCipherError](err) || hasType[*zstack.ClientCertificateError](err) ||
		hasType[*zstack.TLSAlertError](err) || hasType[*zstack.TLSError](err)
}

// isNotConnected fits a connection that could not be opened or used.
func isNotConnected(err error) bool {
	return hasType[*zstack.ProxyError](err) || hasType[*zstack.LookupError](err) || hasType[*zstack.ConnectError](err) || hasType[*zstack.HandshakeError](err)
}
