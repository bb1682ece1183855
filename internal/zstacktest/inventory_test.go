// SPDX-License-Identifier: MPL-2.0

package zstacktest_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

func TestEveryTypeHasItsKeysInTheOrderOfTheServer(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		subtype zstacktest.Subtype
		class   string
		first   string // the keys of the subclass
		kind    string
	}{
		{
			zstacktest.ImageStore{Hostname: "h", Username: "u", SSHPort: 22},
			"org.zstack.storage.backup.imagestore.ImageStoreBackupStorageInventory",
			`"hostname":"h","username":"u","sshPort":22,`, "ImageStoreBackupStorage",
		},
		{
			zstacktest.SFTP{Hostname: "h", Username: "u", SSHPort: 22},
			"org.zstack.storage.backup.sftp.SftpBackupStorageInventory",
			`"hostname":"h","username":"u","sshPort":22,`, "SftpBackupStorage",
		},
		{
			zstacktest.Ceph{PoolName: "p"},
			"org.zstack.storage.ceph.backup.CephBackupStorageInventory", `"mons":[],"poolName":"p",`, "Ceph",
		},
		{
			zstacktest.Addon{Identity: "i"},
			"org.zstack.header.storage.addon.backup.ExternalBackupStorageInventory", `"identity":"i",`, "Addon",
		},
		{
			zstacktest.AliyunEBS{OSSBucketUUID: "o"},
			"org.zstack.header.aliyun.ebs.AliyunEbsBackupStorageInventory", `"ossBucketUuid":"o",`, "AliyunEBS",
		},
		{
			zstacktest.VCenter{VCenterUUID: "v", Datastore: "d"},
			"org.zstack.vmware.VCenterBackupStorageInventory", `"vCenterUuid":"v","datastore":"d",`, "VCenter",
		},
		{nil, "org.zstack.header.storage.backup.BackupStorageInventory", ``, "SimulatorBackupStorage"},
		{
			zstacktest.Other{Type: "Tape", Class: "org.zstack.tape.Tape", Keys: []zstacktest.Key{{"robots", `[{"arm":1}]`}, {"x", `null`}}},
			"org.zstack.tape.Tape", `"robots":[{"arm":1}],"x":null,`, "Tape",
		},
	} {
		t.Run(test.kind, func(t *testing.T) {
			t.Parallel()
			n := newNode()
			n.SetBackupStorages(zstacktest.BackupStorage{UUID: "u", URL: "/", State: "Enabled", Status: "Connected", Subtype: test.subtype})
			want := fmt.Sprintf(`{"schema":{"inventories[0]":"%s"},"inventories":[{%s"uuid":"u","url":"/","totalCapacity":0,`+
				`"availableCapacity":0,"type":"%s","state":"Enabled","status":"Connected","attachedZoneUuids":[]}]}`,
				test.class, test.first, test.kind)
			if diff := cmp.Diff(want, get(t, n.Serve(t), "").body); diff != "" {
				t.Errorf("response (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDatesAreInTheZoneAndFormatOfTheNode(t *testing.T) {
	t.Parallel()
	for format, want := range map[zstacktest.DateText]string{
		zstacktest.JDK8:  "Apr 1, 2018 12:05:09 AM",
		zstacktest.JDK9:  "Apr 1, 2018, 12:05:09 AM",
		zstacktest.JDK20: "Apr 1, 2018, 12:05:09\u202fAM",
	} {
		n := newNode()
		n.Configure(func(s *zstacktest.Settings) {
			s.DateText = format
			s.TimeZone = time.FixedZone("", -3600)
		})
		n.SetBackupStorages(zstacktest.BackupStorage{CreateDate: time.Date(2018, 4, 1, 1, 5, 9, 0, time.UTC)})
		if got := get(t, n.Serve(t), "").body; !strings.Contains(got, `"createDate":"`+want+`"`) {
			t.Errorf("%s, want %q", got, want)
		}
	}
}

func TestStoragesAreTheSameInEveryRunAndHaveUniqueNames(t *testing.T) {
	t.Parallel()
	storages := zstacktest.Storages(2500)
	if diff := cmp.Diff(storages, zstacktest.Storages(2500)); diff != "" {
		t.Errorf("two runs differ:\n%s", diff)
	}
	uuids, names := map[string]bool{}, map[string]bool{}
	for _, b := range storages {
		uuids[b.UUID], names[*b.Name] = true, true
		if b.AvailableCapacity < 0 || b.AvailableCapacity > b.TotalCapacity {
			t.Errorf("%s has %d bytes of %d free", *b.Name, b.AvailableCapacity, b.TotalCapacity)
		}
	}
	if len(uuids) != 2500 || len(names) != 2500 {
		t.Errorf("%d uuids and %d names, want 2500 of both", len(uuids), len(names))
	}
}

func TestResponsesAreJSONForEveryName(t *testing.T) {
	t.Parallel()
	body := get(t, named(hostile...).Serve(t), "").body
	if !json.Valid([]byte(body)) {
		t.Errorf("not JSON: %s", body)
	}
}

func TestNumbersMayBeTexts(t *testing.T) {
	t.Parallel()
	n := newNode()
	n.Configure(func(s *zstacktest.Settings) { s.NumbersAsTexts = true })
	if got := get(t, n.Serve(t), "").body; !strings.Contains(got, `"sshPort":"22"`) || !strings.Contains(got, `"totalCapacity":"9992857976832"`) {
		t.Errorf("numbers are not texts: %s", got)
	}
}
