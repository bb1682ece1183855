// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// sort sorts the rows by their keys, and rows with the same key by UUID. Rows
// without a key come last.
func (l *listRows) sort(descending bool) {
	slices.SortFunc(l.rows, func(a, b listRow) int {
		order := 0
		switch {
		case a.sortKey == nil && b.sortKey == nil:
		case a.sortKey == nil:
			return 1
		case b.sortKey == nil:
			return -1
		case descending:
			order = compare(b.sortKey, a.sortKey)
		default:
			order = compare(a.sortKey, b.sortKey)
		}
		return cmp.Or(order, cmp.Compare(a.uuid, b.uuid))
	})
}

// sortKey is the value that is compared. For a date it is the time, or nil if
// the text is not a date.
func sortKey(attribute storageAttribute, storage *zstack.BackupStorage) any {
	key := attribute.value(storage)
	text, ok := key.(string)
	if attribute.kind != kindDate || !ok {
		return key
	}
	if t, ok := ParseDate(text); ok {
		return t
	}
	return nil
}

// dateLayouts are the formats of Java 8, and of Java 9 and newer
// (PROTOCOL.md §5.4).
var dateLayouts = []string{"Jan 2, 2006 3:04:05 PM", "Jan 2, 2006, 3:04:05 PM"}

// plainSpaces replaces the narrow and the plain no-break space, which newer
// Java runtimes write before AM and PM.
var plainSpaces = strings.NewReplacer("\u202f", " ", "\u00a0", " ")

// ParseDate reads a date of the server, and reports whether it has one of the
// formats that sort_by can sort. The text does not name a time zone, so the
// result can only be compared with other dates of the same server.
func ParseDate(text string) (date time.Time, ok bool) {
	text = plainSpaces.Replace(text)
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
