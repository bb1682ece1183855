// SPDX-License-Identifier: MPL-2.0

package backupstorage_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/zstackio/terraform-provider-zstack/internal/acctest"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// confusableZones are names that a database considers equal, and names that
// cannot be sent in a query.
var confusableZones = []string{"west", "West", "west ", " west", "wést", "it's west", "west!=east", "a,b", `back\slash`, "镇", "🗄", "west\n"}

// zoneUUID returns the UUID of the zone at this position, and storageUUID that
// of the only storage attached to it.
func zoneUUID(i int) string    { return fmt.Sprintf("%032x", 0xa0+i) }
func storageUUID(i int) string { return fmt.Sprintf("%032x", i) }

func startWithZones(t *testing.T, names ...string) *acctest.Cloud {
	t.Helper()
	cloud := acctest.Start(t)
	for i, name := range names {
		cloud.AddZones(zstacktest.Zone{UUID: zoneUUID(i), Name: name, State: "Enabled"})
		cloud.AddBackupStorages(zstacktest.BackupStorage{
			UUID: storageUUID(i), Name: new("storage"), State: "Enabled", Status: "Connected", AttachedZoneUUIDs: []string{zoneUUID(i)},
		})
	}
	return cloud
}

func TestAZoneIsSelectedByItsExactName(t *testing.T) {
	cloud := startWithZones(t, confusableZones...)
	var configuration strings.Builder
	var stateChecks []statecheck.StateCheck
	for i, name := range confusableZones {
		fmt.Fprintf(&configuration, `
data "zstack_backup_storage" "n%[1]d" {
  zone_name = %[2]s
}

data "zstack_backup_storages" "n%[1]d" {
  zone_name = %[2]s
}

data "zstack_backup_storage" "u%[1]d" {
  name      = "storage"
  zone_uuid = %[3]q
}

output "z%[1]d" {
  value = [
    data.zstack_backup_storage.n%[1]d.uuid,
    one(data.zstack_backup_storages.n%[1]d.backup_storages).uuid,
    data.zstack_backup_storage.u%[1]d.uuid,
  ]
}
`, i, strings.ReplaceAll(hclText(name), "\n", `\n`), zoneUUID(i))
		uuid := stringValue(storageUUID(i))
		stateChecks = append(stateChecks, statecheck.ExpectKnownOutputValue(fmt.Sprintf("z%d", i), knownvalue.TupleExact([]knownvalue.Check{uuid, uuid, uuid})))
	}
	cloud.Run(t, resource.TestStep{Config: configuration.String(), ConfigStateChecks: stateChecks})
}

func TestTheConditionOnTheZoneIsSent(t *testing.T) {
	cloud := startWithZones(t, "west", "East")
	cloud.CLI(t, requiredProviders+`data "zstack_backup_storage" "x" { zone_name = "west" }`).Run("plan")
	var sent []string
	for _, request := range cloud.Requests() {
		if request.Method == "GET" {
			sent = append(sent, request.Path+" "+strings.Join(request.Query["q"], " "))
		}
	}
	want := []string{"/zstack/v1/zones name=west", "/zstack/v1/backup-storage attachedZoneUuids=" + zoneUUID(0)}
	if diff := cmp.Diff(want, sent); diff != "" {
		t.Errorf("the requests differ (-want +got):\n%s", diff)
	}
}

