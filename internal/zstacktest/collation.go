// SPDX-License-Identifier: MPL-2.0

package zstacktest

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The database's text columns are utf8mb3 with collation utf8mb3_general_ci (PROTOCOL.md §4.4): a letter's case and
// accent do not count, and for comparisons (not for LIKE) neither do blanks at the end. Accents are folded for
// Latin-1 and Latin Extended-A only; the rest of the world's letters compare by their upper case.

// accented lists, for each base letter, the upper-case letters that the collation takes for it.
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

// weight is what a character counts for. All characters beyond the BMP are one to this collation.
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

// fold returns a text that is the same for all texts that compare as equal.
func fold(s string) string {
	return strings.TrimRight(strings.Map(weight, s), " ")
}

// collate orders two texts; the shorter one counts as padded with blanks.
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

// like is SQL's LIKE over whole texts: % is any run of characters, _ any one, and \ takes the next one literally.
func like(text, pattern string) bool {
	subject := []rune(strings.Map(weight, text))
	elements := likeElements(pattern)

	// Greedy matching that returns to the last % only; an earlier one cannot do better.
	s, p, lastPercent, resume := 0, 0, -1, 0
	for s < len(subject) {
		switch {
		case p < len(elements) && elements[p] == anyRun:
			lastPercent, resume = p, s
			p++
		case p < len(elements) && (elements[p] == anyOne || elements[p] == subject[s]):
			s++
			p++
		case lastPercent >= 0:
			resume++
			s, p = resume, lastPercent+1
		default:
			return false
		}
	}
	for p < len(elements) && elements[p] == anyRun {
		p++
	}
	return p == len(elements)
}

// The two wildcards of a pattern; no character's weight is negative.
const (
	anyRun rune = -1
	anyOne rune = -2
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
			elements = append(elements, anyRun)
		case r == '_':
			elements = append(elements, anyOne)
		default:
			elements = append(elements, weight(r))
		}
	}
	if escaped {
		elements = append(elements, '\\')
	}
	return elements
}
