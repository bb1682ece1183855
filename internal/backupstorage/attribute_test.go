// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// fill sets all fields of a row to different values, and returns the value that
// the attribute of each must have.
func fill[T any](row *T) map[string]any {
	want := map[string]any{}
	fields := reflect.ValueOf(row).Elem()
	for i := range fields.NumField() {
		name := fields.Type().Field(i).Tag.Get("json")
		switch field := fields.Field(i).Addr().Interface().(type) {
		case **string:
			*field = new("text of " + name)
			want[name] = **field
		case **int64:
			*field = new(int64(1000 + i))
			want[name] = **field
		case **json.Number:
			*field = new(json.Number("0.5"))
			want[name] = **field
		case *[]string:
			*field = []string{"member of " + name}
			want[name] = *field
		case *[]zstack.CephMonitor:
			*field = []zstack.CephMonitor{{MonUUID: new("monitor")}}
			want[name] = *field
		default:
			panic(fmt.Sprintf("a field of type %T", field))
		}
	}
	return want
}

func TestEveryFieldOfTheAPIHasAnAttribute(t *testing.T) {
	t.Run("storage", func(t *testing.T) { expectAllFields(t, attributes) })
	t.Run("monitor", func(t *testing.T) { expectAllFields(t, monitorAttributes) })
}

func expectAllFields[T any](t *testing.T, attributes []Attribute[T]) {
	var row T
	want := fill(&row)
	got := map[string]any{}
	for _, a := range attributes {
		got[a.Field] = a.value(&row)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("API (-) and attributes (+) differ:\n%s", diff)
	}
}

// listType is the type of the list of storages.
func listType(tb testing.TB) tftypes.List {
	tb.Helper()
	list, ok := listSchema("", attributes).GetType().TerraformType(tb.Context()).(tftypes.List)
	if !ok {
		tb.Fatal("no list")
	}
	return list
}

func TestFieldsThatWereNotSentAreNull(t *testing.T) {
	for name, value := range protocolValues(listType(t).ElementType, stateObject(attributes, &zstack.BackupStorage{})) {
		if !value.IsNull() {
			t.Errorf("%s is %s", name, value)
		}
	}
}

func TestEmptyValuesAreNotNull(t *testing.T) {
	empty := zstack.BackupStorage{
		Description: new(""), AvailableCapacity: new(int64(0)), PoolDiskUtilization: new(json.Number("0")), AttachedZoneUUIDs: []string{}, Mons: []zstack.CephMonitor{},
	}
	got := protocolValues(listType(t).ElementType, stateObject(attributes, &empty))
	for _, name := range []string{"description", "available_capacity", "pool_disk_utilization", "attached_zone_uuids", "mons"} {
		if got[name].IsNull() {
			t.Errorf("%s is null", name)
		}
	}
}

func TestSetsAreSortedWithoutDuplicates(t *testing.T) {
	storage := zstack.BackupStorage{AttachedZoneUUIDs: []string{"b", "a", "b", "a"}}
	set := protocolValues(listType(t).ElementType, stateObject(attributes, &storage))["attached_zone_uuids"]
	want := tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, []tftypes.Value{
		tftypes.NewValue(tftypes.String, "a"), tftypes.NewValue(tftypes.String, "b"),
	})
	if !set.Equal(want) {
		t.Errorf("got %s, want %s", set, want)
	}
}

func TestMonitorsAreOrderedByEveryAttribute(t *testing.T) {
	fields := reflect.TypeFor[zstack.CephMonitor]()
	for i := range fields.NumField() {
		var absent, empty, filled zstack.CephMonitor
		fill(&filled)
		for _, m := range []*zstack.CephMonitor{&absent, &empty} {
			*m = filled
			field := reflect.ValueOf(m).Elem().Field(i)
			field.SetZero()
			if m == &empty {
				field.Set(reflect.New(field.Type().Elem()))
			}
		}
		for _, pair := range [][2]zstack.CephMonitor{{absent, empty}, {absent, filled}, {empty, filled}} {
			if compareMonitors(pair[0], pair[1]) != -1 || compareMonitors(pair[1], pair[0]) != 1 {
				t.Errorf("%s does not order monitors", fields.Field(i).Name)
			}
		}
	}
}

func TestMonitorsWithoutUUIDAreOrderedByTheirOtherAttributes(t *testing.T) {
	monitors := []zstack.CephMonitor{
		{Hostname: new("a")},
		{Hostname: new("a"), MonPort: new(int64(6789))},
		{Hostname: new("a"), MonPort: new(int64(6790))},
		{Hostname: new("b"), MonPort: new(int64(1))},
		{MonUUID: new("")},
		{MonUUID: new("1"), Hostname: new("")},
	}
	reversed := slices.Clone(monitors)
	slices.Reverse(reversed)
	if diff := cmp.Diff(monitors, slices.SortedFunc(slices.Values(reversed), compareMonitors)); diff != "" {
		t.Errorf("the order differs (-want +got):\n%s", diff)
	}
}

func TestNamesAreThoseOfTheAPIInSnakeCase(t *testing.T) {
	snake := strings.NewReplacer("Uuid", "_uuid", "vCenter", "vcenter", "sshPort", "ssh_port")
	names := map[string]string{}
	for _, a := range attributes {
		names[a.Field] = a.Name
	}
	for _, a := range monitorAttributes {
		names[a.Field] = a.Name
	}
	for field, name := range names {
		want := snake.Replace(field)
		for c := 'A'; c <= 'Z'; c++ {
			want = strings.ReplaceAll(want, string(c), "_"+strings.ToLower(string(c)))
		}
		if name != want {
			t.Errorf("%s is named %s, want %s", field, name, want)
		}
	}
}

func TestSchemasAreValidAndDescribed(t *testing.T) {
	for _, d := range []datasource.DataSource{NewDataSource(), NewListDataSource()} {
		var resp datasource.SchemaResponse
		d.Schema(context.Background(), datasource.SchemaRequest{}, &resp)
		if diags := resp.Schema.ValidateImplementation(context.Background()); diags.HasError() {
			t.Errorf("%T: %v", d, diags)
		}
		for name, a := range resp.Schema.Attributes {
			if a.GetMarkdownDescription() == "" {
				t.Errorf("%T: %s has no description", d, name)
			}
		}
	}
}
