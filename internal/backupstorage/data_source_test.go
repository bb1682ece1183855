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
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// known are the attributes of a storage that are not null.
type known map[string]knownvalue.Check

// storageAttributes are all attributes of a storage.
var storageAttributes = []string{
	"uuid", "name", "description", "url", "type", "state", "status", "total_capacity", "available_capacity", "create_date", "last_op_date",
	"attached_zone_uuids", "hostname", "ssh_port", "username", "fsid", "pool_name", "pool_available_capacity", "pool_used_capacity",
	"pool_replicated_size", "pool_disk_utilization", "pool_security_policy", "mons", "identity", "oss_bucket_uuid", "vcenter_uuid", "datastore",
}

// check returns the check of one attribute: null if it is not among those known.
func (k known) check(attribute string) knownvalue.Check {
	if check, ok := k[attribute]; ok {
		return check
	}
	return knownvalue.Null()
}

// object checks a storage in a list, with all its attributes and no other.
func (k known) object() knownvalue.Check {
	all := map[string]knownvalue.Check{}
	for _, attribute := range storageAttributes {
		all[attribute] = k.check(attribute)
	}
	return knownvalue.ObjectExact(all)
}

// state checks all attributes of a data source that shows one storage.
func (k known) state(address string) []statecheck.StateCheck {
	var checks []statecheck.StateCheck
	for _, attribute := range storageAttributes {
		checks = append(checks, statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), k.check(attribute)))
	}
	return checks
}

func text(s string) knownvalue.Check { return knownvalue.StringExact(s) }

func number(n int64) knownvalue.Check { return knownvalue.Int64Exact(n) }

func texts(members ...string) knownvalue.Check {
	checks := []knownvalue.Check{}
	for _, member := range members {
		checks = append(checks, text(member))
	}
	return knownvalue.SetExact(checks)
}

// everyType is one storage of every type, a simulator and a type of tomorrow
// among them, and what is to be seen of each, in the order of the uuids.
func everyType() ([]zstacktest.BackupStorage, []known) {
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
			"mon_uuid": text(uuid), "backup_storage_uuid": text("435e61f882cf431bb4ae48246489a988"), "hostname": text("172.20.1.21"),
			"mon_addr": addr, "mon_port": number(6789), "ssh_port": number(22), "ssh_username": text("root"), "status": text(status),
			"create_date": text("Jan 2, 2020 12:00:00 AM"), "last_op_date": text("Jan 2, 2020 12:00:01 AM"),
		})
	}
	bareKnown := func(digit, typeName string, more known) known {
		k := known{
			"uuid": text(strings.Repeat(digit, 32)), "url": text("x://y"), "type": text(typeName), "state": text("Enabled"), "status": text("Connecting"),
			"total_capacity": number(0), "available_capacity": number(0), "attached_zone_uuids": texts(),
		}
		for name, check := range more {
			k[name] = check
		}
		return k
	}
	return storages, []known{
		{
			"uuid": text("1ab3b836a88342e1bbc1b1a17d092f0f"), "name": text("image-store"), "url": text("/zstack_imagestore"), "description": text(""),
			"total_capacity": number(9992857976832), "available_capacity": number(4931431059456), "type": text("ImageStoreBackupStorage"),
			"state": text("Enabled"), "status": text("Connected"), "create_date": text("Apr 11, 2018 2:50:54 PM"),
			"last_op_date": text("Dec 13, 2019 7:32:49 PM"), "attached_zone_uuids": texts(zstacktest.ZoneOne),
			"hostname": text("172.20.1.115"), "username": text("root"), "ssh_port": number(22),
		},
		{
			"uuid": text("435e61f882cf431bb4ae48246489a988"), "name": text("ceph <prod> & backup"), "url": text("not used"),
			"total_capacity": number(13194139533312), "available_capacity": number(9895604649984), "type": text("Ceph"),
			"state": text("Enabled"), "status": text("Connected"), "create_date": text("Jan 2, 2020 12:00:00 AM"),
			"last_op_date": text("Jan 2, 2020 12:00:01 AM"), "attached_zone_uuids": texts(),
			"fsid": text("7ff218d9-f525-435f-8a40-3618d1772a64"), "pool_name": text("bak-t-9f3c"), "pool_available_capacity": number(3298534883328),
			"pool_used_capacity": number(1099511627776), "pool_replicated_size": number(3), "pool_disk_utilization": knownvalue.Float64Exact(0.333),
			"pool_security_policy": text("Copy"),
			"mons": knownvalue.ListExact([]knownvalue.Check{
				monitor("0fffffffffffffffffffffffffffffff", "Disconnected", knownvalue.Null()),
				monitor("6a1c9e4d0b5c4f0f8b0a3a6a4d7f1e21", "Connected", text("172.20.1.21")),
			}),
		},
		{
			"uuid": text("9656aa7cc6fb46ebab65aedc12a4728c"), "name": text("sftp"), "url": text("/sftp_storage"),
			"total_capacity": number(107374182400), "available_capacity": number(0), "type": text("SftpBackupStorage"),
			"state": text("Disabled"), "status": text("Disconnected"), "create_date": text("Nov 17, 2017 8:27:47 PM"),
			"last_op_date": text("Nov 20, 2017 5:40:52 PM"), "attached_zone_uuids": texts(zstacktest.ZoneOne),
			"hostname": text("172.20.1.116"), "username": text("root"), "ssh_port": number(22),
		},
		bareKnown("a", "Addon", known{"identity": text("xstore")}),
		bareKnown("b", "AliyunEBS", known{"oss_bucket_uuid": text("bucket")}),
		bareKnown("c", "VCenter", known{"vcenter_uuid": text("vcenter"), "datastore": text("datastore1")}),
		bareKnown("d", "SimulatorBackupStorage", nil),
		bareKnown("e", "Tomorrow", known{"hostname": text("10.0.0.1")}),
	}
}

