// SPDX-License-Identifier: MPL-2.0

//go:build unix

package interrupt_test

import (
	"os"
	"os/signal"
	"syscall"
	"testing"

	"github.com/zstackio/terraform-provider-zstack/internal/interrupt"
)

func TestClosingTheTerminalEndsTheCommand(t *testing.T) {
	if signal.Ignored(syscall.SIGHUP) { // The test runs under nohup.
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
		defer signal.Ignore(syscall.SIGHUP)
	}
	ctx, stop := interrupt.Context()
	defer stop()
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	<-ctx.Done()
}

func TestCommandOutlivesTheTerminalUnderNohup(t *testing.T) {
	signal.Ignore(syscall.SIGHUP)
	defer signal.Reset(syscall.SIGHUP)
	_, stop := interrupt.Context()
	defer stop()
	if !signal.Ignored(syscall.SIGHUP) {
		t.Error("SIGHUP is not ignored any more")
	}
}
