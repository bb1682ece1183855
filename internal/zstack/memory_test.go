// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"cmp"
	"io"
	"math"
	"net/http"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
	"testing"
	"time"
)

// maxPageMemory is the maximum memory that a page of this size may cost the
// process. The garbage in it depends on the scheduler; before the heap has 4 MiB,
// none is collected.
func maxPageMemory(size int) uint64 { return 5*uint64(size) + 4<<20 }

// peak returns by how many bytes the memory of the process grows while f runs.
func peak(f func()) uint64 {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(math.MaxInt64))
	defer debug.SetGCPercent(debug.SetGCPercent(100))
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

// memory is the memory that the process has from the system.
func memory() uint64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64() - samples[1].Value.Uint64()
}

// longPage is a long body: rows between begin and end, with a different number
// instead of # in each. It is generated while it is read, so it takes no memory.
type longPage struct {
	begin, row, end string
	size            int // of the body; 0: the maximum

	length, rows int
	text         []byte // that is still to be read
}

// Read appends as many rows as fit.
func (p *longPage) Read(b []byte) (int, error) {
	before, after, numbered := strings.Cut(p.row, "#")
	p.text = append(p.text, p.begin...)
	p.begin = ""
	for len(p.text) < len(b) && p.length+len(p.text)+len(p.row)+len(p.end)+10 < p.size {
		if p.rows > 0 {
			p.text = append(p.text, ',')
		}
		p.text = append(p.text, before...)
		if numbered {
			p.text = strconv.AppendInt(p.text, int64(p.rows), 10)
		}
		p.text = append(p.text, after...)
		p.rows++
	}
	if len(p.text) < len(b) {
		p.text = append(p.text, p.end...)
		p.end = ""
	}
	if len(p.text) == 0 {
		return 0, io.EOF
	}
	n := copy(b, p.text)
	p.length += n
	p.text = p.text[:copy(p.text, p.text[n:])]
	return n, nil
}

func TestNoPageExhaustsTheMemory(t *testing.T) {
	const begin, end = `{"total":5,"inventories":[`, "]}"
	const shorter = MaxBodyBytes / 16 // of bodies that are read to the end in a long time, but in little memory
	for name, page := range map[string]longPage{
		"empty objects":         {begin: begin, row: "{}", end: end},
		"nulls":                 {begin: begin, row: "null", end: end},
		"empty strings":         {begin: begin, row: `""`, end: end},
		"empty lists":           {begin: begin, row: "[]", end: end},
		"the same row":          {begin: begin, row: `{"uuid":"0"}`, end: end, size: shorter},
		"distinct rows":         {begin: begin, row: `{"uuid":"#"}`, end: end},
		"distinct empty values": {begin: begin, row: `{"uuid":"#","name":"","mons":[],"type":""}`, end: end},
		"zones in one row":      {begin: begin + `{"uuid":"a","attachedZoneUuids":[`, row: `"a"`, end: "]}" + end},
		"zones in many rows":    {begin: begin, row: `{"uuid":"#","attachedZoneUuids":["a"` + strings.Repeat(`,"b"`, 1000) + "]}", end: end},
		"monitors in one row":   {begin: begin + `{"uuid":"a","mons":[`, row: "{}", end: "]}" + end},
		"monitors in many rows": {begin: begin, row: `{"uuid":"#","mons":[{}` + strings.Repeat(`,{}`, 1000) + "]}", end: end},
		"monitors with members": {begin: begin + `{"uuid":"a","mons":[`, row: `{"monPort":1}`, end: "]}" + end},
		"members of one row":    {begin: begin + `{"uuid":"a","x":1,`, row: `"x#":1`, end: "}" + end},
		"a long name":           {begin: begin + `{"uuid":"a","name":"`, row: "aaaaaaaa", end: `"}` + end},
		"a long escaped name":   {begin: begin + `{"uuid":"a","name":"`, row: `\u00e4`, end: `"}` + end},
		"a long string as list": {begin: `{"inventories":"`, row: `\u00e4`, end: `"}`},
		"members of the body":   {begin: `{"x":1,`, row: `"x#":1`, end: "}", size: shorter},
		"a long unknown value":  {begin: `{"schema":[`, row: "{}", end: "]}"},
		"a long unknown string": {begin: `{"schema":"`, row: "aaaaaaaa", end: `"}`},
		"members of the error":  {begin: `{"error":{"code":"SYS.1000",`, row: `"x#":1`, end: "}}"},
		"a long error":          {begin: `{"error":{"code":"SYS.1000","details":"`, row: `\u00e4 `, end: `"}}`},
		"brackets":              {row: strings.Repeat(`{"inventories":[`, 20_000)},
		"unknown brackets":      {begin: `{"schema":`, row: strings.Repeat("[", 20_000)},
		"whitespace":            {begin: begin, row: strings.Repeat(" ", 1<<20), end: end},
		"text":                  {row: "a b"},
	} {
		page.size = cmp.Or(page.size, MaxBodyBytes)
		expectMemory(t, name, http.StatusOK, page, maxPageMemory(page.size))
	}
}

// The client reads such a response as a whole, up to a limit.
func TestNoFailureExhaustsTheMemory(t *testing.T) {
	for name, page := range map[string]longPage{
		"members of the error": {begin: `{"error":{"code":"SYS.1000",`, row: `"x#":1`, end: "}}"},
		"members of the body":  {begin: `{"x":1,`, row: `"x#":1`, end: "}"},
		"a long error":         {begin: `{"code":"SYS.1000","details":"`, row: `\u00e4 `, end: `"}`},
		"brackets":             {row: strings.Repeat(`{"error":[`, 20_000)},
		"whitespace":           {row: strings.Repeat(" ", 1<<20)},
		"text":                 {row: "a b"},
	} {
		page.size = MaxBodyBytes
		expectMemory(t, name, http.StatusServiceUnavailable, page, maxPageMemory(maxObjectBytes))
	}
}

func expectMemory(t *testing.T, name string, status int, page longPage, limit uint64) {
	t.Helper()
	used := peak(func() {
		_, err := readFrom(status, http.Header{}, io.NopCloser(&page), newList(backupStorages), "secret")
		if err != nil {
			_ = redact(err, []string{"secret"}).Error()
		}
	})
	t.Logf("%-24s %4d MiB", name, used>>20)
	if used > limit {
		t.Errorf("%s: the response costs %d MiB, want at most %d", name, used>>20, limit>>20)
	}
}

func TestAListCostsAtMostFourTimesItsJSON(t *testing.T) {
	body := bodyWith(t, 1000)
	used := allocated(func() {
		if rows, err := decodePage(body); err != nil || len(rows) != 1000 {
			t.Errorf("%d rows, %v", len(rows), err)
		}
	})
	if used > 4*uint64(len(body)) {
		t.Errorf("a list of %d bytes of JSON costs %d bytes", len(body), used)
	}
}

// A decoder that received the whitespace would keep it, and scan it again after
// every read.
func TestLongWhitespaceDoesNotReachTheDecoder(t *testing.T) {
	used := allocated(func() {
		_, _ = readFrom(http.StatusOK, http.Header{}, &endless{}, newList(backupStorages))
	})
	if used > 1<<20 {
		t.Errorf("a body of whitespace costs %d bytes", used)
	}
}

// allocated returns how many bytes f allocates, freed ones included.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
