// SPDX-License-Identifier: MPL-2.0

package zstacktest

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest/query"
)

// identify returns who sends a request, when the request reaches the message bus. A nil principal is the owner of an access
// key, which has no session.
type identify func() (*principal, error)

// authenticate checks the Authorization header (PROTOCOL.md §2.1, §3). Its own errors are those of the REST front
// end; the session is checked later, by identify.
func (c *call) authenticate() (identify, error) {
	values, ok := c.r.Header["Authorization"]
	if !ok {
		return nil, badRequest("missing header 'Authorization'")
	}
	header := query.Trim(values[0])
	if session, ok := strings.CutPrefix(header, "OAuth"); ok {
		return func() (*principal, error) {
			s, err := c.node.useSession(query.Trim(session))
			if err != nil {
				return nil, err
			}
			return s.user, nil
		}, nil
	}
	if key, ok := strings.CutPrefix(header, "ZStack"); ok && !c.settings.Version.Before(3, 4) {
		return func() (*principal, error) { return nil, nil }, c.checkAccessKey(query.Trim(key))
	}
	return nil, badRequest("Authorization type must be 'OAuth'")
}

func (c *call) checkAccessKey(key string) error {
	if c.settings.NoAccessKeyPlugin {
		return refusal{500, "RestAuthenticationType type: ZStack was not registered by any RestAuthenticationBackend"}
	}
	date := c.r.Header.Get("Date")
	if err := c.checkDate(date); err != nil {
		return err
	}
	id, signature, ok := strings.Cut(key, ":")
	if !ok || signature == "" || strings.Contains(signature, ":") {
		return badRequest("accessKey format is 'ZStack AccessKeyId:Signature'")
	}

	c.node.mu.Lock()
	secret, exists := c.node.accounts.accessKeys[id]
	c.node.addSecret(signature)
	c.node.mu.Unlock()
	if !exists {
		return refusal{http.StatusForbidden, fmt.Sprintf("access key id: %s does not existed or disabled", id)}
	}
	if signature != sign(secret, c.r.Method, date, c.path) {
		return refusal{http.StatusForbidden, "wrong accessKey signature"}
	}
	return nil
}

// sign signs a request; path is decoded, without context path and query (PROTOCOL.md §3.1).
func sign(secret, method, date, path string) string {
	mac := hmac.New(sha1.New, []byte(secret))
	mac.Write([]byte(method + "\n" + date + "\n" + path))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// maxSkew is the greatest accepted difference between a Date and the node's clock.
const maxSkew = 15 * time.Minute

func (c *call) checkDate(header string) error {
	if header == "" {
		return badRequest("'Date' must be incuded in request header")
	}
	wall, zone, ok := parseDate(header)
	if !ok {
		return badRequest("'Date' format error, correct format is 'EEE, dd MMM yyyy HH:mm:ss z'")
	}
	now := c.node.now()
	then := digits(wall, zone)
	if !c.settings.CheckTimeZone {
		then, now = wall, digits(now.In(c.settings.TimeZone), time.UTC)
	}
	if skew := then.Sub(now).Abs(); skew > maxSkew {
		return refusal{http.StatusForbidden, "requestTimeTooSkewed"}
	}
	return nil
}

// parseDate reads Java's "EEE, dd MMM yyyy HH:mm:ss z": English in any case, the day in two digits, the right weekday.
// wall is the date's digits in UTC.
func parseDate(header string) (wall time.Time, zone *time.Location, ok bool) {
	const layout = "Mon, 02 Jan 2006 15:04:05"
	if len(header) < len(layout)+2 || header[len(layout)] != ' ' {
		return time.Time{}, nil, false
	}
	digits, name := header[:len(layout)], header[len(layout)+1:]
	wall, err := time.Parse(layout, digits)
	if err != nil || !strings.EqualFold(wall.Format(layout), digits) {
		return time.Time{}, nil, false
	}
	zone, ok = javaZone(name)
	return wall, zone, ok
}

// shortZones are the abbreviations of java.time that are not names in the zone database.
var shortZones = map[string]string{"CST": "Asia/Shanghai", "ICT": "Asia/Bangkok", "MMT": "Asia/Yangon"}

// javaZone reads the zone names that java.time reads for z: Z, offsets with a colon (alone or after GMT or UTC), names in
// the zone database, and some abbreviations.
func javaZone(name string) (*time.Location, bool) {
	offset := strings.TrimPrefix(strings.TrimPrefix(name, "GMT"), "UTC")
	if t, err := time.Parse("Z07:00", offset); err == nil {
		return t.Location(), true
	}
	if long, ok := shortZones[strings.ToUpper(name)]; ok {
		name = long
	}
	if name == "Local" {
		return nil, false
	}
	zone, err := time.LoadLocation(name)
	return zone, err == nil
}

// digits is the instant at which a clock in zone shows the digits of t.
func digits(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), 0, zone)
}
