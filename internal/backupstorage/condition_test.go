// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// sample has an attribute of every kind.
var sample = zstack.BackupStorage{
	Name:                new("Store"),
	CreateDate:          new("Apr 11, 2018 2:50:54 PM"),
	TotalCapacity:       new(int64(math.MaxInt64)),
	AvailableCapacity:   new(int64(0)),
	SSHPort:             new(int64(2)),
	PoolDiskUtilization: new(json.Number("0.333")),
	AttachedZoneUUIDs:   []string{zone1, zone2},
}

const (
	zone1 = "11111111111111111111111111111111"
	zone2 = "22222222222222222222222222222222"
	zone3 = "33333333333333333333333333333333"
)

func TestConditionsMatchExactly(t *testing.T) {
	for _, test := range []struct {
		attribute, operator string
		values              string // separated by |
		want                bool
	}{
		{"name", "=", "Store", true},
		{"name", "=", "store", false},
		{"name", "=", "Store ", false},
		{"name", "=", "other|Store", true},
		{"name", "!=", "Store", false},
		{"name", "!=", "other|Store", false},
		{"name", "!=", "store|other", true},
		{"name", "~=", "s%E", true},
		{"name", "~=", "s%x", false},

		{"create_date", "=", "Apr 11, 2018 2:50:54 PM", true},
		{"create_date", "=", "Apr 11, 2018, 2:50:54 PM", false},
		{"create_date", "!=", "Apr 11, 2018, 2:50:54 PM", true},

		{"total_capacity", "=", "9223372036854775807", true},
		{"total_capacity", "=", "9223372036854775806", false},
		{"total_capacity", "=", "+9223372036854775807", true},
		{"total_capacity", "!=", "9223372036854775806", true},
		{"total_capacity", ">", "9223372036854775806", true},
		{"total_capacity", ">", "9223372036854775807", false},
		{"total_capacity", ">=", "9223372036854775807", true},
		{"total_capacity", "<", "9223372036854775807", false},
		{"total_capacity", "<=", "9223372036854775807", true},
		{"total_capacity", ">", "9", true},
		{"available_capacity", "=", "000", true},
		{"available_capacity", "<", "1", true},
		{"available_capacity", "<", "-1", false},

		// A fraction is compared exactly.
		{"ssh_port", "<", "2.5", true},
		{"ssh_port", "<", "2.0", false},
		{"ssh_port", "<=", "2.0", true},
		{"ssh_port", "<=", "1.9", false},
		{"ssh_port", ">", "1.5", true},
		{"ssh_port", ">", "2.000", false},
		{"ssh_port", ">=", "2.1", false},
		{"ssh_port", ">=", "2.", true},
		{"available_capacity", "<", "0.1", true},
		{"available_capacity", "<=", ".1", true},
		{"available_capacity", ">", "0.1", false},
		{"available_capacity", ">", "-0.1", true},
		{"available_capacity", "<", "-0.1", false},
		{"available_capacity", ">=", "-0.0", true},
		{"total_capacity", ">=", "9223372036854775806.5", true},
		{"total_capacity", "<=", "9223372036854775806.5", false},
		{"total_capacity", ">", "-9223372036854775807.5", true},

		{"pool_disk_utilization", "=", "0.333", true},
		{"pool_disk_utilization", "=", "333e-3", true},
		{"pool_disk_utilization", "=", "0.33300000001", false},
		{"pool_disk_utilization", "!=", "0.3", true},
		{"pool_disk_utilization", "<", ".34", true},
		{"pool_disk_utilization", ">=", "0.334", false},

		{"attached_zone_uuids", "=", zone2, true},
		{"attached_zone_uuids", "=", zone3 + "|" + zone1, true},
		{"attached_zone_uuids", "=", zone3, false},
		{"attached_zone_uuids", "!=", zone2, false},
		{"attached_zone_uuids", "!=", zone3, true},

		// A null attribute matches only !=.
		{"description", "=", "x", false},
		{"description", "!=", "x", true},
		{"url", "=", "null", false},
		{"last_op_date", "=", "x", false},
		{"last_op_date", "!=", "x", true},
		{"pool_used_capacity", "=", "0", false},
		{"pool_used_capacity", "!=", "0", true},
		{"pool_used_capacity", "<", "1", false},
		{"pool_used_capacity", "<=", "1", false},
		{"pool_used_capacity", ">", "-1", false},
		{"pool_used_capacity", ">=", "-1", false},
	} {
		c, err := ParseCondition(test.attribute, test.operator, strings.Split(test.values, "|")...)
		if err != nil {
			t.Errorf("%s %s %s: %v", test.attribute, test.operator, test.values, err)
			continue
		}
		if got := c.Matches(&sample); got != test.want {
			t.Errorf("%s: got %t, want %t", c, got, test.want)
		}
	}
}

