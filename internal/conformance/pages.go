// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// maxSampledPages is the maximum number of pages of one size that are read. With
// pages of 1, there is one more page than rows.
const maxSampledPages = maxRowsOneByOne + 1

// maxRowsOneByOne is how many rows are read in pages of 1.
const maxRowsOneByOne = 50

// pagesOf1000 checks the list as it was read: its pages have no row in common,
// and none is too long.
func pagesOf1000(_ context.Context, n *node) (result, error) {
	r := result{compared: len(n.storages.rows), counts: count(len(n.storages.rows), "row") + " in " + count(len(n.storages.pages), "page")}
	if r.compared == 0 {
		return notApplicable("no backup storages")
	}
	for i, page := range n.storages.pages {
		if len(page.Rows) > pageSize {
			r.differences = append(r.differences, fmt.Sprintf("start=%d: %d rows, more than the limit", i*pageSize, len(page.Rows)))
		}
	}
	if duplicates := len(n.storages.rows) - len(n.storages.index); duplicates > 0 {
		r.differences = append(r.differences, count(duplicates, "row")+" more than once")
	}
	if len(n.storages.pages) == maxPages {
		r.differences = append(r.differences, fmt.Sprintf("the list does not end after %d pages", maxPages))
	}
	return r, nil
}

func pagesOf7(ctx context.Context, n *node) (result, error) { return n.comparePages(ctx, 7) }

func pagesOf1(ctx context.Context, n *node) (result, error) {
	if len(n.storages.rows) > maxRowsOneByOne {
		return notApplicable(fmt.Sprintf("only for at most %d rows", maxRowsOneByOne))
	}
	return n.comparePages(ctx, 1)
}

// comparePages checks that pages of this size contain the rows of the list in
// its order, each exactly once. The last page is the one at which a list ends:
// it is short or empty.
func (n *node) comparePages(ctx context.Context, size int) (result, error) {
	rows := n.storages.uuids
	if len(rows) == 0 {
		return notApplicable("no backup storages")
	}
	pages := len(rows)/size + 1
	var r result
	for _, i := range spread(pages, maxSampledPages) {
		start := i * size
		page, err := n.storagePage(ctx, start, size)
		if err != nil {
			return r, err
		}
		r.compared++
		want, got := rows[start:min(start+size, len(rows))], uuidsOf(page.Rows)
		if !slices.Equal(want, got) {
			r.differences = append(r.differences, fmt.Sprintf("start=%d, limit=%d: %s", start, size, describeRows(want, got)))
		}
	}
	r.counts = outOf(r.compared, pages, "page")
	return r, nil
}

// describeRows says how the rows of a page differ from the expected ones.
func describeRows(want, got []string) string {
	expected := 0
	for _, uuid := range want {
		if slices.Contains(got, uuid) {
			expected++
		}
	}
	if expected == len(want) && len(want) == len(got) {
		return "the expected rows in another order"
	}
	return fmt.Sprintf("%s, among them %d of the %d expected", count(len(got), "row"), expected, len(want))
}

// totals checks that the server counts the rows that it sends.
func totals(_ context.Context, n *node) (result, error) {
	var r result
	r.compareTotals("backup storages", len(n.storages.index), totalsOf(n.storages.pages))
	r.compareTotals("zones", len(n.zones.index), totalsOf(n.zones.pages))
	r.counts = count(r.compared, "response")
	return r, nil
}

func totalsOf[T any](pages []zstack.Page[T]) (totals []*int64) {
	for _, page := range pages {
		totals = append(totals, page.Total)
	}
	return totals
}

func (r *result) compareTotals(what string, rows int, totals []*int64) {
	for _, total := range totals {
		r.compared++
		if total == nil || *total != int64(rows) {
			r.differences = append(r.differences, fmt.Sprintf("%s: total is %s, the list has %s", what, formatTotal(total), count(rows, "row")))
		}
	}
}

func formatTotal(total *int64) string {
	if total == nil {
		return "missing"
	}
	return strconv.FormatInt(*total, 10)
}

// totalsWithConditions does the same for the conditions of [equalities].
func totalsWithConditions(ctx context.Context, n *node) (result, error) {
	probes, _ := n.equalityProbes()
	var r result
	for _, p := range probes {
		response, err := n.responseTo(ctx, p.condition)
		if err == nil && !response.totalFits() { // A row may have changed between the server's two queries.
			response, err = n.requestAgain(ctx, p.condition)
		}
		if err != nil {
			return r, err
		}
		r.compared++
		if !response.totalFits() {
			r.differences = append(r.differences, fmt.Sprintf("%s: total is %s, the response has %s",
				p.description, formatTotal(response.total), count(response.rows, "row")))
		}
	}
	r.counts = count(r.compared, "condition")
	return r, nil
}

// noChange checks that the list has not changed during the run.
func noChange(ctx context.Context, n *node) (result, error) {
	now, err := readList(ctx, n.storagePage)
	if err != nil {
		return result{}, err
	}
	r := result{compared: 1, counts: count(len(now.index), "row")}
	added, removed := difference(now, n.storages), difference(n.storages, now)
	if added+removed > 0 {
		r.differences = []string{fmt.Sprintf("%d backup storages were added and %d removed during the run; run it again", added, removed)}
	}
	return r, nil
}

// difference is how many rows of a are not in b.
func difference[T any](a, b list[T]) int {
	only := 0
	for uuid := range a.index {
		if _, ok := b.index[uuid]; !ok {
			only++
		}
	}
	return only
}
