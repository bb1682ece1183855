// SPDX-License-Identifier: MPL-2.0

package zstacktest_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// unmixed leaves one zone and one monitor of each, so that two responses with the same rows are equal.
func unmixed(storages []zstacktest.BackupStorage) []zstacktest.BackupStorage {
	for i := range storages {
		storages[i].AttachedZoneUUIDs = storages[i].AttachedZoneUUIDs[:min(1, len(storages[i].AttachedZoneUUIDs))]
		if ceph, ok := storages[i].Subtype.(zstacktest.Ceph); ok {
			ceph.Mons = ceph.Mons[:1]
			storages[i].Subtype = ceph
		}
	}
	return storages
}

func TestLoadedResponsesAreReturnedUnchanged(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*zstacktest.Node){
		"all types":   func(n *zstacktest.Node) { n.SetBackupStorages(unmixed(zstacktest.Storages(40))...) },
		"Java 20":     func(n *zstacktest.Node) { n.Configure(func(s *zstacktest.Settings) { s.DateText = zstacktest.JDK20 }) },
		"Java 9":      func(n *zstacktest.Node) { n.Configure(func(s *zstacktest.Settings) { s.DateText = zstacktest.JDK9 }) },
		"open source": func(n *zstacktest.Node) { n.Configure((*zstacktest.Settings).OpenSource) },
		"later keys": func(n *zstacktest.Node) {
			storages := unmixed(zstacktest.Inventory())
			storages[0].Subtype = zstacktest.Other{
				Type: "Ceph", Class: "org.zstack.storage.ceph.backup.CephBackupStorageInventory",
				Keys: []zstacktest.Key{{Name: "mons", JSON: "[]"}, {Name: "poolName", JSON: `"p"`}, {Name: "color", JSON: `{"red":1}`}},
			}
			n.SetBackupStorages(storages...)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNode()
			n.SetZones(zstacktest.Zones()...)
			prepare(n)
			server := n.Serve(t)
			storages, zones := get(t, server, "?sort=uuid").body, getZones(t, server, "?sort=uuid").body

			n.SetBackupStorages()
			n.SetZones()
			if err := n.LoadBackupStorages([]byte(storages)); err != nil {
				t.Fatal(err)
			}
			if err := n.LoadZones([]byte(zones)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(storages, get(t, server, "?sort=uuid").body); diff != "" {
				t.Errorf("backup storages (-saved +returned):\n%s", diff)
			}
			if diff := cmp.Diff(zones, getZones(t, server, "?sort=uuid").body); diff != "" {
				t.Errorf("zones (-saved +returned):\n%s", diff)
			}
		})
	}
}

func TestLoadedStoragesAreQueriedByTheFieldsOfTheirType(t *testing.T) {
	t.Parallel()
	n := newNode()
	if err := n.LoadBackupStorages([]byte(`{"inventories":[` +
		`{"mons":[{"hostname":"m","sshPort":22}],"poolName":"pool","fsid":null,"uuid":"a","name":"typed","type":"Ceph","attachedZoneUuids":[]},` +
		`{"poolName":{"odd":1},"uuid":"b","name":"odd","type":"Ceph","attachedZoneUuids":[]}]}`)); err != nil {
		t.Fatal(err)
	}
	server := n.Serve(t)
	for condition, want := range map[string][]string{
		"poolName=POOL": {"typed"}, "mons.hostname=m": {"typed"}, "mons.sshPort>21": {"typed"}, "fsid is null": {"odd", "typed"},
	} {
		got := decode(t, get(t, server, where("type=Ceph", condition)+"&sort=poolName")).names()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", condition, diff)
		}
	}
}

func TestInvalidResponsesAreNotLoaded(t *testing.T) {
	t.Parallel()
	n := zstacktest.NewNode()
	for body, want := range map[string]string{
		"":                    "the response is empty",
		" \n":                 "the response is empty",
		"\xff\xfe{\x00}\x00":  "the response is UTF-16; save it as UTF-8",
		"<html>":              "the response is not JSON: invalid character",
		"[]":                  "an object was expected, got array",
		"{}":                  "the response has no inventories",
		`{"inventories":7}`:   "the value of inventories has the wrong type: number",
		`{"inventories":[7]}`: "row 0: an object was expected, got number",
		`{"error":{"code":"ID.1001","description":"invalid session"}}`: "the response is the error ID.1001 (invalid session); log in again and save the response again",
		`{"inventories":[{"uuid":"u"},{"uuid":"v"},{"uuid":"u"}]}`:     `rows 0 and 2 have the same uuid "u"`,
		`{"inventories":[{"uuid":"u","createDate":"2020-01-01"}]}`:     `row 0: "2020-01-01" is not a date`,
		`{"inventories":[{"uuid":"u"},{"name":"x"}]}`:                  "row 1 has no uuid",
		`{"inventories":[{"uuid":7}]}`:                                 "row 0: the value of uuid has the wrong type: number",
		`{"inventories":[{"uuid":"u","createDate":true}]}`:             "row 0: the value of createDate has the wrong type: bool",
	} {
		for resource, load := range map[string]func([]byte) error{"backup storages": n.LoadBackupStorages, "zones": n.LoadZones} {
			if err := load([]byte(body)); err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), resource) {
				t.Errorf("%s as %s: %v, want %q", body, resource, err, want)
			}
		}
	}
}

func TestAByteOrderMarkIsIgnored(t *testing.T) {
	t.Parallel()
	if err := zstacktest.NewNode().LoadZones([]byte("\ufeff" + `{"inventories":[]}`)); err != nil {
		t.Error(err)
	}
}

func TestLoadedPasswordsOfMonitorsAreSecrets(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("testdata/recorded/storages.json")
	if err != nil {
		t.Fatal(err)
	}
	n := zstacktest.NewNode()
	if err := n.LoadBackupStorages(content); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.Join(n.Secrets(), "\n"), "mon-32-0") {
		t.Error("the password of a monitor is not among the secrets")
	}
}
