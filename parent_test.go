// SPDX-License-Identifier: MPL-2.0

//go:build unix

package main_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/zstackio/terraform-provider-zstack/internal/acctest"
	"github.com/zstackio/terraform-provider-zstack/internal/tfcli"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// mustBeGone waits until no process of a run is left.
func mustBeGone(t *testing.T, terraform *process) {
	t.Helper()
	await(t, terraform.ended, "the end of Terraform")
	await(t, terraform.gone, "the end of the provider")
}

// TestProviderEndsWhenTheOutputIsNotRead runs Terraform in a pipeline whose
// reader stops after one line: the next line that Terraform prints kills it.
func TestProviderEndsWhenTheOutputIsNotRead(t *testing.T) {
	for _, reader := range []string{"head -n 1", "grep -m 1 Reading"} {
		t.Run(reader, func(t *testing.T) {
			cloud := start(t)
			arrived, release := hangQueries(t, cloud)
			cli := cloud.CLI(t, configuration, source)
			install(t, cli, acctest.Binary(t))
			command, _ := cli.Command("plan", "-parallelism=1") // Only one line comes before the first query.
			shell(t, command, `"$@" | `+reader)
			line, output, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer line.Close()
			command.Stdout = output
			terraform := begin(t, command)
			_ = output.Close()

			await(t, arrived, "the query")
			if line, err := bufio.NewReader(line).ReadString('\n'); err != nil || !strings.Contains(line, "Reading...") {
				t.Errorf("the pipeline printed %q: %v", line, err)
			}
			release()
			mustBeGone(t, terraform)
			mustBeLoggedOut(t, cloud, "the pipeline", 1)
		})
	}
}

// shell runs a command in a shell script, where it is "$@".
func shell(t *testing.T, command *exec.Cmd, script string) {
	t.Helper()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	command.Args = append([]string{sh, "-c", script, sh, command.Path}, command.Args[1:]...)
	command.Path = sh
}

func TestProviderEndsWhenTerraformIsKilledDuringARead(t *testing.T) {
	for _, set := range sessionSets {
		t.Run(set.name, func(t *testing.T) {
			cloud := start(t)
			for variable, text := range set.variables {
				t.Setenv(variable, text)
			}
			arrived, _ := hangQueries(t, cloud)
			command, _ := cloud.CLI(t, configuration, source).Command("plan")
			terraform := begin(t, command)
			await(t, arrived, "the query")
			kill(t, terraform.Process.Pid, syscall.SIGKILL)
			mustBeGone(t, terraform)
			mustBeLoggedOut(t, cloud, "the end of Terraform", set.logins)
		})
	}
}

// TestProviderEndsWhenTerraformIsKilledBetweenReads applies a configuration
// that kills Terraform after one of two data sources was read.
func TestProviderEndsWhenTerraformIsKilledBetweenReads(t *testing.T) {
	cloud := start(t)
	command, _ := cloud.CLI(t, `
terraform {
  required_providers {
    zstack = { source = "`+source+`" }
  }
}

resource "terraform_data" "first" {}

data "zstack_backup_storages" "first" {
  depends_on = [terraform_data.first]
}

resource "terraform_data" "second" {
  depends_on = [data.zstack_backup_storages.first]

  provisioner "local-exec" {
    command = "kill -KILL $PPID"
  }
}

data "zstack_backup_storages" "second" {
  depends_on = [terraform_data.second]
}
`, source).Command("apply", "-auto-approve")
	terraform := begin(t, command)
	mustBeGone(t, terraform)
	mustBeLoggedOut(t, cloud, "the end of Terraform", 1)
}

// TestProviderEndsWhenTheTerminalEndsTerraform sends the signals that end
// Terraform at once: the terminal is closed, and Ctrl-\.
func TestProviderEndsWhenTheTerminalEndsTerraform(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGHUP, syscall.SIGQUIT} {
		t.Run(signal.String(), func(t *testing.T) {
			cloud := start(t)
			arrived, _ := hangQueries(t, cloud)
			command, _ := cloud.CLI(t, configuration, source).Command("plan")
			terraform := begin(t, command)
			await(t, arrived, "the query")
			terraform.send(t, signal)
			mustBeGone(t, terraform)
			mustBeLoggedOut(t, cloud, "the signal", 1)
		})
	}
}

// TestProviderEndsAlthoughTheManagementNodeHangs cannot expect a logout: the
// node does not respond to it.
func TestProviderEndsAlthoughTheManagementNodeHangs(t *testing.T) {
	for name, test := range map[string]struct {
		stage zstacktest.Stage
		want  string // the method of the last request before the end of Terraform
	}{
		"at the login":  {zstacktest.AtLogin, "PUT"},
		"at the logout": {zstacktest.AtLogout, "GET"},
	} {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.Start(t)
			cloud.Misbehave(test.stage, zstacktest.Always(zstacktest.NeverResponds))
			cloud.Misbehave(zstacktest.AtFirstPage, zstacktest.Always(zstacktest.NeverResponds))
			command, _ := cloud.CLI(t, configuration, source).Command("plan")
			terraform := begin(t, command)
			waitFor(t, cloud, test.want)
			kill(t, terraform.Process.Pid, syscall.SIGKILL)
			mustBeGone(t, terraform)
		})
	}
}

