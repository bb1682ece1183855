// SPDX-License-Identifier: MPL-2.0

package main

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxValues is how many values of one attribute are compared.
const maxValues = 20

// sample returns at most maxValues of the distinct values: the extremes, the
// longest, those with odd characters, and others at equal distances.
func sample(values []string) []string {
	sorted := slices.Sorted(slices.Values(values))
	if !slices.ContainsFunc(values, isNotInteger) {
		slices.SortFunc(sorted, compareIntegers)
	}
	if len(sorted) <= maxValues {
		return sorted
	}
	longest := slices.MaxFunc(sorted, func(a, b string) int { return cmp.Compare(len(a), len(b)) })
	odd := slices.DeleteFunc(slices.Clone(sorted), func(value string) bool { return len(traitsOf(value)) == 0 })
	candidates := []string{sorted[0], sorted[len(sorted)-1], longest}
	for _, i := range spread(len(odd), maxValues/2) {
		candidates = append(candidates, odd[i])
	}
	for _, i := range spread(len(sorted), maxValues) {
		candidates = append(candidates, sorted[i])
	}
	var chosen []string
	for _, value := range candidates {
		if len(chosen) < maxValues && !slices.Contains(chosen, value) {
			chosen = append(chosen, value)
		}
	}
	return chosen
}

func isNotInteger(value string) bool {
	_, err := strconv.ParseInt(value, 10, 64)
	return err != nil
}

func compareIntegers(a, b string) int {
	x, _ := strconv.ParseInt(a, 10, 64)
	y, _ := strconv.ParseInt(b, 10, 64)
	return cmp.Compare(x, y)
}

// spread returns at most limit of the indexes 0 to length-1 at equal distances,
// with the first and the last one.
func spread(length, limit int) []int {
	indexes := make([]int, min(length, limit))
	for i := range indexes {
		indexes[i] = i
		if length > limit {
			indexes[i] = i * (length - 1) / (limit - 1)
		}
	}
	return indexes
}

// traits are properties of a text for which the server's comparison may differ
// from that of its bytes, or its parser may fail.
var traits = []struct {
	name string
	has  func(string) bool
}{
	{"capital letters", func(s string) bool { return strings.ContainsFunc(s, unicode.IsUpper) }},
	{"a space at an end", func(s string) bool { return strings.TrimSpace(s) != s }},
	{"spaces", func(s string) bool { return strings.Contains(strings.TrimSpace(s), " ") }},
	{"letters beyond ASCII", func(s string) bool { return strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) }},
	{"an operator", func(s string) bool { return strings.ContainsAny(s, "=<>!~?") }},
	{"a wildcard", func(s string) bool { return strings.ContainsAny(s, "%_") }},
	{"other punctuation", func(s string) bool { return strings.ContainsAny(s, "\"#$&'()*+,;@[\\]^`{|}") }},
}

func traitsOf(value string) (names []string) {
	for _, trait := range traits {
		if trait.has(value) {
			names = append(names, trait.name)
		}
	}
	return names
}

// describeValue describes a value without showing it.
func describeValue(value string) string {
	return "(" + strings.Join(append([]string{count(utf8.RuneCountInString(value), "character")}, traitsOf(value)...), ", ") + ")"
}
