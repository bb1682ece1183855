// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // Windows and bare containers have no zone database.

	"github.com/zstackio/terraform-provider-zstack/internal/lazyregexp"
	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// The parsers below read the text of an argument or of its variable. Their
// errors are the second half of a sentence, and contain the text only if no
// secret can be in it.

// parseText accepts any text.
func parseText(text string) (string, error) { return text, nil }

// checkEnds rejects a byte order mark and a final line break: files have them,
// but names and passwords of ZStack do not.
func checkEnds(text string) error {
	switch {
	case strings.HasPrefix(text, byteOrderMark):
		return errors.New("it begins with a byte order mark, which some editors add to a file. Save the file as UTF-8 without it")
	case strings.HasSuffix(text, "\n"), strings.HasSuffix(text, "\r"):
		return errors.New("it ends with a line break. Remove it, for instance with chomp(file(...)) in Terraform or with $(cat FILE) in a shell")
	}
	return nil
}

const byteOrderMark = "\uFEFF"

// parseHost reads the host of the vendor's form of an endpoint: a name or an
// address alone. An IPv6 address may be in brackets, which are removed.
func parseHost(text string) (string, error) {
	if strings.Trim(text, " \t\"'") != text {
		return "", errors.New("it must be a host name or an address alone, without whitespace or quotes around it")
	}
	host := text
	if address, err := netip.ParseAddr(strings.Trim(text, "[]")); err == nil {
		host = strings.Replace(net.JoinHostPort(address.String(), zstack.DefaultPort), "%", "%25", 1)
	} else if strings.Contains(text, "/") {
		return "", errors.New("it must be a host name or an address alone. A URL belongs in endpoint (ZSTACK_ENDPOINT)")
	} else if strings.Contains(text, ":") {
		return "", errors.New("it must be a host name or an address alone. A port belongs in port (ZSTACK_PORT)")
	}
	endpoint, err := zstack.ParseEndpoint("http://" + host)
	if err != nil {
		return "", errors.New("it must be a host name or an address alone")
	}
	return endpoint.Hostname(), nil
}

// kubernetesPort matches the value of the variable ZSTACK_PORT that Kubernetes
// sets for a Service called zstack.
var kubernetesPort = lazyregexp.New("^(tcp|udp|sctp)://")

func parsePort(text string) (int, error) {
	if kubernetesPort().MatchString(text) {
		return 0, fmt.Errorf("it must be a port number from 1 to 65535, not %q. Kubernetes sets this variable in pods if there is a Service called zstack: "+
			"set endpoint (ZSTACK_ENDPOINT) instead of host (ZSTACK_HOST), or enableServiceLinks to false in the pod's spec", text)
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || port == 0 {
		return 0, fmt.Errorf("it must be a port number from 1 to 65535, not %q", text)
	}
	return int(port), nil
}

// parseAccessKeyID accepts what a header can contain between separators.
func parseAccessKeyID(text string) (string, error) {
	for _, r := range text {
		if r <= ' ' || r > '~' || r == ':' {
			return "", errors.New("it must be printable ASCII without spaces, line breaks or colons")
		}
	}
	return text, nil
}

var sessionUUID = lazyregexp.New("^[0-9a-fA-F]{32}$")

func parseSessionUUID(text string) (string, error) {
	if !sessionUUID().MatchString(text) {
		return "", errors.New("it must be a UUID as ZStack writes it, 32 hexadecimal digits without dashes")
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
	certificates, err := zstack.ParseCertificates([]byte(text))
	if errors.Is(err, zstack.ErrFilePath) {
		return nil, fmt.Errorf("%w. A path belongs in ca_certificate_file (ZSTACK_CA_CERTIFICATE_FILE)", err)
	}
	return certificates, err
}

// pemText matches PEM text, also in Base64.
var pemText = lazyregexp.New("-----BEGIN |LS0tLS1CRUdJTi")

// maxShownPath is the length in bytes of the longest path in an error. A longer
// text may be something else.
const maxShownPath = 300

// readCertificates reads a PEM file. Its errors contain the absolute path,
// because a relative path depends on where Terraform runs.
func readCertificates(file string) ([]*x509.Certificate, error) {
	if pemText().MatchString(file) {
		return nil, errors.New("it is PEM text, not a path. PEM text belongs in ca_certificate (ZSTACK_CA_CERTIFICATE)")
	}
	if err := checkEnds(file); err != nil {
		return nil, err
	}
	absolute, err := filepath.Abs(file)
	if err != nil {
		absolute = file
	}
	name := "the file " + absolute
	if len(absolute) > maxShownPath || strings.ContainsAny(absolute, "\r\n") {
		name = "the file"
	}
	text, err := readFile(absolute)
	if errors.Is(err, fs.ErrNotExist) && strings.HasPrefix(file, "~") {
		return nil, fmt.Errorf("%s cannot be read: %w. The ~ is not expanded: use pathexpand() in Terraform or $HOME in a shell", name, err)
	}
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", name, err)
	}
	certificates, err := zstack.ParseCertificates(text)
	if errors.Is(err, zstack.ErrFilePath) {
		return nil, fmt.Errorf("%s was read, but %w. It is probably a symbolic link that was checked out as text", name, err)
	}
	if err != nil {
		return nil, fmt.Errorf("%s was read, but %w", name, err)
	}
	return certificates, nil
}

// maxFileSize is the size in bytes of the largest file that readFile reads. The
// certificates of all public CAs are a tenth of it.
const maxFileSize = 4 << 20

// readFile reads a regular file. Others, such as a named pipe, may have no end.
func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fileProblem(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is not a regular file")
	}
	file, err := os.Open(path) // #nosec G304 -- the user names it.
	if err != nil {
		return nil, fileProblem(err)
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, maxFileSize+1))
	if err != nil {
		return nil, fileProblem(err)
	}
	if len(content) > maxFileSize {
		return nil, fmt.Errorf("it is longer than %d MiB", maxFileSize>>20)
	}
	return content, nil
}

// fileProblem returns the reason of an error of package os, with the same text
// on every system if possible.
func fileProblem(err error) error {
	for _, kind := range []error{fs.ErrNotExist, fs.ErrPermission} {
		if errors.Is(err, kind) {
			return kind
		}
	}
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		return pathError.Err
	}
	return err
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
