// SPDX-License-Identifier: MPL-2.0

package query

import (
	"strings"
	"testing"
)

func TestCollationIgnoresCaseAccentsAndSpacesAtTheEnd(t *testing.T) {
	t.Parallel()
	tests := []struct {
		a, b string
		want int
	}{
		{"IMAGE-store", "image-STORE", 0},
		{"cafe", "CAFÉ", 0},
		{"ünïcödé", "unicode", 0},
		{"straße", "strase", 0},
		{"straße", "strasse", -1}, // one letter equals one letter
		{"a", "a  ", 0},
		{"a ", "a", 0},
		{"", "  ", 0},
		{" a", "a", -1},
		{"a\t", "a", -1}, // a tab sorts before the space of the padding
		{"a", "b", -1},
		{"Z", "a", 1},
		{"_", "a", 1}, // letters compare as upper case
		{"镜像服务器", "镜像服务器", 0},
		{"镜", "像", 1},
		{"ÆØ", "æø", 0},
		{"Ø", "O", 1}, // a letter of its own
		{"🚀", "🐢", 0}, // all characters beyond the BMP are equal
	}
	for _, test := range tests {
		if got := collate(test.a, test.b); got != test.want {
			t.Errorf("collate(%q, %q) = %d, want %d", test.a, test.b, got, test.want)
		}
		if got := Fold(test.a) == Fold(test.b); got != (test.want == 0) {
			t.Errorf("Fold(%q) == Fold(%q) is %t", test.a, test.b, got)
		}
	}
}

func TestLike(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text, pattern string
		want          bool
	}{
		{"image-store", "image-store", true},
		{"Image-Store", "image%", true},
		{"image-store", "store", false},
		{"image-store", "%store", true},
		{"image-store", "%a%e%", true},
		{"image-store", "image_store", true},
		{"image-store", "image__store", false},
		{"", "%", true},
		{"", "_", false},
		{"", "", true},
		{"a", "", false},
		{"a ", "a", false}, // no padding
		{"a", "a ", false},
		{"café", "CAFE", true},
		{"镜像", "_像", true},
		{"it's", "it_s", true},
		{"100%", `100\%`, true},
		{"100x", `100\%`, false},
		{"under_score", `under\_score`, true},
		{"underXscore", `under\_score`, false},
		{`back\slash`, `back\\slash`, true},
		{`back\slash`, `back\slash`, false},
		{"end\\", `end\`, true},
		{"aab", "%ab", true},
		{"abcabd", "%abd", true},
		{"mississippi", "%iss%ip%", true},
		{"mississippi", "%iss%iss%iss%", false},
		{"line\nbreak", "line%", true},
	}
	for _, test := range tests {
		if got := like(test.text, test.pattern); got != test.want {
			t.Errorf("like(%q, %q) = %t", test.text, test.pattern, got)
		}
	}
}

// FuzzLike checks what must be true of LIKE for any text.
func FuzzLike(f *testing.F) {
	f.Add("image-store", "%")
	f.Add(`100%_\`, "a")
	f.Fuzz(func(t *testing.T, text, other string) {
		escaped := likeEscaper.Replace(text)
		for pattern, want := range map[string]bool{"%": true, escaped: true, "%" + escaped + "%": true, escaped + "_": false} {
			if got := like(text, pattern); got != want {
				t.Errorf("like(%q, %q) = %t", text, pattern, got)
			}
		}
		if like(text, likeEscaper.Replace(other)) && collate(text, other) != 0 {
			t.Errorf("%q matches the pattern for %q, but is not equal to it", text, other)
		}
	})
}

var likeEscaper = strings.NewReplacer(`%`, `\%`, `_`, `\_`, `\`, `\\`)
