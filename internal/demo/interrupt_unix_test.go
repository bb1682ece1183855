// SPDX-License-Identifier: MPL-2.0

//go:build unix

package main

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// Windows can't interrupt a process, so there terraform is killed and a session is left.
func TestInterruptedDemoLeavesNothingBehind(t *testing.T) {
	folders, environ := private(t)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	node := newNode()
	node.BeforeQuery(func(int) { interrupt() })

	if err := showFake(ctx, &strings.Builder{}, environ, node); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	if node.Logins() != 1 || len(node.LiveSessions()) > 0 {
		t.Errorf("%d logins, %d sessions left, want one and none", node.Logins(), len(node.LiveSessions()))
	}
	for _, folder := range folders {
		if left := list(t, folder); len(left) > 0 {
			t.Errorf("left in %s: %v", folder, left)
		}
	}
}
