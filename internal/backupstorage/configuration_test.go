// SPDX-License-Identifier: MPL-2.0

package backupstorage_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/zstackio/terraform-provider-zstack/internal/acctest"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// TestUnknownSelectorsDeferTheRead uses selectors that depend on a resource that
// does not exist yet.
func TestUnknownSelectorsDeferTheRead(t *testing.T) {
	cloud := acctest.Start(t)
	cloud.SetBackupStorages(zstacktest.Inventory()...)
	outputs := []string{"name", "uuid", "filter", "dynamic", "sort"}
	step := resource.TestStep{Config: `
resource "terraform_data" "x" {
  input = {
    name  = "sftp"
    uuid  = "9656aa7cc6fb46ebab65aedc12a4728c"
    ports = ["22", "2222"]
    by    = "available_capacity"
  }
}

data "zstack_backup_storage" "name" {
  name = terraform_data.x.output.name
}

data "zstack_backup_storage" "uuid" {
  uuid = terraform_data.x.output.uuid
}

data "zstack_backup_storage" "filter" {
  name = "sftp"

  filter {
    name     = "available_capacity"
    operator = "<="
    values   = [length(terraform_data.x.output.ports)]
  }
}

data "zstack_backup_storages" "dynamic" {
  dynamic "filter" {
    for_each = { ssh_port = terraform_data.x.output.ports, state = ["Disabled"] }
    content {
      name   = filter.key
      values = filter.value
    }
  }
}

data "zstack_backup_storages" "sort" {
  sort_by = terraform_data.x.output.by
}

output "name" {
  value = data.zstack_backup_storage.name.uuid
}

output "uuid" {
  value = data.zstack_backup_storage.uuid.uuid
}

output "filter" {
  value = data.zstack_backup_storage.filter.uuid
}

output "dynamic" {
  value = data.zstack_backup_storages.dynamic.backup_storages[0].uuid
}

output "sort" {
  value = data.zstack_backup_storages.sort.backup_storages[0].uuid
}
`}
	for _, output := range outputs {
		step.ConfigPlanChecks.PreApply = append(step.ConfigPlanChecks.PreApply, plancheck.ExpectUnknownOutputValue(output))
		step.ConfigStateChecks = append(step.ConfigStateChecks,
			statecheck.ExpectKnownOutputValue(output, stringValue("9656aa7cc6fb46ebab65aedc12a4728c")))
	}
	cloud.Run(t, step)
}

// TestConfigurationsForTheVendorsProviderWork reads configurations for the
// vendor's zstack_backup_storages, with common uses of its result.
func TestConfigurationsForTheVendorsProviderWork(t *testing.T) {
	cloud := acctest.Start(t)
	cloud.SetBackupStorages(zstacktest.Inventory()...)
	cli := cloud.CLI(t, requiredProviders+`
data "zstack_backup_storages" "all" {
}

data "zstack_backup_storages" "by_name" {
  name = "image-store"
}

data "zstack_backup_storages" "by_pattern" {
  name_pattern = "%s%f_p%"
}

data "zstack_backup_storages" "by_uuid" {
  uuid = "435e61f882cf431bb4ae48246489a988"
}

data "zstack_backup_storages" "by_status" {
  filter {
    name   = "status"
    values = ["Connected"]
  }
}

data "zstack_backup_storages" "by_two" {
  filter {
    name   = "state"
    values = ["Enabled", "Disabled"]
  }
  filter {
    name   = "total_capacity"
    values = ["107374182400", "9992857976832"]
  }
}

data "zstack_backup_storages" "none" {
  name = "not-there"
}

resource "terraform_data" "each" {
  for_each = { for s in data.zstack_backup_storages.all.backup_storages : s.uuid => s }
  input    = "${each.value.name}: ${each.value.available_capacity} of ${each.value.total_capacity}, ${each.value.state}, ${each.value.status}"
}

output "found" {
  value = join("\n", flatten([
    data.zstack_backup_storages.all.backup_storages[*].name,
    data.zstack_backup_storages.by_name.backup_storages.0.uuid,
    data.zstack_backup_storages.by_pattern.backup_storages[0].uuid,
    data.zstack_backup_storages.by_uuid.backup_storages[0].uuid,
    data.zstack_backup_storages.by_status.backup_storages.*.name,
    [for s in data.zstack_backup_storages.by_two.backup_storages : s.name],
    length(data.zstack_backup_storages.none.backup_storages),
    terraform_data.each["9656aa7cc6fb46ebab65aedc12a4728c"].output,
  ]))
}
`)
	cli.Run("apply", "-auto-approve")
	want := strings.Join([]string{
		"image-store", "ceph <prod> & backup", "sftp",
		"1ab3b836a88342e1bbc1b1a17d092f0f",
		"9656aa7cc6fb46ebab65aedc12a4728c",
		"435e61f882cf431bb4ae48246489a988",
		"image-store", "ceph <prod> & backup",
		"image-store", "sftp",
		"0",
		"sftp: 0 of 107374182400, Disabled, Disconnected",
	}, "\n")
	if diff := cmp.Diff(want, cli.Run("output", "-raw", "found")); diff != "" {
		t.Errorf("the output differs (-want +got):\n%s", diff)
	}
}

// TestTheProviderWorksAlongsideAnotherOfTheSameName configures the provider under a
// second local name. The same binary is used for both providers.
func TestTheProviderWorksAlongsideAnotherOfTheSameName(t *testing.T) {
	cloud := acctest.Start(t)
	cloud.SetBackupStorages(zstacktest.Inventory()...)
	output := cloud.CLI(t, `
terraform {
  required_providers {
    zstack = {
      source = "ZStack-Robot/zstack"
    }
    zstackbs = {
      source = "zstackio/zstack"
    }
  }
}

data "zstack_backup_storages" "theirs" {
  name = "image-store"
}

data "zstack_backup_storage" "ours" {
  provider = zstackbs
  name     = "sftp"
}

data "zstack_backup_storages" "ours" {
  provider = zstackbs
  type     = "Ceph"
}

output "uuids" {
  value = join(" ", [
    data.zstack_backup_storages.theirs.backup_storages[0].uuid,
    data.zstack_backup_storage.ours.uuid,
    data.zstack_backup_storages.ours.backup_storages[0].uuid,
  ])
}
`, acctest.Source, "ZStack-Robot/zstack").Run("plan")
	want := "1ab3b836a88342e1bbc1b1a17d092f0f 9656aa7cc6fb46ebab65aedc12a4728c 435e61f882cf431bb4ae48246489a988"
	if !strings.Contains(output, want) {
		t.Errorf("%q is not in the plan:\n%s", want, output)
	}
}
