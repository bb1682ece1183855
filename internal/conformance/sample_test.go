// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestSampleHasTheExtremesTheLongestAndTheOddValues(t *testing.T) {
	t.Parallel()
	var texts, numbers []string
	for i := range 500 {
		texts = append(texts, fmt.Sprintf("store-%03d", i))
		numbers = append(numbers, fmt.Sprint(i*i-7))
	}
	longest := strings.Repeat("m", 200)
	texts = append(texts, longest, "Odd", "镜像", "two words", "mid=dle")
	for _, c := range []struct {
		values, want []string
	}{
		{texts, []string{"Odd", "镜像", longest, "two words", "mid=dle"}},
		{numbers, []string{"-7", fmt.Sprint(499*499 - 7)}},
	} {
		got := sample(c.values)
		if len(got) != maxValues || len(slices.Compact(slices.Sorted(slices.Values(got)))) != maxValues {
			t.Errorf("%d values, want %d different ones: %q", len(got), maxValues, got)
		}
		for _, want := range c.want {
			if !slices.Contains(got, want) {
				t.Errorf("%q is not among %q", want, got)
			}
		}
	}
	if got := sample([]string{"10", "9", "7"}); !slices.Equal(got, []string{"7", "9", "10"}) {
		t.Errorf("a few values: %q", got)
	}
}

func TestDescriptionOfAValueDoesNotShowIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ value, want string }{
		{"store", "(5 characters)"},
		{"x", "(1 character)"},
		{" Größe 5", "(8 characters, capital letters, a space at an end, spaces, letters beyond ASCII)"},
		{"a>=b%,", "(6 characters, an operator, a wildcard, other punctuation)"},
	} {
		if got := describeValue(c.value); got != c.want {
			t.Errorf("%q is described as %s, want %s", c.value, got, c.want)
		}
	}
}
