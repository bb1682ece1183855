// SPDX-License-Identifier: MPL-2.0

package backupstorage

import "strings"

// likePattern is an SQL LIKE pattern, cut at its % signs. Between two of them
// stands a run of characters that are found next to one another.
type likePattern [][]likeChar

// likeChar is one character of a pattern: itself, or any one if wild.
type likeChar struct {
	char rune
	wild bool
}

// parseLike reads a pattern: % is any run of characters, _ is any one, and \
// makes the next character stand for itself. A \ at the end is itself.
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

// matches says whether the pattern covers the whole text. The first run is
// bound to the text's beginning and the last one to its end; each run between
// takes the first place where it fits, which leaves most to the runs after it,
// so that no choice is ever taken back.
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

// fits says whether the text, which is at least as long, begins with the run.
func fits(run []likeChar, text []rune) bool {
	for i, c := range run {
		if !c.wild && c.char != text[i] {
			return false
		}
	}
	return true
}

// lowerASCII leaves all but the ASCII capitals alone. The server ignores the
// case of more letters than these, so that its answer holds every match.
func lowerASCII(char rune) rune {
	if 'A' <= char && char <= 'Z' {
		return char + 'a' - 'A'
	}
	return char
}
