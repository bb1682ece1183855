// SPDX-License-Identifier: MPL-2.0

package query

import (
	"math"
	"testing"
	"time"
)

func TestLiteralsAreConvertedToTheTypeOfTheColumn(t *testing.T) {
	t.Parallel()
	shanghai := time.FixedZone("", 8*3600)
	written := time.Date(2018, 4, 11, 14, 50, 54, 0, shanghai)
	tests := []struct {
		value   any
		literal string
		want    int
	}{
		{int64(100), "100", 0},
		{int64(1000), "1e3", 0},
		{int64(100), "99.5", 1},
		{int64(100), "100.5x", -1},
		{int64(0), "abc", 0},
		{int64(0), "", 0},
		{int64(5), "0x10", 1},
		{int64(7), " 7", 0},
		{int64(-1), "-1", 0},
		{int64(math.MaxInt64), "9223372036854775807", 0},
		{int64(math.MaxInt64), "9223372036854775806", 1},
		{int64(math.MaxInt64), "9223372036854775808", -1},
		{int64(1), "1e9999", -1},
		{int64(1), "1e-9999", 1},
		{float32(0.5), "0.5", 0},
		{float32(0.333), "0.333", 1}, // the column is a FLOAT, the literal a DOUBLE
		{written, "2018-04-11", 1},
		{written, "2018-4-12", -1},
		{written, "2018-04-11 14:50:54", 0},
		{written, "2018-04-11T14:50:54", 0},
		{written, "Apr 11, 2018 2:50:54 PM", 1}, // the format on the wire is the zero date
		{written, "", 1},
		{"b", "A", 1},
	}
	for _, test := range tests {
		if got := compare(test.value, test.literal, shanghai); got != test.want {
			t.Errorf("compare(%v, %q) = %d, want %d", test.value, test.literal, got, test.want)
		}
	}
}
