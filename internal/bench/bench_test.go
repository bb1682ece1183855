// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"testing"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

func TestPlansWithBothProvidersAreMeasured(t *testing.T) {
	if testing.Short() {
		t.Skip("starts terraform")
	}
	bench, err := newBench(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bench.close)
	bench.node.SetBackupStorages(zstacktest.Storages(10)...)
	for _, provider := range []string{product, noop} {
		cost, err := bench.plan(t.Context(), provider, workload{lists: 2, rows: 10})
		if err != nil {
			t.Fatal(err)
		}
		if cost.provider <= 0 || cost.plan <= 0 || cost.wall <= 0 || cost.memory <= 0 {
			t.Errorf("%s: %+v", provider, cost)
		}
		if want := provider == product; cost.node > 0 != want {
			t.Errorf("%s: the node took %f s for its responses", provider, cost.node)
		}
		if want := provider == noop; cost.reads > 0 != want {
			t.Errorf("%s: the no-op provider's reads took %f s", provider, cost.reads)
		}
		if start, err := bench.handshake(t.Context(), provider); err != nil || start.wall <= 0 {
			t.Errorf("%s: the start took %f s, error %v", provider, start.wall, err)
		}
	}
	if reads := bench.node.Logouts(); reads != 1 {
		t.Errorf("%d runs of the provider logged out, want 1", reads)
	}
}
