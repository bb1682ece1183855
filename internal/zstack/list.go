// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
)

// pageSize is the number of rows asked for in one request; the server's own
// default (PROTOCOL.md §4.1).
const pageSize = 1000

// maxPages bounds the number of requests for one list.
const maxPages = 1000

// backupStoragePage is a response to QueryBackupStorage (PROTOCOL.md §5.1).
type backupStoragePage struct {
	errorResponse
	Total       *int            `json:"total"`
	Inventories []BackupStorage `json:"inventories"`
}

func (p *backupStoragePage) check() error {
	if p.Inventories == nil {
		return errors.New("the JSON has no list of inventories")
	}
	for i, row := range p.Inventories {
		if row.UUID == nil || *row.UUID == "" {
			return fmt.Errorf("the inventory at index %d has no uuid", i)
		}
	}
	return nil
}

// ListBackupStorages returns every backup storage that meets all conditions,
// ordered by uuid, and possibly others that do not: what a condition means to
// the server is close to, but not, what it says (PROTOCOL.md §4.4), and some
// conditions cannot be said to it at all. The caller checks every row again.
// The list is complete, or the error says why it is not.
func (c *Client) ListBackupStorages(ctx context.Context, conditions []Condition) ([]BackupStorage, error) {
	if err := c.enter(); err != nil {
		return nil, err
	}
	defer c.leave()
	rows, err := c.readPages(ctx, conditions)
	if errors.Is(err, ErrListChanged) {
		rows, err = c.readPages(ctx, conditions)
	}
	return rows, err
}

// readPages reads the list once. Each page begins with the last row of the one
// before it, so that a list that shifted between the two is noticed
// (PROTOCOL.md §4.5).
func (c *Client) readPages(ctx context.Context, conditions []Condition) ([]BackupStorage, error) {
	rows := map[string]BackupStorage{}
	last, start := "", 0
	for range maxPages {
		page, err := c.readPage(ctx, conditions, start)
		if err != nil {
			return nil, err
		}
		received, known := page.Inventories, len(rows)
		if start > 0 && (len(received) == 0 || *received[0].UUID != last) {
			return nil, ErrListChanged
		}
		for _, row := range received {
			rows[*row.UUID] = row
		}
		complete, err := page.completes(len(rows), known)
		if err != nil {
			return nil, err
		}
		if complete {
			return slices.SortedFunc(maps.Values(rows), compareUUID), nil
		}
		last = *received[len(received)-1].UUID
		start += len(received) - 1
	}
	return nil, fmt.Errorf("the list continues after %d pages of %d rows", maxPages, pageSize)
}

func compareUUID(a, b BackupStorage) int { return cmp.Compare(*a.UUID, *b.UUID) }

func (c *Client) readPage(ctx context.Context, conditions []Condition, start int) (*backupStoragePage, error) {
	query := url.Values{
		"replyWithCount": {"true"},
		"sort":           {"uuid"},
		"limit":          {strconv.Itoa(pageSize)},
		"start":          {strconv.Itoa(start)},
	}
	addConditions(query, conditions)
	page := &backupStoragePage{}
	return page, c.get(ctx, "/v1/backup-storage", query, page)
}

// completes says whether this page is the last one, now that the number of
// distinct rows has grown from known to distinct. A server that counts must
// have sent as many rows as it counts; one that does not ends with a page that
// contains nothing after its first row.
func (p *backupStoragePage) completes(distinct, known int) (bool, error) {
	switch {
	case p.Total != nil && distinct == *p.Total:
		return true, nil
	case p.Total != nil && distinct > *p.Total:
		return false, ErrListChanged
	case distinct > known:
		return false, nil
	case p.Total == nil && len(p.Inventories) <= 1:
		return true, nil
	}
	return false, ErrListChanged
}

// FirstBackupStorages returns the first page of all backup storages, ordered by
// uuid.
func (c *Client) FirstBackupStorages(ctx context.Context) ([]BackupStorage, error) {
	if err := c.enter(); err != nil {
		return nil, err
	}
	defer c.leave()
	page, err := c.readPage(ctx, nil, 0)
	if err != nil {
		return nil, err
	}
	return page.Inventories, nil
}
