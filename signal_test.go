// SPDX-License-Identifier: MPL-2.0

//go:build unix

package main_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/zstackio/terraform-provider-zstack/internal/acctest"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// hangQueries delays the responses to all queries until release is called or
// the test ends. The channel receives a value for each query that arrives.
func hangQueries(t *testing.T, cloud *acctest.Cloud) (arrived <-chan struct{}, release func()) {
	t.Helper()
	queries, released := make(chan struct{}, 100), make(chan struct{})
	cloud.BeforeQuery(func(int) {
		queries <- struct{}{}
		<-released
	})
	release = sync.OnceFunc(func() { close(released) })
	t.Cleanup(release)
	return queries, release
}

// waitFor waits for a request whose method and first row begin with want.
func waitFor(t *testing.T, cloud *acctest.Cloud, want string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), watchdog)
	defer cancel()
	err := cloud.WaitFor(ctx, func(r zstacktest.Request) bool {
		return strings.HasPrefix(r.Method+" "+r.Query.Get("start"), want)
	})
	if err != nil {
		t.Fatalf("waiting for %s: %v", want, err)
	}
}

// send sends a signal to the process group, as the terminal does.
func (p *process) send(t *testing.T, signal syscall.Signal) {
	t.Helper()
	kill(t, -p.Process.Pid, signal)
}

func kill(t *testing.T, pid int, signal syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(pid, signal); err != nil {
		t.Fatal(err)
	}
}

func TestSignalToTheGroupEndsReadsAndLogsOut(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		for _, set := range sessionSets {
			t.Run(signal.String()+" "+set.name, func(t *testing.T) {
				cloud := start(t)
				for variable, text := range set.variables {
					t.Setenv(variable, text)
				}
				arrived, _ := hangQueries(t, cloud)
				run, output := cloud.CLI(t, configuration, source).Command("plan")
				terraform := begin(t, run)
				await(t, arrived, "the query")
				terraform.send(t, signal)
				await(t, terraform.ended, "the end of Terraform")
				mustBeInterrupted(t, output)
				mustBeLoggedOut(t, cloud, "the signal", set.logins)
			})
		}
	}
}

// TestInterruptEndsEveryWait interrupts runs that would otherwise wait for far
// longer than the watchdog.
func TestInterruptEndsEveryWait(t *testing.T) {
	for _, test := range []struct {
		name  string
		stage zstacktest.Stage
		fault zstacktest.Fault
		want  string // begins the last request before the signal
	}{
		{"login hangs", zstacktest.AtLogin, zstacktest.Always(zstacktest.NeverResponds), "PUT"},
		{"login waits to be retried", zstacktest.AtLogin, zstacktest.Always(zstacktest.RetryAfter(http.StatusServiceUnavailable, "50")), "PUT"},
		{"first byte never comes", zstacktest.AtFirstPage, zstacktest.Always(zstacktest.NeverResponds), "GET 0"},
		{"body drips", zstacktest.AtFirstPage, zstacktest.Always(zstacktest.DrippingBody), "GET 0"},
		{"read waits to be retried", zstacktest.AtFirstPage, zstacktest.Always(zstacktest.RetryAfter(http.StatusTooManyRequests, "200")), "GET 0"},
		{"later page hangs", zstacktest.AtLaterPage, zstacktest.Always(zstacktest.NeverResponds), "GET 999"},
	} {
		t.Run(test.name, func(t *testing.T) {
			cloud := start(t)
			cloud.SetBackupStorages(zstacktest.Storages(1500)...)
			cloud.Misbehave(test.stage, test.fault)
			t.Setenv("ZSTACK_REQUEST_TIMEOUT", "10m")
			run, output := cloud.CLI(t, `
terraform {
  required_providers {
    zstack = { source = "`+source+`" }
  }
}

data "zstack_backup_storages" "all" {
  timeouts {
    read = "10m"
  }
}
`, source).Command("plan")
			terraform := begin(t, run)
			waitFor(t, cloud, test.want)
			terraform.send(t, syscall.SIGINT)
			await(t, terraform.ended, "the end of Terraform")
			mustBeInterrupted(t, output)
			if live := cloud.LiveSessions(); len(live) > 0 {
				t.Errorf("%d sessions left", len(live))
			}
		})
	}
}

// mustBeInterrupted fails the test unless the run ended by the signal. The
// provider gets a signal to the group too: its reads may have ended before
// Terraform notices the signal.
func mustBeInterrupted(t *testing.T, output string) {
	t.Helper()
	if printed := read(t, output); !strings.Contains(printed, "Interrupt received") && !strings.Contains(printed, "Error: Read Interrupted") {
		t.Errorf("the run was not interrupted:\n%s", printed)
	}
}

