// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// argument is one argument of the provider block.
type argument struct {
	name string

	// private keeps the argument's line out of diagnostics about it, because a
	// secret stands there, or may stand there by mistake.
	private bool

	// check says what is wrong with a text. Nil accepts any.
	check func(text string) error
}

// arguments lists every argument of the provider block.
var arguments = []argument{
	{name: "endpoint", private: true, check: by(zstack.ParseEndpoint)},
	{name: "host", private: true, check: by(parseHost)},
	{name: "port", check: by(parsePort)},
	{name: "account_name"},
	{name: "account_password", private: true},
	{name: "user_name"},
	{name: "virtual_id_name"},
	{name: "virtual_id_password", private: true},
	{name: "project_name"},
	{name: "access_key_id", check: by(parseToken)},
	{name: "access_key_secret", private: true},
	{name: "session_uuid", private: true, check: by(parseToken)},
	{name: "server_time_zone", check: by(parseTimeZone)},
	{name: "ca_certificate", private: true, check: by(parseCertificates)},
	{name: "ca_certificate_file"},
	{name: "insecure_skip_verify", check: by(parseBool)},
	{name: "request_timeout", check: by(parseTimeout)},
	{name: "max_retries", check: by(parseRetries)},
}

// by makes a check of a parser.
func by[T any](parse func(text string) (T, error)) func(text string) error {
	return func(text string) error {
		_, err := parse(text)
		return err
	}
}

// variable returns the environment variable that stands in for an argument.
func variable(name string) string { return "ZSTACK_" + strings.ToUpper(name) }

// validate says what is wrong with the provider block, whatever the
// environment holds. It spares values that are not known yet.
func validate(block map[string]value) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, a := range arguments {
		if v, given := block[a.name]; given && !v.unknown {
			diags.Append(a.validate(v.text)...)
		}
	}
	for _, c := range choices {
		diags.Append(c.validate(block)...)
	}
	return diags
}

func (a argument) validate(text string) (diags diag.Diagnostics) {
	const summary = "Invalid Provider Argument"
	detail := a.problem(text)
	switch {
	case detail == "":
	case a.private:
		diags.AddError(summary, detail)
	default:
		diags.AddAttributeError(path.Root(a.name), summary, detail)
	}
	return diags
}

// problem says what is wrong with a text, or nothing.
func (a argument) problem(text string) string {
	if text == "" {
		return fmt.Sprintf("The argument %s is empty. Give it a value, or leave it out (or null) to take it from the environment variable %s.",
			a.name, variable(a.name))
	}
	if a.check == nil {
		return ""
	}
	if err := a.check(text); err != nil {
		return fmt.Sprintf("The argument %s cannot be used: %v.", a.name, err)
	}
	return ""
}
