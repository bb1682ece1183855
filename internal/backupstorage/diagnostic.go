// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// readTimeoutError says that a read as a whole took too long.
type readTimeoutError struct{ limit time.Duration }

func (e *readTimeoutError) Error() string {
	return fmt.Sprintf("the read was not complete after %s", e.limit)
}

// diagnose turns an error of the client into what a person needs to know: what
// was asked, what came back, and what to do now.
func diagnose(err error) diag.Diagnostic {
	for _, d := range diagnoses {
		if d.fits(err) {
			return diag.NewErrorDiagnostic(d.summary, account(err)+"\n\n"+d.advice)
		}
	}
	return diag.NewErrorDiagnostic("Backup Storages Not Read", account(err)+"\n\n"+
		"Check that endpoint of the provider points to the REST API of a ZStack management node. With TF_LOG_PROVIDER=DEBUG the log shows every request.")
}

// account says which request failed, how often, and of what.
func account(err error) string {
	var request *zstack.RequestError
	if !errors.As(err, &request) {
		return fmt.Sprintf("Reading the backup storages failed: %s.", err)
	}
	attempts := ""
	if request.Attempts > 1 {
		attempts = fmt.Sprintf(" %d times", request.Attempts)
	}
	return fmt.Sprintf("%s %s at %s failed%s: %s.", request.Method, request.Path, request.Host, attempts, reason(request.Err))
}

// reason is what came back: the server's words, or why there are none.
func reason(err error) string {
	var api *zstack.APIError
	var late *zstack.RetryTooLateError
	switch {
	case errors.As(err, &late):
		return reason(late.Err) + strings.TrimPrefix(late.Error(), late.Err.Error())
	case errors.As(err, &api):
		return "the server answered " + api.Error()
	default:
		return err.Error()
	}
}

// diagnosis is what to tell of one kind of error.
type diagnosis struct {
	fits    func(error) bool
	summary string
	advice  string
}

