// SPDX-License-Identifier: MPL-2.0

package backupstorage

import "strings"

// likePattern is an SQL LIKE pattern, split at its % signs into runs of
// consecutive characters.
type likePattern [][]likeChar

// likeChar is one character of a pattern; if wild, it matches any character.
type likeChar struct {
	char rune
	wild bool
}

// parseLike reads a pattern: % is any sequence of characters, _ any single
// character, and \ escapes the next character. A \ at the end is a literal \.
func parseLike(pattern string) likePattern {
	runs := likePattern{nil}
	escaped := false
	for _, char := range pattern {
		last := len(runs) - 1
		switch {
		case escaped:
			runs[last] = append(runs[last], likeChar{char: lowerASCII(char)})
			escaped = false
		case char == '\\':
			escaped = true
		case char == '%':
			runs = append(runs, nil)
		default:
			runs[last] = append(runs[last], likeChar{char: lowerASCII(char), wild: char == '_'})
		}
	}
	if escaped {
		last := len(runs) - 1
		runs[last] = append(runs[last], likeChar{char: '\\'})
	}
	return runs
}

// matches reports whether the pattern matches the whole text. The first run
// must be at the beginning of the text and the last one at its end. Each run
// between takes the first position where it fits. That leaves the most text for
// the later runs, so no backtracking is needed.
func (p likePattern) matches(text string) bool {
	rest := []rune(strings.Map(lowerASCII, text))
	first, last := p[0], p[len(p)-1]
	if len(p) == 1 {
		return len(rest) == len(first) && fits(first, rest)
	}
	if len(rest) < len(first)+len(last) || !fits(first, rest) || !fits(last, rest[len(rest)-len(last):]) {
		return false
	}
	rest = rest[len(first) : len(rest)-len(last)]
	for _, run := range p[1 : len(p)-1] {
		for len(rest) >= len(run) && !fits(run, rest) {
			rest = rest[1:]
		}
		if len(rest) < len(run) {
			return false
		}
		rest = rest[len(run):]
	}
	return true
}

// fits reports whether the text, which is at least as long, begins with the run.
func fits(run []likeChar, text []rune) bool {
	for i, c := range run {
		if !c.wild && c.char != text[i] {
			return false
		}
	}
	return true
}

// lowerASCII changes only the letters A to Z. The server ignores the case of
// more letters than these, so its response contains every match.
func lowerASCII(char rune) rune {
	if 'A' <= char && char <= 'Z' {
		return char + 'a' - 'A'
	}
	return char
}
