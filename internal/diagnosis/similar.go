// SPDX-License-Identifier: MPL-2.0

package diagnosis

import "strings"

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
	return "Did you mean " + closest + "?"
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
	rows := make([][]int, len(from)+1)
	for i := range rows {
		rows[i] = make([]int, len(to)+1)
		rows[i][0] = i
	}
	for j := range to {
		rows[0][j+1] = j + 1
		for i := range from {
			cost := 1
			if from[i] == to[j] {
				cost = 0
			}
			rows[i+1][j+1] = min(rows[i][j+1]+1, rows[i+1][j]+1, rows[i][j]+cost)
			if i > 0 && j > 0 && from[i] == to[j-1] && from[i-1] == to[j] {
				rows[i+1][j+1] = min(rows[i+1][j+1], rows[i-1][j-1]+1)
			}
		}
	}
	return rows[len(from)][len(to)]
}