func TestANullAttributeMatchesOnlyTheNegativeOperator(t *testing.T) {
	for operator, want := range map[string]bool{"=": false, "!=": true} {
		for name, value := range map[string]string{"attached_zone_uuids": zone1, "pool_disk_utilization": "0", "name": "x"} {
			c, err := ParseCondition(name, operator, value)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.Matches(&zstack.BackupStorage{}); got != want {
				t.Errorf("%s: got %t, want %t", c, got, want)
			}
		}
	}
}

func TestAConditionThatCannotMatchIsAnError(t *testing.T) {
	const between = "a number between -9223372036854775808 and 9223372036854775807, got "
	const isUUID = "a ZStack UUID (32 lower-case hexadecimal digits without dashes), got "
	for _, test := range []struct {
		attribute, operator, value string
		want                       string // the end of the error
	}{
		{"total_capacity", "=", "", `bytes in digits, such as 500 * pow(1024, 3), got ""`},
		{"total_capacity", "=", ".", `bytes in digits, such as 500 * pow(1024, 3), got "."`},
		{"total_capacity", "=", " 1", `bytes in digits, such as 500 * pow(1024, 3), got " 1"`},
		{"total_capacity", "=", "1\n", `bytes in digits, such as 500 * pow(1024, 3), got "1\n"`},
		{"total_capacity", "<", "1e3", `bytes in digits, such as 500 * pow(1024, 3), got "1e3"`},
		{"total_capacity", "<", "1.5e3", `bytes in digits, such as 500 * pow(1024, 3), got "1.5e3"`},
		{"available_capacity", ">", "500G", `bytes in digits, such as 500 * pow(1024, 3), got "500G"`},
		{"pool_used_capacity", ">", "500 GiB", `bytes in digits, such as 500 * pow(1024, 3), got "500 GiB"`},
		{"pool_available_capacity", ">", "0x10", `bytes in digits, such as 500 * pow(1024, 3), got "0x10"`},
		{"total_capacity", ">", "1_000", `bytes in digits, such as 500 * pow(1024, 3), got "1_000"`},
		{"total_capacity", ">", "1.2.3", `bytes in digits, such as 500 * pow(1024, 3), got "1.2.3"`},
		{"total_capacity", ">", "１", `bytes in digits, such as 500 * pow(1024, 3), got "１"`},
		{"ssh_port", "=", "ten", `a whole number in digits, got "ten"`},
		{"ssh_port", "=", "1.0", `a whole number, got "1.0"; fractions can be used with "<", "<=", ">" and ">="`},
		{"total_capacity", "!=", "322122547.2", `a whole number, got "322122547.2"; fractions can be used with "<", "<=", ">" and ">="`},
		{"total_capacity", "=", "9223372036854775808", between + `"9223372036854775808"`},
		{"total_capacity", "<", "-9223372036854775809", between + `"-9223372036854775809"`},
		{"total_capacity", "<", "9223372036854775807.5", between + `"9223372036854775807.5"`},
		{"total_capacity", ">", "-9223372036854775808.5", between + `"-9223372036854775808.5"`},

		{"pool_disk_utilization", "=", "85%", `a decimal number such as 0.85, got "85%"`},
		{"pool_disk_utilization", "=", "", `a decimal number such as 0.85, got ""`},
		{"pool_disk_utilization", "=", "1e", `a decimal number such as 0.85, got "1e"`},
		{"pool_disk_utilization", "=", "0x1p-2", `a decimal number such as 0.85, got "0x1p-2"`},
		{"pool_disk_utilization", "=", "1_000.5", `a decimal number such as 0.85, got "1_000.5"`},
		{"pool_disk_utilization", "=", "-inf", `a decimal number such as 0.85, got "-inf"`},
		{"pool_disk_utilization", "=", "NaN", `a decimal number such as 0.85, got "NaN"`},
		{"pool_disk_utilization", "=", "1e999", `a decimal number such as 0.85, got "1e999"`},
		{"pool_disk_utilization", "=", "0,5", `a decimal number such as 0.85, got "0,5"`},

		{"uuid", "=", "x", isUUID + `"x"`},
		{"uuid", "!=", "1AB3B836A88342E1BBC1B1A17D092F0F", isUUID + `"1AB3B836A88342E1BBC1B1A17D092F0F"; use "1ab3b836a88342e1bbc1b1a17d092f0f"`},
		{"vcenter_uuid", "=", "1ab3b836-a883-42e1-bbc1-b1a17d092f0f", isUUID + `"1ab3b836-a883-42e1-bbc1-b1a17d092f0f"; use "1ab3b836a88342e1bbc1b1a17d092f0f"`},
		{"oss_bucket_uuid", "!=", " 1ab3b836a88342e1bbc1b1a17d092f0f", isUUID + `" 1ab3b836a88342e1bbc1b1a17d092f0f"; use "1ab3b836a88342e1bbc1b1a17d092f0f"`},
		{"attached_zone_uuids", "=", "1ab3b836a88342e1bbc1b1a17d092f0f\n", isUUID + `"1ab3b836a88342e1bbc1b1a17d092f0f\n"; use "1ab3b836a88342e1bbc1b1a17d092f0f"`},
		{"attached_zone_uuids", "!=", "\u00a0{1AB3B836-a883-42e1-bbc1-b1a17d092f0f}", `use "1ab3b836a88342e1bbc1b1a17d092f0f"`},

		{"status", "=", "connected", `"Connected" exactly, got "connected"`},
		{"status", "!=", "Disconnected ", `"Disconnected" exactly, got "Disconnected "`},
		{"state", "=", "DISABLED\n", `"Disabled" exactly, got "DISABLED\n"`},
		{"type", "!=", "sftpbackupstorage", `"SftpBackupStorage" exactly, got "sftpbackupstorage"`},
		{"type", "=", "CephBackupStorage", `"Ceph" (the server's name of this type), got "CephBackupStorage"`},
		{"type", "=", " cephbackupstorage", `"Ceph" (the server's name of this type), got " cephbackupstorage"`},

		{"name", "<", "x", `"<" compares numbers, but name is not a number. Use "=" or "!=", or one of the attributes ` +
			strings.Join(attributeNames(numeric...), ", ")},
		{"name", "==", "x", `"==" is not an operator. The operators are: "` + strings.Join(operators, `", "`) + `"`},
		{"hostname", "~=", "x", `"~=" is not an operator. The operators are: "` + strings.Join(operators, `", "`) + `"`},
		{"ssh_port", ">", "1|2", `">" compares with exactly one value, got 2`},
	} {
		_, err := ParseCondition(test.attribute, test.operator, strings.Split(test.value, "|")...)
		if err == nil || !strings.HasSuffix(err.Error(), test.want) {
			t.Errorf("%s %s %q: got %v", test.attribute, test.operator, test.value, err)
		}
	}
}

