// SPDX-License-Identifier: MPL-2.0

package diagnosis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zstackio/terraform-provider-zstack/internal/lazyregexp"
)

// DidYouMean returns the question "Did you mean …?" about those of names that
// a misspelt name most likely stands for, or "" if none comes close.
func DidYouMean(misspelt string, names []string) string {
	likely := abbreviated(misspelt, names)
	if likely == nil {
		likely = closest(misspelt, names)
	}
	if likely == nil {
		return ""
	}
	return fmt.Sprintf("Did you mean %s?", strings.Join(likely, " or "))
}

// abbreviated returns those of names whose words begin with those of short:
// avail_capacity is available_capacity.
func abbreviated(short string, names []string) (like []string) {
	given := words(short)
	for _, name := range names {
		if len(given) > 0 && slices.EqualFunc(words(name), given, strings.HasPrefix) {
			like = append(like, name)
		}
	}
	return like
}

// closest returns the one of names with the smallest distance, or nil if that is
// too large.
func closest(misspelt string, names []string) (closest []string) {
	distance := (len(misspelt)+2)/4 + 1
	for _, name := range names {
		if d := Distance(letters(misspelt), letters(name)); d < distance {
			closest, distance = []string{name}, d
		}
	}
	return closest
}

// words splits a name in any style into words in lower case: availableCapacity
// and available-capacity are available_capacity.
func words(name string) []string {
	name = strings.ToLower(upperAfterLower().ReplaceAllString(name, "${1}_${2}"))
	return strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune("_- ", r) })
}

var upperAfterLower = lazyregexp.New(`([a-z0-9])([A-Z])`)

// letters is a name without what only separates its words.
func letters(name string) string { return strings.Join(words(name), "") }

// Distance is the number of characters to insert, delete, replace or exchange
// with their neighbor to turn a into b.
func Distance(a, b string) int {
	from, to := []rune(a), []rune(b)
	before, above, row := make([]int, len(to)+1), make([]int, len(to)+1), make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i := range from {
		before, above, row = above, row, before
		row[0] = i + 1
		for j := range to {
			cost := 1
			if from[i] == to[j] {
				cost = 0
			}
			row[j+1] = min(above[j+1]+1, row[j]+1, above[j]+cost)
			if i > 0 && j > 0 && from[i] == to[j-1] && from[i-1] == to[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row[len(to)]
}
