// SPDX-License-Identifier: MPL-2.0

package backupstorage_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zstackio/terraform-provider-zstack/internal/acctest"
)

// requiredProviders is the beginning of a configuration for the real binary.
const requiredProviders = `
terraform {
  required_providers {
    zstack = {
      source = "zstackio/zstack"
    }
  }
}
`

// invalidArguments are the bodies of data blocks, and their diagnostics: the
// summary and the beginning of the detail.
var invalidArguments = []struct {
	name, source, body string
	want               []string
}{
	{"nothing", "zstack_backup_storage", ``, []string{
		"Missing Attribute Configuration: At least one of these attributes must be configured: [uuid,name,type,zone_uuid,zone_name,filter]",
	}},
	{"uuid_with_dashes", "zstack_backup_storage", `uuid = "1ab3b836-a883-42e1-bbc1-b1a17d092f0f"`, []string{
		`Invalid UUID: uuid must be a ZStack UUID (32 lower-case hexadecimal digits without dashes), got "1ab3b836-a883-42e1-bbc1-b1a17d092f0f"; ` +
			`use "1ab3b836a88342e1bbc1b1a17d092f0f".`,
	}},
	{"uuid_in_capitals", "zstack_backup_storages", `uuid = "1AB3B836A88342E1BBC1B1A17D092F0F"`, []string{
		`Invalid UUID: uuid must be a ZStack UUID (32 lower-case hexadecimal digits without dashes), got "1AB3B836A88342E1BBC1B1A17D092F0F"; ` +
			`use "1ab3b836a88342e1bbc1b1a17d092f0f".`,
	}},
	{"uuid_with_line_break", "zstack_backup_storages", `uuid = "1ab3b836a88342e1bbc1b1a17d092f0f\n"`, []string{
		`Invalid UUID: uuid must be a ZStack UUID (32 lower-case hexadecimal digits without dashes), got "1ab3b836a88342e1bbc1b1a17d092f0f\n"; ` +
			`use "1ab3b836a88342e1bbc1b1a17d092f0f".`,
	}},
	{"uuid_as_urn", "zstack_backup_storages", `uuid = "urn:uuid:1AB3B836-a883-42e1-bbc1-b1a17d092f0f"`, []string{
		`Invalid UUID: uuid must be a ZStack UUID (32 lower-case hexadecimal digits without dashes), got "urn:uuid:1AB3B836-a883-42e1-bbc1-b1a17d092f0f"; ` +
			`use "1ab3b836a88342e1bbc1b1a17d092f0f".`,
	}},
	{"no_uuid", "zstack_backup_storage", `uuid = ""`, []string{
		`Invalid UUID: uuid must be a ZStack UUID (32 lower-case hexadecimal digits without dashes), got "".`,
	}},
	{"filter_uuids", "zstack_backup_storages", filter("uuid", "!=", "1AB3B836A88342E1BBC1B1A17D092F0F") +
		filter("attached_zone_uuids", "", " 1ab3b836a88342e1bbc1b1a17d092f0f") + filter("vcenter_uuid", "=", "vc"), []string{
		`Invalid Filter Values: uuid must be compared with a ZStack UUID (32 lower-case hexadecimal digits without dashes), got "1AB3B836A88342E1BBC1B1A17D092F0F"; use "1ab3b836a88342e1bbc1b1a17d092f0f".`,
		`Invalid Filter Values: attached_zone_uuids must be compared with a ZStack UUID (32 lower-case hexadecimal digits without dashes), got " 1ab3b836a88342e1bbc1b1a17d092f0f"; use "1ab3b836a88342e1bbc1b1a17d092f0f".`,
		`Invalid Filter Values: vcenter_uuid must be compared with a ZStack UUID (32 lower-case hexadecimal digits without dashes), got "vc".`,
	}},
	{"filter_spellings", "zstack_backup_storage", filter("status", "!=", "connected") + filter("state", "", "disabled ") + filter("type", "=", "CephBackupStorage", "Tomorrow"), []string{
		`Invalid Filter Values: status must be compared with "Connected" exactly, got "connected".`,
		`Invalid Filter Values: state must be compared with "Disabled" exactly, got "disabled ".`,
		`Invalid Filter Values: type must be compared with "Ceph" (the server's name of this type), got "CephBackupStorage".`,
	}},
	{"state_for_status", "zstack_backup_storages", filter("status", "!=", "Disabled") + filter("state", "", "Connected", "Paused") + filter("status", "", " enabled"), []string{
		`Invalid Filter Values: status must be compared with "Connecting", "Connected" or "Disconnected", got "Disabled", which is a value of state.`,
		`Invalid Filter Values: state must be compared with "Enabled" or "Disabled", got "Connected", which is a value of status.`,
		`Invalid Filter Values: status must be compared with "Connecting", "Connected" or "Disconnected", got " enabled", which is a value of state.`,
	}},
	{"type_without_suffix", "zstack_backup_storages", `type = "ImageStore"` + "\n" + filter("type", "!=", "sftp") + filter("type", "", "vcenterbackupstorage"), []string{
		`Invalid Backup Storage Type: type must be "ImageStoreBackupStorage" (the server's name of this type), got "ImageStore".`,
		`Invalid Filter Values: type must be compared with "SftpBackupStorage" (the server's name of this type), got "sftp".`,
		`Invalid Filter Values: type must be compared with "VCenter" (the server's name of this type), got "vcenterbackupstorage".`,
	}},
	{"type_in_lower_case", "zstack_backup_storages", `type = "sftpbackupstorage"`, []string{
		`Invalid Backup Storage Type: type must be "SftpBackupStorage" exactly, got "sftpbackupstorage".`,
	}},
	{"type_of_the_vendor", "zstack_backup_storage", `type = "CephBackupStorage"`, []string{
		`Invalid Backup Storage Type: type must be "Ceph" (the server's name of this type), got "CephBackupStorage".`,
	}},
	{"uuid_and_name", "zstack_backup_storage", "uuid = \"1ab3b836a88342e1bbc1b1a17d092f0f\"\n name = \"x\"", []string{
		`Invalid Attribute Combination: Attribute "name" cannot be specified when "uuid" is specified`,
	}},
	{"uuid_and_type", "zstack_backup_storage", "uuid = \"1ab3b836a88342e1bbc1b1a17d092f0f\"\n type = \"Ceph\"", []string{
		`Invalid Attribute Combination: Attribute "type" cannot be specified when "uuid" is specified`,
	}},
	{"uuid_and_filter", "zstack_backup_storage", "uuid = \"1ab3b836a88342e1bbc1b1a17d092f0f\"\n filter {\n name = \"state\"\n values = [\"Enabled\"]\n }", []string{
		`Invalid Attribute Combination: Attribute "filter" cannot be specified when "uuid" is specified`,
	}},
	{"uuid_and_pattern", "zstack_backup_storages", "uuid = \"1ab3b836a88342e1bbc1b1a17d092f0f\"\n name_pattern = \"x\"", []string{
		`Invalid Attribute Combination: Attribute "name_pattern" cannot be specified when "uuid" is specified`,
	}},
	{"name_and_pattern", "zstack_backup_storages", "name = \"x\"\n name_pattern = \"x\"", []string{
		`Invalid Attribute Combination: Attribute "name" cannot be specified when "name_pattern" is specified`,
	}},
	{"empty_name", "zstack_backup_storage", `name = ""`, []string{
		"Empty Selector: name must be non-empty. To select by other arguments only, remove it or set it to null.",
	}},
	{"empty_pattern", "zstack_backup_storages", `name_pattern = ""`, []string{
		"Empty Selector: name_pattern must be non-empty. To select by other arguments only, remove it or set it to null.",
	}},
	{"empty_type", "zstack_backup_storages", `type = ""`, []string{
		"Empty Selector: type must be non-empty. To select by other arguments only, remove it or set it to null.",
	}},

	{"zone_uuid_in_capitals", "zstack_backup_storages", `zone_uuid = "1AB3B836-a883-42e1-bbc1-b1a17d092f0f"`, []string{
		`Invalid UUID: zone_uuid must be a ZStack UUID (32 lower-case hexadecimal digits without dashes), got "1AB3B836-a883-42e1-bbc1-b1a17d092f0f"; ` +
			`use "1ab3b836a88342e1bbc1b1a17d092f0f".`,
	}},
	{"empty_zones", "zstack_backup_storage", "zone_name = \"\"", []string{
		"Empty Selector: zone_name must be non-empty. To select by other arguments only, remove it or set it to null.",
	}},
	{"two_zones", "zstack_backup_storages", "zone_name = \"x\"\n zone_uuid = \"1ab3b836a88342e1bbc1b1a17d092f0f\"", []string{
		`Invalid Attribute Combination: Attribute "zone_name" cannot be specified when "zone_uuid" is specified`,
	}},
	{"uuid_and_zone", "zstack_backup_storage", "uuid = \"1ab3b836a88342e1bbc1b1a17d092f0f\"\n zone_name = \"x\"", []string{
		`Invalid Attribute Combination: Attribute "zone_name" cannot be specified when "uuid" is specified`,
	}},
	{"unknown_filter", "zstack_backup_storages", filter("mons", "=", "x"), []string{
		`Invalid Attribute Name: filter[0].name must be the name of an attribute, got "mons". The attributes are: uuid, name, description, `,
	}},
	{"filter_of_the_api", "zstack_backup_storages", filter("availableCapacity", ">", "1"), []string{
		`Invalid Attribute Name: filter[0].name must be the name of an attribute, got "availableCapacity". Did you mean available_capacity? The attributes are: uuid, `,
	}},
	{"misspelt_filter", "zstack_backup_storage", filter("stauts", "=", "x"), []string{
		`Invalid Attribute Name: filter[0].name must be the name of an attribute, got "stauts". Did you mean status? The attributes are: uuid, `,
	}},
	{"unknown_operator", "zstack_backup_storages", filter("name", "~=", "x"), []string{
		`Invalid Attribute Value Match: Attribute filter[0].operator value must be one of: ["=" "!=" `,
	}},
	{"no_values", "zstack_backup_storages", "filter {\n name = \"name\"\n values = []\n }", []string{
		"Invalid Filter Values: filter[0].values must contain at least one value.",
	}},
	{"empty_value", "zstack_backup_storages", filter("name", "=", ""), []string{
		`Invalid Filter Values: filter[0].values must not contain an empty value ("") or null. Remove it, for example with Terraform's function compact.`,
	}},
	{"null_value", "zstack_backup_storages", "filter {\n name = \"name\"\n values = [null]\n }", []string{
		`Invalid Filter Values: filter[0].values must not contain an empty value ("") or null. Remove it, for example with Terraform's function compact.`,
	}},
	{"empty_and_null_values", "zstack_backup_storage", "filter {\n name = \"ssh_port\"\n operator = \"<\"\n values = [null, \"\", \"x\"]\n }", []string{
		`Invalid Filter Values: filter[0].values must not contain an empty value ("") or null. Remove it, for example with Terraform's function compact.`,
	}},
	{"fraction", "zstack_backup_storage", filter("total_capacity", "=", "1.5") + filter("ssh_port", "!=", "22.0"), []string{
		`Invalid Filter Values: total_capacity must be compared with a whole number, got "1.5"; fractions can be used with "<", "<=", ">" and ">=".`,
		`Invalid Filter Values: ssh_port must be compared with a whole number, got "22.0"; fractions can be used with "<", "<=", ">" and ">=".`,
	}},
	{"bytes_with_unit", "zstack_backup_storages", filter("available_capacity", ">", "500G") + filter("total_capacity", "=", "500 GiB", "1e3"), []string{
		`Invalid Filter Values: available_capacity must be compared with bytes in digits, such as 500 * pow(1024, 3), got "500G".`,
		`Invalid Filter Values: total_capacity must be compared with bytes in digits, such as 500 * pow(1024, 3), got "1e3".`,
		`Invalid Filter Values: total_capacity must be compared with bytes in digits, such as 500 * pow(1024, 3), got "500 GiB".`,
	}},
	{"beyond_int64", "zstack_backup_storages", "filter {\n name = \"total_capacity\"\n operator = \"<\"\n values = [9223372036854775808]\n }", []string{
		`Invalid Filter Values: total_capacity must be compared with a number between -9223372036854775808 and 9223372036854775807, got "9223372036854775808".`,
	}},
	{"no_decimal", "zstack_backup_storages", filter("pool_disk_utilization", ">", "half"), []string{
		`Invalid Filter Values: pool_disk_utilization must be compared with a decimal number such as 0.85, got "half".`,
	}},
	{"order_of_text", "zstack_backup_storages", filter("create_date", "<", "x"), []string{
		`Invalid Filter Operator: "<" compares numbers, but create_date is not a number. Use "=" or "!=", or one of the attributes total_capacity, `,
	}},
	{"order_of_two", "zstack_backup_storages", filter("total_capacity", ">=", "1", "2"), []string{
		`Invalid Filter Values: ">=" compares with exactly one value, got 2.`,
	}},
	{"several_at_once", "zstack_backup_storages", filter("name", ">", "a", "b") + filter("ssh_port", "", "x"), []string{
		`Invalid Filter Operator: ">" compares numbers, but name is not a number.`,
		`Invalid Filter Values: ">" compares with exactly one value, got 2.`,
		`Invalid Filter Values: ssh_port must be compared with a whole number in digits, got "x".`,
	}},

	{"sort_by_set", "zstack_backup_storages", `sort_by = "attached_zone_uuids"`, []string{
		`Invalid Attribute Name: sort_by must be the name of an attribute, got "attached_zone_uuids". The attributes are: uuid, name, `,
	}},
	{"sort_by_api_name", "zstack_backup_storages", `sort_by = "availableCapacity"`, []string{
		`Invalid Attribute Name: sort_by must be the name of an attribute, got "availableCapacity". Did you mean available_capacity? The attributes are: uuid, name, `,
	}},
	{"sort_sideways", "zstack_backup_storages", "sort_by = \"name\"\n sort_direction = \"up\"", []string{
		`Invalid Attribute Value Match: Attribute sort_direction value must be one of: ["asc" "desc"], got: "up"`,
	}},
	{"direction_alone", "zstack_backup_storages", `sort_direction = "desc"`, []string{
		`Invalid Attribute Combination: Attribute "sort_by" must be specified when "sort_direction" is specified`,
	}},
	{"no_time", "zstack_backup_storage", "name = \"x\"\n timeouts {\n read = \"0s\"\n }", []string{
		`Invalid Timeout: timeouts.read must be a duration greater than zero, such as "30s" or "2m", got "0s".`,
	}},
	{"negative_time", "zstack_backup_storages", "timeouts {\n read = \"-1m\"\n }", []string{
		`Invalid Timeout: timeouts.read must be a duration greater than zero, such as "30s" or "2m", got "-1m".`,
	}},
	{"time_without_unit", "zstack_backup_storages", "timeouts {\n read = \"30\"\n }", []string{
		`Invalid Timeout: timeouts.read must be a duration greater than zero, such as "30s" or "2m", got "30".`,
	}},
}