func TestSecondInterruptDuringTheLogoutDoesNotStopIt(t *testing.T) {
	cloud := start(t)
	arrived, _ := hangQueries(t, cloud)
	leaving, proceed, left := make(chan struct{}, 1), make(chan struct{}), make(chan struct{})
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodDelete {
			leaving <- struct{}{}
			<-proceed
			defer close(left)
		}
		cloud.ServeHTTP(w, r)
	}))
	t.Cleanup(front.CloseClientConnections)
	t.Setenv("ZSTACK_ENDPOINT", front.URL)

	run, _ := cloud.CLI(t, configuration, source).Command("plan")
	terraform := begin(t, run)
	await(t, arrived, "the query")
	terraform.send(t, syscall.SIGINT)
	await(t, leaving, "the logout")
	terraform.send(t, syscall.SIGINT)
	close(proceed)
	await(t, left, "the end of the logout")
	await(t, terraform.ended, "the end of Terraform")
	mustBeLoggedOut(t, cloud, "both interrupts", 1)
}

// TestSignalToTheProviderAloneEndsReadsAndLogsOut suspends Terraform with
// SIGSTOP before the provider gets the signal, so that the logout cannot be a
// request of Terraform.
func TestSignalToTheProviderAloneEndsReadsAndLogsOut(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(signal.String(), func(t *testing.T) {
			cloud := start(t)
			arrived, _ := hangQueries(t, cloud)
			cli := cloud.CLI(t, configuration, source)
			run, output := cli.Command("plan", "-parallelism=1")
			terraform := begin(t, run)
			await(t, arrived, "the query")
			kill(t, run.Process.Pid, syscall.SIGSTOP)
			kill(t, providerID(t, cli), signal)
			waitFor(t, cloud, "DELETE")
			kill(t, run.Process.Pid, syscall.SIGCONT)

			if await(t, terraform.ended, "the end of Terraform"); terraform.outcome == nil {
				t.Error("the plan succeeded")
			}
			printed := read(t, output)
			if !strings.Contains(printed, "Error: Read Interrupted") || strings.Count(printed, "Error: ") != 2 {
				t.Errorf("want one error for the read and one for the read that came later:\n%s", printed)
			}
			log := read(t, filepath.Join(cli.Dir, "log.txt"))
			if !regexp.MustCompile("because of a signal.* signal=" + signal.String()).MatchString(log) {
				t.Error("the log has no line about the signal")
			}
			await(t, terraform.gone, "the end of the provider")
			mustBeLoggedOut(t, cloud, "the signal", 1)
		})
	}
}

func TestHangupIsIgnoredUnderNohup(t *testing.T) {
	cloud := start(t)
	arrived, release := hangQueries(t, cloud)
	run, output := cloud.CLI(t, configuration, source).Command("plan", "-parallelism=1")
	shell(t, run, `trap "" HUP; exec "$@"`)
	terraform := begin(t, run)
	await(t, arrived, "the query")
	terraform.send(t, syscall.SIGHUP)
	release()
	if await(t, terraform.ended, "the end of Terraform"); terraform.outcome != nil {
		t.Errorf("the plan failed: %v\n%s", terraform.outcome, read(t, output))
	}
	mustBeLoggedOut(t, cloud, "the plan", 1)
}

func TestDebugServerOutlivesRunsAndLogsOutWhenStopped(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(signal.String(), func(t *testing.T) {
			cloud := start(t)
			server := exec.CommandContext(t.Context(), acctest.Binary(t), "-debug")
			announced := make(announcement, 1)
			server.Stdout = announced
			debugged := begin(t, server)
			t.Setenv("TF_REATTACH_PROVIDERS", await(t, announced, "the announcement"))

			cli := cloud.CLI(t, configuration, source)
			for runs := range 2 {
				cli.Run("plan")
				if live := len(cloud.LiveSessions()); live == 0 {
					t.Errorf("run %d left no session, so another server has read", runs+1)
				}
			}
			kill(t, debugged.Process.Pid, signal)
			await(t, debugged.ended, "the end of the server")
			mustBeLoggedOut(t, cloud, "two runs and the signal", 2)
		})
	}
}

// announcement receives the TF_REATTACH_PROVIDERS value that a debug server
// prints.
type announcement chan string

var reattach = regexp.MustCompile(`TF_REATTACH_PROVIDERS='(.*)'`)

func (a announcement) Write(text []byte) (int, error) {
	if match := reattach.FindSubmatch(text); match != nil {
		a <- string(match[1])
	}
	return len(text), nil
}
