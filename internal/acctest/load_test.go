// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"net/http"
	"sync"
	"testing"

	fake "github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// passing are the faults that may be gone at the next attempt.
var passing = []fake.Fault{
	fake.ResetBeforeAnswer, fake.ResetWithinBody, fake.LongContentLength, fake.ShortContentLength, fake.EmptyBody, fake.TruncatedBody,
	fake.Status(http.StatusTooManyRequests, fake.PlainText), fake.Status(http.StatusBadGateway, fake.HTML),
	fake.Status(http.StatusServiceUnavailable, fake.HTML), fake.Status(http.StatusGatewayTimeout, fake.NoBody),
	fake.Fails(fake.Timeout), fake.Fails(fake.NotReady), fake.Fails(fake.NodeUnavailable), fake.ErrorInside(fake.Timeout),
}

// TestManyReadsSurviveAServerThatOftenFails reads 64 data sources at a time
// from a node that fails one answer in five, its first login among them.
func TestManyReadsSurviveAServerThatOftenFails(t *testing.T) {
	const reads = 64
	cloud := newCloud(t)
	cloud.SetBackupStorages(fake.Inventory()...)
	cloud.Misbehave(fake.AtLogin, fake.Status(http.StatusBadGateway, fake.HTML))
	for i := range 2 * reads / 5 {
		cloud.Misbehave(fake.AtFirstPage, fake.NoFault, fake.NoFault, passing[i%len(passing)], fake.NoFault, fake.NoFault)
	}
	// So many retries that it is no matter of luck whether one read gets them all.
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

// BenchmarkMemory reports what reads allocate that get more than usual: a body
// that never ends, and long lists.
func BenchmarkMemory(b *testing.B) {
	for name, prepare := range map[string]func(*Cloud){
		"endless body": func(c *Cloud) { c.Misbehave(fake.AtFirstPage, fake.Always(fake.EndlessBody)) },
		"1000 rows":    func(c *Cloud) { c.SetBackupStorages(fake.Storages(1_000)...) },
		"10000 rows":   func(c *Cloud) { c.SetBackupStorages(fake.Storages(10_000)...) },
	} {
		b.Run(name, func(b *testing.B) {
			cloud := newCloud(b)
			prepare(cloud)
			server := newServer(b, b.TempDir(), cloud.account(nil))
			b.ReportAllocs()
			for b.Loop() {
				text := server.read("zstack_backup_storages", arguments{})
				if failed := text != ""; failed != (name == "endless body") {
					b.Fatal(text)
				}
			}
		})
	}
}
