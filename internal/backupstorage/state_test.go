// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/zstackio/terraform-provider-zstack/internal/passthrough"
	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// listReader is a protocol server that sets the rows of zstack_backup_storages
// and does nothing else.
type listReader struct {
	tfprotov6.ProviderServer
	t        *testing.T
	storages []zstack.BackupStorage
}

func (r *listReader) ReadDataSource(ctx context.Context, _ *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	var schema datasource.SchemaResponse
	NewListDataSource().Schema(ctx, datasource.SchemaRequest{}, &schema)
	stateType, _ := schema.Schema.Type().TerraformType(ctx).(tftypes.Object)
	configured := map[string]tftypes.Value{}
	for name, attributeType := range stateType.AttributeTypes {
		configured[name] = tftypes.NewValue(attributeType, nil)
	}
	state := tfsdk.State{Schema: schema.Schema, Raw: tftypes.NewValue(stateType, configured)}
	rows := newListRows(ctx, &state, "backup_storages", storageAttribute{})
	for i := range r.storages {
		rows.add(&r.storages[i])
	}
	if diags := rows.set(ctx, &state); diags.HasError() {
		r.t.Fatal(diags)
	}
	encoded, err := tfprotov6.NewDynamicValue(stateType, state.Raw)
	return &tfprotov6.ReadDataSourceResponse{State: &encoded}, err
}

// checkBothPaths compares the encoded state of rows that go through the
// framework and of rows that bypass it.
func checkBothPaths(t *testing.T, storages []zstack.BackupStorage) {
	t.Helper()
	framework := &listReader{t: t, storages: storages}
	var encoded [2][]byte
	for i, server := range []tfprotov6.ProviderServer{framework, passthrough.NewServer(framework)} {
		response, err := server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{})
		if err != nil {
			t.Fatal(err)
		}
		encoded[i] = response.State.MsgPack
	}
	if diff := cmp.Diff(encoded[0], encoded[1]); diff != "" {
		t.Errorf("the state differs (-through the framework +bypassing it):\n%s", diff)
	}
}

func TestRowsThatBypassTheFrameworkAreTheSame(t *testing.T) {
	full := zstack.BackupStorage{
		UUID: new("0bb6cd61977677c98d8e3449e44edab1"), Name: new("<prod> & \"backup\"\n"), Description: new(""),
		TotalCapacity: new(int64(math.MaxInt64)), AvailableCapacity: new(int64(-1)), SSHPort: new(int64(22)),
		PoolDiskUtilization: new(json.Number("0.333")), AttachedZoneUUIDs: []string{"b", "a", "b"},
		Mons: []zstack.CephMonitor{{MonUUID: new("2")}, {MonUUID: new("1"), MonPort: new(int64(6789))}, {}},
	}
	for name, storages := range map[string][]zstack.BackupStorage{
		"no row":    nil,
		"null":      {{}},
		"empty":     {{AttachedZoneUUIDs: []string{}, Mons: []zstack.CephMonitor{}, PoolDiskUtilization: new(json.Number("0"))}},
		"full":      {full, {}, full},
		"1000 rows": make([]zstack.BackupStorage, 1000),
	} {
		t.Run(name, func(t *testing.T) { checkBothPaths(t, storages) })
	}
}

func FuzzRows(f *testing.F) {
	f.Add("image-store", int64(1), 0.333, "zone", true)
	f.Add("\xff\u202f\\", int64(math.MinInt64), 1e-300, "", false)
	f.Add("", int64(1)<<53+1, 1e300, "a", true)
	f.Fuzz(func(t *testing.T, content string, number int64, ratio float64, member string, set bool) {
		if math.IsNaN(ratio) || math.IsInf(ratio, 0) {
			return // JSON has no such number.
		}
		storage := zstack.BackupStorage{UUID: &content, TotalCapacity: &number, PoolDiskUtilization: new(json.Number(fmt.Sprint(ratio)))}
		if set {
			storage.AttachedZoneUUIDs = []string{member, content, member}
			storage.Mons = []zstack.CephMonitor{{Hostname: &member, SSHPort: &number}, {MonUUID: &content}}
		}
		checkBothPaths(t, []zstack.BackupStorage{storage, {Name: &member}})
	})
}
