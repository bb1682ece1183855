// SPDX-License-Identifier: MPL-2.0

package query

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Version is a release of ZStack: major, minor and patch number.
type Version [3]int

func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v[0], v[1], v[2]) }

// Before reports whether v is older than the first patch release of major.minor.
func (v Version) Before(major, minor int) bool {
	return cmp.Or(cmp.Compare(v[0], major), cmp.Compare(v[1], minor)) < 0
}

// Dialect is what differs between servers in the way they evaluate a query (PROTOCOL.md §8).
type Dialect struct {
	Version  Version
	TimeZone *time.Location
	// BinaryTexts compares the bytes of texts with literals and patterns in lower case, so that conditions miss every text with
	// a capital letter or a space at the end.
	BinaryTexts bool
	// TextNumbers compares numbers as texts: 10 is less than 9.
	TextNumbers bool
}

// escapesValues reports whether backslashes and quotes in values get a backslash; older servers pass values on unchanged.
func (d Dialect) escapesValues() bool { return !d.Version.Before(4, 7) }

// literal is the text that the database reads from a value: in a release that does not escape it, a backslash is the escape
// character of an SQL text. \% and \_ stay as they are, for LIKE.
func (d Dialect) literal(value string) string {
	if d.escapesValues() || !strings.Contains(value, `\`) {
		return value
	}
	var text strings.Builder
	escaped := false
	for _, r := range value {
		switch {
		case escaped && (r == '%' || r == '_'):
			text.WriteRune('\\')
			text.WriteRune(r)
			escaped = false
		case !escaped && r == '\\':
			escaped = true
		default:
			text.WriteRune(r)
			escaped = false
		}
	}
	return text.String()
}

func (d Dialect) compare(value any, literal string) int {
	literal = d.literal(literal)
	if text, ok := value.(string); ok && d.BinaryTexts {
		return strings.Compare(text, strings.ToLower(strings.TrimRight(literal, " ")))
	}
	if number, ok := value.(int64); ok && d.TextNumbers {
		return strings.Compare(strconv.FormatInt(number, 10), literal)
	}
	return compare(value, literal, d.TimeZone)
}

func (d Dialect) like(value any, pattern string) bool {
	text := sqlText(value, d.TimeZone)
	if d.BinaryTexts && text != strings.ToLower(strings.TrimRight(text, " ")) {
		return false
	}
	return matchesLike(text, d.literal(pattern))
}

// limitZeroIsUnlimited reports whether limit=0 means no limit.
func (d Dialect) limitZeroIsUnlimited() bool { return d.Version.Before(3, 10) }

// acceptsNegativeLimits reports whether a negative limit means no limit, and a negative start 0.
func (d Dialect) acceptsNegativeLimits() bool {
	return d.Version.Before(4, 3) && !d.Version.Before(3, 10)
}

// countsNulls reports whether a total with fields counts the rows in which the first field is NULL.
func (d Dialect) countsNulls() bool { return d.Version.Before(3, 10) }

// acceptsWideCharacters reports whether a value may have characters beyond the BMP.
func (d Dialect) acceptsWideCharacters() bool { return d.Version.Before(4, 7) }

// hasFilterName reports whether there is a parameter filterName, and whether an empty one is ignored or an error.
func (d Dialect) hasFilterName() (exists, mayBeEmpty bool) {
	return !d.Version.Before(3, 10), !d.Version.Before(4, 0)
}

// hasTagUUID reports whether __tagUuid__ is the name of a field.
func (d Dialect) hasTagUUID() bool { return !d.Version.Before(3, 10) }
