// SPDX-License-Identifier: MPL-2.0

//go:build unix

package main_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/acctest"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// watchdog is far beyond what any of these tests takes.
const watchdog = time.Minute

// await waits for an event that must come.
func await[T any](t *testing.T, event <-chan T, name string) {
	t.Helper()
	select {
	case <-event:
	case <-time.After(watchdog):
		t.Fatalf("%s did not come", name)
	}
}

// hangQueries lets no query be answered before the test ends. The channel gets
// a value for each that came in.
func hangQueries(t *testing.T, cloud *acctest.Cloud) <-chan struct{} {
	t.Helper()
	arrived, release := make(chan struct{}, 100), make(chan struct{})
	cloud.BeforeQuery(func(int) {
		arrived <- struct{}{}
		<-release
	})
	t.Cleanup(func() { close(release) })
	return arrived
}

// begin starts run in a process group of its own, as a shell does. The channel
// gets its outcome.
func begin(t *testing.T, run *exec.Cmd) <-chan error {
	t.Helper()
	run.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- run.Wait() }()
	return ended
}

// send sends a signal to the process group of run.
func send(t *testing.T, run *exec.Cmd, signal syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(-run.Process.Pid, signal); err != nil {
		t.Fatal(err)
	}
}

func TestSignalDuringAReadEndsItAndLogsOut(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		for _, set := range sessionSets {
			t.Run(signal.String()+" "+set.name, func(t *testing.T) {
				cloud := start(t)
				for variable, text := range set.variables {
					t.Setenv(variable, text)
				}
				arrived := hangQueries(t, cloud)
				run, output := cloud.CLI(t, configuration, source).Command("plan")
				ended := begin(t, run)
				await(t, arrived, "the query")
				send(t, run, signal)
				await(t, ended, "the end of the run")
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
		{"login waits to be tried again", zstacktest.AtLogin, zstacktest.Always(zstacktest.RetryAfter(http.StatusServiceUnavailable, "50")), "PUT"},
		{"first byte never comes", zstacktest.AtFirstPage, zstacktest.Always(zstacktest.NeverResponds), "GET 0"},
		{"body drips", zstacktest.AtFirstPage, zstacktest.Always(zstacktest.DrippingBody), "GET 0"},
		{"read waits to be tried again", zstacktest.AtFirstPage, zstacktest.Always(zstacktest.RetryAfter(http.StatusTooManyRequests, "200")), "GET 0"},
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
			ended := begin(t, run)
			ctx, cancel := context.WithTimeout(t.Context(), watchdog)
			defer cancel()
			err := cloud.WaitFor(ctx, func(r zstacktest.Request) bool {
				return strings.HasPrefix(r.Method+" "+r.Query.Get("start"), test.want)
			})
			if err != nil {
				t.Fatal(err)
			}
			send(t, run, syscall.SIGINT)
			await(t, ended, "the end of the run")
			mustBeInterrupted(t, output)
			if live := cloud.LiveSessions(); len(live) > 0 {
				t.Errorf("%d sessions left", len(live))
			}
		})
	}
}

// mustBeInterrupted fails the test unless the run ended by the signal.
func mustBeInterrupted(t *testing.T, output string) {
	t.Helper()
	text, err := os.ReadFile(output)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "Interrupt received") {
		t.Errorf("the run was not interrupted:\n%s", text)
	}
}

func TestSecondInterruptDuringTheLogoutDoesNotStopIt(t *testing.T) {
	cloud := start(t)
	arrived := hangQueries(t, cloud)
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
	ended := begin(t, run)
	await(t, arrived, "the query")
	send(t, run, syscall.SIGINT)
	await(t, leaving, "the logout")
	send(t, run, syscall.SIGINT)
	close(proceed)
	await(t, left, "the end of the logout")
	await(t, ended, "the end of the run")
	mustBeLoggedOut(t, cloud, "both interrupts", 1)
}

func TestDebugServerOutlivesRunsAndLogsOutWhenStopped(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			cloud := start(t)
			server := exec.CommandContext(t.Context(), acctest.Binary(t), "-debug")
			announced := make(announcement, 1)
			server.Stdout = announced
			ended := begin(t, server)
			t.Setenv("TF_REATTACH_PROVIDERS", announced.await(t))

			cli := cloud.CLI(t, configuration, source)
			for runs := range 2 {
				cli.Run("plan")
				if live := len(cloud.LiveSessions()); live == 0 {
					t.Errorf("run %d left no session: it was not this server that read", runs+1)
				}
			}
			send(t, server, signal)
			await(t, ended, "the end of the server")
			mustBeLoggedOut(t, cloud, "two runs and the signal", 2)
		})
	}
}

// announcement gets what a debug server prints to be attached to.
type announcement chan string

var reattach = regexp.MustCompile(`TF_REATTACH_PROVIDERS='(.*)'`)

func (a announcement) Write(text []byte) (int, error) {
	if match := reattach.FindSubmatch(text); match != nil {
		a <- string(match[1])
	}
	return len(text), nil
}

func (a announcement) await(t *testing.T) string {
	t.Helper()
	select {
	case text := <-a:
		return text
	case <-time.After(watchdog):
		t.Fatal("the server announced nothing")
		return ""
	}
}
