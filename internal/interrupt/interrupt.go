// SPDX-License-Identifier: MPL-2.0

// Package interrupt ends a command of this project when its user, or the system,
// asks it to end.
package interrupt

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// Context returns a context that is done at Ctrl-C, SIGTERM and SIGHUP. SIGHUP,
// which a terminal sends when it is closed, remains ignored under nohup.
func Context() (ctx context.Context, stop context.CancelFunc) {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signal.NotifyContext(context.Background(), signals...)
}
