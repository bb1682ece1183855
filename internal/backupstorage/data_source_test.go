// SPDX-License-Identifier: MPL-2.0

package backupstorage_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/zstackio/terraform-provider-zstack/internal/acctest"
	"github.com/zstackio/terraform-provider-zstack/internal/backupstorage"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// checks are the checks of a storage's attributes that are not null, by name.
type checks map[string]knownvalue.Check

// of returns the check of one attribute, which is null if it has none.
func (c checks) of(attribute string) knownvalue.Check {
	if check, ok := c[attribute]; ok {
		return check
	}
	return knownvalue.Null()
}

// object checks a storage in a list, with all its attributes and no other.
func (c checks) object() knownvalue.Check {
	all := map[string]knownvalue.Check{}
	for _, attribute := range backupstorage.Attributes() {
		all[attribute.Name] = c.of(attribute.Name)
	}
	return knownvalue.ObjectExact(all)
}

// state checks all attributes of a data source that shows one storage.
func (c checks) state(address string) []statecheck.StateCheck {
	var all []statecheck.StateCheck
	for _, attribute := range backupstorage.Attributes() {
		all = append(all, statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute.Name), c.of(attribute.Name)))
	}
	return all
}

func stringValue(s string) knownvalue.Check { return knownvalue.StringExact(s) }

func int64Value(n int64) knownvalue.Check { return knownvalue.Int64Exact(n) }

func stringSet(members ...string) knownvalue.Check {
	elements := []knownvalue.Check{}
	for _, member := range members {
		elements = append(elements, stringValue(member))
	}
	return knownvalue.SetExact(elements)
}

// everyType returns one storage of every type, including a simulator and an
// unknown type, and the checks of each, in the order of the UUIDs.
func everyType() ([]zstacktest.BackupStorage, []checks) {
	storages := zstacktest.Inventory()
	ceph := storages[1].Subtype.(zstacktest.Ceph)
	second := ceph.Mons[0]
	second.UUID, second.MonAddr, second.Status = "0fffffffffffffffffffffffffffffff", nil, "Disconnected"
	ceph.Mons = append(ceph.Mons, second)
	storages[1].Subtype = ceph
	bare := func(digit string, subtype zstacktest.Subtype) zstacktest.BackupStorage {
		return zstacktest.BackupStorage{UUID: strings.Repeat(digit, 32), URL: "x://y", State: "Enabled", Status: "Connecting", Subtype: subtype}
	}
	storages = append(storages,
		bare("a", zstacktest.Addon{Identity: "xstore"}),
		bare("b", zstacktest.AliyunEBS{OSSBucketUUID: "bucket"}),
		bare("c", zstacktest.VCenter{VCenterUUID: "vcenter", Datastore: "datastore1"}),
		bare("d", nil),
		bare("e", zstacktest.Other{Type: "Tomorrow", Class: "org.zstack.Tomorrow", Keys: []zstacktest.Key{
			{Name: "hostname", JSON: `"10.0.0.1"`}, {Name: "qubits", JSON: `{"count": [1, 2.5, null]}`},
		}}),
	)
	monitor := func(uuid, status string, addr knownvalue.Check) knownvalue.Check {
		return knownvalue.ObjectExact(map[string]knownvalue.Check{
			"mon_uuid": stringValue(uuid), "backup_storage_uuid": stringValue("435e61f882cf431bb4ae48246489a988"), "hostname": stringValue("172.20.1.21"),
			"mon_addr": addr, "mon_port": int64Value(6789), "ssh_port": int64Value(22), "ssh_username": stringValue("root"), "status": stringValue(status),
			"create_date": stringValue("Jan 2, 2020 12:00:00 AM"), "last_op_date": stringValue("Jan 2, 2020 12:00:01 AM"),
		})
	}
	bareChecks := func(digit, typeName string, more checks) checks {
		k := checks{
			"uuid": stringValue(strings.Repeat(digit, 32)), "url": stringValue("x://y"), "type": stringValue(typeName), "state": stringValue("Enabled"), "status": stringValue("Connecting"),
			"total_capacity": int64Value(0), "available_capacity": int64Value(0), "attached_zone_uuids": stringSet(),
		}
		for name, check := range more {
			k[name] = check
		}
		return k
	}
	return storages, []checks{
		{
			"uuid": stringValue("1ab3b836a88342e1bbc1b1a17d092f0f"), "name": stringValue("image-store"), "url": stringValue("/zstack_imagestore"), "description": stringValue(""),
			"total_capacity": int64Value(9992857976832), "available_capacity": int64Value(4931431059456), "type": stringValue("ImageStoreBackupStorage"),
			"state": stringValue("Enabled"), "status": stringValue("Connected"), "create_date": stringValue("Apr 11, 2018 2:50:54 PM"),
			"last_op_date": stringValue("Dec 13, 2019 7:32:49 PM"), "attached_zone_uuids": stringSet(zstacktest.ZoneOne),
			"hostname": stringValue("172.20.1.115"), "username": stringValue("root"), "ssh_port": int64Value(22),
		},
		{
			"uuid": stringValue("435e61f882cf431bb4ae48246489a988"), "name": stringValue("ceph <prod> & backup"), "url": stringValue("not used"),
			"total_capacity": int64Value(13194139533312), "available_capacity": int64Value(9895604649984), "type": stringValue("Ceph"),
			"state": stringValue("Enabled"), "status": stringValue("Connected"), "create_date": stringValue("Jan 2, 2020 12:00:00 AM"),
			"last_op_date": stringValue("Jan 2, 2020 12:00:01 AM"), "attached_zone_uuids": stringSet(),
			"fsid": stringValue("7ff218d9-f525-435f-8a40-3618d1772a64"), "pool_name": stringValue("bak-t-9f3c"), "pool_available_capacity": int64Value(3298534883328),
			"pool_used_capacity": int64Value(1099511627776), "pool_replicated_size": int64Value(3), "pool_disk_utilization": knownvalue.Float64Exact(0.333),
			"pool_security_policy": stringValue("Copy"),
			"mons": knownvalue.ListExact([]knownvalue.Check{
				monitor("0fffffffffffffffffffffffffffffff", "Disconnected", knownvalue.Null()),
				monitor("6a1c9e4d0b5c4f0f8b0a3a6a4d7f1e21", "Connected", stringValue("172.20.1.21")),
			}),
		},
		{
			"uuid": stringValue("9656aa7cc6fb46ebab65aedc12a4728c"), "name": stringValue("sftp"), "url": stringValue("/sftp_storage"),
			"total_capacity": int64Value(107374182400), "available_capacity": int64Value(0), "type": stringValue("SftpBackupStorage"),
			"state": stringValue("Disabled"), "status": stringValue("Disconnected"), "create_date": stringValue("Nov 17, 2017 8:27:47 PM"),
			"last_op_date": stringValue("Nov 20, 2017 5:40:52 PM"), "attached_zone_uuids": stringSet(zstacktest.ZoneOne),
			"hostname": stringValue("172.20.1.116"), "username": stringValue("root"), "ssh_port": int64Value(22),
		},
		bareChecks("a", "Addon", checks{"identity": stringValue("xstore")}),
		bareChecks("b", "AliyunEBS", checks{"oss_bucket_uuid": stringValue("bucket")}),
		bareChecks("c", "VCenter", checks{"vcenter_uuid": stringValue("vcenter"), "datastore": stringValue("datastore1")}),
		bareChecks("d", "SimulatorBackupStorage", nil),
		bareChecks("e", "Tomorrow", checks{"hostname": stringValue("10.0.0.1")}),
	}
}

