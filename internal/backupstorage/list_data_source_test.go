// SPDX-License-Identifier: MPL-2.0

package backupstorage_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/zstackio/terraform-provider-zstack/internal/acctest"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// lists returns a configuration with a list for each body, and an output with
// the names in that list as JSON.
func lists(bodies ...string) string {
	var configuration strings.Builder
	for i, body := range bodies {
		fmt.Fprintf(&configuration, `
data "zstack_backup_storages" "l%[1]d" {
  %[2]s
}

output "l%[1]d" {
  value = jsonencode(data.zstack_backup_storages.l%[1]d.backup_storages[*].name)
}
`, i, body)
	}
	return configuration.String()
}

// expectNames checks the outputs of lists.
func expectNames(lists ...[]string) []statecheck.StateCheck {
	var checks []statecheck.StateCheck
	for i, names := range lists {
		quoted := make([]string, len(names))
		for j, name := range names {
			quoted[j] = `"` + name + `"`
		}
		checks = append(checks, statecheck.ExpectKnownOutputValue(fmt.Sprintf("l%d", i), stringValue("["+strings.Join(quoted, ",")+"]")))
	}
	return checks
}

func TestListsAreFilteredAndSorted(t *testing.T) {
	cloud := acctest.Start(t)
	storages := zstacktest.Inventory()
	storages[1].Name = new("ceph")
	cloud.SetBackupStorages(storages...)
	store, ceph, sftp := "image-store", "ceph", "sftp"
	tests := []struct {
		body string
		want []string
	}{
		{``, []string{store, ceph, sftp}},
		{`uuid = "435e61f882cf431bb4ae48246489a988"`, []string{ceph}},
		{`name = "ceph"`, []string{ceph}},
		{`name = "Ceph"`, nil},
		{`name_pattern = "%S%"`, []string{store, sftp}},
		{`name_pattern = "image_store"`, []string{store}},
		{`name_pattern = "image\\_store"`, nil},
		{`type = "SftpBackupStorage"`, []string{sftp}},
		{`type = "Tomorrow"`, nil},
		{filter("status", "", "Connected"), []string{store, ceph}},
		{filter("status", "!=", "Connected"), []string{sftp}},
		{filter("state", "=", "Enabled") + filter("state", "!=", "Enabled"), nil},
		{filter("total_capacity", ">", "107374182400") + filter("total_capacity", "<", "13194139533312"), []string{store}},
		{filter("attached_zone_uuids", "", zstacktest.ZoneOne), []string{store, sftp}},
		{filter("attached_zone_uuids", "!=", zstacktest.ZoneOne), []string{ceph}},
		{filter("description", "!=", "x"), []string{store, ceph, sftp}},
		{filter("pool_replicated_size", "<=", "3"), []string{ceph}},
		{`sort_by = "name"`, []string{ceph, store, sftp}},
		{"sort_by = \"name\"\n sort_direction = \"desc\"", []string{sftp, store, ceph}},
		{`sort_by = "available_capacity"`, []string{sftp, store, ceph}},
		{"sort_by = \"create_date\"\n sort_direction = \"asc\"", []string{sftp, store, ceph}},
		{"sort_by = \"ssh_port\"\n sort_direction = \"desc\"", []string{store, sftp, ceph}},
		{"sort_by = \"uuid\"\n sort_direction = \"desc\"\n" + filter("ssh_port", "=", "22"), []string{sftp, store}},
	}
	var bodies []string
	var want [][]string
	for _, test := range tests {
		bodies = append(bodies, test.body)
		want = append(want, test.want)
	}
	cloud.Run(t, resource.TestStep{Config: lists(bodies...), ConfigStateChecks: expectNames(want...)})
}

