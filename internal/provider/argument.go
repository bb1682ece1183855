// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"crypto/x509"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// configuration contains the values of the provider's arguments. It has a field
// for each row of the table below. A field is zero if its argument is not set
// and has no default.
type configuration struct {
	endpoint *url.URL
	host     string
	port     int

	accountName       string
	accountPassword   string
	userName          string
	virtualIDName     string
	virtualIDPassword string
	projectName       string
	accessKeyID       string
	accessKeySecret   string
	serverTimeZone    *time.Location
	sessionUUID       string

	caCertificate      []*x509.Certificate
	caCertificateFile  []*x509.Certificate
	insecureSkipVerify bool

	requestTimeout time.Duration
	maxRetries     int
}

// arguments is the table of the provider's arguments. The schema, the
// environment variables, the validation, the documentation and the error texts
// are derived from it.
func (c *configuration) arguments() []argument {
	return []argument{
		{
			name: "endpoint", set: endpointSet, private: true,
			alsoCalled: []string{"url", "uri", "api_url", "base_url", "address", "server", "api_endpoint", "endpoint_url"},
			field:      into(&c.endpoint, zstack.ParseEndpoint),
			description: "URL of the management node, or of the reverse proxy in front of it, with the scheme `http` or `https`. " +
				"The default port is 8080 for `http` and 443 for `https`; the default path is `/zstack`. Conflicts with `host` and `port`.",
		},
		{
			name: "host", set: hostSet, private: true,
			alsoCalled:  []string{"hostname", "ip", "host_ip"},
			field:       into(&c.host, parseHost),
			description: "Host name or IP address of the management node, for plain `http` on `port`.",
		},
		{
			name: "port", set: hostSet, role: optional,
			field:       into(&c.port, parsePort),
			defaultText: zstack.DefaultPort,
			description: "TCP port on `host`.",
		},

		{
			name: "account_name", set: accountSet, private: true,
			alsoCalled:  []string{"account", "username", "user", "login"},
			field:       into(&c.accountName, parseText),
			description: "Name of the account to log in with.",
		},
		{
			name: "account_password", set: accountSet, sensitive: true, private: true,
			alsoCalled:  []string{"password", "passwd", "pass", "account_pass", "user_password"},
			field:       into(&c.accountPassword, parseText),
			description: "Password of the account, or of the user if `user_name` is set.",
		},
		{
			name: "user_name", set: accountSet, role: optional, private: true,
			alsoCalled: []string{"user"},
			field:      into(&c.userName, parseText),
			description: "Name of a user of the account, to log in as this user. Default: the account itself. " +
				"The variable is used only if the account's name and password also come from the environment.",
		},

		{
			name: "virtual_id_name", set: virtualIDSet, private: true,
			alsoCalled:  []string{"virtual_id"},
			field:       into(&c.virtualIDName, parseText),
			description: "Name of the IAM2 virtual ID to log in with.",
		},
		{
			name: "virtual_id_password", set: virtualIDSet, sensitive: true, private: true,
			field:       into(&c.virtualIDPassword, parseText),
			description: "Password of the virtual ID.",
		},
		{
			name: "project_name", set: virtualIDSet, role: optional, private: true,
			field: into(&c.projectName, parseText),
			description: "Name of the IAM2 project to enter after the login with the virtual ID. Default: none. " +
				"The variable is used only if the virtual ID's name and password also come from the environment.",
		},

		{
			name: "access_key_id", set: accessKeySet, private: true,
			alsoCalled:  []string{"access_key", "access_id", "key_id"},
			field:       into(&c.accessKeyID, parseAccessKeyID),
			description: "ID of the access key that signs requests; no session is created.",
		},
		{
			name: "access_key_secret", set: accessKeySet, sensitive: true, private: true,
			alsoCalled:  []string{"secret_key", "access_secret", "secret", "secret_access_key"},
			field:       into(&c.accessKeySecret, parseText),
			description: "Secret of the access key.",
		},
		{
			name: "server_time_zone", set: accessKeySet, role: modifier,
			field: into(&c.serverTimeZone, parseTimeZone),
			description: "IANA name of the time zone of the management node's clock, such as `Asia/Shanghai`, for the date that an access key signs. " +
				"Default: the local zone; if the node refuses it, UTC and then Asia/Shanghai. Ignored without an access key.",
		},

		{
			name: "session_uuid", set: sessionSet, sensitive: true, private: true,
			alsoCalled:  []string{"session", "session_id", "token"},
			field:       into(&c.sessionUUID, parseSessionUUID),
			description: "UUID of an existing session. The provider neither renews it nor logs it out.",
		},

		{
			name: "ca_certificate", set: certificateTextSet, private: true, multiline: true,
			field:       into(&c.caCertificate, parseCertificates),
			description: "PEM-encoded CA certificates to trust in addition to the system's. Conflicts with `ca_certificate_file`.",
		},
		{
			name: "ca_certificate_file", set: certificateFileSet, private: true, multiline: true, atRun: true,
			field:       into(&c.caCertificateFile, readCertificates),
			description: "Path of a PEM file with CA certificates to trust in addition to the system's. Conflicts with `ca_certificate`.",
		},
		{
			name:        "insecure_skip_verify",
			field:       into(&c.insecureSkipVerify, parseBool),
			defaultText: "false",
			description: "Accept any TLS certificate. Anyone who intercepts the connection can steal the credentials; a warning is shown.",
		},

		{
			name:        "request_timeout",
			field:       into(&c.requestTimeout, parseTimeout),
			defaultText: "1m",
			description: "Time limit for one attempt of a request, and for an entire login: a duration such as `30s` or `2m`.",
		},
		{
			name:        "max_retries",
			field:       into(&c.maxRetries, parseRetries),
			defaultText: "4",
			description: "Maximum number of retries after a transient failure; 0 disables retries.",
		},
	}
}

