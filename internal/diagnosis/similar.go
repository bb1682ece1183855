// SPDX-License-Identifier: MPL-2.0

package diagnosis

import (
	"fmt"
	"strings"
)

// DidYouMean returns the question "Did you mean …?" about the one of names that
// a misspelt name most likely stands for, or "" if none comes close.
func DidYouMean(misspelt string, names []string) string {
	closest, distance := "", (len(misspelt)+2)/4+1
	for _, name := range names {
		if d := Distance(letters(misspelt), letters(name)); d < distance {
			closest, distance = name, d
		}
	}
	if closest == "" {
		return ""
	}
	return fmt.Sprintf("Did you mean %s?", closest)
}

// letters leaves out what only separates words, and the case:
// availableCapacity and available-capacity are available_capacity.
func letters(name string) string {
	return strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(name))
}

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
