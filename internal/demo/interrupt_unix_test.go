// SPDX-License-Identifier: MPL-2.0

//go:build unix

package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
)

func TestClosingTheTerminalEndsTheDemo(t *testing.T) {
	if signal.Ignored(syscall.SIGHUP) { // The test runs under nohup.
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
		defer signal.Ignore(syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(t.Context(), endSignals()...)
	defer stop()
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	<-ctx.Done()
}

// TestInterruptedDemoLeavesNothingBehind is not for Windows, which cannot interrupt a process: there, terraform is killed and
// a session is left.
func TestInterruptedDemoLeavesNothingBehind(t *testing.T) {
	needTerraform(t)
	temporary := ownTemporaryFolder(t)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	node := newNode()
	node.BeforeQuery(func(int) { interrupt() })

	if err := showFake(ctx, &strings.Builder{}, node); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	if node.Logins() != 1 || len(node.LiveSessions()) > 0 {
		t.Errorf("%d logins, %d sessions left, want one and none", node.Logins(), len(node.LiveSessions()))
	}
	expectEmpty(t, temporary)
}