// TestEveryAttributeOfEveryTypeIsShown also plans twice more: the node's random
// order of rows, zones and monitors must not change anything.
func TestEveryAttributeOfEveryTypeIsShown(t *testing.T) {
	cloud := acctest.Start(t)
	storages, want := everyType()
	cloud.SetBackupStorages(storages...)

	var configuration strings.Builder
	var objects []knownvalue.Check
	var stateChecks []statecheck.StateCheck
	for i, storage := range storages {
		fmt.Fprintf(&configuration, "data \"zstack_backup_storage\" \"s%d\" {\n  uuid = %q\n}\n", i, storage.UUID)
		objects = append(objects, want[i].object())
		stateChecks = append(stateChecks, want[i].state(fmt.Sprintf("data.zstack_backup_storage.s%d", i))...)
	}
	configuration.WriteString("data \"zstack_backup_storages\" \"all\" {}\n")
	stateChecks = append(stateChecks, statecheck.ExpectKnownValue("data.zstack_backup_storages.all", tfjsonpath.New("backup_storages"), knownvalue.ListExact(objects)))

	step := resource.TestStep{Config: configuration.String(), ConfigStateChecks: stateChecks}
	cloud.Run(t, step)
	t.Run("in the form of the vendor's page", func(t *testing.T) {
		cloud.Configure(func(s *zstacktest.Settings) { s.VendorForm = true })
		cloud.Run(t, step)
	})
}

