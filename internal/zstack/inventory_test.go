// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// decodePage decodes the body of a response with backup storages.
func decodePage(body []byte) ([]BackupStorage, error) {
	page := newList(backupStorages)
	api, err := decodeSuccess(bytes.NewReader(body), page)
	if api != nil {
		err = api
	}
	return page.rows, err
}

func mustDecode(t *testing.T, body []byte) []BackupStorage {
	t.Helper()
	rows, err := decodePage(body)
	if err != nil {
		t.Fatal(err)
	}
	return rows
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
			PoolReplicatedSize: new(int64(3)), PoolDiskUtilization: new(json.Number("1.0E-5")), PoolSecurityPolicy: new("Copy"),
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
	if diff := cmp.Diff(want, mustDecode(t, body)); diff != "" {
		t.Errorf("the inventories (-want +got):\n%s", diff)
	}
}

func TestTheSSHPasswordIsNotDecoded(t *testing.T) {
	body, err := os.ReadFile("testdata/every-type.json")
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := json.Marshal(mustDecode(t, body))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(decoded), "mon-Ssh-4711") || !strings.Contains(string(body), "mon-Ssh-4711") {
		t.Error("the SSH password is decoded, or there was none")
	}
}

func TestAnIntegerIsNeverRounded(t *testing.T) {
	for number, got := range map[string]string{
		"9223372036854775808":     "the number 9223372036854775808",
		"-9223372036854775809":    "the number -9223372036854775809",
		"1.5":                     "the number 1.5",
		"1.0":                     "the number 1.0",
		"1e3":                     "the number 1e3",
		"1E3":                     "the number 1E3",
		"-0":                      "the number -0",
		`"12"`:                    "a string",
		"true":                    "a boolean",
		strings.Repeat("9", 1000): "the number " + strings.Repeat("9", maxDecimalLength) + "…",
	} {
		expectFieldError(t, `{"uuid":"a","totalCapacity":`+number+`}`, FieldError{Field: "totalCapacity", Want: "a 64-bit integer", Got: got})
		expectFieldError(t, `{"uuid":"a","mons":[{"monPort":1},{"monPort":`+number+`}]}`, FieldError{Field: "mons.monPort", Want: "a 64-bit integer", Got: got})
	}
	for _, number := range []string{"0", "-1", "9223372036854775807", "-9223372036854775808"} {
		rows := mustDecode(t, []byte(`{"inventories":[{"uuid":"a","totalCapacity":`+number+`}]}`))
		if got := fmt.Sprint(*rows[0].TotalCapacity); got != number {
			t.Errorf("%s is decoded as %s", number, got)
		}
	}
}

func TestADecimalKeepsTheServersText(t *testing.T) {
	for _, number := range []string{"0", "0.333", "0.10", "1.0E-5", "1e3", "-0.0", "5e-324", "0." + strings.Repeat("3", maxDecimalLength-2)} {
		rows := mustDecode(t, []byte(`{"inventories":[{"uuid":"a","poolDiskUtilization":`+number+`}]}`))
		if got := rows[0].PoolDiskUtilization.String(); got != number {
			t.Errorf("%s is decoded as %s", number, got)
		}
	}
	for number, got := range map[string]string{
		"1e400":                            "the number 1e400",
		`"0.5"`:                            "a string",
		"false":                            "a boolean",
		"0." + strings.Repeat("3", 10_000): "the number 0." + strings.Repeat("3", maxDecimalLength-2) + "…",
	} {
		expectFieldError(t, `{"uuid":"a","poolDiskUtilization":`+number+`}`, FieldError{Field: "poolDiskUtilization", Want: "a decimal number", Got: got})
	}
}

func TestAKeyIsCaseSensitive(t *testing.T) {
	for _, key := range []string{"HostName", "HOSTNAME", "totalcapacity", "vcenterUuid", "Mons", "\u017ftate", "\u017ftate", "mon\u017f", "attachedZoneUuid\u017f", "sshPor\x00t", "pol\u212ay", " uuid", ""} {
		for _, value := range []string{`"a"`, `{}`, `[null]`, "7", "1e400", "null"} {
			body := `{"inventories":[{"uuid":"a",` + quote(key) + `:` + value + `}]}`
			want := []BackupStorage{{UUID: new("a")}}
			if diff := cmp.Diff(want, mustDecode(t, []byte(body))); diff != "" {
				t.Errorf("%s (-want +got):\n%s", body, diff)
			}
		}
	}
	for _, body := range []string{
		`{"inventorieS":[],"inventories":[{"uuid":"a"}],"Inventories":7,"Total":9,"Error":{"code":"X.1"}}`,
		`{"\u0069nventories":[{"\u0075uid":"\u0061"}]}`,
		`{"inventories":[{"uuid":"a","UUID":7,"Uuid":null}]}`,
	} {
		if diff := cmp.Diff([]BackupStorage{{UUID: new("a")}}, mustDecode(t, []byte(body))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", body, diff)
		}
	}
	if _, err := decodePage([]byte(`{"Inventories":[]}`)); err == nil {
		t.Error(`"Inventories" is taken for the list`)
	}
}

