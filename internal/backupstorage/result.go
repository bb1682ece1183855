// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// maxCandidates is how many storages a diagnostic shows.
const maxCandidates = 10

// notFound says that no storage matches, and shows those whose names come
// close: the server compares names less strictly than the provider, so they are
// in its response already.
func notFound(l lookup) diag.Diagnostic {
	detail := fmt.Sprintf("No backup storage visible to this account matches %s.\n", l.summary())
	switch near := l.nearMisses(); len(near) {
	case 0:
		detail += "The data source zstack_backup_storages lists all that are visible if it is used without arguments."
	case 1:
		detail += fmt.Sprintf("The name is compared exactly; this one differs only in case or surrounding whitespace: %s (%s).",
			quote(*near[0].Name), printable(orEmpty(near[0].UUID)))
	default:
		detail += "The name is compared exactly; these differ only in case or surrounding whitespace:\n" + candidates(near)
	}
	return diag.NewErrorDiagnostic("Backup Storage Not Found", detail)
}

// ambiguous says that several storages match.
func ambiguous(l lookup) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Several Backup Storages Match", fmt.Sprintf(
		"%d backup storages match %s, but this data source needs exactly one:\n%s\n"+
			"Name one by uuid, narrow the search with name or filter, or use zstack_backup_storages.",
		len(l.found), l.summary(), candidates(l.found)))
}

// summary is the conditions as a configuration states them.
func (l lookup) summary() string {
	texts := make([]string, len(l.conditions))
	for i, c := range l.conditions {
		texts[i] = c.String()
	}
	return strings.Join(texts, " and ")
}

// nearMisses are the storages that would match if case and surrounding
// whitespace of the name were ignored.
func (l lookup) nearMisses() []zstack.BackupStorage {
	i := slices.IndexFunc(l.conditions, func(c Condition) bool { return c.attribute.Name == "name" && c.operator == "=" })
	if i < 0 {
		return nil
	}
	rest := slices.Concat(l.conditions[:i], l.conditions[i+1:])
	return slices.DeleteFunc(matching(l.response, rest), func(s zstack.BackupStorage) bool {
		return s.Name == nil || !slices.ContainsFunc(l.conditions[i].values, func(name any) bool {
			return strings.EqualFold(strings.TrimSpace(*s.Name), strings.TrimSpace(fmt.Sprint(name)))
		})
	})
}

// candidates lists one storage per line, with the UUID to select it by.
// Terraform does not wrap lines that begin with a space.
func candidates(storages []zstack.BackupStorage) string {
	var lines []string
	for _, s := range storages[:min(len(storages), maxCandidates)] {
		line := fmt.Sprintf("%s %q %s %s", orEmpty(s.UUID), orEmpty(s.Name), orEmpty(s.Type), orEmpty(s.Status))
		lines = append(lines, "  "+printable(strings.TrimSpace(line)))
	}
	if more := len(storages) - len(lines); more > 0 {
		lines = append(lines, fmt.Sprintf("  … and %d more", more))
	}
	return strings.Join(lines, "\n")
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
	if runes := []rune(text); len(runes) > maxLine {
		text = string(runes[:maxLine]) + "…"
	}
	return text
}

// quote writes a value as in a configuration, and what cannot be seen of it as
// an escape sequence.
func quote(value string) string { return printable(strconv.Quote(value)) }

// orEmpty returns the string that value points to, or "" for null.
func orEmpty(value *string) string {
	if value == nil {
		return ""
	}
	return *value
}