// filter returns a filter block, without an operator if that is empty.
func filter(name, operator string, values ...string) string {
	block := fmt.Sprintf("filter {\n name = %q\n values = %s\n", name, strings.ReplaceAll(fmt.Sprintf("%q", values), `" "`, `", "`))
	if operator != "" {
		block += fmt.Sprintf(" operator = %q\n", operator)
	}
	return block + "}\n"
}

func TestInvalidArgumentsAreFoundByValidateWithoutARequest(t *testing.T) {
	cloud := acctest.Start(t)
	configuration := requiredProviders
	for _, bad := range invalidArguments {
		configuration += fmt.Sprintf("data %q %q {\n%s\n}\n", bad.source, bad.name, bad.body)
	}
	got := map[string][]string{}
	for _, d := range cloud.CLI(t, configuration).Diagnostics("validate") {
		name := strings.Trim(d.Snippet.Context[strings.LastIndex(d.Snippet.Context, " ")+1:], `"`)
		got[name] = append(got[name], d.Summary+": "+d.Detail)
	}
	for _, bad := range invalidArguments {
		t.Run(bad.name, func(t *testing.T) {
			if len(got[bad.name]) != len(bad.want) {
				t.Fatalf("got %q, want %q", got[bad.name], bad.want)
			}
			for i, want := range bad.want {
				if !strings.HasPrefix(got[bad.name][i], want) {
					t.Errorf("got  %s\nwant %s", got[bad.name][i], want)
				}
			}
		})
	}
	if requests := cloud.Requests(); len(requests) > 0 {
		t.Errorf("%d requests were sent", len(requests))
	}
}