// TestProviderEndsIfTerraformEndedBeforeItWasStarted has no parent that ends:
// the only sign for the provider is that nobody reads its standard output.
func TestProviderEndsIfTerraformEndedBeforeItWasStarted(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	_ = read.Close()
	command := exec.CommandContext(t.Context(), acctest.Binary(t))
	command.Env = append(os.Environ(), "TF_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2")
	command.Stdout = write
	provider := begin(t, command)
	_ = write.Close()
	await(t, provider.ended, "the end of the provider")
}

// install installs an executable as the provider, as a user does. With
// dev_overrides, Terraform would print a warning before any read.
func install(t *testing.T, cli *acctest.CLI, executable string) {
	t.Helper()
	mirror := t.TempDir()
	folder := filepath.Join(mirror, filepath.FromSlash(source), acctest.Version, runtime.GOOS+"_"+runtime.GOARCH)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(executable, filepath.Join(folder, "terraform-provider-zstack_v"+acctest.Version)); err != nil {
		t.Fatal(err)
	}
	write(t, cli.Dir, "terraformrc", tfcli.FilesystemMirror(mirror))
	cli.Run("init")
}

// wrap makes Terraform start the provider through a shell script, and returns
// the path of the file that gets the provider's logs instead of Terraform.
func wrap(t *testing.T, cli *acctest.CLI) (logs string) {
	t.Helper()
	folder := t.TempDir()
	logs = filepath.Join(folder, "logs.txt")
	write(t, folder, "wrapper", "#!/bin/sh\n'"+acctest.Binary(t)+"' \"$@\" 2>>'"+logs+"'\nexit $?\n")
	install(t, cli, filepath.Join(folder, "wrapper"))
	return logs
}

func write(t *testing.T, folder, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o700); err != nil {
		t.Fatal(err)
	}
}

func TestProviderServesAsTheChildOfAWrapper(t *testing.T) {
	cloud := start(t)
	cli := cloud.CLI(t, configuration, source)
	wrap(t, cli)
	command, output := cli.Command("plan")
	terraform := begin(t, command)
	if await(t, terraform.ended, "the end of Terraform"); terraform.outcome != nil {
		t.Errorf("the plan failed: %v\n%s", terraform.outcome, read(t, output))
	}
	await(t, terraform.gone, "the end of the provider")
	mustBeLoggedOut(t, cloud, "the plan", 1)
}

// TestProviderLogsOnlyWhatTerraformReads looks for the requests of the plugin
// protocol and of the provider: they are in the log if anything is.
func TestProviderLogsOnlyWhatTerraformReads(t *testing.T) {
	for variable, logged := range map[string]bool{"TF_LOG": true, "TF_LOG_PROVIDER": true, "TF_LOG_CORE": false} {
		t.Run(variable, func(t *testing.T) {
			cli := start(t).CLI(t, configuration, source)
			logs := wrap(t, cli)
			command, output := cli.Command("plan")
			command.Env = append(command.Env, "TF_LOG=", variable+"=DEBUG")
			terraform := begin(t, command)
			if await(t, terraform.ended, "the end of Terraform"); terraform.outcome != nil {
				t.Fatalf("the plan failed: %v\n%s", terraform.outcome, read(t, output))
			}
			for _, module := range []string{"sdk.proto", "zstack"} {
				if found := strings.Contains(read(t, logs), `"@module":"`+module); found != logged {
					t.Errorf("logs of %s: %t, want %t", module, found, logged)
				}
			}
		})
	}
}

func TestProviderEndsWhenItsWrapperIsKilled(t *testing.T) {
	cloud := start(t)
	arrived, _ := hangQueries(t, cloud)
	cli := cloud.CLI(t, configuration, source)
	wrap(t, cli)
	command, _ := cli.Command("plan")
	terraform := begin(t, command)
	await(t, arrived, "the query")
	kill(t, providerID(t, cli), syscall.SIGKILL)
	mustBeGone(t, terraform)
	mustBeLoggedOut(t, cloud, "the end of the wrapper", 1)
}

var startedPlugin = regexp.MustCompile(`plugin started: .*pid=(\d+)`)

// providerID returns the id of the last process that Terraform started as a
// provider.
func providerID(t *testing.T, cli *acctest.CLI) int {
	t.Helper()
	started := startedPlugin.FindAllStringSubmatch(read(t, filepath.Join(cli.Dir, "log.txt")), -1)
	if len(started) == 0 {
		t.Fatal("Terraform has not logged that it started the provider")
	}
	id, err := strconv.Atoi(started[len(started)-1][1])
	if err != nil {
		t.Fatal(err)
	}
	return id
}
