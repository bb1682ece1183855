// SPDX-License-Identifier: MPL-2.0

// Tests of what only the real binary under the real Terraform can show: that
// it logs out, however it ends.
package main_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

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

// source includes the host, because OpenTofu has another default host.
const source = "registry.terraform.io/zstackio/zstack"

// start starts a cloud with storages and with every kind of user. The test
// fails if a session is left at its end.
func start(t *testing.T) *acctest.Cloud {
	t.Helper()
	cloud := acctest.Start(t)
	t.Cleanup(func() {
		if live := len(cloud.LiveSessions()); live > 0 || cloud.Logins() != cloud.Logouts() {
			t.Errorf("at the end: %d logins, %d logouts, %d sessions left", cloud.Logins(), cloud.Logouts(), live)
		}
	})
	cloud.SetBackupStorages(zstacktest.Inventory()...)
	cloud.AddUser(zstacktest.DefaultAccount, "jo", "jo-Pw-1")
	cloud.AddVirtualID("vera", "vera-Pw-1", "blue")
	return cloud
}

// sessionSets are the kinds of login that create a session: the variables of
// each, and the number of sessions.
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

// process is a command that was started.
type process struct {
	*exec.Cmd
	ended   <-chan struct{} // closed when the command has ended
	outcome error           // of the command, once it has ended
	gone    <-chan struct{} // closed when it and the providers that it started have ended
}

// begin starts a command. The test fails if a provider is left at its end.
func begin(t *testing.T, command *exec.Cmd) *process {
	t.Helper()
	// Terraform passes its standard input on to its providers: the pipe reaches its end when all of them have ended.
	reader, inherited, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stdin = inherited
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	_ = inherited.Close()
	ended, gone := make(chan struct{}), make(chan struct{})
	started := &process{Cmd: command, ended: ended, gone: gone}
	go func() {
		defer close(ended)
		started.outcome = command.Wait()
	}()
	go func() {
		defer close(gone)
		_, _ = reader.Read(make([]byte, 1))
	}()
	t.Cleanup(func() {
		await(t, gone, "the end of the provider")
		_ = reader.Close()
	})
	return started
}

// watchdog is far longer than any of these tests takes.
const watchdog = time.Minute

// await waits for an event and returns its value. The test fails if the event
// does not happen.
func await[T any](t *testing.T, event <-chan T, name string) (value T) {
	t.Helper()
	select {
	case value = <-event:
	case <-time.After(watchdog):
		t.Fatalf("%s did not happen", name)
	}
	return value
}

// finish runs Terraform and returns what it printed, and an error if it failed.
func finish(t *testing.T, cli *acctest.CLI, args ...string) (output string, err error) {
	t.Helper()
	command, path := cli.Command(args...)
	terraform := begin(t, command)
	await(t, terraform.ended, "the end of Terraform")
	await(t, terraform.gone, "the end of the provider")
	return read(t, path), terraform.outcome
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// mustBeLoggedOut fails the test unless the provider has created this number of
// sessions and logged out all of them.
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
				if output, err := finish(t, cli, strings.Fields(command)...); err != nil {
					t.Errorf("%s: %v\n%s", command, err, output)
				}
				if command != "apply plan.bin" { // It reads nothing: the plan contains the results.
					logins += set.logins
				}
				if sessions := len(cloud.LiveSessions()); sessions != 0 {
					t.Errorf("%s left %d sessions", command, sessions)
				}
			}
			if output, err := finish(t, cli, "plan", "-var=fail=true"); err == nil || !strings.Contains(output, "Backup Storage Not Found") {
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
	if output, err := finish(t, cloud.CLI(t, many, source), "plan", "-parallelism=30"); err != nil {
		t.Errorf("the plan failed: %v\n%s", err, output)
	}
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

func TestLogoutsAreLogged(t *testing.T) {
	cloud := start(t)
	cli := cloud.CLI(t, configuration, source)
	if output, err := finish(t, cli, "plan"); err != nil {
		t.Fatalf("the plan failed: %v\n%s", err, output)
	}
	for line := range strings.Lines(read(t, filepath.Join(cli.Dir, "log.txt"))) {
		if strings.Contains(line, "Sent a request to ZStack") && strings.Contains(line, "DELETE") {
			return
		}
	}
	t.Error("the log has no line about the logout")
}

func TestVersionNamesWhatABugReportNeeds(t *testing.T) {
	output, err := exec.CommandContext(t.Context(), acctest.Binary(t), "-version").CombinedOutput()
	want := regexp.MustCompile(`^terraform-provider-zstack \S+ \((commit [0-9a-f]{40}, )?go1\.\S+, protocol 6\)\n$`)
	if err != nil || !want.Match(output) {
		t.Errorf("printed %q: %v", output, err)
	}
}

func TestProviderStartedByHandSaysWhatToDo(t *testing.T) {
	command := exec.CommandContext(t.Context(), acctest.Binary(t))
	output, err := command.Output()
	var exit *exec.ExitError
	if len(output) > 0 || !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Fatalf("ended with %v, and %q on the standard output", err, output)
	}
	for _, want := range []string{"This is the ZStack provider", `"zstackio/zstack"`, "terraform init", "tofu init", "-version"} {
		if !strings.Contains(string(exit.Stderr), want) {
			t.Errorf("no %q in:\n%s", want, exit.Stderr)
		}
	}
}
