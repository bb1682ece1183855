// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
)

// Page is one page of a list as the server sent it, even if it is wrong. It is for
// checks of the server. For its data, use [Client.ListBackupStorages].
type Page[T any] struct {
	Rows  []Row[T]
	Total *int64 // nil if the server did not count
}

// Row is one row of a page.
type Row[T any] struct {
	JSON  json.RawMessage // valid; it contains SSH passwords if this is a Ceph storage
	Value T               // incomplete if there is an error
	Err   error           // why the client cannot read the row; nil if it can
}

// BackupStoragePage returns at most limit rows after the first start of the
// backup storages that meet the conditions, ordered by uuid. As in a list, not
// every condition is sent.
func (c *Client) BackupStoragePage(ctx context.Context, conditions []Condition, start, limit int) (Page[BackupStorage], error) {
	return readSinglePage(ctx, c, backupStorages, conditions, start, limit)
}

// ZonePage returns zones in the same way as [Client.BackupStoragePage].
func (c *Client) ZonePage(ctx context.Context, conditions []Condition, start, limit int) (Page[Zone], error) {
	return readSinglePage(ctx, c, zones, conditions, start, limit)
}

func readSinglePage[T any](ctx context.Context, c *Client, of resource[T], conditions []Condition, start, limit int) (Page[T], error) {
	if err := c.enter(); err != nil {
		return Page[T]{}, err
	}
	defer c.leave()
	var body pageBody[T]
	err := c.get(ctx, of.path, pageQuery(start, limit, conditions, of.fields), &body)
	return body.page, err
}

// pageBody is the response that contains a page.
type pageBody[T any] struct {
	page    Page[T]
	found   bool // the member "inventories" is a list
	decoder objectDecoder
}

func (b *pageBody[T]) reset() { *b = pageBody[T]{} }

func (b *pageBody[T]) decodeMember(key string, decoder *json.Decoder) error {
	switch key {
	case "total":
		return decodeTotal(decoder, &b.page.Total)
	case "inventories":
		b.page.Rows = nil // The last one of duplicate keys counts.
		return decodeRows(decoder, &b.found, b.addRow)
	}
	return skipValue(decoder)
}

func (b *pageBody[T]) addRow(value []byte) error {
	if len(b.page.Rows) == maxRows {
		return fmt.Errorf("the page has more than %d inventories", maxRows)
	}
	row := Row[T]{JSON: bytes.Clone(value)}
	row.Err = b.decoder.decode(value, &row.Value)
	b.page.Rows = append(b.page.Rows, row)
	return nil
}

func (b *pageBody[T]) check() error { return checkFound(b.found) }

func (*pageBody[T]) salvage([]byte) {}