func TestAMisspeltAttributeIsCorrected(t *testing.T) {
	for name, want := range map[string]string{
		"availableCapacity": `must be the name of an attribute, got "availableCapacity". Did you mean available_capacity? The attributes are: uuid, name, `,
		"vCenterUuid":       `must be the name of an attribute, got "vCenterUuid". Did you mean vcenter_uuid? The attributes are: uuid, name, `,
		"stauts":            `must be the name of an attribute, got "stauts". Did you mean status? The attributes are: uuid, name, `,
		"avail_capacity":    `Did you mean available_capacity? The`,
		"capacity":          `Did you mean total_capacity or available_capacity? The`,
		"size":              `Did you mean total_capacity or available_capacity? The`,
		"zone_uuid":         `Did you mean attached_zone_uuids, or the argument zone_uuid? The`,
		"zoneUuid":          `Did you mean attached_zone_uuids, or the argument zone_uuid? The`,
		"zone":              `Did you mean attached_zone_uuids, or the argument zone_uuid? The`,
		"mons":              `must be the name of an attribute, got "mons". The attributes are: uuid, name, `,
	} {
		if _, err := ParseCondition(name, "=", "x"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestValuesOfLaterReleasesAreAccepted(t *testing.T) {
	for name, value := range map[string]string{"type": "Tomorrow", "state": "PreMaintenance", "status": "Unknown"} {
		if _, err := ParseCondition(name, "=", value); err != nil {
			t.Error(err)
		}
	}
}

func TestAFractionIsSentAsTheEqualComparisonOfIntegers(t *testing.T) {
	for _, test := range []struct{ operator, value, want string }{
		{"<", "2.5", "<= 2"},
		{"<=", "2.5", "<= 2"},
		{">", "2.5", ">= 3"},
		{">=", "2.5", ">= 3"},
		{"<", "-2.5", "<= -3"},
		{">", "-2.5", ">= -2"},
		{"<", "+2.0", "< 2"},
		{">=", "322122547.2", ">= 322122548"},
		{"<", "322122547.2", "<= 322122547"},
		{">", "0." + strings.Repeat("3", 154), ">= 1"},
		{">", strings.Repeat("0", 1000) + "7.0", "> 7"},
		{"<", "9223372036854775806.9", "<= 9223372036854775806"},
	} {
		c, err := ParseCondition("available_capacity", test.operator, test.value)
		if err != nil {
			t.Fatal(err)
		}
		condition := c.ClientCondition()
		if got := condition.Operator + " " + strings.Join(condition.Values, ","); got != test.want {
			t.Errorf("%s: got %s, want %s", c, got, test.want)
		}
		if want := "available_capacity " + test.operator + " " + test.value; c.String() != want {
			t.Errorf("a message shows %s, want %s", c, want)
		}
	}
}

func TestAttributesCanBeComparedWithTheirOwnValues(t *testing.T) {
	for _, a := range Attributes() {
		values := a.Values(&sample)
		for _, operator := range a.Operators() {
			if len(values) == 0 || operator == "!=" || operator == "<" || operator == ">" {
				continue
			}
			if c, err := ParseCondition(a.Name, operator, values[0]); err != nil || !c.Matches(&sample) {
				t.Errorf("%s does not match %s: %v", c, values, err)
			}
		}
	}
}

func TestConditionsForTheClientHaveAPINamesAndCanonicalNumbers(t *testing.T) {
	for _, test := range []struct {
		attribute, operator string
		values              []string
		want                zstack.Condition
	}{
		{"available_capacity", ">=", []string{"+007"}, zstack.Condition{Field: "availableCapacity", Operator: ">=", Values: []string{"7"}}},
		{"name", "~=", []string{`a\%`}, zstack.Condition{Field: "name", Operator: "~=", Values: []string{`a\%`}}},
		{"vcenter_uuid", "!=", []string{zone1, zone2}, zstack.Condition{Field: "vCenterUuid", Operator: "!=", Values: []string{zone1, zone2}}},
		{"attached_zone_uuids", "=", []string{zone1}, zstack.Condition{Field: "attachedZoneUuids", Operator: "=", Values: []string{zone1}}},
	} {
		c, err := ParseCondition(test.attribute, test.operator, test.values...)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, c.ClientCondition()); diff != "" {
			t.Errorf("%s differs:\n%s", c, diff)
		}
	}
}

func TestAllConditionsMustMatch(t *testing.T) {
	storages := []zstack.BackupStorage{
		{UUID: new("a"), TotalCapacity: new(int64(1))},
		{UUID: new("b"), TotalCapacity: new(int64(5))},
		{UUID: new("c"), TotalCapacity: new(int64(9))},
		{UUID: new("d")},
	}
	above, _ := ParseCondition("total_capacity", ">", "1")
	below, _ := ParseCondition("total_capacity", "<", "9")
	for _, test := range []struct {
		conditions []Condition
		want       string
	}{
		{nil, "abcd"},
		{[]Condition{above}, "bc"},
		{[]Condition{above, below}, "b"},
	} {
		var got string
		for _, s := range matching(storages, test.conditions) {
			got += *s.UUID
		}
		if got != test.want {
			t.Errorf("%v: got %q, want %q", test.conditions, got, test.want)
		}
	}
}
