// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"fmt"
	"slices"
	"testing"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

var benchmarkedSizes = []int{1, 1_000, 10_000}

// listed is what the client makes of so many storages.
func listed(b *testing.B, count int) []zstack.BackupStorage {
	b.Helper()
	node := zstacktest.NewNode()
	node.SetBackupStorages(zstacktest.Storages(count)...)
	endpoint, err := zstack.ParseEndpoint(node.Serve(b))
	if err != nil {
		b.Fatal(err)
	}
	storages, err := newClient(b, endpoint, nil).ListBackupStorages(b.Context(), nil)
	if err != nil || len(storages) != count {
		b.Fatalf("%d storages, %v", len(storages), err)
	}
	return storages
}

func BenchmarkMap(b *testing.B) {
	for _, size := range benchmarkedSizes {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			storages, of := listed(b, size), listType(b)
			b.ReportAllocs()
			for b.Loop() {
				objectList(of, attributes, storages)
			}
		})
	}
}

func BenchmarkFilterAndSort(b *testing.B) {
	free, _ := attributeNamed("available_capacity")
	status, err := newCondition("status", "=", "Connected")
	if err != nil {
		b.Fatal(err)
	}
	pattern, err := newCondition("name", like, "%-0%")
	if err != nil {
		b.Fatal(err)
	}
	for _, size := range benchmarkedSizes {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			storages := listed(b, size)
			b.ReportAllocs()
			for b.Loop() {
				sortBy(matching(slices.Clone(storages), []condition{status, pattern}), free, true)
			}
		})
	}
}
