// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"context"
	"crypto/fips140"
	"crypto/hmac"
	"crypto/sha1" // #nosec G505 -- the server's signature is HMAC-SHA1.
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// AccessKey signs every request and needs no session (PROTOCOL.md §3).
type AccessKey struct {
	ID, Secret string

	// Location is the time zone of the management node's clock. Nil: the local
	// zone, then UTC, then Asia/Shanghai is tried, and the first that the
	// server accepts is kept.
	Location *time.Location
}

func (k AccessKey) authorizer(t *transport) authorizer {
	s := &signer{key: k, contextPath: t.endpoint.Path, zones: []*time.Location{k.Location}, now: time.Now}
	if k.Location == nil {
		s.zones = []*time.Location{time.Local, time.UTC, time.FixedZone("Asia/Shanghai", 8*60*60)}
	}
	return s
}

// signer is the authorizer of an access key.
type signer struct {
	key         AccessKey
	contextPath string
	zones       []*time.Location // in the order in which they are tried
	now         func() time.Time
	current     atomic.Int64 // index of the zone that calls begin with
}

func (s *signer) secrets() []string     { return nil }
func (s *signer) close(context.Context) {}

func (s *signer) authorization() authorization {
	return &signature{signer: s, zone: s.current.Load()}
}

// signature signs the attempts of one call.
type signature struct {
	*signer
	zone     int64 // index of the zone in use
	refusals int   // how many zones were refused
}

func (s *signature) prepare(context.Context) error {
	if fips140.Enforced() {
		return ErrFIPS // Signing would panic.
	}
	return nil
}

func (s *signature) sign(request *http.Request) {
	date := signatureDate(s.now().In(s.zones[s.zone]))
	path := strings.TrimPrefix(request.URL.Path, s.contextPath)
	request.Header.Set("Date", date)
	request.Header.Set("Authorization", "ZStack "+s.key.ID+":"+sign(s.key.Secret, request.Method, date, path))
}

// sign computes the signature of a request (PROTOCOL.md §3.1). The path is
// decoded and does not include the context path.
func sign(secret, method, date, path string) string {
	mac := hmac.New(sha1.New, []byte(secret))
	fmt.Fprintf(mac, "%s\n%s\n%s", method, date, path)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// signatureDate returns the date and time in t's zone with the zone's offset from
// GMT. So it is right for servers that compare instants, as well as for those
// that compare only the digits (PROTOCOL.md §3.2).
func signatureDate(t time.Time) string {
	zone := "GMT"
	if offset := t.Format("-07:00"); offset != "+00:00" {
		zone += offset
	}
	return t.Format("Mon, 02 Jan 2006 15:04:05 ") + zone
}

// The server's texts for a rejected access key (PROTOCOL.md §6.3).
const clockSkewText = "requestTimeTooSkewed"

var accessKeyErrors = []struct {
	text string
	err  error
}{
	{"wrong accessKey signature", ErrWrongSignature},
	{"access key id: ", ErrUnknownAccessKey},
	{"RestAuthenticationType type: ZStack was not registered", ErrNoAccessKeys},
}

func (s *signature) refused(err error) error {
	unexpected, ok := errors.AsType[*UnexpectedResponseError](err)
	if !ok {
		return err
	}
	if strings.HasPrefix(unexpected.Excerpt, clockSkewText) {
		if s.nextZone() {
			return nil
		}
		return &ClockSkewError{Zones: s.zoneNames(), Err: err}
	}
	for _, refusal := range accessKeyErrors {
		if strings.HasPrefix(unexpected.Excerpt, refusal.text) {
			return fmt.Errorf("%w: %w", refusal.err, err)
		}
	}
	return err
}

// zoneNames returns the zones that were tried. The name of the local one does
// not say which it is, so each has its offset.
func (s *signature) zoneNames() []string {
	var names []string
	for _, zone := range s.zones {
		names = append(names, fmt.Sprintf("%s (%s)", zone, s.now().In(zone).Format("-07:00")))
	}
	return names
}

// nextZone moves this call, and the calls that begin after it, to the next
// zone. It returns false once every zone was refused.
func (s *signature) nextZone() bool {
	next := (s.zone + 1) % int64(len(s.zones))
	s.current.CompareAndSwap(s.zone, next)
	s.zone = next
	s.refusals++
	return s.refusals < len(s.zones)
}
