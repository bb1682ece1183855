// SPDX-License-Identifier: MPL-2.0

package diagnosis

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// Login says who logs in and where the credentials are from, for the message
// about a login that the management node refused. It contains no secret.
type Login struct {
	// Identity is who logs in, such as user "jo" of account "admin".
	Identity string

	// Credentials are the arguments in use, in the order of the documentation.
	Credentials []Credential

	// Unused are the ZSTACK_* variables of credentials that are set but not
	// used: the provider block takes precedence over them, or they belong to
	// another set of credentials than the one in use.
	Unused []string

	// Misspelt are sentences about ZSTACK_* variables that are set, but that the
	// provider does not have, and whose names resemble those of credentials.
	Misspelt []string
}

// Credential is one argument of the credentials in use.
type Credential struct {
	Argument string // account_name
	Source   string // the argument or the variable that its value is from: account_name or ZSTACK_ACCOUNT_NAME

	// Hint says what looks wrong with the value and completes a sentence whose
	// subject is the argument, such as "is enclosed in quotes". It is empty if
	// nothing does.
	Hint string
}

// String says who logs in, where each credential is from, and what looks wrong
// with it. It is empty if there are no credentials.
func (l Login) String() string {
	if len(l.Credentials) == 0 {
		return ""
	}
	lines := []string{fmt.Sprintf("The credentials are those of %s:", l.Identity)}
	for _, c := range l.Credentials {
		source := c.Source
		if source == c.Argument {
			source = "the provider block"
		}
		lines = append(lines, fmt.Sprintf("  %s is from %s", c.Argument, source))
	}
	for _, c := range l.Credentials {
		if c.Hint != "" {
			lines = append(lines, fmt.Sprintf("%s %s.", c.Argument, c.Hint))
		}
	}
	if len(l.Unused) > 0 {
		lines = append(lines, fmt.Sprintf("Set but not used, because the provider block takes precedence or because other credentials are complete: %s.", strings.Join(l.Unused, ", ")))
	}
	return strings.Join(append(lines, l.Misspelt...), "\n")
}

// loginCauses are errors of the credentials.
var loginCauses = []cause{
	{
		hasCode(zstack.CodeAuthenticationFailed), "Wrong Name or Password",
		loggingIn(wrongPassword),
	},
	{
		isError(zstack.ErrSessionExpired), "Session Expired",
		loggingIn(always("The provider cannot renew the session in session_uuid (ZSTACK_SESSION_UUID). Set the UUID of a valid session there, or " +
			"use account_name and account_password, with which the provider logs in itself.")),
	},
	{
		isError(zstack.ErrUnknownAccessKey), "Unknown Access Key",
		loggingIn(always("Check access_key_id (ZSTACK_ACCESS_KEY_ID): the key must exist in ZStack and be enabled.")),
	},
	{
		isError(zstack.ErrWrongSignature), "Wrong Access Key Secret",
		loggingIn(always("Check access_key_secret (ZSTACK_ACCESS_KEY_SECRET): it does not belong to this access_key_id. If it does, a proxy " +
			"changes the path or the Date header of the request: both are signed.")),
	},
	{
		hasType[*zstack.ClockSkewError], "Clock Skew",
		clockSkew,
	},
	{
		isError(zstack.ErrNoAccessKeys), "Access Keys Not Supported",
		always("This ZStack does not support access keys. Instead of access_key_id and access_key_secret, use account_name and account_password, " +
			"or other credentials."),
	},
	{
		isError(zstack.ErrFIPS), "Access Keys Not Available in FIPS Mode",
		always("Use account_name and account_password or other credentials, or run Terraform without fips140=only in GODEBUG."),
	},

	{
		hasCode(zstack.CodeInvalidSession), "Session Ended Early",
		always("The session was no longer valid directly after the login, twice. ZStack may allow only one session per user " +
			"(identity/enable.unique.session), and someone else logs in as the same user: use a separate user for Terraform, or an access key."),
	},
	{
		hasCode(zstack.CodeTooManySessions), "Too Many Sessions",
		always("The user has as many sessions as ZStack allows (identity/session.maxConcurrent, normally 500). Log out unused sessions, wait " +
			"until they expire, or raise the limit. The provider logs out its own sessions. An access key needs no session."),
	},
	{
		hasCode(zstack.CodeSecondFactorRequired), "Second Factor Required",
		always("The provider cannot send a second factor. Use a user without two-factor authentication, an access key (access_key_id and " +
			"access_key_secret), or an existing session (session_uuid)."),
	},
	{
		hasCode(zstack.CodePasswordMustBeChanged), "Password Must Be Changed",
		always("Log in to ZStack's web interface with these credentials, change the password, and configure the new one for the provider."),
	},
	{
		hasCode(zstack.CodeLoginLocked), "Login Locked",
		loggingIn(always("ZStack has locked this login after too many failures. Wait for the time in the message, or ask an administrator to " +
			"unlock it. Check the password before you try again.")),
	},
	{
		hasCode(zstack.CodeCaptchaRequired, zstack.CodeWrongCaptcha), "Captcha Required",
		loggingIn(always("After several failed logins ZStack asks for a captcha, which the provider cannot solve. Check the password, log in to " +
			"ZStack's web interface once, and run Terraform again.")),
	},
	{
		hasCode(zstack.CodeRequestRefused), "Source Address Refused",
		always("ZStack's access control does not accept the address of this machine. Ask an administrator to allow it."),
	},
}

// loggingIn is advice about credentials, after the description of the login.
func loggingIn(advice func(failure) string) func(failure) string {
	return func(f failure) string {
		if description := f.login.String(); description != "" {
			return description + "\n\n" + advice(f)
		}
		return advice(f)
	}
}

func wrongPassword(f failure) string {
	advice := "Check the name and the password. The provider does not retry, because repeated failures lock the login. "
	if slices.Contains(f.login.Unused, "ZSTACK_USER_NAME") {
		advice += "To log in as the user in ZSTACK_USER_NAME, set user_name together with account_name and account_password. "
	} else if !f.login.uses("user_name") && f.login.uses("account_name") {
		advice += "A user of an account needs user_name (ZSTACK_USER_NAME) too. "
	}
	return advice + "Only ZStack's own accounts, users and virtual IDs can log in. A user of an LDAP or Active Directory server cannot: use an access key (access_key_id and " +
		"access_key_secret) or an existing session (session_uuid) of that user."
}

// uses reports whether an argument is among the credentials in use.
func (l Login) uses(argument string) bool {
	return slices.ContainsFunc(l.Credentials, func(c Credential) bool { return c.Argument == argument })
}

func clockSkew(f failure) string {
	e, _ := errors.AsType[*zstack.ClockSkewError](f.err)
	return fmt.Sprintf("A signed request must contain the management node's time. The difference may be 15 minutes at most, and ZStack normally expects the time in its own zone. "+
		"These zones were tried: %s. Set server_time_zone (ZSTACK_SERVER_TIME_ZONE) to the zone of the node, such as \"Asia/Shanghai\". If it is right, correct the clock of this machine or of the node.",
		strings.Join(e.Zones, ", "))
}
