// SPDX-License-Identifier: MPL-2.0

package zstacktest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

func TestTotalCountsWithoutLimitAndStart(t *testing.T) {
	t.Parallel()
	server := newNode().Serve(t)
	for query, want := range map[string]string{
		"?replyWithCount=true&limit=0":               `{"schema":{},"total":3,"inventories":[]}`,
		"?replyWithCount=TRUE&start=7":               `{"schema":{},"total":3,"inventories":[]}`,
		"?count=true&replyWithCount=true&limit=0":    `{"schema":{},"total":3}`,
		"?count=true&q=state%3DEnabled&start=1":      `{"schema":{},"total":2}`,
		"?replyWithCount=true&fields=description":    `"total":1`, // SQL does not count NULLs
		"?replyWithCount=true&limit=0&q=name%3Dnone": `{"schema":{},"total":0,"inventories":[]}`,
	} {
		if got := get(t, server, query); !strings.Contains(got.body, want) {
			t.Errorf("%s: %s, want %s", query, got.body, want)
		}
	}
}

func TestRowsAreSortedByTheCollationAndNullsComeFirst(t *testing.T) {
	t.Parallel()
	n := named("b", "A", "ä", "Z", "c")
	n.AddBackupStorages(zstacktest.BackupStorage{UUID: strings.Repeat("f", 32), URL: "/"})
	server := n.Serve(t)
	for sort, want := range map[string][]string{
		"name":        {"", "A/ä", "b", "c", "Z"},
		"%2Bname":     {"", "A/ä", "b", "c", "Z"},
		"-name":       {"Z", "c", "b", "A/ä", ""},
		"--uuid":      {"", "c", "Z", "A/ä", "A/ä", "b"},
		"-createDate": nil,
	} {
		got := decode(t, get(t, server, "?sort="+sort)).names()
		for i, name := range got {
			if name == "A" || name == "ä" { // equal to the database
				got[i] = "A/ä"
			}
		}
		if sort != "--uuid" {
			got = slices.Compact(got)
		}
		if want != nil && !slices.Equal(got, want) {
			t.Errorf("sort=%s: %q, want %q", sort, got, want)
		}
	}
}

func TestRowsWithoutSortComeInAnyOrder(t *testing.T) {
	t.Parallel()
	n := newNode()
	n.SetBackupStorages(zstacktest.Storages(20)...)
	server := n.Serve(t)
	first := get(t, server, "")
	if again := get(t, server, ""); again.body == first.body {
		t.Error("two responses without sort have the same order")
	}
	ordered := func() string { return get(t, server, "?sort=uuid&fields=uuid,name").body }
	if a, b := ordered(), ordered(); a != b {
		t.Errorf("two responses sorted by uuid differ:\n%s\n%s", a, b)
	}
	zones := func() string { return get(t, server, "?sort=uuid").body }
	if a, b := zones(), zones(); a == b {
		t.Error("zones and monitors are sets, but have the same order in two responses")
	}
}

func TestPagesSortedByUUIDAreTheWholeList(t *testing.T) {
	t.Parallel()
	n := newNode()
	n.SetBackupStorages(zstacktest.Storages(250)...)
	server := n.Serve(t)
	seen := map[string]bool{}
	for start := 0; start < 250; start += 100 {
		page := decode(t, get(t, server, fmt.Sprintf("?sort=uuid&limit=100&start=%d&replyWithCount=true", start)))
		if page.Total == nil || *page.Total != 250 {
			t.Fatalf("total %v, want 250", page.Total)
		}
		for _, b := range page.Inventories {
			seen[b.UUID] = true
		}
	}
	if len(seen) != 250 {
		t.Errorf("three pages have %d storages, want 250", len(seen))
	}
}

func TestDefaultLimitIs1000(t *testing.T) {
	t.Parallel()
	n := newNode()
	n.SetBackupStorages(zstacktest.Storages(1001)...)
	if got := len(decode(t, get(t, n.Serve(t), "")).Inventories); got != 1000 {
		t.Errorf("%d storages, want 1000", got)
	}
}

func TestListsBreakAsTheSettingsSay(t *testing.T) {
	t.Parallel()
	const secondPage = "?sort=uuid&limit=2&start=2&replyWithCount=true"
	tests := map[string]struct {
		change func(*zstacktest.Settings)
		want   []string
	}{
		"none":          {func(*zstacktest.Settings) {}, []string{"c", "d"}},
		"ignores limit": {func(s *zstacktest.Settings) { s.IgnoreLimit = true }, []string{"c", "d", "e"}},
		"ignores start": {func(s *zstacktest.Settings) { s.IgnoreStart = true }, []string{"a", "b"}},
		"repeats rows":  {func(s *zstacktest.Settings) { s.RepeatRows = true }, []string{"c", "d", "c"}},
		"no total":      {func(s *zstacktest.Settings) { s.NoTotal = true }, []string{"c", "d"}},
	}
	for name, test := range tests {
		n := named("a", "b", "c", "d", "e")
		n.Configure(test.change)
		page := decode(t, get(t, n.Serve(t), secondPage))
		if diff := cmp.Diff(test.want, page.names()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if (page.Total == nil) != (name == "no total") || page.Total != nil && (*page.Total == 5) == (name == "wrong total") {
			t.Errorf("%s: total %v", name, page.Total)
		}
	}
}

func TestIgnoredSortShufflesRows(t *testing.T) {
	t.Parallel()
	n := newNode()
	n.SetBackupStorages(zstacktest.Storages(50)...)
	n.Configure(func(s *zstacktest.Settings) { s.IgnoreSort = true })
	names := decode(t, get(t, n.Serve(t), "?sort=uuid")).Inventories
	if slices.IsSortedFunc(names, func(a, b struct{ UUID, Name string }) int { return strings.Compare(a.UUID, b.UUID) }) {
		t.Error("the rows are sorted")
	}
}

func TestHookChangesTheListBetweenPages(t *testing.T) {
	t.Parallel()
	n := named("a", "b", "c")
	n.BeforeQuery(func(k int) {
		if k == 2 {
			n.SetBackupStorages()
		}
	})
	server := n.Serve(t)
	for k, want := range []int{2, 0} {
		page := fmt.Sprintf("?sort=uuid&limit=2&start=%d", 2*k)
		if got := len(decode(t, get(t, server, page)).Inventories); got != want {
			t.Errorf("page %d has %d storages, want %d", k+1, got, want)
		}
	}
}

func TestBinaryTextsMissRowsWithCapitals(t *testing.T) {
	t.Parallel()
	n := named("store", "Store", "store ")
	n.Configure(func(s *zstacktest.Settings) { s.BinaryTexts = true })
	server := n.Serve(t)
	for condition, want := range map[string]int{"name=store": 1, "name=Store": 1, "name?=x,Store": 1, "name~=%e%": 1} {
		if got := len(decode(t, get(t, server, where(condition))).Inventories); got != want {
			t.Errorf("%s finds %d storages, want %d", condition, got, want)
		}
	}
}
