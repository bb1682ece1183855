// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"strings"
	"testing"
)

func TestPatternsMatchLikeSQL(t *testing.T) {
	for _, test := range []struct {
		pattern, text string
		want          bool
	}{
		{"store", "store", true},
		{"store", "STORE", true},
		{"STORE", "store", true},
		{"store", "stores", false},
		{"store", "a store", false},
		{"store", "store ", false},
		{"", "", true},
		{"", "x", false},
		{"%", "", true},
		{"%", "anything\nat all", true},
		{"%%", "x", true},
		{"a%", "abc", true},
		{"%c", "abc", true},
		{"%b%", "abc", true},
		{"%d%", "abc", false},
		{"a%a", "a", false},
		{"a%a", "aa", true},
		{"ab%ba", "aba", false},
		{"%a%b%c%", "--b-a-b--c", true},
		{"%a%b%c%", "--c-b-a--", false},
		{"%ab%b", "abab", true},
		{"_", "", false},
		{"_", "x", true},
		{"_", "镜", true},
		{"_", "🗄", true},
		{"_", "xy", false},
		{"a_c", "abc", true},
		{"%_", "", false},
		{"_%_", "x", false},
		{"_%_", "xy", true},
		{`100\%`, "100%", true},
		{`100\%`, "100x", false},
		{`under\_score`, "under_score", true},
		{`under\_score`, "underXscore", false},
		{`back\\slash`, `back\slash`, true},
		{`\a\b`, "ab", true},
		{`end\`, `end\`, true},
		{`%\`, `end\`, true},
		{"ä", "ä", true},
		{"ä", "Ä", false}, // in the server's response, but not a match
		{"ä", "a", false},
		{"镜像%", "镜像服务器", true},
	} {
		if got := parseLike(test.pattern).matches(test.text); got != test.want {
			t.Errorf("%q LIKE %q: got %t, want %t", test.text, test.pattern, got, test.want)
		}
	}
}

// FuzzLike compares with a definition that tries all possibilities.
func FuzzLike(f *testing.F) {
	for _, seed := range [][2]string{
		{"%a%b_%", "xaabbc"}, {`a\%b%`, "A%bc"}, {`\`, `\`}, {"%_%_", "ab"}, {"ab%ab", "ab"}, {"_%镜", "像镜"}, {"%aab", "aaab"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 12 || len(text) > 24 {
			return // The definition takes too long.
		}
		got := parseLike(pattern).matches(text)
		if want := naiveLike([]rune(pattern), []rune(text)); got != want {
			t.Errorf("%q LIKE %q: got %t, want %t", text, pattern, got, want)
		}
	})
}

func naiveLike(pattern, text []rune) bool {
	if len(pattern) == 0 {
		return len(text) == 0
	}
	same := func(a, b rune) bool {
		return a == b || a < 128 && b < 128 && strings.EqualFold(string(a), string(b))
	}
	switch {
	case pattern[0] == '%':
		return naiveLike(pattern[1:], text) || len(text) > 0 && naiveLike(pattern, text[1:])
	case len(text) == 0:
		return false
	case pattern[0] == '\\' && len(pattern) > 1:
		return same(pattern[1], text[0]) && naiveLike(pattern[2:], text[1:])
	case pattern[0] == '_':
		return naiveLike(pattern[1:], text[1:])
	}
	return same(pattern[0], text[0]) && naiveLike(pattern[1:], text[1:])
}

func BenchmarkLikeOnItsWorstPattern(b *testing.B) {
	pattern := parseLike(strings.Repeat("%a", 100) + "b")
	text := strings.Repeat("a", 255)
	for b.Loop() {
		pattern.matches(text)
	}
}
