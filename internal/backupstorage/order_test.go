// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

func TestSortingPutsNullsLastAndTiesByUUID(t *testing.T) {
	storages := []zstack.BackupStorage{
		{UUID: new("a"), Name: new("b"), TotalCapacity: new(int64(10)), CreateDate: new("Jan 2, 2020 12:00:00 AM"), PoolDiskUtilization: new(json.Number("0.5"))},
		{UUID: new("b"), Name: new("B"), TotalCapacity: new(int64(9)), CreateDate: new("Dec 13, 2019, 7:32:49 PM")},
		{UUID: new("c"), TotalCapacity: new(int64(10)), CreateDate: new("sometime"), PoolDiskUtilization: new(json.Number("0.25"))},
		{UUID: new("d"), Name: new("ä"), CreateDate: new("Dec 13, 2019, 7:32:49\u202fPM"), PoolDiskUtilization: new(json.Number("1e-5"))},
		{UUID: new("e"), Name: new("b"), TotalCapacity: new(int64(-1))},
	}
	for _, test := range []struct {
		by         string
		descending bool
		want       string
	}{
		{"", false, "abcde"},
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
		for range storages { // in whatever order the server sends them
			storages = append(storages[1:], storages[0])
			if got := strings.Join(sorted(t, storages, test.by, test.descending), ""); got != test.want {
				t.Errorf("%s, descending %t: got %s, want %s", test.by, test.descending, got, test.want)
			}
		}
	}
}

// sorted returns the UUIDs of the storages in the order of the list.
func sorted(t *testing.T, storages []zstack.BackupStorage, by string, descending bool) []string {
	t.Helper()
	attribute, _ := attributeNamed(by)
	rows := listRows{listType: listType(t), sortBy: attribute}
	for i := range storages {
		rows.add(&storages[i])
	}
	rows.sort(descending)
	var uuids []string
	for _, row := range rows.rows {
		uuids = append(uuids, row.uuid)
	}
	return uuids
}

func TestDatesOfEveryJavaVersionAreParsed(t *testing.T) {
	afternoon := time.Date(2018, time.April, 11, 14, 50, 54, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"Apr 11, 2018 2:50:54 PM":            afternoon,
		"Apr 11, 2018, 2:50:54 PM":           afternoon,
		"Apr 11, 2018, 2:50:54\u202fPM":      afternoon,
		"Apr 11, 2018,\u00a02:50:54\u00a0PM": afternoon,
		"Jan 2, 2020 12:00:00 AM":            time.Date(2020, time.January, 2, 0, 0, 0, 0, time.UTC),
		"Jan 2, 2020 12:00:01 PM":            time.Date(2020, time.January, 2, 12, 0, 1, 0, time.UTC),
	} {
		if got, ok := ParseDate(text); !ok || !got.Equal(want) {
			t.Errorf("%q: got %s, %t, want %s", text, got, ok, want)
		}
	}
}

func TestTextThatIsNotADateIsNotParsed(t *testing.T) {
	for _, text := range []string{"", "now", "2018-04-11 14:50:54", "Apr 31, 2018 2:50:54 PM", "Apr 11, 2018 14:50:54", "Apr 11, 2018 2:50:54 PM GMT"} {
		if got, ok := ParseDate(text); ok {
			t.Errorf("%q: got %s", text, got)
		}
	}
}

// FuzzDate tests that a date in each of the formats is parsed to the same date, and
// that no text makes the parser panic.
func FuzzDate(f *testing.F) {
	f.Add("Apr 11, 2018 2:50:54 PM", int64(1523458254))
	f.Add("Jan 2, 2020, 12:00:00\u202fAM", int64(0))
	f.Add("Feb 29, 2024, 1:02:03 AM", int64(-62135596800))
	f.Fuzz(func(t *testing.T, text string, seconds int64) {
		ParseDate(text)
		const year10000 = 253402300800
		date := time.Unix(seconds%year10000, 0).UTC()
		if date.Year() < 1 {
			return
		}
		for _, layout := range []string{dateLayouts[0], dateLayouts[1], "Jan 2, 2006, 3:04:05\u202fPM"} {
			if got, ok := ParseDate(date.Format(layout)); !ok || !got.Equal(date) {
				t.Errorf("%q: got %s, %t", date.Format(layout), got, ok)
			}
		}
	})
}