// TestTheResponseOfTheVendorsPageIsRead uses that response byte for byte.
func TestTheResponseOfTheVendorsPageIsRead(t *testing.T) {
	page, err := os.ReadFile("testdata/vendor-page.json")
	if err != nil {
		t.Fatal(err)
	}
	cloud := acctest.Start(t)
	cloud.Misbehave(zstacktest.AtFirstPage, zstacktest.Always(zstacktest.Body("the vendor's page", string(page))))
	cloud.Run(t, resource.TestStep{
		Config: `data "zstack_backup_storage" "x" { name = "image-store" }`,
		ConfigStateChecks: checks{
			"uuid": stringValue("1ab3b836a88342e1bbc1b1a17d092f0f"), "name": stringValue("image-store"), "url": stringValue("/zstack_imagestore"), "description": stringValue(""),
			"total_capacity": int64Value(9992857976832), "available_capacity": int64Value(4931431059456), "type": stringValue("ImageStoreBackupStorage"),
			"state": stringValue("Enabled"), "status": stringValue("Connected"), "create_date": stringValue("Apr 11, 2018 2:50:54 PM"),
			"last_op_date": stringValue("Dec 13, 2019 7:32:49 PM"), "attached_zone_uuids": stringSet("140ebc2fbdb74ae197323a69d432f25e"),
			"hostname": stringValue("172.20.1.115"), "username": stringValue("root"), "ssh_port": int64Value(22),
		}.state("data.zstack_backup_storage.x"),
	})
}

// TestADecimalIsTheSameInThePlanAndTheApply uses 0.333, which has no exact
// binary form: a saved plan contains it as text.
func TestADecimalIsTheSameInThePlanAndTheApply(t *testing.T) {
	cloud := acctest.Start(t)
	cloud.SetBackupStorages(zstacktest.Inventory()...)
	cli := cloud.CLI(t, requiredProviders+`
data "zstack_backup_storage" "ceph" {
  type = "Ceph"
}

resource "terraform_data" "percent" {
  input = data.zstack_backup_storage.ceph.pool_disk_utilization * 100
}

output "percent" {
  value = terraform_data.percent.output
}
`)
	cli.Run("plan", "-out=plan.bin")
	cli.Run("apply", "plan.bin")
	if percent := strings.TrimSpace(cli.Run("output", "-raw", "percent")); percent != "33.3" {
		t.Errorf("0.333 * 100 is %s", percent)
	}
}

func TestOneStorageIsFoundByEverySelector(t *testing.T) {
	cloud := acctest.Start(t)
	cloud.SetBackupStorages(zstacktest.Inventory()...)
	var configuration strings.Builder
	var stateChecks []statecheck.StateCheck
	for i, selector := range []string{
		`uuid = "435e61f882cf431bb4ae48246489a988"`,
		`name = "ceph <prod> & backup"`,
		`type = "Ceph"`,
		filter("name", "", "ceph <prod> & backup", "another"),
		filter("pool_name", "=", "bak-t-9f3c"),
		filter("pool_disk_utilization", "<", "0.5"),
		filter("total_capacity", ">", "10000000000000"),
		filter("attached_zone_uuids", "!=", zstacktest.ZoneOne),
		filter("create_date", "=", "Jan 2, 2020 12:00:00 AM"),
		filter("hostname", "!=", "172.20.1.115", "172.20.1.116"),
		`type = "Ceph"` + "\n" + filter("state", "=", "Enabled") + filter("available_capacity", ">=", "9895604649984") +
			filter("available_capacity", "<=", "9895604649984"),
	} {
		fmt.Fprintf(&configuration, "data \"zstack_backup_storage\" \"s%d\" {\n%s\n}\n", i, selector)
		stateChecks = append(stateChecks, statecheck.ExpectKnownValue(fmt.Sprintf("data.zstack_backup_storage.s%d", i), tfjsonpath.New("uuid"),
			stringValue("435e61f882cf431bb4ae48246489a988")))
	}
	cloud.Run(t, resource.TestStep{Config: configuration.String(), ConfigStateChecks: stateChecks})
}

