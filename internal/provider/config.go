// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/zstackio/terraform-provider-zstack/internal/diagnosis"
	"github.com/zstackio/terraform-provider-zstack/internal/lazyregexp"
	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// ConfigFromEnvironment returns the client configuration that the ZSTACK_*
// variables in environ describe, and who logs in with it. environ has the form
// of os.Environ. The error says in full sentences, on several lines, what is
// missing or malformed.
func ConfigFromEnvironment(environ []string) (zstack.Config, diagnosis.Login, error) {
	resolved, diags := resolve(nil, newEnvironment(environ))
	var problems []string
	for _, d := range diags.Errors() {
		problems = append(problems, d.Detail())
	}
	if len(problems) > 0 {
		return zstack.Config{}, diagnosis.Login{}, errors.New(strings.Join(problems, "\n\n"))
	}
	return resolved.config, resolved.login, nil
}

// validate reports what is wrong with the provider block, whatever the
// environment contains. It skips unknown values.
func validate(block block) diag.Diagnostics {
	var diags diag.Diagnostics
	all := new(configuration).arguments()
	for _, a := range all {
		if v, given := block[a.name]; given && !v.unknown && (!a.atRun || v.text == "") {
			diags.Append(a.parseInBlock(v.text)...)
		}
	}
	for _, setting := range settings {
		diags.Append(setting.validate(all, block)...)
	}
	return diags
}

// resolution is what the provider block and the environment describe together.
type resolution struct {
	config  zstack.Config
	login   diagnosis.Login
	unknown []string // arguments that are needed, but unknown
}

// resolve returns what the provider block and the environment describe
// together. Its configuration can be used only if there is no error and no
// argument is unknown.
func resolve(block block, environment environment) (resolution, diag.Diagnostics) {
	if diags := validate(block); diags.HasError() {
		return resolution{}, diags
	}
	var c configuration
	s := sources{members: c.arguments(), block: block, environment: environment, origins: map[string]string{}}
	used := []argumentSet{noSet}
	for _, setting := range settings {
		used = append(used, s.usedSet(setting))
	}
	for _, a := range s.members {
		if slices.Contains(used, a.set) {
			s.read(a)
		}
	}
	if c.insecureSkipVerify {
		s.diags.AddWarning("TLS Certificates Are Not Verified", fmt.Sprintf(
			"%s is true, so anyone who intercepts the connection to the management node can steal the credentials. "+
				"Instead, trust its CA with ca_certificate or ca_certificate_file.",
			s.origins["insecure_skip_verify"]))
	}
	login, identity := c.credentials()
	return resolution{
		config: zstack.Config{
			Endpoint:           c.baseURL(),
			Credentials:        login,
			CACertificates:     slices.Concat(c.caCertificate, c.caCertificateFile),
			InsecureSkipVerify: c.insecureSkipVerify,
			RequestTimeout:     c.requestTimeout,
			MaxRetries:         c.maxRetries,
		},
		login:   s.login(identity, used),
		unknown: s.unknown,
	}, s.diags
}

// baseURL is the endpoint, or the URL of host and port.
func (c *configuration) baseURL() *url.URL {
	if c.host == "" {
		return c.endpoint
	}
	return &url.URL{Scheme: "http", Host: net.JoinHostPort(c.host, strconv.Itoa(c.port)), Path: zstack.DefaultContextPath}
}

// credentials returns what the client logs in with, and who that is.
func (c *configuration) credentials() (credentials zstack.Credentials, identity string) {
	switch {
	case c.accountName != "" && c.userName != "":
		return zstack.Account{Name: c.accountName, Password: c.accountPassword, UserName: c.userName},
			fmt.Sprintf("user %q of account %q", c.userName, c.accountName)
	case c.accountName != "":
		return zstack.Account{Name: c.accountName, Password: c.accountPassword},
			fmt.Sprintf("account %q", c.accountName)
	case c.virtualIDName != "":
		return zstack.VirtualID{Name: c.virtualIDName, Password: c.virtualIDPassword, Project: c.projectName},
			fmt.Sprintf("virtual ID %q", c.virtualIDName)
	case c.accessKeyID != "":
		return zstack.AccessKey{ID: c.accessKeyID, Secret: c.accessKeySecret, Location: c.serverTimeZone},
			fmt.Sprintf("access key %q", c.accessKeyID)
	case c.sessionUUID != "":
		return zstack.Session{UUID: c.sessionUUID}, "an existing session"
	}
	return nil, ""
}

// login describes who logs in and where the credentials are from. used contains
// the used set of every setting.
func (s *sources) login(identity string, used []argumentSet) diagnosis.Login {
	login := diagnosis.Login{Identity: identity}
	var unset []argument
	for _, a := range s.members {
		if a.role == modifier || !slices.Contains(credentialsSetting.sets, a.set) {
			continue
		}
		source, text := s.origins[a.name], s.block[a.name].text
		if source == a.variable() {
			text = s.environment[source]
		} else if s.environment[a.variable()] != "" {
			login.Unused = append(login.Unused, a.variable())
		}
		switch {
		case source != "":
			login.Credentials = append(login.Credentials, diagnosis.Credential{Argument: a.name, Source: source, Hint: credentialHint(text)})
		case slices.Contains(used, a.set):
			unset = append(unset, a)
		}
	}
	login.Misspelt = s.environment.misspelt(s.members, unset)
	return login
}

// unexpanded matches a reference that a shell, a pipeline or a template should
// have replaced by a value.
var unexpanded = lazyregexp.New(`^(\$\w+|\$\{.*\}|\$\(.*\)|\{\{.*\}\}|%\w+%|<.*>)$`)

// credentialHint says what looks wrong with a credential that ZStack may nevertheless
// accept.
func credentialHint(text string) string {
	if text == "" {
		return ""
	}
	first, last := text[:1], text[len(text)-1:]
	switch {
	case len(text) > 1 && first == last && strings.ContainsAny(first, "\"'`"):
		return "is enclosed in quotes, which are part of the value"
	case strings.TrimSpace(text) != text:
		return "begins or ends with whitespace"
	case strings.ContainsAny(text, "\r\n"):
		return "contains a line break"
	case unexpanded().MatchString(text):
		return "looks like a reference that was not replaced by its value"
	}
	return ""
}