// diagnoses are tried in this order: an error may wrap another one that says
// less.
var diagnoses = []diagnosis{
	{
		is(context.Canceled), "Read Interrupted",
		"Terraform was told to stop. Nothing was changed.",
	},
	{
		as[*readTimeoutError], "Read Timeout",
		"Raise timeouts.read of the data source if the management node is only slow. If it does not answer at all, a lower " +
			"request_timeout of the provider shows that sooner.",
	},
	{
		as[*zstack.RetryTooLateError], "Server Too Busy",
		"Run Terraform again later. Or give the read more time: a read has what timeouts.read of the data source says, and a login has the provider's " +
			"request_timeout.",
	},
	{
		as[*zstack.TimeoutError], "Request Timeout",
		"Check that nothing between this machine and the management node drops the connection (firewall, VPN, proxy). If the node is only slow, raise " +
			"request_timeout of the provider (ZSTACK_REQUEST_TIMEOUT).",
	},
	{
		is(zstack.ErrClosed), "Provider Stopped",
		"The provider was stopped or configured anew while it read. Run Terraform again.",
	},
	{
		is(zstack.ErrListChanged), "Backup Storages Changed While They Were Read",
		"Backup storages were added or removed between two pages of the list, twice in a row. Run Terraform again; if it stays like this, narrow the search " +
			"with type or name, so that one page is enough.",
	},
	{
		is(zstack.ErrBodyTooLarge), "Answer Too Large",
		"No list of backup storages is that long. Check that endpoint (or host and port) of the provider points to a ZStack management node.",
	},

	{
		is(zstack.ErrSessionExpired), "Session Expired",
		"The session in session_uuid (ZSTACK_SESSION_UUID) is used as it is: the provider cannot renew it. Put a new one there, or let the provider " +
			"log in by itself with account_name and account_password.",
	},
	{
		is(zstack.ErrUnknownAccessKey), "Unknown Access Key",
		"Check access_key_id (ZSTACK_ACCESS_KEY_ID): the key must exist in ZStack and be enabled.",
	},
	{
		is(zstack.ErrWrongSignature), "Wrong Access Key Secret",
		"Check access_key_secret (ZSTACK_ACCESS_KEY_SECRET): it does not belong to this access_key_id. If it does, something on the way changes the path " +
			"or the Date header of the request: both are signed.",
	},
	{
		is(zstack.ErrClockSkew), "Clock Skew",
		"A signed request must carry the management node's time within 15 minutes, and ZStack normally compares the digits of its own time zone. Set " +
			"server_time_zone (ZSTACK_SERVER_TIME_ZONE) to that zone, such as \"Asia/Shanghai\". If it is right, correct the clock of this machine or of the node.",
	},
	{
		is(zstack.ErrNoAccessKeys), "Access Keys Not Supported",
		"This ZStack has no access keys. Use account_name and account_password, or another way to log in, in place of access_key_id and access_key_secret.",
	},

	{
		code(zstack.CodeAuthenticationFailed), "Wrong Name or Password",
		"Check account_name and account_password (for a user of the account also user_name; for a virtual ID virtual_id_name and virtual_id_password) and the " +
			"ZSTACK_* variables of these names. The provider does not try again, so that the account is not locked.",
	},
	{
		code(zstack.CodeInvalidSession), "Session Ended Early",
		"The session that the provider had just made was gone at once, twice. ZStack may be set to one session per user " +
			"(identity/enable.unique.session), and someone else logs in as the same user: give Terraform a user of its own, or an access key.",
	},
	{
		code(zstack.CodeTooManySessions), "Too Many Sessions",
		"The user has as many sessions as ZStack allows (identity/session.maxConcurrent, normally 500). Log out those that nobody uses, wait until they " +
			"expire, or raise the setting. The provider itself logs out what it logs in; an access key needs no session.",
	},
	{
		code(zstack.CodeSecondFactorRequired), "Second Factor Required",
		"The provider has no second factor to give. Use a user without two-factor authentication, an access key (access_key_id and access_key_secret), or a " +
			"session that somebody logged in (session_uuid).",
	},
	{
		code(zstack.CodePasswordMustBeChanged), "Password Must Be Changed",
		"Log in to ZStack's web interface with these credentials, change the password, and give the provider the new one.",
	},
	{
		code(zstack.CodeLoginLocked), "Login Locked",
		"ZStack has locked this login after too many failures. Wait as long as it says, or have an administrator unlock it, and check the password before " +
			"trying again.",
	},
	{
		code(zstack.CodeCaptchaRequired, zstack.CodeWrongCaptcha), "Captcha Required",
		"After several failed logins ZStack asks for a captcha, which the provider cannot solve. Check the password, log in to ZStack's web interface once, " +
			"and run Terraform again.",
	},
	{
		code(zstack.CodeRequestRefused), "Source Address Refused",
		"ZStack's access control does not let this machine in. Have an administrator allow its address.",
	},
	{code(zstack.CodePermissionDenied), "Permission Denied", permissionAdvice},
	{
		code(zstack.CodeOperationFailed), "Operation Refused",
		"ZStack answers with this code mostly when a policy denies the call. " + permissionAdvice,
	},
	{
		code(zstack.CodeTimeout), "Server Timeout",
		"The management node did not finish in its own time. Run Terraform again; if it stays like this, look at the node's load and database.",
	},
	{
		code(zstack.CodeNotReady, zstack.CodeNodeUnavailable), "Management Node Not Ready",
		"The management node is starting, or has lost its database. Run Terraform again when it is up.",
	},
	{
		code(zstack.CodeInvalidArgument), "Invalid Argument",
		"The management node refuses a value that it was given. Check the arguments of the provider against its words above: after a virtual ID's login this is " +
			"most likely project_name.",
	},
	{
		code(zstack.CodeInternal), "Internal Server Error",
		"The management node failed. Run Terraform again; if it stays like this, look at the node's log, and report it with the version of ZStack and the words above.",
	},
	{
		as[*zstack.APIError], "Server Error",
		"The management node's words above say why.",
	},

	{
		as[*zstack.RedirectError], "Redirect Refused",
		"The provider follows no redirect, which would carry credentials to a place that you did not name. If the address is right, set endpoint of the " +
			"provider (ZSTACK_ENDPOINT) to it.",
	},
	{
		status(http.StatusTooManyRequests), "Rate Limit Exceeded",
		"The server takes only so many requests a minute from one address. Run Terraform again later, or with a lower -parallelism.",
	},
	{
		status(http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout), "Management Node Not Reachable Behind the Proxy",
		"What answered is no management node but something in front of it, which cannot reach it. The node may be starting: run Terraform again when it is up.",
	},
	{
		isIncomplete, "Incomplete Answer",
		"The server, or something on the way to it, ended the connection too soon. Run Terraform again; if it stays like this, look at the log of the management " +
			"node and of proxies in between.",
	},
	{
		isForeign, "Not a ZStack Endpoint",
		"Check endpoint (ZSTACK_ENDPOINT), or host and port (ZSTACK_HOST, ZSTACK_PORT), of the provider: it must be the REST API of the management node, " +
			"normally http://<address>:8080/zstack, not its web interface on port 5000. A proxy named in HTTP_PROXY or HTTPS_PROXY may also have answered; " +
			"NO_PROXY excludes addresses from it.",
	},
	{
		as[*zstack.UnexpectedResponseError], "Unexpected Answer",
		"That is not how the REST API of ZStack answers. Check that endpoint of the provider points to it; if it does, run Terraform again, and look at the log " +
			"of the management node and of proxies in between.",
	},

	{
		isUnknownHost, "Unknown Host",
		"Check the spelling of endpoint (ZSTACK_ENDPOINT) or host (ZSTACK_HOST) of the provider, and the name service of this machine.",
	},
	{
		as[x509.UnknownAuthorityError], "Unknown Certificate Authority",
		"The certificate is signed by an authority that this machine does not know. Give the authority's certificate to the provider with ca_certificate_file " +
			"or ca_certificate.",
	},
	{
		as[x509.HostnameError], "Certificate of Another Host",
		"The server's certificate is for other names or addresses than the one in endpoint (or host) of the provider. Write one there that the certificate " +
			"holds, or have a certificate made for the one that is there.",
	},
	{
		as[x509.CertificateInvalidError], "Invalid Certificate",
		"Have the server's certificate renewed. If it is still valid, the clock of this machine is wrong.",
	},
	{
		as[*tls.CertificateVerificationError], "Certificate Not Trusted",
		"Give the certificate of the server's authority to the provider with ca_certificate_file or ca_certificate.",
	},
	{
		isNotTLS, "No TLS at the Endpoint",
		"endpoint of the provider begins with https, but the server does not speak TLS there. A management node without a proxy in front of it speaks plain " +
			"http on port 8080.",
	},
	{
		as[tls.AlertError], "TLS Failure",
		"The server and the provider found no common way to encrypt, or the server wants something more. The provider speaks TLS 1.2 and newer.",
	},
	{
		isRefused, "Connection Refused",
		"Nothing listens there. Check the address and the port in endpoint (or host and port) of the provider; a management node opens its port only after it has started.",
	},
	{
		as[net.Error], "Connection Failed",
		"Check that this machine reaches the management node: address, route, firewall, VPN, and the proxy in HTTP_PROXY or HTTPS_PROXY if there is one.",
	},
}