func TestASelectorThatLooksWrongCausesAWarningIfTheListIsEmpty(t *testing.T) {
	cloud := acctest.Start(t)
	cloud.SetBackupStorages(zstacktest.Inventory()...)
	got := cloud.CLI(t, requiredProviders+`
data "zstack_backup_storages" "glob" {
  name_pattern = "image*"
}

data "zstack_backup_storages" "expression" {
  name_pattern = "^image"
}

data "zstack_backup_storages" "line_break" {
  name_pattern = "image-stor_\n"
}

data "zstack_backup_storages" "like" {
  name = "image%"
}

data "zstack_backup_storages" "nothing" {
  name_pattern = "nothing%"
}

data "zstack_backup_storages" "name" {
  name = "nothing"
}

data "zstack_backup_storages" "found" {
  name_pattern = "image-store"
}
`).Diagnostics("plan")
	const nothing = "No backup storage visible to this account matches "
	const wildcard = "In name_pattern, % is the wildcard for any sequence of characters, and _ for any single character; * and ^ are ordinary characters."
	want := map[string]string{
		"glob":       nothing + "name_pattern = \"image*\".\n" + wildcard,
		"expression": nothing + "name_pattern = \"^image\".\n" + wildcard,
		"line_break": nothing + "name_pattern = \"image-stor_\\n\".\nThe value \"image-stor_\\n\" ends with a line break, which must match too. Terraform's function chomp removes it.",
		"like":       nothing + "name = \"image%\".\nname is not a pattern: it is compared exactly. The argument for patterns is name_pattern of the data source zstack_backup_storages.",
	}
	details := map[string]string{}
	for _, d := range got {
		if d.Severity != "warning" || d.Summary != "Selector Matches Nothing" {
			t.Errorf("got %+v", d)
		}
		details[strings.Trim(d.Snippet.Context[strings.LastIndex(d.Snippet.Context, " ")+1:], `"`)] = d.Detail
	}
	if diff := cmp.Diff(want, details); diff != "" {
		t.Errorf("the warnings differ (-want +got):\n%s", diff)
	}
}

// TestComputedFractionsAreAccepted filters by numbers, which Terraform converts
// to strings.
func TestComputedFractionsAreAccepted(t *testing.T) {
	cloud := acctest.Start(t)
	cloud.SetBackupStorages(zstacktest.Inventory()...)
	cloud.Run(t, resource.TestStep{
		Config: lists(`filter {
    name     = "available_capacity"
    operator = ">"
    values   = [0.3 * pow(1024, 3)]
  }`, `filter {
    name     = "available_capacity"
    operator = "<="
    values   = [1024 / 3]
  }`, `filter {
    name     = "pool_replicated_size"
    operator = "<"
    values   = [3.5]
  }`),
		ConfigStateChecks: expectNames([]string{"image-store", "ceph \\u003cprod\\u003e \\u0026 backup"}, []string{"sftp"}, []string{"ceph \\u003cprod\\u003e \\u0026 backup"}),
	})
	var sent []string
	for _, request := range cloud.Requests() {
		sent = append(sent, request.Query["q"]...)
	}
	for _, want := range []string{"availableCapacity>=322122548", "availableCapacity<=341"} {
		if !slices.Contains(sent, want) {
			t.Errorf("%s was not sent: %q", want, sent)
		}
	}
}

// hostileNames are names with characters that are special in a query language,
// a database or a shell, and names that a database considers equal.
var hostileNames = []string{
	"it's", `quote"d`, "a,b", "100%", "under_score", "a!=b", "a>=b", "a?=b", "a~=b", "==x", " lead", "trail ", "two  spaces", `back\slash`,
	"a+b&c#d;e", "镜像服务器", "ünïcödé", "🗄", "twin", "Twin", "twin ", "twín", "unicode",
}

func TestHostileNamesAreFoundExactly(t *testing.T) {
	cloud := acctest.Start(t)
	var configuration strings.Builder
	var checks []statecheck.StateCheck
	for i, name := range hostileNames {
		uuid := fmt.Sprintf("%032x", i)
		cloud.AddBackupStorages(zstacktest.BackupStorage{UUID: uuid, Name: &name, State: "Enabled", Status: "Connected"})
		fmt.Fprintf(&configuration, `
data "zstack_backup_storage" "n%[1]d" {
  name = %[2]s
}

data "zstack_backup_storages" "n%[1]d" {
  name = %[2]s
}

data "zstack_backup_storages" "f%[1]d" {
  filter {
    name   = "name"
    values = [%[2]s]
  }
}

output "n%[1]d" {
  value = [
    data.zstack_backup_storage.n%[1]d.uuid,
    one(data.zstack_backup_storages.n%[1]d.backup_storages).uuid,
    one(data.zstack_backup_storages.f%[1]d.backup_storages).uuid,
  ]
}
`, i, hclText(name))
		checks = append(checks, statecheck.ExpectKnownOutputValue(fmt.Sprintf("n%d", i),
			knownvalue.TupleExact([]knownvalue.Check{stringValue(uuid), stringValue(uuid), stringValue(uuid)})))
	}
	cloud.Run(t, resource.TestStep{Config: configuration.String(), ConfigStateChecks: checks})
}

