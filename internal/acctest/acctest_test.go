// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

func TestMain(m *testing.M) { Main(m) }

// TestTheSearchFindsASecretInEveryFileOfARun uses a secret as the name of a
// storage.
func TestTheSearchFindsASecretInEveryFileOfARun(t *testing.T) {
	cloud := Start(t)
	storages := zstacktest.Inventory()
	storages[0].Name = new(zstacktest.SSHPassword)
	cloud.SetBackupStorages(storages...)
	dir := t.TempDir()
	runIn(t, dir, []resource.TestStep{
		{Config: `data "zstack_backup_storage" "x" { uuid = "` + storages[0].UUID + `" }`},
		{Config: `data "zstack_backup_storage" "x" { uuid = "` + storages[0].UUID + `" }
output "name" { value = data.zstack_backup_storage.x.name }`},
	})

	leaks, err := findSecrets(dir, cloud.Secrets())
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, leak := range leaks {
		found[filepath.Base(leak.file)] = true
	}
	for _, file := range []string{"log.txt", "terraform.tfstate", "tfplan: tfplan", "tfplan: tfstate"} {
		if !found[file] {
			t.Errorf("no secret was found in %s, only in %v", file, found)
		}
	}
}

// TestNoTestRunsTerraformWithoutTheSearchForSecrets checks that tests run
// Terraform only with Cloud.Run and Cloud.CLI.
func TestNoTestRunsTerraformWithoutTheSearchForSecrets(t *testing.T) {
	runs := regexp.MustCompile(`resource\.(Parallel|Unit)?Test\(`)
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" || path == filepath.Join("..", "..", "internal", "acctest", "cloud.go") {
			return err
		}
		content, err := os.ReadFile(path)
		if runs.Match(content) {
			t.Errorf("%s runs Terraform without Cloud.Run", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestDiagnosticsOfARunAreInItsLog checks that the search for secrets covers
// diagnostics.
func TestDiagnosticsOfARunAreInItsLog(t *testing.T) {
	cloud := Start(t)
	cloud.Misbehave(zstacktest.AtLogin, zstacktest.Always(zstacktest.Fails(zstacktest.Error{
		Code: "ID.1000", Description: "a description found nowhere else",
	})))
	dir := t.TempDir()
	runIn(t, dir, []resource.TestStep{{
		Config:      `data "zstack_backup_storages" "x" {}`,
		ExpectError: regexp.MustCompile("Wrong Name or Password"),
	}})
	leaks, err := findSecrets(dir, []string{"a description found nowhere else"})
	if err != nil {
		t.Fatal(err)
	}
	if len(leaks) != 1 || !strings.HasSuffix(leaks[0].file, "log.txt") {
		t.Errorf("found %v", leaks)
	}
}

func TestTheRealBinaryRunsAndLogsOut(t *testing.T) {
	cloud := Start(t)
	cloud.SetBackupStorages(zstacktest.Inventory()...)
	cli := cloud.CLI(t, `
terraform {
  required_providers {
    zstack = {
      source = "zstackio/zstack"
    }
  }
}

data "zstack_backup_storages" "all" {}

output "count" {
  value = length(data.zstack_backup_storages.all.backup_storages)
}
`)
	if output := cli.Run("plan"); !strings.Contains(output, "+ count = 3") {
		t.Errorf("the plan is\n%s", output)
	}
	if cloud.Logins() == 0 || cloud.Logins() != cloud.Logouts() {
		t.Errorf("%d logins, %d logouts", cloud.Logins(), cloud.Logouts())
	}
}