const permissionAdvice = "The account, user or project needs the right to call org.zstack.header.storage.backup.APIQueryBackupStorageMsg: have an " +
	"administrator of ZStack grant it, or use other credentials."

// is fits an error that wraps target.
func is(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

// as fits an error that wraps one of type T.
func as[T error](err error) bool {
	var target T
	return errors.As(err, &target)
}

// code fits an error that the management node reports with one of these codes.
func code(codes ...string) func(error) bool {
	return func(err error) bool {
		var api *zstack.APIError
		return errors.As(err, &api) && slices.Contains(codes, api.Code)
	}
}

// status fits an answer that is not the API's with one of these HTTP statuses.
func status(statuses ...int) func(error) bool {
	return func(err error) bool {
		var answer *zstack.UnexpectedResponseError
		return errors.As(err, &answer) && slices.Contains(statuses, answer.HTTPStatus)
	}
}

// Windows has numbers of its own, which package syscall does not name.
const (
	windowsConnectionReset   = syscall.Errno(10054)
	windowsConnectionRefused = syscall.Errno(10061)
)

// isIncomplete fits an answer that broke off, or never began.
func isIncomplete(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, windowsConnectionReset)
}

// isRefused fits an address at which nothing listens.
func isRefused(err error) bool {
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, windowsConnectionRefused)
}

// isForeign fits an answer that no management node gives.
func isForeign(err error) bool {
	var answer *zstack.UnexpectedResponseError
	if errors.As(err, &answer) {
		return answer.HTML || answer.HTTPStatus == http.StatusNotFound
	}
	return strings.Contains(err.Error(), "malformed HTTP") // net/http has no better name for it.
}

// isUnknownHost fits a name that the name service does not have.
func isUnknownHost(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && dns.IsNotFound
}

// isNotTLS fits a server that answered a TLS handshake with something else.
func isNotTLS(err error) bool {
	return errors.Is(err, http.ErrSchemeMismatch) || as[tls.RecordHeaderError](err)
}
