// SPDX-License-Identifier: MPL-2.0

package zstacktest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// escaping is what a JSON writer does with characters that mean something in HTML.
type escaping bool

const (
	plain      escaping = false
	htmlEscape escaping = true
)

// quote writes s as Gson does (PROTOCOL.md §5.1): UTF-8 as it is, and < > & = ' escaped when HTML is to be escaped.
func quote(s string, e escaping) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\b':
			b.WriteString(`\b`)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\f':
			b.WriteString(`\f`)
		case r < ' ' || r == '\u2028' || r == '\u2029' || e == htmlEscape && strings.ContainsRune("<>&='", r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// javaFloat writes f as Java's Float.toString does: plain between 1e-3 and 1e7, else with an exponent, always with a
// fraction.
func javaFloat(f float32) string {
	if abs := math.Abs(float64(f)); abs == 0 || abs >= 1e-3 && abs < 1e7 {
		return withFraction(strconv.FormatFloat(float64(f), 'f', -1, 32))
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(float64(f), 'e', -1, 32), "e")
	power, _ := strconv.Atoi(exponent)
	return withFraction(mantissa) + "E" + strconv.Itoa(power)
}

func withFraction(decimal string) string {
	if strings.Contains(decimal, ".") {
		return decimal
	}
	return decimal + ".0"
}

// serializer writes rows; sets come out in an order of their own in every answer.
type serializer struct {
	settings Settings
	random   *rand.Rand
}

func (s serializer) object(columns []column) string {
	members := make([]string, 0, len(columns))
	for _, c := range columns {
		if c.value != nil {
			members = append(members, quote(c.name, htmlEscape)+":"+s.value(c.value))
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

func (s serializer) value(value any) string {
	switch v := value.(type) {
	case string:
		return quote(v, htmlEscape)
	case int64:
		return strconv.FormatInt(v, 10)
	case float32:
		return javaFloat(v)
	case bool:
		return strconv.FormatBool(v)
	case time.Time:
		return quote(v.In(s.settings.TimeZone).Format(string(s.settings.DateText)), htmlEscape)
	case rawJSON:
		return string(v)
	case zones:
		return array(shuffled(s.random, v), func(z string) string { return quote(z, htmlEscape) })
	case monitors:
		return array(shuffled(s.random, v), s.object)
	default:
		panic(fmt.Sprintf("a column holds a %T", value))
	}
}

func array[T any](list []T, write func(T) string) string {
	texts := make([]string, len(list))
	for i, v := range list {
		texts[i] = write(v)
	}
	return "[" + strings.Join(texts, ",") + "]"
}

func shuffled[S ~[]E, E any](random *rand.Rand, list S) S {
	list = slices.Clone(list)
	random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// schema names the server's class of every object in the list, last object first (PROTOCOL.md §5.1).
func schema(rows []row) string {
	var members []string
	for i := len(rows) - 1; i >= 0; i-- {
		at := fmt.Sprintf("inventories[%d]", i)
		members = append(members, quote(at, plain)+":"+quote(rows[i].class, plain))
		mons, _ := rows[i].value("mons").(monitors)
		for j := len(mons) - 1; j >= 0; j-- {
			members = append(members, quote(fmt.Sprintf("%s.mons[%d]", at, j), plain)+
				`:"org.zstack.storage.ceph.backup.CephBackupStorageMonInventory"`)
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

// validText replaces what is not UTF-8, as Tomcat's decoder does.
func validText(s string) string { return strings.ToValidUTF8(s, string(utf8.RuneError)) }