// argument is one argument of the provider block, and the environment variable
// that replaces it.
type argument struct {
	name        string
	alsoCalled  []string // names of the same thing in other programs, which people may try as variables
	description string
	field       field
	defaultText string // empty: none
	set         argumentSet
	role        role // in the set

	sensitive bool // Terraform redacts the value
	private   bool // diagnostics do not show its source line: a secret is in it, or may be in it by mistake
	multiline bool // the parser itself accepts or rejects a byte order mark and a final line break
	atRun     bool // terraform validate does not check the value: it depends on the machine that runs Terraform
}

// variable is the environment variable that replaces the argument.
func (a argument) variable() string { return variablePrefix + strings.ToUpper(a.name) }

// attribute is the argument in the schema. It is optional, because the variable
// can replace it.
func (a argument) attribute() schema.Attribute {
	description := a.description
	if a.defaultText != "" {
		description += fmt.Sprintf(" Default: `%s`.", a.defaultText)
	}
	description += fmt.Sprintf(" Environment variable: `%s`.", a.variable())
	switch a.field.(type) {
	case parsed[bool]:
		return schema.BoolAttribute{Optional: true, Sensitive: a.sensitive, MarkdownDescription: description}
	case parsed[int]:
		return schema.NumberAttribute{Optional: true, Sensitive: a.sensitive, MarkdownDescription: description}
	default:
		return schema.StringAttribute{Optional: true, Sensitive: a.sensitive, MarkdownDescription: description}
	}
}

// parse sets the argument's field. Its error is the second half of a sentence,
// and contains the text only if no secret can be in it.
func (a argument) parse(text string) error {
	if err := checkEnds(text); err != nil && !a.multiline {
		return err
	}
	return a.field.parse(text)
}

// parseInBlock sets the argument's field to a value of the provider block, or
// reports why it cannot be used.
func (a argument) parseInBlock(text string) (diags diag.Diagnostics) {
	const title = "Invalid Provider Argument"
	detail := ""
	if text == "" {
		detail = fmt.Sprintf("The argument %s is empty. Set it to a value. To use the environment variable %s instead, remove the argument or set it to null.", a.name, a.variable())
	} else if err := a.parse(text); err != nil {
		detail = fmt.Sprintf("The argument %s cannot be used: %v.", a.name, err)
	}
	switch {
	case detail == "":
	case a.private:
		diags.AddError(title, detail)
	default:
		diags.AddAttributeError(path.Root(a.name), title, detail)
	}
	return diags
}

// parseVariable sets the argument's field to the value of its environment
// variable, or reports why it cannot be used.
func (a argument) parseVariable(text string) (diags diag.Diagnostics) {
	if err := a.parse(text); err != nil {
		diags.AddError("Invalid Environment Variable", fmt.Sprintf("The environment variable %s cannot be used: %v.", a.variable(), err))
	}
	return diags
}

// field is a field of the configuration that is set from a text.
type field interface{ parse(text string) error }

// parsed is a field of type T, and the parser of its text.
type parsed[T any] struct {
	target *T
	parser func(text string) (T, error)
}

func into[T any](target *T, parser func(text string) (T, error)) parsed[T] {
	return parsed[T]{target, parser}
}

func (p parsed[T]) parse(text string) (err error) {
	*p.target, err = p.parser(text)
	return err
}
