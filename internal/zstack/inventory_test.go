// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func decodePage(t *testing.T, body []byte) []BackupStorage {
	t.Helper()
	var page backupStoragePage
	if err := decode(200, body, &page); err != nil {
		t.Fatal(err)
	}
	return page.Inventories
}

func TestEveryTypeIsDecodedAndMissingFieldsAreNil(t *testing.T) {
	body, err := os.ReadFile("testdata/every-type.json")
	if err != nil {
		t.Fatal(err)
	}
	want := []BackupStorage{
		{
			UUID: new("1ab3b836a88342e1bbc1b1a17d092f0f"), Name: new("image-store"), URL: new("/zstack_imagestore"), Description: new(""),
			TotalCapacity: new(int64(9992857976832)), AvailableCapacity: new(int64(4931431059456)),
			Type: new("ImageStoreBackupStorage"), State: new("Enabled"), Status: new("Connected"),
			CreateDate: new("Apr 11, 2018 2:50:54 PM"), LastOpDate: new("Dec 13, 2019 7:32:49 PM"),
			AttachedZoneUUIDs: []string{"c3a228078e8c4f81ba7da0b16fb8d77f"},
			Hostname:          new("172.20.1.115"), Username: new("root"), SSHPort: new(int64(22)),
		},
		{
			UUID: new("435e61f882cf431bb4ae48246489a988"), Name: new("ceph <prod> & backup"), URL: new("not used"),
			TotalCapacity: new(int64(9223372036854775807)), AvailableCapacity: new(int64(0)),
			Type: new("Ceph"), State: new("Enabled"), Status: new("Connecting"),
			CreateDate: new("Jan 2, 2020, 12:00:00 AM"), LastOpDate: new("Jan 2, 2020, 12:00:01\u202fAM"),
			AttachedZoneUUIDs: []string{},
			FSID:              new("7ff218d9-f525-435f-8a40-3618d1772a64"), PoolName: new("bak-t-9f3c"),
			PoolAvailableCapacity: new(int64(3298534883328)), PoolUsedCapacity: new(int64(1099511627776)),
			PoolReplicatedSize: new(int64(3)), PoolDiskUtilization: new(1e-5), PoolSecurityPolicy: new("Copy"),
			Mons: []CephMonitor{
				{
					MonUUID: new("6a1c9e4d0b5c4f0f8b0a3a6a4d7f1e21"), BackupStorageUUID: new("435e61f882cf431bb4ae48246489a988"),
					Hostname: new("172.20.1.21"), MonAddr: new("172.20.1.21"), MonPort: new(int64(6789)),
					SSHPort: new(int64(22)), SSHUsername: new("root"), Status: new("Connected"),
					CreateDate: new("Jan 2, 2020 12:00:00 AM"), LastOpDate: new("Jan 2, 2020 12:00:01 AM"),
				},
				{MonUUID: new("7b2d")},
			},
		},
		{
			UUID: new("9656aa7cc6fb46ebab65aedc12a4728c"), Name: new("镜像"), URL: new("/sftp_storage"),
			TotalCapacity: new(int64(107374182400)), AvailableCapacity: new(int64(-9223372036854775808)),
			Type: new("SftpBackupStorage"), State: new("Disabled"), Status: new("Disconnected"),
			AttachedZoneUUIDs: []string{"a", "b"},
			Hostname:          new("172.20.1.116"), Username: new("root"), SSHPort: new(int64(22)),
		},
		{UUID: new("a0"), Type: new("Addon"), Identity: new("xstore")},
		{UUID: new("a1"), Type: new("AliyunEBS"), OSSBucketUUID: new("0c55")},
		{UUID: new("a2"), Type: new("VCenter"), VCenterUUID: new("0ce7"), Datastore: new("datastore1")},
		{UUID: new("a3"), Type: new("SimulatorBackupStorage"), Name: new("simulator")},
		{UUID: new("a4"), Type: new("Tomorrow")},
	}
	if diff := cmp.Diff(want, decodePage(t, body)); diff != "" {
		t.Errorf("the inventories (-want +got):\n%s", diff)
	}
}

func TestTheSSHPasswordIsNotDecoded(t *testing.T) {
	body, err := os.ReadFile("testdata/every-type.json")
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := json.Marshal(decodePage(t, body))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(decoded), "mon-Ssh-4711") || !strings.Contains(string(body), "mon-Ssh-4711") {
		t.Error("the SSH password is decoded, or there was none")
	}
}

func TestANumberThatIsNotAnInt64IsAnError(t *testing.T) {
	for number, want := range map[string]string{
		"9223372036854775808":  "number 9223372036854775808",
		"-9223372036854775809": "number -9223372036854775809",
		"1.5":                  "number 1.5",
		"1E3":                  "number 1E3",
		`"12"`:                 "string",
		"true":                 "bool",
	} {
		err := decode(200, []byte(`{"inventories":[{"uuid":"a","totalCapacity":`+number+`}]}`), &backupStoragePage{})
		if want := `the JSON value of "inventories.totalCapacity" is of the wrong type, ` + want; err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", number, err, want)
		}
	}
}
