// SPDX-License-Identifier: MPL-2.0

//go:build unix

package main

import (
	"context"
	"errors"
	"strings"
	"testing"
)

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
