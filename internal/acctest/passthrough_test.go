// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// state reads a data source and returns the state in the response.
func (s *server) state(name string, block arguments) tftypes.Value {
	s.t.Helper()
	schema := s.schemas.DataSourceSchemas[name]
	response, err := s.ReadDataSource(s.ctx, &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: s.encode(block, schema)})
	if err != nil || len(response.Diagnostics) > 0 {
		s.t.Fatalf("%v %s", err, render(response.Diagnostics))
	}
	state, err := response.State.Unmarshal(schema.ValueType())
	if err != nil {
		s.t.Fatal(err)
	}
	return state
}

// listLength is the number of storages in a state.
func listLength(t *testing.T, state tftypes.Value) int {
	t.Helper()
	var attributes map[string]tftypes.Value
	var list []tftypes.Value
	if err := state.As(&attributes); err != nil {
		t.Fatal(err)
	}
	if err := attributes["backup_storages"].As(&list); err != nil || attributes["backup_storages"].IsNull() {
		t.Fatalf("the list is null, or %v", err)
	}
	return len(list)
}

// everyField has every key of the API once, a key that is unknown, nulls, and
// empty values, in an order that is not that of the UUIDs.
const everyField = `{"total":5,"inventories":[
	{"uuid":"435e61f882cf431bb4ae48246489a988","name":"<ceph> & \"backup\"\n","description":"","url":"not used","type":"Ceph",
		"state":"Enabled","status":"Connected","totalCapacity":9223372036854775807,"availableCapacity":-1,
		"createDate":"Apr 11, 2018 2:50:54 PM","lastOpDate":"Dec 13, 2019, 7:32:49\u202fPM",
		"attachedZoneUuids":["b","a","b"],"fsid":"f","poolName":"p","poolAvailableCapacity":9007199254740993,"poolUsedCapacity":0,
		"poolReplicatedSize":3,"poolDiskUtilization":0.333,"poolSecurityPolicy":"Copy","future":{"nested":[1,null]},
		"mons":[{"monUuid":"2","hostname":"h","monAddr":"a","monPort":6789,"sshPort":22,"sshUsername":"root","sshPassword":"never-decoded",
			"status":"Connected","createDate":"c","lastOpDate":"l","backupStorageUuid":"u"},{"monUuid":"1"},{}]},
	{"uuid":"1ab3b836a88342e1bbc1b1a17d092f0f","name":null,"mons":null,"attachedZoneUuids":null,"totalCapacity":null},
	{"uuid":"9656aa7cc6fb46ebab65aedc12a4728c","mons":[],"attachedZoneUuids":[],"poolDiskUtilization":1.0E-5},
	{"uuid":"a0000000000000000000000000000000","hostname":"h","username":"root","sshPort":22,"identity":"i","poolDiskUtilization":1},
	{"uuid":"a1000000000000000000000000000000","ossBucketUuid":"o","vCenterUuid":"v","datastore":"d","poolDiskUtilization":1e300}]}`

func TestStateIsTheOneThatTheFrameworkWouldSend(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rows  int
		setUp func(*testing.T, *Cloud)
	}{
		"sample":    {3, func(_ *testing.T, c *Cloud) { c.SetBackupStorages(zstacktest.Inventory()...) }},
		"none":      {0, func(_ *testing.T, c *Cloud) { c.SetBackupStorages() }},
		"one":       {1, func(_ *testing.T, c *Cloud) { c.SetBackupStorages(zstacktest.Storages(1)...) }},
		"many":      {200, func(_ *testing.T, c *Cloud) { c.SetBackupStorages(zstacktest.Storages(200)...) }},
		"each type": {20, func(_ *testing.T, c *Cloud) { c.SetBackupStorages(zstacktest.Storages(20)...) }},
		"no order": {20, func(_ *testing.T, c *Cloud) {
			c.SetBackupStorages(zstacktest.Storages(20)...)
			c.Configure(func(s *zstacktest.Settings) { s.IgnoreSort = true })
		}},
		"every field": {5, func(_ *testing.T, c *Cloud) {
			c.Misbehave(zstacktest.AtFirstPage, zstacktest.Always(zstacktest.Body("every field", everyField)))
		}},
		"several pages": {20, func(t *testing.T, c *Cloud) {
			c.manyPages(t, unlimited)
			c.SetBackupStorages(zstacktest.Storages(20)...)
		}},
		"a list that changes while it is read": {19, func(t *testing.T, c *Cloud) {
			c.manyPages(t, unlimited)
			c.SetBackupStorages(zstacktest.Storages(20)...)
			c.BeforeQuery(func(k int) {
				if k == 2 {
					c.SetBackupStorages(zstacktest.Storages(20)[1:]...)
				}
			})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := newCloud(t)
			test.setUp(t, cloud)
			provider := cloud.serve(t, cloud.account(nil))
			framework := cloud.serve(t, cloud.account(nil))
			framework.ProviderServer = providerserver.NewProtocol6(framework.provider)()
			framework.configure(cloud.account(nil))
			for _, block := range []arguments{nil, {"sort_by": "total_capacity", "sort_direction": "desc"}} {
				got, want := provider.state("zstack_backup_storages", block), framework.state("zstack_backup_storages", block)
				differences, err := want.Diff(got)
				if err != nil {
					t.Fatal(err)
				}
				for i, difference := range differences[:min(len(differences), 5)] {
					t.Errorf("%v: difference %d of %d is at %s", block, i+1, len(differences), difference.Path)
				}
				if length := listLength(t, got); length != test.rows {
					t.Errorf("%d rows, want %d", length, test.rows)
				}
			}
		})
	}
}
