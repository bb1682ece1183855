// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"slices"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// sortBy puts the storages in the order of one attribute, those without a
// value last. Storages with the same value keep the order that the client gave
// them, which is by uuid.
func sortBy(storages []zstack.BackupStorage, by storageAttribute, descending bool) {
	type keyed struct {
		key     any
		storage zstack.BackupStorage
	}
	rows := make([]keyed, len(storages))
	for i := range storages {
		rows[i] = keyed{sortKey(by, &storages[i]), storages[i]}
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

// sortKey is what is compared: for a date its time, which is nil if the text
// cannot be read.
func sortKey(by storageAttribute, storage *zstack.BackupStorage) any {
	key := by.value(storage)
	written, ok := key.(string)
	if by.kind != date || !ok {
		return key
	}
	if t, ok := parseDate(written); ok {
		return t
	}
	return nil
}
