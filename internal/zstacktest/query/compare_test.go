// SPDX-License-Identifier: MPL-2.0

package query

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestLiteralsAreConvertedToTheTypeOfTheColumn(t *testing.T) {
	t.Parallel()
	shanghai := time.FixedZone("", 8*3600)
	written := time.Date(2018, 4, 11, 14, 50, 54, 0, shanghai)
	tests := []struct {
		value   any
		literal string
		want    int
	}{
		{int64(100), "100", 0},
		{int64(1000), "1e3", 0},
		{int64(100), "99.5", 1},
		{int64(100), "100.5x", -1},
		{int64(0), "abc", 0},
		{int64(0), "", 0},
		{int64(5), "0x10", 1},
		{int64(7), " 7", 0},
		{int64(-1), "-1", 0},
		{int64(math.MaxInt64), "9223372036854775807", 0},
		{int64(math.MaxInt64), "9223372036854775806", 1},
		{int64(math.MaxInt64), "9223372036854775808", -1},
		{int64(1), "1e9999", -1},
		{int64(1), "1e-9999", 1},
		{float32(0.5), "0.5", 0},
		{float32(0.333), "0.333", 1}, // the column is a FLOAT, the literal a DOUBLE
		{written, "2018-04-11", 1},
		{written, "2018-4-12", -1},
		{written, "2018-04-11 14:50:54", 0},
		{written, "2018-04-11T14:50:54", 0},
		{written, "Apr 11, 2018 2:50:54 PM", 1}, // the format on the wire is the zero date
		{written, "", 1},
		{"b", "A", 1},
	}
	for _, test := range tests {
		if got := compare(test.value, test.literal, shanghai); got != test.want {
			t.Errorf("compare(%v, %q) = %d, want %d", test.value, test.literal, got, test.want)
		}
	}
}

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

func TestLikeMatchesTheWholeTextWithoutCaseAndAccents(t *testing.T) {
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
		if got := matchesLike(test.text, test.pattern); got != test.want {
			t.Errorf("matchesLike(%q, %q) = %t", test.text, test.pattern, got)
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
			if got := matchesLike(text, pattern); got != want {
				t.Errorf("matchesLike(%q, %q) = %t", text, pattern, got)
			}
		}
		if matchesLike(text, likeEscaper.Replace(other)) && collate(text, other) != 0 {
			t.Errorf("%q matches the pattern for %q, but is not equal to it", text, other)
		}
	})
}

var likeEscaper = strings.NewReplacer(`%`, `\%`, `_`, `\_`, `\`, `\\`)