// TestEveryAttributeOfEveryType also plans twice more, which shows that the
// node's random order of rows, zones and monitors never changes anything.
func TestEveryAttributeOfEveryType(t *testing.T) {
	cloud := acctest.Start(t)
	storages, want := everyType()
	cloud.SetBackupStorages(storages...)

	var configuration strings.Builder
	var objects []knownvalue.Check
	var checks []statecheck.StateCheck
	for i, storage := range storages {
		fmt.Fprintf(&configuration, "data \"zstack_backup_storage\" \"s%d\" {\n  uuid = %q\n}\n", i, storage.UUID)
		objects = append(objects, want[i].object())
		checks = append(checks, want[i].state(fmt.Sprintf("data.zstack_backup_storage.s%d", i))...)
	}
	configuration.WriteString("data \"zstack_backup_storages\" \"all\" {}\n")
	checks = append(checks, statecheck.ExpectKnownValue("data.zstack_backup_storages.all", tfjsonpath.New("backup_storages"), knownvalue.ListExact(objects)))

	step := resource.TestStep{Config: configuration.String(), ConfigStateChecks: checks}
	cloud.Run(t, step)
	t.Run("in the form of the vendor's page", func(t *testing.T) {
		cloud.Configure(func(s *zstacktest.Settings) { s.VendorForm = true })
		cloud.Run(t, step)
	})
}

