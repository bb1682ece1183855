// SPDX-License-Identifier: MPL-2.0

package zstacktest

import (
	"testing"
	"time"
)

func TestSignatureIsTheOneInTheProtocol(t *testing.T) {
	t.Parallel()
	got := sign("wPvRjKnq3VqzbcRBBhQxXwW7Dg0dKyxVp0xNVc8M", "GET", "Mon, 02 Jan 2023 15:04:05 GMT", "/v1/backup-storage")
	if want := "pH1vfvEOulQGXbUPcZSC0dDvJwo="; got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
}

func TestDateHeaderReadsTheZonesJavaReads(t *testing.T) {
	t.Parallel()
	offsets := map[string]time.Duration{
		"GMT": 0, "UTC": 0, "Z": 0, "CST": 8 * time.Hour, "PRC": 8 * time.Hour, "EST": -5 * time.Hour, "ICT": 7 * time.Hour,
		"MMT": 6*time.Hour + 30*time.Minute, "Asia/Shanghai": 8 * time.Hour, "GMT+08:00": 8 * time.Hour,
		"+08:00": 8 * time.Hour, "-03:30": -(3*time.Hour + 30*time.Minute),
	}
	for name, offset := range offsets {
		wall, zone, ok := parseDate("Mon, 02 Jan 2023 15:04:05 " + name)
		if !ok {
			t.Errorf("zone %s is rejected", name)
			continue
		}
		want := time.Date(2023, 1, 2, 15, 4, 5, 0, time.UTC).Add(-offset)
		if got := digits(wall, zone); !got.Equal(want) {
			t.Errorf("zone %s: %s, want %s", name, got.UTC(), want)
		}
	}
}

func TestDateHeaderOfAnotherFormIsRejected(t *testing.T) {
	t.Parallel()
	for _, header := range []string{
		"Mon, 02 Jan 2023 15:04:05 +0800", "Mon, 02 Jan 2023 15:04:05 +08", "Mon, 02 Jan 2023 15:04:05 -03",
		"Mon, 02 Jan 2023 15:04:05 GMT+8", "Mon, 02 Jan 2023 15:04:05 Local", "Mon, 02 Jan 2023 15:04:05 ",
		"Mon, 02 Jan 2023 15:04:05", "Tue, 02 Jan 2023 15:04:05 GMT", "Mon, 2 Jan 2023 15:04:05 GMT",
		"Mon, 32 Jan 2023 15:04:05 GMT", "2023-01-02T15:04:05Z", "x",
	} {
		if _, _, ok := parseDate(header); ok {
			t.Errorf("%q is accepted", header)
		}
	}
	if _, _, ok := parseDate("mon, 02 JAN 2023 15:04:05 GMT"); !ok {
		t.Error("the date is case-sensitive")
	}
}
