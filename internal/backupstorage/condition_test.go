// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// sample has one attribute of every kind.
var sample = zstack.BackupStorage{
	Name:                new("Store"),
	CreateDate:          new("Apr 11, 2018 2:50:54 PM"),
	TotalCapacity:       new(int64(math.MaxInt64)),
	AvailableCapacity:   new(int64(0)),
	PoolDiskUtilization: new(0.333),
	AttachedZoneUUIDs:   []string{"zone-1", "zone-2"},
}

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

		{"pool_disk_utilization", "=", "0.333", true},
		{"pool_disk_utilization", "=", "333e-3", true},
		{"pool_disk_utilization", "=", "0.33300000001", false},
		{"pool_disk_utilization", "!=", "0.3", true},
		{"pool_disk_utilization", "<", ".34", true},
		{"pool_disk_utilization", ">=", "0.334", false},

		{"attached_zone_uuids", "=", "zone-2", true},
		{"attached_zone_uuids", "=", "zone-3|zone-1", true},
		{"attached_zone_uuids", "=", "zone-3", false},
		{"attached_zone_uuids", "!=", "zone-2", false},
		{"attached_zone_uuids", "!=", "zone-3", true},

		// A null meets nothing but !=.
		{"description", "=", "x", false},
		{"description", "!=", "x", true},
		{"url", "=", "null", false},
		{"last_op_date", "=", "x", false},
		{"last_op_date", "!=", "x", true},
		{"ssh_port", "=", "0", false},
		{"ssh_port", "!=", "0", true},
		{"ssh_port", "<", "1", false},
		{"ssh_port", "<=", "1", false},
		{"ssh_port", ">", "-1", false},
		{"ssh_port", ">=", "-1", false},
	} {
		c, err := newCondition(test.attribute, test.operator, strings.Split(test.values, "|")...)
		if err != nil {
			t.Errorf("%s %s %s: %v", test.attribute, test.operator, test.values, err)
			continue
		}
		if got := c.matches(&sample); got != test.want {
			t.Errorf("%s: got %t, want %t", c, got, test.want)
		}
	}
}

func TestAnAbsentSetOrDecimalMeetsOnlyTheNegative(t *testing.T) {
	for operator, want := range map[string]bool{"=": false, "!=": true} {
		for name, value := range map[string]string{"attached_zone_uuids": "zone", "pool_disk_utilization": "0", "name": "x"} {
			c, err := newCondition(name, operator, value)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.matches(&zstack.BackupStorage{}); got != want {
				t.Errorf("%s: got %t, want %t", c, got, want)
			}
		}
	}
}

func TestValuesThatAreNoNumbersAreRefused(t *testing.T) {
	for _, value := range []string{"", " 1", "1 ", "1.0", "1e3", "0x10", "1_000", "ten", "9223372036854775808", "-9223372036854775809", "１"} {
		if _, err := newCondition("total_capacity", "=", value); err == nil {
			t.Errorf("%q passed for an integer", value)
		}
	}
	for _, value := range []string{"", " 1", ".", "1e", "0x1p-2", "1_000.5", "Inf", "-inf", "NaN", "1e999", "0,5"} {
		if _, err := newCondition("pool_disk_utilization", "=", value); err == nil {
			t.Errorf("%q passed for a decimal", value)
		}
	}
}

func TestConditionsReachTheClientWithWireNamesAndCanonicalNumbers(t *testing.T) {
	for _, test := range []struct {
		attribute, operator string
		values              []string
		want                zstack.Condition
	}{
		{"available_capacity", ">=", []string{"+007"}, zstack.Condition{Field: "availableCapacity", Operator: ">=", Values: []string{"7"}}},
		{"name", "~=", []string{`a\%`}, zstack.Condition{Field: "name", Operator: "~=", Values: []string{`a\%`}}},
		{"vcenter_uuid", "!=", []string{"a", "b"}, zstack.Condition{Field: "vCenterUuid", Operator: "!=", Values: []string{"a", "b"}}},
		{"attached_zone_uuids", "=", []string{"z"}, zstack.Condition{Field: "attachedZoneUuids", Operator: "=", Values: []string{"z"}}},
	} {
		c, err := newCondition(test.attribute, test.operator, test.values...)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, c.wire()); diff != "" {
			t.Errorf("%s differs:\n%s", c, diff)
		}
	}
}

func TestSeveralConditionsAllApply(t *testing.T) {
	storages := []zstack.BackupStorage{
		{UUID: new("a"), TotalCapacity: new(int64(1))},
		{UUID: new("b"), TotalCapacity: new(int64(5))},
		{UUID: new("c"), TotalCapacity: new(int64(9))},
		{UUID: new("d")},
	}
	above, _ := newCondition("total_capacity", ">", "1")
	below, _ := newCondition("total_capacity", "<", "9")
	for _, test := range []struct {
		conditions []condition
		want       string
	}{
		{nil, "abcd"},
		{[]condition{above}, "bc"},
		{[]condition{above, below}, "b"},
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
