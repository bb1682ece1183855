// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
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
	for name, value := range objectValues(listType(t).ElementType, attributes, &zstack.BackupStorage{}) {
		if !value.IsNull() {
			t.Errorf("%s is %s", name, value)
		}
	}
}

func TestEmptyValuesAreNotNull(t *testing.T) {
	empty := zstack.BackupStorage{
		Description: new(""), AvailableCapacity: new(int64(0)), PoolDiskUtilization: new(json.Number("0")), AttachedZoneUUIDs: []string{}, Mons: []zstack.CephMonitor{},
	}
	got := objectValues(listType(t).ElementType, attributes, &empty)
	for _, name := range []string{"description", "available_capacity", "pool_disk_utilization", "attached_zone_uuids", "mons"} {
		if got[name].IsNull() {
			t.Errorf("%s is null", name)
		}
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
