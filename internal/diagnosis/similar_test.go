// SPDX-License-Identifier: MPL-2.0

package diagnosis

import "testing"

func TestAMisspeltNameIsCorrected(t *testing.T) {
	names := []string{"uuid", "name", "type", "status", "state", "available_capacity", "total_capacity", "vcenter_uuid", "ZSTACK_ACCOUNT_PASSWORD"}
	for misspelt, want := range map[string]string{
		"availableCapacity":       "available_capacity",
		"AvailableCapacity":       "available_capacity",
		"available-capacity":      "available_capacity",
		"available_capasity":      "available_capacity",
		"vCenterUuid":             "vcenter_uuid",
		"naem":                    "name",
		"Name":                    "name",
		"stauts":                  "status",
		"ZSTACK_ACCOUNT_PASSWROD": "ZSTACK_ACCOUNT_PASSWORD",
		"avail_capacity":          "available_capacity",
		"availCapacity":           "available_capacity",
		"stat":                    "status or state",
		"zone":                    "",
		"x":                       "",
		"":                        "",
		"ssh":                     "",
	} {
		if want != "" {
			want = "Did you mean " + want + "?"
		}
		if got := DidYouMean(misspelt, names); got != want {
			t.Errorf("%q: got %q, want %q", misspelt, got, want)
		}
	}
}

func TestDistanceCountsCharacters(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"abc", "abc", 0},
		{"abc", "acb", 1},
		{"abc", "bcd", 2},
		{"镜像", "镜", 1},
		{"kitten", "sitting", 3},
	} {
		if got := Distance(test.a, test.b); got != test.want {
			t.Errorf("%q, %q: got %d, want %d", test.a, test.b, got, test.want)
		}
		if got := Distance(test.b, test.a); got != test.want {
			t.Errorf("%q, %q: got %d, want %d", test.b, test.a, got, test.want)
		}
	}
}