func TestAZoneNameOfNoneOrSeveralZonesIsAnError(t *testing.T) {
	const decomposed = "Zu\u0308rich" // Terraform composes the letter, so that no configuration can contain this name.
	cloud := startWithZones(t, "west", "twin", "twin", decomposed)
	cloud.Configure(func(s *zstacktest.Settings) { s.Locale = zstacktest.English })
	for _, test := range []struct{ name, selector, summary, detail string }{
		{
			"case", `zone_name = "West"`, "Zone Not Found", "No zone visible to this account has exactly the name \"West\".\n" +
				"Visible to this account, closest first:\n" +
				"  " + zoneUUID(0) + " \"west\"         differs in case\n" +
				"  " + zoneUUID(1) + " \"twin\"         differs in name\n" +
				"  " + zoneUUID(2) + " \"twin\"         differs in name\n" +
				"  " + zoneUUID(3) + " \"Zu\\u0308rich\" differs in name\n" +
				"Correct zone_name, or select the zone with zone_uuid.",
		},
		{
			"line break", `zone_name = "west\n"`, "Zone Not Found", "No zone visible to this account has exactly the name \"west\\n\".\n" +
				"The value \"west\\n\" ends with a line break, which must match too. Terraform's function chomp removes it.\n" +
				"Visible to this account, closest first:\n" +
				"  " + zoneUUID(0) + " \"west\"         differs in whitespace\n",
		},
		{
			"decomposed letter", `zone_name = "` + decomposed + `"`, "Zone Not Found", "No zone visible to this account has exactly the name \"Zürich\".\n" +
				"Visible to this account, closest first:\n" +
				"  " + zoneUUID(3) + " \"Zu\\u0308rich\" differs in name\n",
		},
		{
			"beginning of a name", `zone_name = "zu"`, "Zone Not Found", "No zone visible to this account has exactly the name \"zu\".\n" +
				"Visible to this account, closest first:\n" +
				"  " + zoneUUID(3) + " \"Zu\\u0308rich\" differs in name\n",
		},
		{
			"pattern", `zone_name = "twin%"`, "Zone Not Found", "No zone visible to this account has exactly the name \"twin%\".\n" +
				"zone_name is not a pattern: it is compared exactly.\n" +
				"Visible to this account, closest first:\n" +
				"  " + zoneUUID(1) + " \"twin\"         differs in name\n",
		},
		{
			"uuid as name", `zone_name = "` + zoneUUID(2) + `"`, "Zone Not Found", "No zone visible to this account has exactly the name \"" + zoneUUID(2) + "\".\n" +
				"The value \"" + zoneUUID(2) + "\" looks like a UUID. To select by UUID, use zone_uuid instead of zone_name.\n" +
				"Visible to this account, closest first:\n" +
				"  " + zoneUUID(2) + " \"twin\"         differs in name\n",
		},
		{
			"several", `zone_name = "twin"`, "Several Zones Match", "2 zones have the name \"twin\", but zone_name must be the name of exactly one:\n" +
				"  " + zoneUUID(1) + " \"twin\"\n" +
				"  " + zoneUUID(2) + " \"twin\"\n" +
				"Select the zone with zone_uuid instead of zone_name.",
		},
		{
			"no storage", `zone_name = "west"` + "\n" + `name = "Storage"`, "Backup Storage Not Found",
			"No backup storage visible to this account matches name = \"Storage\" and zone_name = \"west\".\n" +
				"Visible to this account, closest first:\n" +
				"  " + storageUUID(0) + " \"storage\" SimulatorBackupStorage Connected differs in case\n" +
				"  " + storageUUID(1) + " \"storage\" SimulatorBackupStorage Connected differs in case, zone\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := cloud.CLI(t, requiredProviders+"data \"zstack_backup_storage\" \"x\" {\n"+test.selector+"\n}\n").Diagnostics("plan")
			if len(got) != 1 || got[0].Summary != test.summary {
				t.Fatalf("got %+v", got)
			}
			if !strings.HasPrefix(got[0].Detail, test.detail) {
				t.Errorf("the detail differs (-want +got):\n%s", cmp.Diff(test.detail, got[0].Detail))
			}
		})
	}
}

func TestAUserWhoMayNotReadZonesIsAdvisedToUseZoneUUID(t *testing.T) {
	cloud := startWithZones(t, "west")
	cloud.Configure(func(s *zstacktest.Settings) { s.Locale = zstacktest.English })
	cloud.Misbehave(zstacktest.AtZones, zstacktest.Fails(zstacktest.DeniedByPolicy))
	got := cloud.CLI(t, requiredProviders+`data "zstack_backup_storages" "x" { zone_name = "west" }`).Diagnostics("plan")
	if len(got) != 1 || got[0].Summary != "Operation Refused" || !strings.Contains(got[0].Detail, "use zone_uuid instead of zone_name") {
		t.Errorf("got %+v", got)
	}
}

func TestAnUnknownZoneDefersTheRead(t *testing.T) {
	cloud := startWithZones(t, "west")
	cloud.Run(t, resource.TestStep{
		Config: fmt.Sprintf(`
resource "terraform_data" "zone" {
  input = { name = "west", uuid = %q }
}

data "zstack_backup_storage" "name" {
  zone_name = terraform_data.zone.output.name
}

data "zstack_backup_storages" "uuid" {
  zone_uuid = terraform_data.zone.output.uuid
}

output "name" {
  value = data.zstack_backup_storage.name.uuid
}

output "uuid" {
  value = data.zstack_backup_storages.uuid.backup_storages[0].uuid
}
`, zoneUUID(0)),
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectUnknownOutputValue("name"), plancheck.ExpectUnknownOutputValue("uuid"),
		}},
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownOutputValue("name", stringValue(storageUUID(0))), statecheck.ExpectKnownOutputValue("uuid", stringValue(storageUUID(0))),
		},
	})
}
