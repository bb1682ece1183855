// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"testing"
	"time"
)

func TestSignatureIsTheOneThatTheServerComputes(t *testing.T) {
	got := sign("wPvRjKnq3VqzbcRBBhQxXwW7Dg0dKyxVp0xNVc8M", "GET", "Mon, 02 Jan 2023 15:04:05 GMT", "/v1/backup-storage")
	if want := "pH1vfvEOulQGXbUPcZSC0dDvJwo="; got != want {
		t.Errorf("the signature is %s, want %s", got, want)
	}
}

func TestDateHasTheTimeAndTheOffsetOfTheZone(t *testing.T) {
	instant := time.Date(2023, time.January, 2, 15, 4, 5, 999, time.UTC)
	for want, offset := range map[string]int{
		"Mon, 02 Jan 2023 15:04:05 GMT":       0,
		"Mon, 02 Jan 2023 23:04:05 GMT+08:00": 8 * 60 * 60,
		"Mon, 02 Jan 2023 20:34:05 GMT+05:30": (5*60 + 30) * 60,
		"Mon, 02 Jan 2023 20:49:05 GMT+05:45": (5*60 + 45) * 60,
		"Mon, 02 Jan 2023 11:34:05 GMT-03:30": -(3*60 + 30) * 60,
		"Mon, 02 Jan 2023 10:04:05 GMT-05:00": -5 * 60 * 60,
		"Tue, 03 Jan 2023 05:04:05 GMT+14:00": 14 * 60 * 60,
		"Mon, 02 Jan 2023 03:04:05 GMT-12:00": -12 * 60 * 60,
	} {
		if got := signatureDate(instant.In(time.FixedZone("any", offset))); got != want {
			t.Errorf("with an offset of %d s the date is %q, want %q", offset, got, want)
		}
	}
}