func TestInvalidValuesOfVariablesAreFoundByPlanWithoutARequest(t *testing.T) {
	cloud := acctest.Start(t)
	cli := cloud.CLI(t, requiredProviders+`
variable "selector" {
  type = map(string)
  default = {
    uuid   = "1AB3B836A88342E1BBC1B1A17D092F0F"
    type   = "sftpbackupstorage"
    name   = "availableCapacity"
    status = "connected"
    bytes  = "500G"
  }
}

data "zstack_backup_storages" "uuid" {
  uuid = var.selector.uuid
}

data "zstack_backup_storages" "zone" {
  zone_uuid = var.selector.uuid
}

data "zstack_backup_storages" "type" {
  type    = var.selector.type
  sort_by = var.selector.name
}

data "zstack_backup_storages" "filter" {
  filter {
    name   = "status"
    values = [var.selector.status]
  }

  filter {
    name     = "available_capacity"
    operator = ">"
    values   = [var.selector.bytes]
  }

  filter {
    name   = var.selector.name
    values = ["1"]
  }
}
`)
	if got := cli.Diagnostics("validate"); len(got) > 0 {
		t.Errorf("validate: %+v", got)
	}
	var got []string
	for _, d := range cli.Diagnostics("plan") {
		got = append(got, d.Summary)
	}
	slices.Sort(got)
	want := []string{
		"Invalid Attribute Name", "Invalid Attribute Name", "Invalid Backup Storage Type", "Invalid Filter Values", "Invalid Filter Values", "Invalid UUID", "Invalid UUID",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the diagnostics differ (-want +got):\n%s", diff)
	}
	if requests := cloud.Requests(); len(requests) > 0 {
		t.Errorf("%d requests were sent", len(requests))
	}
}

