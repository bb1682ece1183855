// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"crypto/x509"
	"fmt"
	"net"
	"net/url"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// Defaults of the arguments that have one, and are not about the endpoint.
const (
	defaultRequestTimeout = time.Minute
	defaultMaxRetries     = 4
)

// settings finds the value of each argument: in the provider block, or else in
// the environment.
type settings struct {
	block  map[string]value
	getenv func(variable string) string

	hidden  []string // arguments whose variable does not count
	unknown []string // arguments that are needed, but not known yet
	diags   diag.Diagnostics
}

// resolve returns what the provider block and the environment come to. The
// configuration is of use only if there is no error and every argument that it
// needs is known; unknown names the others.
func resolve(block map[string]value, getenv func(variable string) string) (config zstack.Config, unknown []string, diags diag.Diagnostics) {
	s := settings{block: block, getenv: getenv, diags: validate(block)}
	if s.diags.HasError() {
		return config, nil, s.diags
	}
	config = zstack.Config{
		Endpoint:           s.endpoint(),
		Credentials:        s.credentials(),
		CACertificates:     s.certificates(),
		InsecureSkipVerify: read(&s, "insecure_skip_verify", parseBool, false),
		RequestTimeout:     read(&s, "request_timeout", parseTimeout, defaultRequestTimeout),
		MaxRetries:         read(&s, "max_retries", parseRetries, defaultMaxRetries),
	}
	if config.InsecureSkipVerify {
		s.diags.AddWarning("TLS Certificates Are Not Verified", fmt.Sprintf(
			"%s is true, so anyone on the way to the management node can pose as it and learn the credentials. "+
				"Better have its certificate verified: name the authority that signed it with ca_certificate or ca_certificate_file.",
			s.anywhere("insecure_skip_verify")))
	}
	return config, s.unknown, s.diags
}

func (s *settings) endpoint() *url.URL {
	switch s.choose(location) {
	case byEndpoint:
		return read(s, "endpoint", zstack.ParseEndpoint, nil)
	case byHost:
		endpoint := *read(s, "host", parseHost, &url.URL{})
		endpoint.Host = net.JoinHostPort(endpoint.Hostname(), read(s, "port", parsePort, endpoint.Port()))
		return &endpoint
	}
	return nil
}

func (s *settings) credentials() zstack.Credentials {
	switch s.choose(credentials) {
	case byAccount:
		return zstack.Account{
			Name:     s.text("account_name"),
			Password: s.text("account_password"),
			UserName: s.text("user_name"),
		}
	case byVirtualID:
		return zstack.VirtualID{
			Name:     s.text("virtual_id_name"),
			Password: s.text("virtual_id_password"),
			Project:  s.text("project_name"),
		}
	case byAccessKey:
		return zstack.AccessKey{
			ID:       read(s, "access_key_id", parseToken, ""),
			Secret:   s.text("access_key_secret"),
			Location: read(s, "server_time_zone", parseTimeZone, nil),
		}
	case bySession:
		return zstack.Session{UUID: read(s, "session_uuid", parseToken, "")}
	}
	return nil
}

func (s *settings) certificates() []*x509.Certificate {
	switch s.choose(authorities) {
	case byText:
		return read(s, "ca_certificate", parseCertificates, nil)
	case byFile:
		return read(s, "ca_certificate_file", readCertificates, nil)
	}
	return nil
}

// text returns an argument that needs no parsing, or "" if it is not set.
func (s *settings) text(name string) string {
	return read(s, name, func(text string) (string, error) { return text, nil }, "")
}

// read returns the value of an argument, or unset if nothing gives it a good
// one.
func read[T any](s *settings, name string, parse func(text string) (T, error), unset T) T {
	v, given := s.block[name]
	if v.unknown {
		s.unknown = append(s.unknown, name)
		return unset
	}
	summary, source := "Invalid Provider Argument", "argument "+name
	if !given {
		if s.inEnvironment(name) == "" {
			return unset
		}
		v.text = s.getenv(variable(name))
		summary, source = "Invalid Environment Variable", "environment variable "+variable(name)
	}
	parsed, err := parse(v.text)
	if err != nil {
		s.diags.AddError(summary, fmt.Sprintf("The %s cannot be used: %v.", source, err))
		return unset
	}
	return parsed
}

// The methods below are labels. Each looks in other places.

func (s *settings) inBlock(name string) string {
	if _, given := s.block[name]; given {
		return name
	}
	return ""
}

func (s *settings) pending(name string) string {
	if s.block[name].unknown {
		return name
	}
	return ""
}

func (s *settings) inEnvironment(name string) string {
	if slices.Contains(s.hidden, name) || s.getenv(variable(name)) == "" {
		return ""
	}
	return variable(name)
}

func (s *settings) anywhere(name string) string {
	return cmp.Or(s.inBlock(name), s.inEnvironment(name))
}
