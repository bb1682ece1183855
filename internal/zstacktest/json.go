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
	"unicode/utf8"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest/query"
)

// escaping is whether a JSON writer escapes the characters that have a meaning in HTML.
type escaping bool

const (
	plain      escaping = false
	htmlEscape escaping = true
)

// quote writes s as Gson does (PROTOCOL.md §1): UTF-8 unchanged, and < > & = ' escaped with htmlEscape.
func quote(s string, e escaping) string { return string(appendQuoted(nil, s, e)) }

func appendQuoted(text []byte, s string, e escaping) []byte {
	text = append(text, '"')
	if isPlain(s) {
		text = append(text, s...)
		return append(text, '"')
	}
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			text = append(text, '\\', byte(r))
		case r == '\t':
			text = append(text, `\t`...)
		case r == '\b':
			text = append(text, `\b`...)
		case r == '\n':
			text = append(text, `\n`...)
		case r == '\r':
			text = append(text, `\r`...)
		case r == '\f':
			text = append(text, `\f`...)
		case needsEscape(r, e):
			text = fmt.Appendf(text, `\u%04x`, r)
		default:
			text = utf8.AppendRune(text, r)
		}
	}
	return append(text, '"')
}

// isPlain reports whether s has only ASCII characters that need no escape. Almost all texts are such, and lists are long.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf || needsEscape(rune(s[i]), htmlEscape) {
			return false
		}
	}
	return true
}

func needsEscape(r rune, e escaping) bool {
	switch r {
	case '"', '\\', '\u2028', '\u2029':
		return true
	case '<', '>', '&', '=', '\'':
		return e == htmlEscape
	}
	return r < ' '
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

func (s serializer) appendObject(text []byte, columns []query.Column) []byte {
	begin := len(text)
	for _, c := range columns {
		if c.Value != nil {
			text = append(text, ',')
			text = appendQuoted(text, c.Name, htmlEscape)
			text = append(text, ':')
			text = s.appendValue(text, c.Value)
		}
	}
	return enclosed(text, begin, '{', '}')
}

func (s serializer) appendValue(text []byte, value any) []byte {
	switch v := value.(type) {
	case string:
		return appendQuoted(text, v, htmlEscape)
	case int64:
		if s.settings.NumbersAsTexts {
			return appendQuoted(text, strconv.FormatInt(v, 10), plain)
		}
		return strconv.AppendInt(text, v, 10)
	case float32:
		return append(text, javaFloat(v)...)
	case bool:
		return strconv.AppendBool(text, v)
	case time.Time:
		return appendQuoted(text, v.In(s.settings.TimeZone).Format(string(s.settings.DateText)), htmlEscape)
	case query.JSON:
		return append(text, v...)
	case query.Set:
		return appendArray(text, shuffled(s.random, v), func(text []byte, z string) []byte { return appendQuoted(text, z, htmlEscape) })
	case query.Objects:
		return s.appendObjects(text, shuffled(s.random, v))
	default:
		panic(fmt.Sprintf("a column contains a %T", value))
	}
}

func (s serializer) appendObjects(text []byte, rows []query.Row) []byte {
	return appendArray(text, rows, func(text []byte, r query.Row) []byte { return s.appendObject(text, r.Columns) })
}

func appendArray[T any](text []byte, list []T, write func([]byte, T) []byte) []byte {
	begin := len(text)
	for _, v := range list {
		text = append(text, ',')
		text = write(text, v)
	}
	return enclosed(text, begin, '[', ']')
}

// enclosed makes an object or an array of the text from begin on, in which a comma is before each member: the left bracket
// replaces the first comma.
func enclosed(text []byte, begin int, left, right byte) []byte {
	if len(text) == begin {
		text = append(text, left)
	}
	text[begin] = left
	return append(text, right)
}

func shuffled[S ~[]E, E any](random *rand.Rand, list S) S {
	list = slices.Clone(list)
	random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// appendSchema names the Java class of every object in the list, last object first (PROTOCOL.md §5.1).
func appendSchema(text []byte, rows []query.Row) []byte {
	begin := len(text)
	for i, r := range slices.Backward(rows) {
		text = fmt.Appendf(text, `,"inventories[%d]":`, i)
		text = appendQuoted(text, r.Class.Name, plain)
		mons, _ := r.Value("mons").(query.Objects)
		for j, m := range slices.Backward(mons) {
			text = fmt.Appendf(text, `,"inventories[%d].mons[%d]":`, i, j)
			text = appendQuoted(text, m.Class.Name, plain)
		}
	}
	return enclosed(text, begin, '{', '}')
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
