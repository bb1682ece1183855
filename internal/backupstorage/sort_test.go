// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"testing"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

func TestSortingPutsNullsLastAndTiesByUUID(t *testing.T) {
	storages := []zstack.BackupStorage{ // by uuid, as the client gives them
		{UUID: new("a"), Name: new("b"), TotalCapacity: new(int64(10)), CreateDate: new("Jan 2, 2020 12:00:00 AM"), PoolDiskUtilization: new(0.5)},
		{UUID: new("b"), Name: new("B"), TotalCapacity: new(int64(9)), CreateDate: new("Dec 13, 2019, 7:32:49 PM")},
		{UUID: new("c"), TotalCapacity: new(int64(10)), CreateDate: new("sometime"), PoolDiskUtilization: new(0.25)},
		{UUID: new("d"), Name: new("ä"), CreateDate: new("Dec 13, 2019, 7:32:49\u202fPM"), PoolDiskUtilization: new(1e-5)},
		{UUID: new("e"), Name: new("b"), TotalCapacity: new(int64(-1))},
	}
	for _, test := range []struct {
		by         string
		descending bool
		want       string
	}{
		{"uuid", false, "abcde"},
		{"uuid", true, "edcba"},
		{"name", false, "baedc"},
		{"name", true, "daebc"},
		{"total_capacity", false, "ebacd"},
		{"total_capacity", true, "acbed"},
		{"create_date", false, "bdace"},
		{"create_date", true, "abdce"},
		{"pool_disk_utilization", false, "dcabe"},
		{"pool_disk_utilization", true, "acdbe"},
		{"hostname", true, "abcde"},
	} {
		by, ok := attributeNamed(test.by)
		if !ok {
			t.Fatalf("no attribute %s", test.by)
		}
		rows := append([]zstack.BackupStorage(nil), storages...)
		sortBy(rows, by, test.descending)
		var got string
		for _, s := range rows {
			got += *s.UUID
		}
		if got != test.want {
			t.Errorf("%s, descending %t: got %s, want %s", test.by, test.descending, got, test.want)
		}
	}
}
