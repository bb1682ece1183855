// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"encoding/json"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// pageSize is the page size of the provider.
const pageSize = 1000

// maxPages limits a list that does not end.
const maxPages = 100

// logoutTimeout limits the logout at the end.
const logoutTimeout = 5 * time.Second

// node is the management node that is checked, with the lists read from it.
type node struct {
	config zstack.Config
	client *zstack.Client
	reads  int // of pages; logins, logouts and retries are not counted

	storages  list[zstack.BackupStorage]
	zones     list[zstack.Zone]
	zonesErr  error               // why there are no zones: another API, which may be denied
	responses map[string]response // to conditions, by the parameter q
}

func newNode(config zstack.Config) *node {
	return &node{config: config, client: zstack.NewClient(config), responses: map[string]response{}}
}

// read reads the lists that the checks compare with.
func (n *node) read(ctx context.Context) (err error) {
	if n.storages, err = readList(ctx, n.storagePage); err != nil {
		return err
	}
	n.zones, n.zonesErr = readList(ctx, n.zonePage)
	return nil
}

// close logs out, even if ctx has ended.
func (n *node) close(ctx context.Context) { closeClient(ctx, n.client) }

func closeClient(ctx context.Context, client *zstack.Client) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), logoutTimeout)
	defer cancel()
	client.Close(ctx)
}

func (n *node) storagePage(ctx context.Context, start, limit int, conditions ...zstack.Condition) (zstack.Page[zstack.BackupStorage], error) {
	n.reads++
	return n.client.BackupStoragePage(ctx, conditions, start, limit)
}

func (n *node) zonePage(ctx context.Context, start, limit int, conditions ...zstack.Condition) (zstack.Page[zstack.Zone], error) {
	n.reads++
	return n.client.ZonePage(ctx, conditions, start, limit)
}

// list is a list that was read in pages of 1000 rows.
type list[T any] struct {
	pages []zstack.Page[T]
	rows  []zstack.Row[T] // of all pages, with duplicates
	uuids []string        // of rows
	index map[string]int  // of each uuid
}

// readPage reads at most limit rows after the first start.
type readPage[T any] func(ctx context.Context, start, limit int, conditions ...zstack.Condition) (zstack.Page[T], error)

func readList[T any](ctx context.Context, read readPage[T]) (list[T], error) {
	l := list[T]{index: map[string]int{}}
	for len(l.pages) < maxPages {
		page, err := read(ctx, len(l.pages)*pageSize, pageSize)
		if err != nil {
			return list[T]{}, err
		}
		before := len(l.index)
		l.pages = append(l.pages, page)
		l.rows = append(l.rows, page.Rows...)
		for _, uuid := range uuidsOf(page.Rows) {
			l.index[uuid] = len(l.uuids)
			l.uuids = append(l.uuids, uuid)
		}
		if len(page.Rows) != pageSize || len(l.index) == before {
			break
		}
	}
	return l, nil
}

// valid returns the rows that the client can read.
func (l list[T]) valid() []zstack.Row[T] {
	var valid []zstack.Row[T]
	for _, row := range l.rows {
		if row.Err == nil {
			valid = append(valid, row)
		}
	}
	return valid
}

// uuidsOf returns the uuid of each row, or "", even if the client cannot read
// the row.
func uuidsOf[T any](rows []zstack.Row[T]) []string {
	uuids := make([]string, len(rows))
	for i, row := range rows {
		var identity struct {
			UUID string `json:"uuid"`
		}
		_ = json.Unmarshal(row.JSON, &identity)
		uuids[i] = identity.UUID
	}
	return uuids
}
