// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

var benchmarkedSizes = []int{1, 1_000, 10_000}

// newClient is a client that is logged in to the node.
func newClient(tb testing.TB, node *zstacktest.Node) *zstack.Client {
	tb.Helper()
	endpoint, err := zstack.ParseEndpoint(node.Serve(tb))
	if err != nil {
		tb.Fatal(err)
	}
	client := zstack.NewClient(zstack.Config{
		Endpoint:       endpoint,
		Credentials:    zstack.Account{Name: zstacktest.DefaultAccount, Password: zstacktest.DefaultPassword},
		RequestTimeout: time.Minute,
	})
	tb.Cleanup(func() { client.Close(context.Background()) })
	return client
}

// listed returns this number of storages, as the client reads them.
func listed(b *testing.B, count int) []zstack.BackupStorage {
	b.Helper()
	node := zstacktest.NewNode()
	node.SetBackupStorages(zstacktest.Storages(count)...)
	storages, err := newClient(b, node).ListBackupStorages(b.Context(), nil)
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
				for i := range storages {
					protocolValue(of.ElementType, stateObject(attributes, &storages[i]))
				}
			}
		})
	}
}

func BenchmarkFilterAndSort(b *testing.B) {
	free, _ := attributeNamed("available_capacity")
	status, err := ParseCondition("status", "=", "Connected")
	if err != nil {
		b.Fatal(err)
	}
	pattern, err := ParseCondition("name", likeOperator, "%-0%")
	if err != nil {
		b.Fatal(err)
	}
	for _, size := range benchmarkedSizes {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			storages := listed(b, size)
			b.ReportAllocs()
			for b.Loop() {
				rows := listRows{sortBy: free}
				for _, storage := range matching(storages, []Condition{status, pattern}) {
					rows.rows = append(rows.rows, listRow{uuid: *storage.UUID, sortKey: sortKey(free, &storage)})
				}
				rows.sort(true)
			}
		})
	}
}
