// SPDX-License-Identifier: MPL-2.0

package zstacktest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

const (
	zoneOne = `{"uuid":"c3a228078e8c4f81ba7da0b16fb8d77f","name":"zone-1","description":"first data center","state":"Enabled",` +
		`"type":"zstack","isDefault":true,"createDate":"Nov 1, 2017 9:00:00 AM","lastOpDate":"Nov 1, 2017 9:00:00 AM"}`
	zoneSchema = `{"schema":{"inventories[0]":"org.zstack.header.zone.ZoneInventory"},`
)

func getZones(t *testing.T, url, query string) response {
	t.Helper()
	return send(t, "GET", url+"/zstack/v1/zones"+query, http.Header{"Authorization": {"OAuth " + knownSession}}, "")
}

func TestZonesAreQueriedLikeStorages(t *testing.T) {
	t.Parallel()
	n := newNode()
	n.SetZones(zstacktest.Zones()...)
	server := n.Serve(t)
	for query, want := range map[string]string{
		where("name=ZONE-1 "):                        zoneSchema + `"inventories":[` + zoneOne + `]}`,
		"/" + zstacktest.ZoneOne + "?limit=x":        zoneSchema + `"inventories":[` + zoneOne + `]}`,
		"?replyWithCount=true&limit=1&sort=-uuid":    zoneSchema + `"total":2,"inventories":[` + zoneOne + `]}`,
		"?fields=name&q=isDefault%3Dtrue":            zoneSchema + `"inventories":[{"name":"zone-1","isDefault":false}]}`,
		where("backupStorage.name=sftp"):             zoneSchema + `"inventories":[` + zoneOne + `]}`,
		"/00000000000000000000000000000000":          `{"schema":{},"inventories":[]}`,
		"?count=true&q=cluster.name%3Dx&start=0":     `{"schema":{},"total":0}`,
		"?count=true&q=name!%3Dzone-2&q=isDefault=1": `{"schema":{},"total":1}`,
	} {
		if diff := cmp.Diff(want, getZones(t, server, query).body); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
}

func TestConditionsThroughZonesFindAttachedStorages(t *testing.T) {
	t.Parallel()
	n := newNode()
	n.SetZones(zstacktest.Zones()...)
	storages := zstacktest.Inventory()
	storages[2].AttachedZoneUUIDs = []string{zstacktest.ZoneOne, zstacktest.ZoneTwo}
	n.SetBackupStorages(storages...)
	server := n.Serve(t)
	const image, sftp = "image-store", "sftp"
	for _, test := range []struct {
		conditions []string
		want       []string
	}{
		{[]string{"zone.name=Zone-1"}, []string{image, sftp}},
		{[]string{"zone.name!=zone-1"}, []string{sftp}},
		{[]string{"zone.name=zone-1", "zone.name=zone-2"}, []string{sftp}},
		{[]string{"zone.uuid=" + zstacktest.ZoneTwo}, []string{sftp}},
		{[]string{"zone.name?=zone-1,zone-2"}, []string{image, sftp}},
		{[]string{"zone.name is null"}, nil},
		{[]string{"zone.name not null"}, []string{image, sftp}},
		{[]string{"zone.description is null"}, []string{sftp}},
		{[]string{"zone.isDefault=true"}, []string{image, sftp}},
		{[]string{"zone.cluster.name=x"}, nil},
		{[]string{"zone.backupStorage.name=image-store"}, []string{image, sftp}},
		{[]string{"zoneRef.zoneUuid=" + zstacktest.ZoneTwo}, []string{sftp}},
		{[]string{"zone.__systemTag__=x"}, nil},
	} {
		got := decode(t, get(t, server, where(test.conditions...))).names()
		slices.Sort(got)
		if !slices.Equal(got, test.want) {
			t.Errorf("%q finds %q, want %q", test.conditions, got, test.want)
		}
	}
}

// TestZonesHaveIsDefaultFromRelease4_6_31 is about PROTOCOL.md §8.
func TestZonesHaveIsDefaultFromRelease4_6_31(t *testing.T) {
	t.Parallel()
	for version, want := range map[zstacktest.Version]bool{
		{4, 5, 99}: false,
		{4, 6, 30}: false,
		{4, 6, 31}: true,
		{4, 7, 0}:  true,
	} {
		n := newNode()
		n.SetZones(zstacktest.Zones()...)
		n.Configure(func(s *zstacktest.Settings) { s.Version = version })
		if got := strings.Contains(getZones(t, n.Serve(t), "").body, `"isDefault"`); got != want {
			t.Errorf("release %s: isDefault is sent: %t, want %t", version, got, want)
		}
	}
}
