// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // Windows and bare containers have no zone database.

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// The parsers below read the text of an argument or of its variable. Their
// errors follow a colon, and repeat the text only if no secret can be in it.

// parseHost reads the vendor's spelling of an endpoint: a name or an address
// alone. An IPv6 address may stand in brackets.
func parseHost(text string) (*url.URL, error) {
	host := text
	if address, err := netip.ParseAddr(strings.Trim(text, "[]")); err == nil {
		host = strings.Replace(net.JoinHostPort(address.String(), zstack.DefaultPort), "%", "%25", 1)
	} else if strings.Contains(text, "/") {
		return nil, errors.New("it must be a host name or an address alone. A URL belongs in the argument endpoint")
	} else if strings.Contains(text, ":") {
		return nil, errors.New("it must be a host name or an address alone. A port belongs in the argument port")
	}
	endpoint, err := zstack.ParseEndpoint("http://" + host)
	if err != nil {
		return nil, errors.New("it must be a host name or an address alone")
	}
	return endpoint, nil
}

func parsePort(text string) (string, error) {
	if port, err := strconv.ParseUint(text, 10, 16); err != nil || port == 0 {
		return "", fmt.Errorf("it must be a port number from 1 to 65535, not %q", text)
	}
	return text, nil
}

// parseToken reads what travels in a header between separators.
func parseToken(text string) (string, error) {
	for _, r := range text {
		if r <= ' ' || r > '~' || r == ':' {
			return "", errors.New("it must be printable ASCII without blanks, line ends and colons")
		}
	}
	return text, nil
}

func parseTimeZone(text string) (*time.Location, error) {
	location, err := time.LoadLocation(text)
	if err != nil {
		return nil, fmt.Errorf("it must be the IANA name of a time zone, such as Asia/Shanghai, not %q", text)
	}
	return location, nil
}

func parseCertificates(text string) ([]*x509.Certificate, error) {
	return zstack.ParseCertificates([]byte(text))
}

func readCertificates(file string) ([]*x509.Certificate, error) {
	text, err := os.ReadFile(file) // #nosec G304 -- the user names it.
	if err != nil {
		return nil, fmt.Errorf("the file cannot be read: %w", err)
	}
	return zstack.ParseCertificates(text)
}

func parseBool(text string) (bool, error) {
	yes, err := strconv.ParseBool(text)
	if err != nil {
		return false, fmt.Errorf("it must be true or false, not %q", text)
	}
	return yes, nil
}

func parseTimeout(text string) (time.Duration, error) {
	timeout, err := time.ParseDuration(text)
	if err != nil || timeout <= 0 {
		return 0, fmt.Errorf("it must be a duration greater than zero with its unit, such as 30s or 2m, not %q", text)
	}
	return timeout, nil
}

func parseRetries(text string) (int, error) {
	retries, err := strconv.ParseInt(text, 10, 32)
	if err != nil || retries < 0 {
		return 0, fmt.Errorf("it must be a whole number, 0 or greater, not %q", text)
	}
	return int(retries), nil
}