// hclText writes a string of the configuration language.
func hclText(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "${", "$${", "%{", "%%{").Replace(s) + `"`
}

// countConfiguration counts all storages, each of them once.
const countConfiguration = `
data "zstack_backup_storages" "all" {}

output "count" {
  value = length(toset(data.zstack_backup_storages.all.backup_storages[*].uuid))
}
`

func TestListsOfAnySizeAreComplete(t *testing.T) {
	for _, size := range []int{0, 10, 1000, 10_000} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			cloud := acctest.Start(t)
			cloud.SetBackupStorages(zstacktest.Storages(size)...)
			output := cloud.CLI(t, requiredProviders+countConfiguration).Run("plan")
			if want := fmt.Sprintf("+ count = %d\n", size); !strings.Contains(output, want) {
				t.Errorf("%q is not in the plan:\n%s", want, output)
			}
		})
	}
}

// TestANameThatCannotBeSentIsFoundOnTheLastPage also tests that each run of
// the provider that reads logs in once and logs out once.
func TestANameThatCannotBeSentIsFoundOnTheLastPage(t *testing.T) {
	cloud := acctest.Start(t)
	storages := zstacktest.Storages(2500)
	last := slices.MaxFunc(storages, func(a, b zstacktest.BackupStorage) int { return strings.Compare(a.UUID, b.UUID) })
	for i := range storages {
		if storages[i].UUID == last.UUID {
			storages[i].Name = new("it's-0042")
		}
	}
	cloud.SetBackupStorages(storages...)
	output := cloud.CLI(t, requiredProviders+`
data "zstack_backup_storage" "x" {
  name = "it's-0042"
}

output "uuid" {
  value = data.zstack_backup_storage.x.uuid
}
`).Run("plan")
	if !strings.Contains(output, last.UUID) {
		t.Errorf("%s is not in the plan:\n%s", last.UUID, output)
	}
	if pages := queries(cloud); pages != 3 {
		t.Errorf("%d pages were read", pages)
	}
	if cloud.Logins() != 1 || cloud.Logouts() != 1 {
		t.Errorf("%d logins, %d logouts", cloud.Logins(), cloud.Logouts())
	}
}

// TestAListIsCompleteOrTheReadFails covers servers that ignore parameters of
// the query.
func TestAListIsCompleteOrTheReadFails(t *testing.T) {
	const complete, failed, inconsistent = "+ count = 1500\n", "Error: List Changed While It Was Read\n", "Error: Inconsistent List\n"
	for _, test := range []struct {
		name   string
		change func(*zstacktest.Settings)
		want   string
	}{
		{"ignores limit", func(s *zstacktest.Settings) { s.IgnoreLimit = true }, complete},
		{"sends no total", func(s *zstacktest.Settings) { s.NoTotal = true }, complete},
		{"repeats rows", func(s *zstacktest.Settings) { s.RepeatRows = true }, failed},
		{"ignores start", func(s *zstacktest.Settings) { s.IgnoreStart = true }, inconsistent},
		{"ignores sort", func(s *zstacktest.Settings) { s.IgnoreSort = true }, failed},
	} {
		t.Run(test.name, func(t *testing.T) {
			cloud := acctest.Start(t)
			cloud.SetBackupStorages(zstacktest.Storages(1500)...)
			cloud.Configure(test.change)
			if output, _ := cloud.CLI(t, requiredProviders+countConfiguration).Try("plan"); !strings.Contains(output, test.want) {
				t.Errorf("%q is not in the plan:\n%s", test.want, output)
			}
		})
	}
}
