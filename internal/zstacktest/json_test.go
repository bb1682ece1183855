// SPDX-License-Identifier: MPL-2.0

package zstacktest

import (
	"math"
	"testing"
)

func TestFloatsAreWrittenAsJavaDoes(t *testing.T) {
	t.Parallel()
	tests := map[float32]string{
		0: "0.0", 1: "1.0", 0.333: "0.333", 0.67: "0.67", 0.001: "0.001", 0.00001: "1.0E-5", 0.000123: "1.23E-4",
		-2.5: "-2.5", 9999999: "9999999.0", 10000000: "1.0E7", math.MaxFloat32: "3.4028235E38",
	}
	for f, want := range tests {
		if got := javaFloat(f); got != want {
			t.Errorf("javaFloat(%g) = %s, want %s", f, got, want)
		}
	}
}

func TestStringsAreEscapedAsGsonDoes(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, inSuccess, inError string }{
		{"plain 镜像 ü 🚀", `"plain 镜像 ü 🚀"`, `"plain 镜像 ü 🚀"`},
		{`a<b>&c='d'`, `"a\u003cb\u003e\u0026c\u003d\u0027d\u0027"`, `"a<b>&c='d'"`},
		{"\"\\/", `"\"\\/"`, `"\"\\/"`},
		{"\t\b\n\r\f\x01\x1f\x7f", `"\t\b\n\r\f\u0001\u001f` + "\x7f\"", `"\t\b\n\r\f\u0001\u001f` + "\x7f\""},
		{"\u2028\u2029", `"\u2028\u2029"`, `"\u2028\u2029"`},
	}
	for _, test := range tests {
		if got := quote(test.text, htmlEscape); got != test.inSuccess {
			t.Errorf("in a success %q is %s, want %s", test.text, got, test.inSuccess)
		}
		if got := quote(test.text, plain); got != test.inError {
			t.Errorf("in an error %q is %s, want %s", test.text, got, test.inError)
		}
	}
}