// TestUnknownValuesAreValid also tests values inside a dynamic block.
func TestUnknownValuesAreValid(t *testing.T) {
	cloud := acctest.Start(t)
	got := cloud.CLI(t, requiredProviders+`
variable "conditions" {
  type = list(object({ name = string, operator = optional(string), values = list(string) }))
}

variable "text" {
  type = string
}

data "zstack_backup_storage" "unknown" {
  uuid = var.text
  name = var.text

  filter {
    name     = var.text
    operator = var.text
    values   = [var.text, "1"]
  }

  timeouts {
    read = var.text
  }
}

data "zstack_backup_storages" "unknown" {
  name           = var.text
  name_pattern   = var.text
  zone_uuid      = var.text
  zone_name      = var.text
  sort_by        = var.text
  sort_direction = "desc"

  filter {
    name     = "total_capacity"
    operator = ">"
    values   = [var.text]
  }
}

data "zstack_backup_storages" "unknown_operator" {
  filter {
    name     = "total_capacity"
    operator = var.text
    values   = ["1", "1.5"]
  }
}

data "zstack_backup_storage" "dynamic" {
  dynamic "filter" {
    for_each = var.conditions
    content {
      name     = filter.value.name
      operator = filter.value.operator
      values   = filter.value.values
    }
  }
}

data "zstack_backup_storages" "dynamic_values" {
  dynamic "filter" {
    for_each = toset(["ssh_port", "name"])
    content {
      name   = filter.value
      values = [var.text]
    }
  }
}
`).Diagnostics("validate")
	if diff := cmp.Diff([]acctest.Diagnostic(nil), got); diff != "" {
		t.Errorf("got %s", diff)
	}
}