// TestTheVendorsExample takes the answer on the vendor's page byte for byte.
func TestTheVendorsExample(t *testing.T) {
	page, err := os.ReadFile("testdata/vendor-page.json")
	if err != nil {
		t.Fatal(err)
	}
	cloud := acctest.Start(t)
	cloud.Misbehave(zstacktest.AtFirstPage, zstacktest.Always(zstacktest.Body("the vendor's page", string(page))))
	cloud.Run(t, resource.TestStep{
		Config: `data "zstack_backup_storage" "x" { name = "image-store" }`,
		ConfigStateChecks: known{
			"uuid": text("1ab3b836a88342e1bbc1b1a17d092f0f"), "name": text("image-store"), "url": text("/zstack_imagestore"), "description": text(""),
			"total_capacity": number(9992857976832), "available_capacity": number(4931431059456), "type": text("ImageStoreBackupStorage"),
			"state": text("Enabled"), "status": text("Connected"), "create_date": text("Apr 11, 2018 2:50:54 PM"),
			"last_op_date": text("Dec 13, 2019 7:32:49 PM"), "attached_zone_uuids": texts("140ebc2fbdb74ae197323a69d432f25e"),
			"hostname": text("172.20.1.115"), "username": text("root"), "ssh_port": number(22),
		}.state("data.zstack_backup_storage.x"),
	})
}

// TestDecimalIsTheSameInAPlanAndWhenThatIsApplied is about 0.333, which has no
// exact binary form: a saved plan holds it as text.
func TestDecimalIsTheSameInAPlanAndWhenThatIsApplied(t *testing.T) {
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
	var checks []statecheck.StateCheck
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
		checks = append(checks, statecheck.ExpectKnownValue(fmt.Sprintf("data.zstack_backup_storage.s%d", i), tfjsonpath.New("uuid"),
			text("435e61f882cf431bb4ae48246489a988")))
	}
	cloud.Run(t, resource.TestStep{Config: configuration.String(), ConfigStateChecks: checks})
}

func TestNoneOrSeveralIsAnErrorThatSaysWhatWasFound(t *testing.T) {
	cloud := acctest.Start(t)
	cloud.SetBackupStorages(zstacktest.Inventory()...)
	for _, test := range []struct{ name, selector, summary, detail string }{
		{
			"differs in case", `name = "Image-Store"`, "Backup Storage Not Found",
			"No backup storage visible to this account matches name = \"Image-Store\".\n" +
				"The name is compared exactly; this one differs only in case or surrounding blanks: \"image-store\" (1ab3b836a88342e1bbc1b1a17d092f0f).",
		},
		{
			"differs in a blank", `name = "sftp "`, "Backup Storage Not Found",
			"No backup storage visible to this account matches name = \"sftp \".\n" +
				"The name is compared exactly; this one differs only in case or surrounding blanks: \"sftp\" (9656aa7cc6fb46ebab65aedc12a4728c).",
		},
		{
			"unknown uuid", `uuid = "00000000000000000000000000000000"`, "Backup Storage Not Found",
			"No backup storage visible to this account matches uuid = \"00000000000000000000000000000000\".\n" +
				"The data source zstack_backup_storages lists all that are visible if it is used without arguments.",
		},
		{
			"several", filter("ssh_port", "=", "22"), "Several Backup Storages Match",
			"2 backup storages match ssh_port = 22, but this data source needs exactly one:\n" +
				"  1ab3b836a88342e1bbc1b1a17d092f0f \"image-store\" ImageStoreBackupStorage Connected\n" +
				"  9656aa7cc6fb46ebab65aedc12a4728c \"sftp\" SftpBackupStorage Disconnected\n" +
				"Name one by uuid, narrow the search with name or filter, or use zstack_backup_storages.",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			cli := cloud.CLI(t, requiredProviders+"data \"zstack_backup_storage\" \"x\" {\n"+test.selector+"\n}\n")
			before := queries(cloud)
			got := cli.Diagnostics("plan")
			if len(got) != 1 || got[0].Summary != test.summary {
				t.Fatalf("got %+v", got)
			}
			if diff := cmp.Diff(test.detail, got[0].Detail); diff != "" {
				t.Errorf("the detail differs (-want +got):\n%s", diff)
			}
			if n := queries(cloud) - before; n != 1 {
				t.Errorf("%d queries were sent", n)
			}
		})
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
