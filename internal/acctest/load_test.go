// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"net/http"
	"runtime"
	"runtime/metrics"
	"sync"
	"testing"
	"time"

	fake "github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// transientFaults are faults that a retry can overcome.
var transientFaults = []fake.Fault{
	fake.ResetBeforeResponse, fake.ResetWithinBody, fake.LongContentLength, fake.ShortContentLength, fake.EmptyBody, fake.TruncatedBody,
	fake.Status(http.StatusTooManyRequests, fake.PlainText), fake.Status(http.StatusBadGateway, fake.HTML),
	fake.Status(http.StatusServiceUnavailable, fake.HTML), fake.Status(http.StatusGatewayTimeout, fake.NoBody),
	fake.Fails(fake.Timeout), fake.Fails(fake.NotReady), fake.Fails(fake.NodeUnavailable), fake.ErrorInside(fake.Timeout),
}

// TestManyReadsSurviveAServerThatOftenFails reads 64 data sources at a time
// from a node that fails every fifth response, and the first login.
func TestManyReadsSurviveAServerThatOftenFails(t *testing.T) {
	const reads = 64
	cloud := newCloud(t)
	cloud.SetBackupStorages(fake.Inventory()...)
	cloud.Misbehave(fake.AtLogin, fake.Status(http.StatusBadGateway, fake.HTML))
	for i := range 2 * reads / 5 {
		cloud.Misbehave(fake.AtFirstPage, fake.NoFault, fake.NoFault, transientFaults[i%len(transientFaults)], fake.NoFault, fake.NoFault)
	}
	// Enough retries even if one read gets most of the faults.
	server := cloud.serve(t, cloud.account(arguments{"max_retries": 12}))

	var all sync.WaitGroup
	for i := range reads {
		all.Go(func() {
			name, block := "zstack_backup_storages", arguments{}
			if i%2 == 0 {
				name, block = "zstack_backup_storage", arguments{"name": "image-store"}
			}
			if text := server.read(name, block); text != "" {
				t.Errorf("read %d: %s", i, text)
			}
		})
	}
	all.Wait()

	if logins, live := cloud.Logins(), len(cloud.LiveSessions()); logins != 1 || live != 1 {
		t.Errorf("after the reads: %d logins, %d sessions", logins, live)
	}
	server.close()
	if logouts, live := cloud.Logouts(), len(cloud.LiveSessions()); logouts != 1 || live != 0 {
		t.Errorf("after the end: %d logouts, %d sessions", logouts, live)
	}
}

// BenchmarkRead reads through the whole provider: lists of several lengths, and
// a body that never ends, of which at most the limit may be kept in memory.
func BenchmarkRead(b *testing.B) {
	for _, test := range []struct {
		name    string
		prepare func(*Cloud)
	}{
		{"1", func(c *Cloud) { c.SetBackupStorages(fake.Storages(1)...) }},
		{"1000", func(c *Cloud) { c.SetBackupStorages(fake.Storages(1_000)...) }},
		{"10000", func(c *Cloud) { c.SetBackupStorages(fake.Storages(10_000)...) }},
		{"endless", func(c *Cloud) { c.Misbehave(fake.AtFirstPage, fake.Always(fake.EndlessBody)) }},
	} {
		b.Run(test.name, func(b *testing.B) {
			cloud := newCloud(b)
			test.prepare(cloud)
			server := newServer(b, b.TempDir(), cloud.account(nil))
			b.ReportAllocs()
			peak := watchHeap()
			for b.Loop() {
				if text := server.read("zstack_backup_storages", nil); (text != "") != (test.name == "endless") {
					b.Fatal(text)
				}
			}
			b.ReportMetric(peak()/(1<<20), "peak-MiB")
		})
	}
}

// watchHeap measures the heap, including that of the node, until the returned
// function is called. That returns the maximum in bytes.
func watchHeap() (peak func() float64) {
	runtime.GC()
	done, result := make(chan struct{}), make(chan float64)
	go func() {
		most, tick := uint64(0), time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
			metrics.Read(sample)
			most = max(most, sample[0].Value.Uint64())
			select {
			case <-tick.C:
			case <-done:
				result <- float64(most)
				return
			}
		}
	}()
	return func() float64 {
		close(done)
		return <-result
	}
}
