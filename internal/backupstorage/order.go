// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"slices"
	"strings"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// sortStorages sorts the storages by one attribute, those without a value last.
// Storages with the same value keep their order, which from the client is by
// UUID.
func sortStorages(storages []zstack.BackupStorage, attribute storageAttribute, descending bool) {
	type keyed struct {
		key     any
		storage zstack.BackupStorage
	}
	rows := make([]keyed, len(storages))
	for i := range storages {
		rows[i] = keyed{sortKey(attribute, &storages[i]), storages[i]}
	}
	slices.SortStableFunc(rows, func(a, b keyed) int {
		switch {
		case a.key == nil && b.key == nil:
			return 0
		case a.key == nil:
			return 1
		case b.key == nil:
			return -1
		case descending:
			return compare(b.key, a.key)
		default:
			return compare(a.key, b.key)
		}
	})
	for i := range rows {
		storages[i] = rows[i].storage
	}
}

// sortKey is the value that is compared: of a date its time, which is nil if
// the text cannot be read.
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
// formats that sort_by can sort. The text does not name a time zone, so
// the result only serves to compare dates of one server.
func ParseDate(text string) (date time.Time, ok bool) {
	text = plainSpaces.Replace(text)
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
