// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"testing"
	"time"
)

// maxPageMemory is what any page may cost the process.
const maxPageMemory = 200 << 20

// peak returns by how many bytes the memory of the process grows while f runs.
func peak(f func()) uint64 {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(math.MaxInt64))
	debug.FreeOSMemory()
	before := memory()
	highest := before
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for ticker := time.NewTicker(200 * time.Microsecond); ; {
			highest = max(highest, memory())
			select {
			case <-done:
				ticker.Stop()
				return
			case <-ticker.C:
			}
		}
	}()
	f()
	close(done)
	<-stopped
	return highest - before
}

// memory is what the process has of the system.
func memory() uint64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64() - samples[1].Value.Uint64()
}

// fill is a page as long as is allowed that consists of rows, which are
// numbered where there is a %d.
func fill(begin, row, end string) string {
	numbered := strings.Contains(row, "%")
	var page strings.Builder
	page.Grow(MaxBodyBytes)
	page.WriteString(begin)
	for i := 0; page.Len()+len(row)+len(end)+10 < MaxBodyBytes; i++ {
		if i > 0 {
			page.WriteByte(',')
		}
		if numbered {
			_, _ = fmt.Fprintf(&page, row, i)
		} else {
			page.WriteString(row)
		}
	}
	page.WriteString(end)
	return page.String()
}

func TestNoPageExhaustsTheMemory(t *testing.T) {
	const begin, end = `{"total":5,"inventories":[`, "]}"
	for name, page := range map[string]func() string{
		"empty objects":         func() string { return fill(begin, "{}", end) },
		"nulls":                 func() string { return fill(begin, "null", end) },
		"numbers":               func() string { return fill(begin, "0", end) },
		"empty strings":         func() string { return fill(begin, `""`, end) },
		"empty lists":           func() string { return fill(begin, "[]", end) },
		"the same row":          func() string { return fill(begin, `{"uuid":"0"}`, end) },
		"distinct rows":         func() string { return fill(begin, `{"uuid":"%x"}`, end) },
		"distinct empty values": func() string { return fill(begin, `{"uuid":"%x","name":"","mons":[],"type":""}`, end) },
		"zones in one row":      func() string { return fill(begin+`{"uuid":"a","attachedZoneUuids":[`, `"a"`, "]}"+end) },
		"zones in many rows": func() string {
			return fill(begin, `{"uuid":"%x","attachedZoneUuids":["a"`+strings.Repeat(`,"b"`, 1000)+"]}", end)
		},
		"monitors in one row": func() string { return fill(begin+`{"uuid":"a","mons":[`, "{}", "]}"+end) },
		"monitors in many rows": func() string {
			return fill(begin, `{"uuid":"%x","mons":[{}`+strings.Repeat(`,{}`, 1000)+"]}", end)
		},
		"monitors with members": func() string { return fill(begin+`{"uuid":"a","mons":[`, `{"monPort":1}`, "]}"+end) },
		"members of one row":    func() string { return fill(begin+`{"uuid":"a"`, `"x%d":1`, "}"+end) },
		"a long name":           func() string { return fill(begin+`{"uuid":"a","name":"`, "a", `"}`+end) },
		"a long escaped name":   func() string { return fill(begin+`{"uuid":"a","name":"`, `\u00e4`, `"}`+end) },
		"a long string as list": func() string { return fill(`{"inventories":"`, `\u00e4`, `"}`) },
		"members of the body":   func() string { return fill(`{"x":1,`, `"x%d":1`, "}") },
		"a long unknown value":  func() string { return fill(`{"schema":[`, "{}", "]}") },
		"a long error":          func() string { return fill(`{"error":{"code":"SYS.1000","details":"`, `\u00e4 `, `"}}`) },
		"members of the error":  func() string { return fill(`{"error":{"code":"SYS.1000",`, `"x%d":1`, "}}") },
		"brackets":              func() string { return strings.Repeat(`{"inventories":[`, MaxBodyBytes/16) },
		"text":                  func() string { return strings.Repeat("a b ", MaxBodyBytes/4) },
	} {
		for _, status := range []int{http.StatusOK, http.StatusServiceUnavailable} {
			body := page()
			used := peak(func() {
				_, err := readFrom(status, http.Header{}, io.NopCloser(strings.NewReader(body)), newList(backupStorages), "secret")
				if err != nil {
					_ = redact(err, []string{"secret"}).Error()
				}
			})
			t.Logf("%-24s %d %4d MiB", name, status, used>>20)
			if used > maxPageMemory {
				t.Errorf("%s, status %d: the page of %d MiB costs %d MiB", name, status, len(body)>>20, used>>20)
			}
		}
	}
}

func TestAListCostsAtMostFourTimesItsJSON(t *testing.T) {
	body := bodyWith(t, 10_000)
	allocated := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			if rows, err := decodePage(body); err != nil || len(rows) != 10_000 {
				b.Fatalf("%d rows, %v", len(rows), err)
			}
		}
	}).AllocedBytesPerOp()
	if allocated > 4*int64(len(body)) {
		t.Errorf("a list of %d bytes of JSON costs %d bytes", len(body), allocated)
	}
}
