// SPDX-License-Identifier: MPL-2.0

package zstacktest

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest/query"
)

// escaping is whether a JSON writer escapes the characters that have a meaning in HTML.
type escaping bool

const (
	plain      escaping = false
	htmlEscape escaping = true
)

// quote writes s as Gson does (PROTOCOL.md §1): UTF-8 unchanged, and < > & = ' escaped with htmlEscape.
func quote(s string, e escaping) string {
	if !strings.ContainsAny(s, special) {
		return `"` + s + `"`
	}
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
		case needsEscape(r, e):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// special are the characters that a JSON writer may have to escape.
var special = func() string {
	characters := "\"\\\u2028\u2029<>&='"
	for r := range rune(' ') {
		characters += string(r)
	}
	return characters
}()

func needsEscape(r rune, e escaping) bool {
	return r < ' ' || r == '"' || r == '\\' || r == '\u2028' || r == '\u2029' || e == htmlEscape && strings.ContainsRune("<>&='", r)
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

// serializer writes rows. It writes sets in a random order.
type serializer struct {
	settings Settings
	random   *rand.Rand
}

func (s serializer) object(columns []query.Column) string {
	members := make([]string, 0, len(columns))
	for _, c := range columns {
		if c.Value != nil {
			members = append(members, quote(c.Name, htmlEscape)+":"+s.value(c.Value))
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

func (s serializer) value(value any) string {
	switch v := value.(type) {
	case string:
		return quote(v, htmlEscape)
	case int64:
		if s.settings.NumbersAsTexts {
			return quote(strconv.FormatInt(v, 10), plain)
		}
		return strconv.FormatInt(v, 10)
	case float32:
		return javaFloat(v)
	case bool:
		return strconv.FormatBool(v)
	case time.Time:
		return quote(v.In(s.settings.TimeZone).Format(string(s.settings.DateText)), htmlEscape)
	case query.JSON:
		return string(v)
	case query.Set:
		return array(shuffled(s.random, v), func(z string) string { return quote(z, htmlEscape) })
	case query.Objects:
		return array(shuffled(s.random, v), func(r query.Row) string { return s.object(r.Columns) })
	default:
		panic(fmt.Sprintf("a column contains a %T", value))
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

// schema names the Java class of every object in the list, last object first (PROTOCOL.md §5.1).
func schema(rows []query.Row) string {
	var members []string
	add := func(at string, class *query.Class) {
		members = append(members, quote(at, plain)+":"+quote(class.Name, plain))
	}
	for i, r := range slices.Backward(rows) {
		at := fmt.Sprintf("inventories[%d]", i)
		add(at, r.Class)
		mons, _ := r.Value("mons").(query.Objects)
		for j, m := range slices.Backward(mons) {
			add(fmt.Sprintf("%s.mons[%d]", at, j), m.Class)
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

// vendorForm rewrites the body of a response to a query as the vendor's page shows it: no schema, "success": true, keys
// in alphabetical order, spaces between the tokens (PROTOCOL.md §5.1).
func vendorForm(body string) string {
	decoder := json.NewDecoder(strings.NewReader(body))
	decoder.UseNumber()
	var object map[string]any
	if err := decoder.Decode(&object); err != nil {
		panic(err) // the node's own JSON
	}
	delete(object, "schema")
	object["success"] = true
	return spaced(object)
}

func spaced(value any) string {
	switch v := value.(type) {
	case map[string]any:
		var members []string
		for _, key := range slices.Sorted(maps.Keys(v)) {
			members = append(members, quote(key, plain)+": "+spaced(v[key]))
		}
		return bracketed("{", members, "}")
	case []any:
		var elements []string
		for _, element := range v {
			elements = append(elements, spaced(element))
		}
		return bracketed("[", elements, "]")
	case string:
		return quote(v, plain)
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "true"
		}
		return "false"
	default:
		return "null"
	}
}

func bracketed(left string, parts []string, right string) string {
	if len(parts) == 0 {
		return left + right
	}
	return left + " " + strings.Join(parts, ", ") + " " + right
}
