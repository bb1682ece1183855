// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/zstackio/terraform-provider-zstack/internal/diagnosis"
	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// candidate is a storage or a zone that is not selected, but may be the one that
// was meant.
type candidate struct {
	uuid        string
	text        string   // on one line
	differences []string // how it differs from what is selected
	distance    int      // of its name or UUID from the one that is selected
	otherName   bool     // its name or UUID differs in more than case and whitespace, and its UUID is not the selected name
}

// visibleStorages returns the first page of the storages that the credentials can read,
// or nil if that fails: a message must not fail because of its candidates.
func (d *ProviderData) visibleStorages(ctx context.Context) []zstack.BackupStorage {
	storages, err := d.Client.FirstBackupStorages(ctx)
	if err != nil {
		return nil
	}
	return append([]zstack.BackupStorage{}, storages...)
}

// closest returns the storages as candidates for the conditions: first those
// with the right name or UUID, then those that meet more of the conditions, then
// those with a more similar name.
func closest(storages []zstack.BackupStorage, conditions []Condition) []candidate {
	seen := map[string]bool{}
	var candidates []candidate
	for i := range storages {
		c := candidate{uuid: orEmpty(storages[i].UUID), text: describeStorage(&storages[i])}
		if seen[c.uuid] {
			continue
		}
		seen[c.uuid] = true
		for _, condition := range conditions {
			if !condition.Matches(&storages[i]) {
				c.addDifference(condition, condition.attribute.value(&storages[i]))
			}
		}
		if len(c.differences) > 0 {
			candidates = append(candidates, c)
		}
	}
	slices.SortFunc(candidates, compareCandidates)
	return candidates
}

// addDifference records that the value does not meet the condition.
func (c *candidate) addDifference(condition Condition, value any) {
	difference := condition.attribute.Name
	switch difference {
	case "attached_zone_uuids":
		difference = "zone"
	case "name", "uuid":
		if condition.operator == "=" {
			text, _ := value.(string)
			difference = c.addIdentity(difference, text, condition.values)
		}
	}
	if !slices.Contains(c.differences, difference) {
		c.differences = append(c.differences, difference)
	}
}

// addIdentity compares a name or UUID with the values that are selected, and
// returns how it differs from the closest of them.
func (c *candidate) addIdentity(attribute, text string, values []any) string {
	difference, closest, isUUID := attribute, math.MaxInt, false
	for _, value := range values {
		selected, _ := value.(string)
		if distance := nameDistance(selected, text); distance < closest {
			closest, difference = distance, nameDifference(attribute, selected, text)
		}
		isUUID = isUUID || c.hasUUID(selected)
	}
	c.distance += closest
	c.otherName = c.otherName || difference == attribute && !isUUID
	return difference
}

// hasUUID reports whether a name is the candidate's UUID, in any format.
func (c *candidate) hasUUID(name string) bool {
	uuid, ok := normalizedUUID(name)
	return ok && uuid == c.uuid
}

// nameDistance is the distance of a name from the selected one. It compares no
// more characters than a name in ZStack can have. A name that begins with the
// selected one is closer than any that does not: its distance is not positive.
func nameDistance(selected, name string) int {
	const maxName = 255
	selected, name = truncate(selected, maxName, ""), truncate(name, maxName, "")
	distance := diagnosis.Distance(selected, name)
	if rest, ok := strings.CutPrefix(strings.ToLower(name), strings.ToLower(selected)); ok && strings.TrimSpace(rest) != "" {
		distance -= maxName
	}
	return distance
}

// nameDifference says how two names differ.
func nameDifference(attribute, a, b string) string {
	trimmedA, trimmedB := strings.TrimSpace(a), strings.TrimSpace(b)
	switch {
	case trimmedA == trimmedB:
		return "whitespace"
	case strings.EqualFold(a, b):
		return "case"
	case strings.EqualFold(trimmedA, trimmedB):
		return "case and whitespace"
	default:
		return attribute
	}
}

func compareCandidates(a, b candidate) int {
	if a.otherName != b.otherName {
		if a.otherName {
			return 1
		}
		return -1
	}
	return cmp.Or(
		cmp.Compare(len(a.differences), len(b.differences)),
		cmp.Compare(a.distance, b.distance),
		cmp.Compare(a.uuid, b.uuid),
	)
}

// formatCandidates lists one candidate per line, with the differences in a
// second column.
func formatCandidates(candidates []candidate) string {
	candidates = candidates[:min(len(candidates), maxCandidates)]
	width := 0
	for _, c := range candidates {
		width = max(width, utf8.RuneCountInString(c.text))
	}
	lines := make([]string, len(candidates))
	for i, c := range candidates {
		padding := strings.Repeat(" ", width-utf8.RuneCountInString(c.text))
		lines[i] = "  " + c.text + padding + " differs in " + strings.Join(c.differences, ", ")
	}
	return strings.Join(lines, "\n")
}
