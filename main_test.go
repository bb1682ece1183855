// SPDX-License-Identifier: MPL-2.0

// Tests of what only the real binary under the real Terraform can show: that
// it logs out, whatever ends it.
package main_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/zstackio/terraform-provider-zstack/internal/acctest"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

func TestMain(m *testing.M) { acctest.Main(m) }

// configuration reads two data sources, and fails if var.fail is true.
const configuration = `
terraform {
  required_providers {
    zstack = { source = "registry.terraform.io/zstackio/zstack" }
  }
}

variable "fail" { default = false }

data "zstack_backup_storage" "images" {
  name = var.fail ? "no such storage" : "image-store"
}

data "zstack_backup_storages" "all" {}

output "images" { value = data.zstack_backup_storage.images.uuid }
`

// source is written in full: without its host it means another one to OpenTofu.
const source = "registry.terraform.io/zstackio/zstack"

// start starts a cloud with storages and with every kind of user.
func start(t *testing.T) *acctest.Cloud {
	t.Helper()
	cloud := acctest.Start(t)
	cloud.SetBackupStorages(zstacktest.Inventory()...)
	cloud.AddUser(zstacktest.DefaultAccount, "jo", "jo-Pw-1")
	cloud.AddVirtualID("vera", "vera-Pw-1", "blue")
	return cloud
}

// sessionSets are the ways to log in that make a session, as variables, and
// how many sessions each makes.
var sessionSets = []struct {
	name      string
	variables map[string]string
	logins    int
}{
	{"account", nil, 1},
	{"user", map[string]string{"ZSTACK_USER_NAME": "jo", "ZSTACK_ACCOUNT_PASSWORD": "jo-Pw-1"}, 1},
	{"virtual ID", map[string]string{"ZSTACK_ACCOUNT_NAME": "", "ZSTACK_VIRTUAL_ID_NAME": "vera", "ZSTACK_VIRTUAL_ID_PASSWORD": "vera-Pw-1"}, 1},
	{"project", map[string]string{"ZSTACK_ACCOUNT_NAME": "", "ZSTACK_VIRTUAL_ID_NAME": "vera", "ZSTACK_VIRTUAL_ID_PASSWORD": "vera-Pw-1", "ZSTACK_PROJECT_NAME": "blue"}, 2},
}

// mustBeLoggedOut fails the test if a session is left, or if it has not been
// made and logged out by the provider.
func mustBeLoggedOut(t *testing.T, cloud *acctest.Cloud, after string, logins int) {
	t.Helper()
	live := len(cloud.LiveSessions())
	if live != 0 || cloud.Logins() != logins || cloud.Logouts() != logins {
		t.Errorf("after %s: %d logins (want %d), %d logouts, %d sessions left", after, cloud.Logins(), logins, cloud.Logouts(), live)
	}
}

func TestEveryRunLogsOutWhatItLoggedIn(t *testing.T) {
	for _, set := range sessionSets {
		t.Run(set.name, func(t *testing.T) {
			cloud := start(t)
			for variable, text := range set.variables {
				t.Setenv(variable, text)
			}
			cli := cloud.CLI(t, configuration, source)
			logins := 0
			for _, command := range []string{
				"plan",
				"apply -auto-approve",
				"plan -detailed-exitcode",
				"plan -refresh-only",
				"plan -out=plan.bin",
				"apply plan.bin",
				"destroy -auto-approve",
			} {
				cli.Run(strings.Fields(command)...)
				if command != "apply plan.bin" { // It reads nothing: the plan holds what was read.
					logins += set.logins
				}
				if sessions := len(cloud.LiveSessions()); sessions != 0 {
					t.Errorf("%s left %d sessions", command, sessions)
				}
			}
			if output, err := cli.Try("plan", "-var=fail=true"); err == nil || !strings.Contains(output, "Backup Storage Not Found") {
				t.Errorf("the plan did not fail as it should:\n%s", output)
			}
			mustBeLoggedOut(t, cloud, "all runs", logins+set.logins)
		})
	}
}

func TestManyDataSourcesShareOneLogin(t *testing.T) {
	cloud := start(t)
	many := configuration
	for i := range 30 {
		many += fmt.Sprintf("\ndata \"zstack_backup_storages\" \"n%d\" {}\n", i)
	}
	cloud.CLI(t, many, source).Run("plan", "-parallelism=30")
	mustBeLoggedOut(t, cloud, "the plan", 1)
	queries := 0
	for _, request := range cloud.Requests() {
		if request.Method == http.MethodGet {
			queries++
		}
	}
	if queries != 32 {
		t.Errorf("%d queries, want one for each of 32 data sources", queries)
	}
}
