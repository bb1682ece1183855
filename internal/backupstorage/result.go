// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// maxCandidates is how many storages a diagnostic shows.
const maxCandidates = 10

// notFound says that a lookup for one storage found none, and shows those
// whose names come close: what the server compares more generously than the
// provider is in its answer already.
func notFound(l lookup) diag.Diagnostic {
	detail := fmt.Sprintf("No backup storage visible to this account matches %s.\n", l.question())
	switch near := l.nearMisses(); len(near) {
	case 0:
		detail += "The data source zstack_backup_storages lists all that are visible if it is used without arguments."
	case 1:
		detail += fmt.Sprintf("The name is compared exactly; this one differs only in case or surrounding blanks: %s (%s).",
			printable(fmt.Sprintf("%q", *near[0].Name)), printable(deref(near[0].UUID)))
	default:
		detail += "The name is compared exactly; these differ only in case or surrounding blanks:\n" + candidates(near)
	}
	return diag.NewErrorDiagnostic("Backup Storage Not Found", detail)
}

// ambiguous says that a lookup for one storage found several.
func ambiguous(l lookup) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Several Backup Storages Match", fmt.Sprintf(
		"%d backup storages match %s, but this data source needs exactly one:\n%s\n"+
			"Name one by uuid, narrow the search with name or filter, or use zstack_backup_storages.",
		len(l.found), l.question(), candidates(l.found)))
}

// question is what was asked for, as a configuration writes it.
func (l lookup) question() string {
	texts := make([]string, len(l.conditions))
	for i, c := range l.conditions {
		texts[i] = c.String()
	}
	return strings.Join(texts, " and ")
}

// nearMisses are the storages that would match if the name were compared
// without regard to case and surrounding blanks.
func (l lookup) nearMisses() []zstack.BackupStorage {
	i := slices.IndexFunc(l.conditions, func(c condition) bool { return c.attribute.name == "name" && c.operator == "=" })
	if i < 0 {
		return nil
	}
	rest := slices.Concat(l.conditions[:i], l.conditions[i+1:])
	return slices.DeleteFunc(matching(l.answer, rest), func(s zstack.BackupStorage) bool {
		return s.Name == nil || !slices.ContainsFunc(l.conditions[i].operands, func(name any) bool {
			return strings.EqualFold(strings.TrimSpace(*s.Name), strings.TrimSpace(fmt.Sprint(name)))
		})
	})
}

// candidates lists storages one a line, so that one of them can be chosen by
// its uuid. The blanks in front keep Terraform from wrapping the lines.
func candidates(storages []zstack.BackupStorage) string {
	var lines []string
	for _, s := range storages[:min(len(storages), maxCandidates)] {
		line := fmt.Sprintf("%s %q %s %s", deref(s.UUID), deref(s.Name), deref(s.Type), deref(s.Status))
		lines = append(lines, "  "+printable(strings.TrimSpace(line)))
	}
	if more := len(storages) - len(lines); more > 0 {
		lines = append(lines, fmt.Sprintf("  … and %d more", more))
	}
	return strings.Join(lines, "\n")
}

// maxLine bounds what a line of a diagnostic shows of the server's text, in
// characters. A name has at most 255.
const maxLine = 400

// printable leaves of the server's text what can do no harm on a terminal.
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
