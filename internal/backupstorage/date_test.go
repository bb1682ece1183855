// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"testing"
	"time"
)

func TestDatesOfEveryJavaAreRead(t *testing.T) {
	afternoon := time.Date(2018, time.April, 11, 14, 50, 54, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"Apr 11, 2018 2:50:54 PM":            afternoon,
		"Apr 11, 2018, 2:50:54 PM":           afternoon,
		"Apr 11, 2018, 2:50:54\u202fPM":      afternoon,
		"Apr 11, 2018,\u00a02:50:54\u00a0PM": afternoon,
		"Jan 2, 2020 12:00:00 AM":            time.Date(2020, time.January, 2, 0, 0, 0, 0, time.UTC),
		"Jan 2, 2020 12:00:01 PM":            time.Date(2020, time.January, 2, 12, 0, 1, 0, time.UTC),
	} {
		if got, ok := parseDate(text); !ok || !got.Equal(want) {
			t.Errorf("%q: got %s, %t, want %s", text, got, ok, want)
		}
	}
}

func TestWhatIsNoDateIsNotRead(t *testing.T) {
	for _, text := range []string{"", "now", "2018-04-11 14:50:54", "Apr 31, 2018 2:50:54 PM", "Apr 11, 2018 14:50:54", "Apr 11, 2018 2:50:54 PM GMT"} {
		if got, ok := parseDate(text); ok {
			t.Errorf("%q: got %s", text, got)
		}
	}
}

// FuzzDate holds that a date survives being written in each of the spellings,
// and that no text makes the reader panic.
func FuzzDate(f *testing.F) {
	f.Add("Apr 11, 2018 2:50:54 PM", int64(1523458254))
	f.Add("Jan 2, 2020, 12:00:00\u202fAM", int64(0))
	f.Add("Feb 29, 2024, 1:02:03 AM", int64(-62135596800))
	f.Fuzz(func(t *testing.T, text string, seconds int64) {
		parseDate(text)
		const year10000 = 253402300800
		date := time.Unix(seconds%year10000, 0).UTC()
		if date.Year() < 1 {
			return
		}
		for _, layout := range []string{dateLayouts[0], dateLayouts[1], "Jan 2, 2006, 3:04:05\u202fPM"} {
			if got, ok := parseDate(date.Format(layout)); !ok || !got.Equal(date) {
				t.Errorf("%q: got %s, %t", date.Format(layout), got, ok)
			}
		}
	})
}
