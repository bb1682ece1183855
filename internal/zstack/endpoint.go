// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"errors"
	"net"
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

// Defaults of a ZStack installation (PROTOCOL.md §1).
const (
	DefaultPort        = "8080"
	DefaultContextPath = "/zstack"
)

// ParseEndpoint reads the base URL of a management node, or of the proxy in
// front of it. Without a port it takes 8080 for http and 443 for https,
// without a path "/zstack". The error is a sentence that never repeats the
// text, since that may hold a password.
func ParseEndpoint(text string) (*url.URL, error) {
	scheme, _, _ := strings.Cut(text, "://")
	if scheme = strings.ToLower(scheme); scheme != "http" && scheme != "https" {
		return nil, errors.New("it must begin with http:// or https://")
	}
	endpoint, err := url.Parse(text)
	if err != nil {
		return nil, errors.New("it is not a URL")
	}
	switch {
	case endpoint.User != nil || strings.Contains(endpoint.Path, "@"): // A password may hold a slash.
		return nil, errors.New("it must not hold a user name or a password: credentials have arguments of their own")
	case endpoint.RawQuery != "" || endpoint.ForceQuery:
		return nil, errors.New("it must not hold a query (a part that begins with ?)")
	case strings.Contains(text, "#"):
		return nil, errors.New("it must not hold a fragment (a part that begins with #)")
	case !validHost(endpoint.Hostname()):
		return nil, errors.New("it names no valid host")
	}

	port := endpoint.Port()
	switch {
	case port == "" && endpoint.Scheme == "http":
		port = DefaultPort
	case port == "":
		port = "443"
	default:
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return nil, errors.New("its port is not between 1 and 65535")
		}
	}
	base := &url.URL{Scheme: endpoint.Scheme, Host: net.JoinHostPort(endpoint.Hostname(), port), Path: "/"}
	base = base.JoinPath(strings.TrimRight(endpoint.EscapedPath(), "/"))
	if base.Path == "/" {
		base = base.JoinPath(DefaultContextPath)
	}
	return base, nil
}

// validHost says whether host can be a name or an address.
func validHost(host string) bool {
	if address, zone, _ := strings.Cut(host, "%"); net.ParseIP(address) != nil {
		return !strings.ContainsFunc(zone, func(r rune) bool { return isNeverInHost(r) || r > unicode.MaxASCII })
	}
	return host != "" && len(host) <= 253 && !strings.ContainsFunc(host, isNeverInHost)
}

func isNeverInHost(r rune) bool {
	return r <= ' ' || r == 0x7f || r == unicode.ReplacementChar || strings.ContainsRune(`"%/:<>?@[\]^{|}`+"`", r)
}
