// SPDX-License-Identifier: MPL-2.0

package query

import (
	"cmp"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// compare compares a column's value with a literal. All literals are texts in SQL; the column's type decides how the
// database converts them (PROTOCOL.md §4.4).
func compare(value any, literal string, zone *time.Location) int {
	switch v := value.(type) {
	case string:
		return collate(v, literal)
	case int64:
		return new(big.Float).SetInt64(v).Cmp(sqlNumber(literal))
	case float32:
		return big.NewFloat(float64(v)).Cmp(sqlNumber(literal))
	case bool:
		return cmp.Compare(btoi(v), btoi(literal == "true" || literal == "1"))
	case time.Time:
		return wallClock(v.In(zone)).Compare(sqlDate(literal))
	default:
		panic(fmt.Sprintf("a column contains a %T", value))
	}
}

var numberPrefix = regexp.MustCompile(`^[ \t\r\n]*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?)`)

// sqlNumber is the number a text begins with, or 0. 128 bits represent every int64 exactly.
func sqlNumber(literal string) *big.Float {
	match := numberPrefix.FindStringSubmatch(literal)
	if match == nil {
		return new(big.Float)
	}
	number, _, err := big.ParseFloat(match[1], 10, 128, big.ToNearestEven)
	if err != nil {
		return new(big.Float)
	}
	return number
}

// sqlDate reads the database's own date format. Everything else, the format on the wire included, is the zero date,
// which is before every other.
func sqlDate(literal string) time.Time {
	for _, layout := range []string{"2006-1-2 15:4:5", "2006-1-2T15:4:5", "2006-1-2 15:4", "2006-1-2"} {
		if t, err := time.Parse(layout, literal); err == nil {
			return t
		}
	}
	return time.Time{}
}

// wallClock is the date and time that t shows, without its zone.
func wallClock(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// sqlText is the text that LIKE sees.
func sqlText(value any, zone *time.Location) string {
	switch v := value.(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case float32:
		return strconv.FormatFloat(float64(v), 'g', -1, 32)
	case bool:
		return strconv.Itoa(btoi(v))
	case time.Time:
		return v.In(zone).Format(time.DateTime)
	default:
		panic(fmt.Sprintf("a column contains a %T", value))
	}
}

// compareValues orders two values of one column: NULL first, texts by the collation.
func compareValues(a, b any) int {
	if isNull(a) || isNull(b) {
		return cmp.Compare(btoi(!isNull(a)), btoi(!isNull(b)))
	}
	switch a := a.(type) {
	case string:
		b, _ := b.(string)
		return collate(a, b)
	case int64:
		b, _ := b.(int64)
		return cmp.Compare(a, b)
	case float32:
		b, _ := b.(float32)
		return cmp.Compare(a, b)
	case bool:
		b, _ := b.(bool)
		return cmp.Compare(btoi(a), btoi(b))
	case time.Time:
		b, _ := b.(time.Time)
		return a.Compare(b)
	default:
		panic(fmt.Sprintf("a column contains a %T", a))
	}
}

// isNull reports whether the database has no value, or one that only the serializer knows.
func isNull(value any) bool {
	_, isJSON := value.(JSON)
	return value == nil || isJSON
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// The text columns of the database have the collation utf8_general_ci (PROTOCOL.md §4.4): it ignores case and accents,
// and in comparisons (not in LIKE) spaces at the end. Accents are folded for Latin-1 and Latin Extended-A only; all other
// letters compare by their upper case.

// accented lists, for each base letter, the upper-case letters that the collation treats as equal to it.
const accented = "AÀÁÂÃÄÅĀĂĄ CÇĆĈĊČ DĎ EÈÉÊËĒĔĖĘĚ GĜĞĠĢ HĤ IÌÍÎÏĨĪĬĮİ JĴ KĶ LĹĻĽ NÑŃŅŇ OÒÓÔÕÖŌŎŐ RŔŖŘ SŚŜŞŠß " +
	"TŢŤ UÙÚÛÜŨŪŬŮŰŲ WŴ YÝŶŸ ZŹŻŽ"

var baseLetter = func() map[rune]rune {
	base := map[rune]rune{}
	for family := range strings.SplitSeq(accented, " ") {
		first, _ := utf8.DecodeRuneInString(family)
		for _, letter := range family {
			base[letter] = first
		}
	}
	return base
}()

// weight is the value a character is compared by. All characters beyond the BMP have the same one in this collation.
func weight(r rune) rune {
	if r < utf8.RuneSelf {
		if 'a' <= r && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}
	if r > 0xFFFF {
		return utf8.RuneError
	}
	upper := unicode.ToUpper(r)
	if base, ok := baseLetter[upper]; ok {
		return base
	}
	return upper
}

// Fold returns the same text for all texts that compare as equal.
func Fold(s string) string {
	return strings.TrimRight(strings.Map(weight, s), " ")
}

// collate compares two texts; the shorter one is padded with spaces.
func collate(a, b string) int {
	for a != "" || b != "" {
		var x, y rune
		x, a = nextWeight(a)
		y, b = nextWeight(b)
		if x != y {
			return cmp.Compare(x, y)
		}
	}
	return 0
}

func nextWeight(s string) (rune, string) {
	if s == "" {
		return ' ', ""
	}
	if s[0] < utf8.RuneSelf {
		return weight(rune(s[0])), s[1:]
	}
	r, size := utf8.DecodeRuneInString(s)
	return weight(r), s[size:]
}

// matchesLike is SQL's LIKE on the whole text: % is any sequence of characters, _ any single character, and \ escapes the next.
func matchesLike(text, pattern string) bool {
	subject := []rune(strings.Map(weight, text))
	elements := likeElements(pattern)

	// Greedy matching that goes back to the last % only; going back to an earlier one cannot help.
	s, p, lastPercent, resume := 0, 0, -1, 0
	for s < len(subject) {
		switch {
		case p < len(elements) && elements[p] == anySequence:
			lastPercent, resume = p, s
			p++
		case p < len(elements) && (elements[p] == anyCharacter || elements[p] == subject[s]):
			s++
			p++
		case lastPercent >= 0:
			resume++
			s, p = resume, lastPercent+1
		default:
			return false
		}
	}
	for p < len(elements) && elements[p] == anySequence {
		p++
	}
	return p == len(elements)
}

// The two wildcards of a pattern; no character's weight is negative.
const (
	anySequence  rune = -1
	anyCharacter rune = -2
)

func likeElements(pattern string) []rune {
	var elements []rune
	escaped := false
	for _, r := range pattern {
		switch {
		case escaped:
			elements = append(elements, weight(r))
			escaped = false
		case r == '\\':
			escaped = true
		case r == '%':
			elements = append(elements, anySequence)
		case r == '_':
			elements = append(elements, anyCharacter)
		default:
			elements = append(elements, weight(r))
		}
	}
	if escaped {
		elements = append(elements, '\\')
	}
	return elements
}
