// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// maxCandidates is the number of storages or zones that a diagnostic shows.
const maxCandidates = 10

// notFound says that no storage matches, and lists the visible storages that
// are closest. visible is nil if they could not be read.
func notFound(l lookup, visible []zstack.BackupStorage) diag.Diagnostic {
	lines := append([]string{nothingMatches(l.conditions)}, hints(l.conditions)...)
	candidates := closest(append(visible, l.response...), l.conditions)
	switch {
	case len(candidates) > 0:
		lines = append(lines, "Visible to this account, closest first:", formatCandidates(candidates))
		if len(candidates) > maxCandidates {
			lines = append(lines, "The data source zstack_backup_storages lists all of them if it has no arguments.")
		}
	case visible != nil:
		lines = append(lines, "No backup storage at all is visible to this account.")
	default:
		lines = append(lines, "The data source zstack_backup_storages lists all visible storages if it has no arguments.")
	}
	return diag.NewErrorDiagnostic("Backup Storage Not Found", strings.Join(lines, "\n"))
}

// ambiguous says that several storages match.
func ambiguous(l lookup) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Several Backup Storages Match", fmt.Sprintf(
		"%d backup storages match %s, but this data source needs exactly one:\n%s\n"+
			"Select one by uuid, narrow the search with name or filter, or use zstack_backup_storages.",
		len(l.found), summary(l.conditions), formatList(l.found, describeStorage)))
}

// emptyList warns of a list that is empty because of its conditions.
func emptyList(conditions []Condition) diag.Diagnostics {
	hints := hints(conditions)
	if len(hints) == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("Selector Matches Nothing", nothingMatches(conditions)+"\n"+strings.Join(hints, "\n"))}
}

func nothingMatches(conditions []Condition) string {
	return fmt.Sprintf("No backup storage visible to this account matches %s.", summary(conditions))
}

// summary is the conditions as a configuration states them.
func summary(conditions []Condition) string {
	sources := make([]string, len(conditions))
	for i, c := range conditions {
		sources[i] = c.String()
	}
	return strings.Join(sources, " and ")
}

// hints says what looks wrong in conditions that nothing matches.
func hints(conditions []Condition) []string {
	var hints []string
	for _, c := range conditions {
		for _, value := range c.values {
			if value, ok := value.(string); ok {
				hints = append(hints, c.hints(value)...)
			}
		}
	}
	return hints
}

// hints says what looks wrong in one value of the condition.
func (c Condition) hints(value string) []string {
	var hints []string
	switch {
	case c.operator == likeOperator && strings.ContainsAny(value, "*^") && !strings.ContainsAny(value, "%_"):
		hints = append(hints, "In name_pattern, % is the wildcard for any sequence of characters, and _ for any single character; * and ^ are ordinary characters.")
	case c.operator == "=" && c.attribute.Name == "name":
		hints = nameHints("name", "uuid", value)
	}
	if c.operator == "=" || c.operator == likeOperator {
		hints = append(hints, lineBreakHint(value)...)
	}
	return hints
}

// nameHints says that the value of an argument that selects by an exact name
// looks like a pattern or a UUID.
func nameHints(argument, uuidArgument, value string) []string {
	if _, ok := normalizedUUID(value); ok {
		return []string{fmt.Sprintf("The value %s looks like a UUID. To select by UUID, use %s instead of %s.", quote(value), uuidArgument, argument)}
	}
	if !strings.ContainsAny(value, "%*^") {
		return nil
	}
	hint := argument + " is not a pattern: it is compared exactly."
	if argument == "name" {
		hint += " The argument for patterns is name_pattern of the data source zstack_backup_storages."
	}
	return []string{hint}
}

// lineBreakHint says that a value ends with a line break, as the content of a
// file often does.
func lineBreakHint(value string) []string {
	if !strings.HasSuffix(value, "\n") && !strings.HasSuffix(value, "\r") {
		return nil
	}
	return []string{fmt.Sprintf("The value %s ends with a line break, which must match too. Terraform's function chomp removes it.", quote(value))}
}

// formatList lists one row per line, with the UUID to select it by. Terraform
// does not wrap lines that begin with a space.
func formatList[T any](rows []T, describe func(*T) string) string {
	var lines []string
	for i := range rows[:min(len(rows), maxCandidates)] {
		lines = append(lines, "  "+describe(&rows[i]))
	}
	if more := len(rows) - len(lines); more > 0 {
		lines = append(lines, fmt.Sprintf("  … and %d more", more))
	}
	return strings.Join(lines, "\n")
}

// describeStorage is a storage on one line.
func describeStorage(s *zstack.BackupStorage) string {
	return printable(strings.TrimSpace(strings.Join([]string{orEmpty(s.UUID), quote(orEmpty(s.Name)), orEmpty(s.Type), orEmpty(s.Status)}, " ")))
}

// maxLine is the maximum number of characters of the server's text on one line
// of a diagnostic. A name has at most 255.
const maxLine = 400

// printable removes what could change the display of a terminal.
func printable(text string) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
	return truncate(text, maxLine, "…")
}

// truncate shortens a longer text to length characters, followed by end.
func truncate(text string, length int, end string) string {
	if runes := []rune(text); len(runes) > length {
		return string(runes[:length]) + end
	}
	return text
}

// quote writes a value as in a configuration. Invisible and combining
// characters become escape sequences.
func quote(value string) string {
	if strings.ContainsFunc(value, func(r rune) bool { return unicode.Is(unicode.Mn, r) && r <= '\u036f' }) {
		return printable(strconv.QuoteToASCII(value))
	}
	return printable(strconv.Quote(value))
}

// orEmpty returns the string that value points to, or "" for null.
func orEmpty(value *string) string {
	if value == nil {
		return ""
	}
	return *value
}