func quote(text string) string {
	quoted, _ := json.Marshal(text)
	return string(quoted)
}

func TestTheLastOfDuplicateKeysReplacesTheOthers(t *testing.T) {
	for body, want := range map[string]BackupStorage{
		`{"inventories":[{"uuid":"b"},{"uuid":"c"}],"inventories":[{"uuid":"a"}],"total":1}`:               {UUID: new("a")},
		`{"inventories":[{"uuid":"a","name":"b"}],"total":5,"total":1,"inventories":[{"uuid":"a"}]}`:       {UUID: new("a")},
		`{"inventories":null,"inventories":[{"uuid":"b","uuid":"a"}]}`:                                     {UUID: new("a")},
		`{"inventories":[{"uuid":"a","name":"b","name":null}]}`:                                            {UUID: new("a")},
		`{"inventories":[{"uuid":"a","attachedZoneUuids":["b","c"],"attachedZoneUuids":["d"]}]}`:           {UUID: new("a"), AttachedZoneUUIDs: []string{"d"}},
		`{"inventories":[{"uuid":"a","mons":[{"monUuid":"b","monPort":1},{}],"mons":[{"hostname":"c"}]}]}`: {UUID: new("a"), Mons: []CephMonitor{{Hostname: new("c")}}},
		`{"inventories":[{"uuid":"a","mons":[{"monUuid":"b"}],"mons":null}]}`:                              {UUID: new("a")},
	} {
		if diff := cmp.Diff([]BackupStorage{want}, mustDecode(t, []byte(body))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", body, diff)
		}
	}
}

func TestAValueOfTheWrongTypeNamesTheStorageAndTheField(t *testing.T) {
	for row, want := range map[string]FieldError{
		`{"uuid":"a","attachedZoneUuids":[null,"z"]}`:  {Field: "attachedZoneUuids", Want: "a list of strings", Got: "a list with null"},
		`{"uuid":"a","attachedZoneUuids":["z",["y"]]}`: {Field: "attachedZoneUuids", Want: "a list of strings", Got: "a list with a list"},
		`{"uuid":"a","attachedZoneUuids":"z"}`:         {Field: "attachedZoneUuids", Want: "a list", Got: "a string"},
		`{"uuid":"a","mons":[null]}`:                   {Field: "mons", Want: "a list of objects", Got: "a list with null"},
		`{"uuid":"a","mons":[{},"b"]}`:                 {Field: "mons", Want: "a list of objects", Got: "a list with a string"},
		`{"uuid":"a","mons":{}}`:                       {Field: "mons", Want: "a list", Got: "an object"},
		`{"uuid":"a","mons":[{"hostname":{}}]}`:        {Field: "mons.hostname", Want: "a string", Got: "an object"},
		`{"hostname":{},"uuid":"a"}`:                   {Field: "hostname", Want: "a string", Got: "an object"},
		`{"name":true,"uuid":"a"}`:                     {Field: "name", Want: "a string", Got: "a boolean"},
		`{"\u006eame":[], "uuid" : "a" }`:              {Field: "name", Want: "a string", Got: "a list"},
		`{"uuid":"a","sshPort":"22"}`:                  {Field: "sshPort", Want: "a 64-bit integer", Got: "a string"},
	} {
		expectFieldError(t, row, want)
	}

	_, err := decodePage([]byte(`{"inventories":[{"uuid":"b"},{"name":"new\nstore","hostname":{},"uuid":"a","type":"Tomorrow"}]}`))
	var got *FieldError
	if !errors.As(err, &got) {
		t.Fatalf("the error is %v, want a FieldError", err)
	}
	if diff := cmp.Diff(&RowIdentity{Resource: "backup storage", Index: 1, UUID: "a", Name: "new store", Type: "Tomorrow"}, got.Row); diff != "" {
		t.Errorf("the row (-want +got):\n%s", diff)
	}
	want := `the JSON value of "hostname" must be a string, not an object (backup storage at index 1, uuid "a", name "new store", type "Tomorrow")`
	if err.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
}

// expectFieldError fails if row, with uuid "a", is not rejected with want.
func expectFieldError(t *testing.T, row string, want FieldError) {
	t.Helper()
	want.Row = &RowIdentity{Resource: "backup storage", UUID: "a"}
	_, err := decodePage([]byte(`{"inventories":[` + row + `]}`))
	var got *FieldError
	if !errors.As(err, &got) {
		t.Errorf("%.100s: the error is %v, want a FieldError", row, err)
	} else if diff := cmp.Diff(want, *got); diff != "" {
		t.Errorf("%.100s (-want +got):\n%s", row, diff)
	}
}
