// SPDX-License-Identifier: MPL-2.0

package query

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The text columns of the database have the collation utf8mb3_general_ci (PROTOCOL.md §4.4): it ignores case and accents,
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
	r, size := utf8.DecodeRuneInString(s)
	return weight(r), s[size:]
}

// like is SQL's LIKE on the whole text: % is any sequence of characters, _ any single character, and \ escapes the next.
func like(text, pattern string) bool {
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