func TestNoneOrSeveralIsAnErrorThatListsCandidates(t *testing.T) {
	cloud := acctest.Start(t)
	cloud.SetBackupStorages(zstacktest.Inventory()...)
	const candidates = "Visible to this account, closest first:\n" +
		"  1ab3b836a88342e1bbc1b1a17d092f0f \"image-store\" ImageStoreBackupStorage Connected differs in "
	for _, test := range []struct {
		name, selector, summary, detail string
		queries                         int
	}{
		{
			"differs in case", `name = "Image-Store"`, "Backup Storage Not Found",
			"No backup storage visible to this account matches name = \"Image-Store\".\n" + candidates + "case\n" +
				"  9656aa7cc6fb46ebab65aedc12a4728c \"sftp\" SftpBackupStorage Disconnected           differs in name\n" +
				"  435e61f882cf431bb4ae48246489a988 \"ceph <prod> & backup\" Ceph Connected           differs in name", 2,
		},
		{
			"differs in whitespace and status", `name = "sftp "` + "\n" + filter("status", "", "Connected"), "Backup Storage Not Found",
			"No backup storage visible to this account matches name = \"sftp \" and status = \"Connected\".\n" +
				"Visible to this account, closest first:\n" +
				"  9656aa7cc6fb46ebab65aedc12a4728c \"sftp\" SftpBackupStorage Disconnected           differs in whitespace, status\n" +
				"  1ab3b836a88342e1bbc1b1a17d092f0f \"image-store\" ImageStoreBackupStorage Connected differs in name\n" +
				"  435e61f882cf431bb4ae48246489a988 \"ceph <prod> & backup\" Ceph Connected           differs in name", 2,
		},
		{
			"a pattern as name", `name = "image%"`, "Backup Storage Not Found",
			"No backup storage visible to this account matches name = \"image%\".\n" +
				"name is not a pattern: it is compared exactly. The argument for patterns is name_pattern of the data source zstack_backup_storages.\n" +
				candidates + "name\n", 2,
		},
		{
			"a line break", `name = "sftp\n"`, "Backup Storage Not Found",
			"No backup storage visible to this account matches name = \"sftp\\n\".\n" +
				"The value \"sftp\\n\" ends with a line break, which must match too. Terraform's function chomp removes it.\n" +
				"Visible to this account, closest first:\n" +
				"  9656aa7cc6fb46ebab65aedc12a4728c \"sftp\" SftpBackupStorage Disconnected           differs in whitespace\n", 2,
		},
		{
			"unknown uuid", `uuid = "1ab3b836a88342e1bbc1b1a17d092f00"`, "Backup Storage Not Found",
			"No backup storage visible to this account matches uuid = \"1ab3b836a88342e1bbc1b1a17d092f00\".\n" + candidates + "uuid\n", 2,
		},
		{
			"several", filter("ssh_port", "=", "22"), "Several Backup Storages Match",
			"2 backup storages match ssh_port = 22, but this data source needs exactly one:\n" +
				"  1ab3b836a88342e1bbc1b1a17d092f0f \"image-store\" ImageStoreBackupStorage Connected\n" +
				"  9656aa7cc6fb46ebab65aedc12a4728c \"sftp\" SftpBackupStorage Disconnected\n" +
				"Select one by uuid, narrow the search with name or filter, or use zstack_backup_storages.", 1,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			cli := cloud.CLI(t, requiredProviders+"data \"zstack_backup_storage\" \"x\" {\n"+test.selector+"\n}\n")
			before := queries(cloud)
			got := cli.Diagnostics("plan")
			if len(got) != 1 || got[0].Summary != test.summary {
				t.Fatalf("got %+v", got)
			}
			if !strings.HasPrefix(got[0].Detail, test.detail) {
				t.Errorf("the detail differs (-want +got):\n%s", cmp.Diff(test.detail, got[0].Detail))
			}
			if n := queries(cloud) - before; n != test.queries {
				t.Errorf("%d queries were sent", n)
			}
		})
	}
}

func TestNotFoundIsReportedEvenIfCandidatesCannotBeRead(t *testing.T) {
	cloud := acctest.Start(t)
	cloud.SetBackupStorages(zstacktest.Inventory()...)
	empty := zstacktest.Body("no storage", `{"inventories":[],"total":0}`)
	cloud.Misbehave(zstacktest.AtFirstPage, empty, zstacktest.Fails(zstacktest.AdminOnly))
	got := cloud.CLI(t, requiredProviders+`data "zstack_backup_storage" "x" { name = "x" }`).Diagnostics("plan")
	want := "No backup storage visible to this account matches name = \"x\".\n" +
		"The data source zstack_backup_storages lists all visible storages if it has no arguments."
	if len(got) != 1 || got[0].Detail != want {
		t.Errorf("got %+v", got)
	}
}

// queries counts the queries for backup storages that reached the node.
func queries(cloud *acctest.Cloud) int {
	n := 0
	for _, request := range cloud.Requests() {
		if strings.HasSuffix(request.Path, "/v1/backup-storage") {
			n++
		}
	}
	return n
}

func TestAReadEndsAtItsTimeout(t *testing.T) {
	cloud := acctest.Start(t)
	cloud.Misbehave(zstacktest.AtFirstPage, zstacktest.Always(zstacktest.NeverResponds))
	got := cloud.CLI(t, requiredProviders+`
data "zstack_backup_storages" "x" {
  timeouts {
    read = "1s"
  }
}
`).Diagnostics("plan")
	if len(got) != 1 || got[0].Summary != "Read Timeout" || !strings.Contains(got[0].Detail, "the read was not complete after 1s") {
		t.Errorf("got %+v", got)
	}
}
