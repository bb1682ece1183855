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

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// ConfigFromEnvironment returns the configuration of the client that the
// ZSTACK_* variables of environ describe, as os.Environ returns it. Its error
// says in full sentences what is missing or malformed, in several lines.
func ConfigFromEnvironment(environ []string) (zstack.Config, error) {
	config, _, diags := resolve(nil, newEnvironment(environ))
	var problems []string
	for _, d := range diags.Errors() {
		problems = append(problems, d.Detail())
	}
	if len(problems) > 0 {
		return zstack.Config{}, errors.New(strings.Join(problems, "\n\n"))
	}
	return config, nil
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
	for _, alt := range []alternatives{endpoints, credentials, caCertificates} {
		diags.Append(alt.validate(all, block)...)
	}
	return diags
}

// resolve returns the configuration of the client that the provider block and
// the environment describe together. It can be used only if there is no error
// and no argument that it needs is unknown; unknown lists those that are.
func resolve(block block, environment environment) (config zstack.Config, unknown []string, diags diag.Diagnostics) {
	if diags := validate(block); diags.HasError() {
		return config, nil, diags
	}
	var c configuration
	s := sources{members: c.arguments(), block: block, environment: environment, origins: map[string]string{}}
	used := []argumentSet{"", s.choose(endpoints), s.choose(credentials), s.choose(caCertificates)}
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
	return c.client(), s.unknown, s.diags
}

// client returns the configuration of the client. Of each setting with
// alternative sets of arguments at most one set is not zero.
func (c *configuration) client() zstack.Config {
	config := zstack.Config{
		Endpoint:           c.endpoint,
		CACertificates:     slices.Concat(c.caCertificate, c.caCertificateFile),
		InsecureSkipVerify: c.insecureSkipVerify,
		RequestTimeout:     c.requestTimeout,
		MaxRetries:         c.maxRetries,
	}
	if c.host != "" {
		config.Endpoint = &url.URL{Scheme: "http", Host: net.JoinHostPort(c.host, strconv.Itoa(c.port)), Path: zstack.DefaultContextPath}
	}
	switch {
	case c.accountName != "":
		config.Credentials = zstack.Account{Name: c.accountName, Password: c.accountPassword, UserName: c.userName}
	case c.virtualIDName != "":
		config.Credentials = zstack.VirtualID{Name: c.virtualIDName, Password: c.virtualIDPassword, Project: c.projectName}
	case c.accessKeyID != "":
		config.Credentials = zstack.AccessKey{ID: c.accessKeyID, Secret: c.accessKeySecret, Location: c.serverTimeZone}
	case c.sessionUUID != "":
		config.Credentials = zstack.Session{UUID: c.sessionUUID}
	}
	return config
}
