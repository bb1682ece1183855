// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"github.com/zstackio/terraform-provider-zstack/internal/lazyregexp"
)

// Defaults of a ZStack installation (PROTOCOL.md §1).
const (
	DefaultPort        = "8080"
	DefaultContextPath = "/zstack"
)

// ParseEndpoint reads the base URL of a management node, or of the reverse
// proxy in front of it. Without a port it takes 8080 for http and 443 for
// https, without a path "/zstack". The error completes a sentence whose subject
// is the text ("it is not a valid URL"). Where that is safe it shows the
// endpoint as it should be: never what may be a user name, a password or a
// query.
func ParseEndpoint(text string) (*url.URL, error) {
	endpoint, err := parseEndpoint(text)
	if err != nil {
		if corrected := correctEndpoint(text); corrected != "" {
			return nil, fmt.Errorf(`%w. Write "%s"`, err, corrected)
		}
		return nil, err
	}
	return endpoint, nil
}

const (
	whitespace     = " \t\r\n\v\f\u0085\u00a0\u200b\u3000\ufeff"
	quotationMarks = "\"'`“”‘’<>"
	fullWidthMarks = "：／．。"
)

func parseEndpoint(text string) (*url.URL, error) {
	scheme, rest, _ := strings.Cut(text, "://")
	authority, _, _ := strings.Cut(rest, "/")
	switch scheme = strings.ToLower(scheme); {
	case strings.Contains(text, "@"):
		return nil, errors.New("it must not contain a user name or a password (anything before an @): credentials have their own arguments")
	case strings.Contains(text, "<address>"): // as in the documentation
		return nil, errors.New("it contains the placeholder <address>: replace it with the host name or IP address of the management node")
	case strings.Trim(text, whitespace) != text:
		return nil, errors.New("it begins or ends with whitespace")
	case strings.Trim(text, quotationMarks) != text:
		return nil, errors.New("it begins or ends with a quotation mark, which is part of the value")
	case strings.ContainsAny(authority, fullWidthMarks) || strings.ContainsAny(scheme, fullWidthMarks):
		return nil, errors.New("it contains full-width punctuation")
	case scheme != "http" && scheme != "https":
		return nil, errors.New("it must begin with http://, or with https:// if a reverse proxy serves TLS")
	case strings.Contains(rest, "#"):
		return nil, errors.New("it must not contain a fragment (the part from # on), as an address of ZStack's web interface does")
	case strings.Contains(rest, "?"):
		return nil, errors.New("it must not contain a query (the part from ? on)")
	case strings.Contains(rest, "://"):
		return nil, errors.New("it contains :// twice")
	case isIPv6(authority):
		return nil, errors.New("an IPv6 address in it must be in brackets")
	case strings.ContainsAny(authority, whitespace):
		return nil, errors.New("its host contains whitespace")
	case !validPort(portOf(authority)):
		return nil, errors.New("its port is not a number from 1 to 65535")
	}
	endpoint, err := url.Parse(text)
	if err != nil {
		return nil, errors.New("it is not a valid URL")
	}
	if !validHost(endpoint.Hostname()) {
		return nil, errors.New("it contains no valid host")
	}

	port := endpoint.Port()
	switch {
	case port != "":
	case scheme == "http":
		port = DefaultPort
	default:
		port = "443"
	}
	base := &url.URL{Scheme: scheme, Host: net.JoinHostPort(endpoint.Hostname(), port), Path: "/"}
	base = base.JoinPath(strings.TrimRight(endpoint.EscapedPath(), "/"))
	if base.Path == "/" {
		base = base.JoinPath(DefaultContextPath)
	}
	return base, nil
}

var (
	// anyScheme matches http and https, even with wrong punctuation.
	anyScheme = lazyregexp.New(`^(?i:(https?)(?::[/\\]*|;?[/\\]+))(.*)$`)

	// addressPattern matches what is certainly the address of a server.
	addressPattern = lazyregexp.New(`^(\d{1,3}(\.\d{1,3}){3}|\[[\da-fA-F:]+\]|localhost|([\w-]+\.)+[a-zA-Z]{2,})(:\d{1,5})?$`)
)

// correctEndpoint returns the endpoint that a malformed one most likely means.
// It returns "" if there is none, or if the endpoint might contain a secret.
func correctEndpoint(text string) string {
	rest := strings.NewReplacer("：", ":", "／", "/", "．", ".", "。", ".").Replace(strings.Trim(text, whitespace+quotationMarks))
	scheme := ""
	for match := anyScheme().FindStringSubmatch(rest); match != nil; match = anyScheme().FindStringSubmatch(rest) {
		scheme, rest = strings.ToLower(match[1]), strings.Trim(match[2], whitespace)
	}
	if i := strings.LastIndex(rest, "@"); i >= 0 {
		if strings.ContainsAny(rest[:i], "/?#") { // They may be part of the password.
			return ""
		}
		rest = rest[i+1:]
	}
	var isPage bool // of the web interface
	if i := strings.IndexAny(rest, "?#"); i >= 0 {
		rest, isPage = rest[:i], strings.Contains(rest[i:], "#")
	}
	authority, path, _ := strings.Cut(strings.TrimRight(rest, "/"), "/")
	authority = inBrackets(authority)
	port := portOf(authority)
	switch {
	case isPage && (port == "5000" || port == "5443"):
		scheme, authority, path = "http", strings.TrimSuffix(authority, port)+DefaultPort, ""
	case scheme != "":
	case !addressPattern().MatchString(authority): // It could also be a password.
		return ""
	case strings.HasSuffix(port, "443"):
		scheme = "https"
	case port == "":
		scheme, authority = "http", authority+":"+DefaultPort
	default:
		scheme = "http"
	}
	corrected := scheme + "://" + authority
	if path != "" {
		corrected += "/" + path
	}
	if _, err := parseEndpoint(corrected); err != nil {
		return ""
	}
	return corrected
}

// isIPv6 reports whether text is an IPv6 address without brackets.
func isIPv6(text string) bool {
	address, err := netip.ParseAddr(text)
	return err == nil && address.Is6()
}

// inBrackets puts the IPv6 address of an authority in brackets, if there is one
// without them. A last group of several digits is most likely a port.
func inBrackets(authority string) string {
	if i := strings.LastIndex(authority, ":"); i < len(authority)-2 && i > 0 && validPort(authority[i+1:]) && isIPv6(authority[:i]) {
		return "[" + authority[:i] + "]" + authority[i:]
	}
	if isIPv6(authority) {
		return "[" + authority + "]"
	}
	return authority
}

// portOf returns what follows the host in the authority of a URL.
func portOf(authority string) string {
	if i := strings.LastIndex(authority, ":"); i > strings.LastIndex(authority, "]") {
		return authority[i+1:]
	}
	return ""
}

// validPort reports whether text can be a port, or is empty.
func validPort(text string) bool {
	port, err := strconv.ParseUint(text, 10, 16)
	return text == "" || err == nil && port > 0
}

// validHost reports whether host can be a name or an address.
func validHost(host string) bool {
	if address, zone, _ := strings.Cut(host, "%"); net.ParseIP(address) != nil {
		return !strings.ContainsFunc(zone, func(r rune) bool { return isNeverInHost(r) || r > unicode.MaxASCII })
	}
	return host != "" && len(host) <= 253 && !strings.ContainsFunc(host, isNeverInHost)
}

func isNeverInHost(r rune) bool {
	return r <= ' ' || r == 0x7f || r == unicode.ReplacementChar || strings.ContainsRune(`"%/:<>?@[\]^{|}`+"`", r)
}
