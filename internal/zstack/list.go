// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
)

// pageSize is the number of rows requested at once; the server's own default
// (PROTOCOL.md §4.1).
const pageSize = 1000

// Limits of a list. A server that exceeds them does not list real rows.
const (
	maxPages = 1000
	maxRows  = 100_000
)

// resource is something that the client can list; a row is decoded into T.
type resource[T any] struct {
	name   string
	path   string // below the context path
	uuid   func(*T) *string
	fields queryableFields
}

var backupStorages = resource[BackupStorage]{
	name:   "backup storage",
	path:   "/v1/backup-storage",
	uuid:   func(s *BackupStorage) *string { return s.UUID },
	fields: backupStorageFields,
}

var zones = resource[Zone]{
	name:   "zone",
	path:   "/v1/zones",
	uuid:   func(z *Zone) *string { return z.UUID },
	fields: zoneFields,
}

// TotalError says that the server sent more or fewer rows than it counted, even
// when the list was read a second time.
type TotalError struct {
	Resource   string // such as "backup storage"
	Total      int64  // what the server counted
	Rows       int    // what it sent, each uuid once
	Duplicates int    // how many more rows it sent, with the uuids of these
}

// Error contains the numbers.
func (e *TotalError) Error() string {
	text := fmt.Sprintf("the server reported a total of %d for the list of %ss, but the number of rows is %d", e.Total, e.Resource, e.Rows+e.Duplicates)
	if e.Duplicates > 0 {
		text += fmt.Sprintf(", and the number of different UUIDs is %d", e.Rows)
	}
	return text
}

// ListPage is a page of a list that is being read.
type ListPage[T any] struct {
	// First is true for the first page. If the list changes while it is read, it
	// is read a second time: then there is another first page, and the rows
	// before that one no longer count.
	First bool

	// Rows are in the order of the server, each uuid once in all pages. They are
	// only valid until the next page is read.
	Rows []T
}

// ReadBackupStorages calls receive with every backup storage that meets all
// conditions, page by page, and possibly with others that do not: the server
// compares less strictly than a condition says (PROTOCOL.md §4.4), and some
// conditions cannot be sent at all. The caller checks every row again. The list
// is complete, or the error says why it is not.
func (c *Client) ReadBackupStorages(ctx context.Context, conditions []Condition, receive func(ListPage[BackupStorage])) error {
	return readList(ctx, c, backupStorages, conditions, receive)
}

// ListBackupStorages returns what [Client.ReadBackupStorages] reads, ordered by
// uuid.
func (c *Client) ListBackupStorages(ctx context.Context, conditions []Condition) ([]BackupStorage, error) {
	return collectList(ctx, c, backupStorages, conditions)
}

// ListZones returns the zones that meet all conditions, and possibly others, in
// the same way as [Client.ListBackupStorages].
func (c *Client) ListZones(ctx context.Context, conditions []Condition) ([]Zone, error) {
	return collectList(ctx, c, zones, conditions)
}

// FirstBackupStorages returns the first page of all backup storages, ordered by
// uuid.
func (c *Client) FirstBackupStorages(ctx context.Context) ([]BackupStorage, error) {
	if err := c.enter(); err != nil {
		return nil, err
	}
	defer c.leave()
	list := newList(backupStorages)
	err := list.readPage(ctx, c, nil)
	return list.rows, err
}

// collectList returns all rows of a list, ordered by uuid.
func collectList[T any](ctx context.Context, c *Client, of resource[T], conditions []Condition) ([]T, error) {
	var rows []T
	err := readList(ctx, c, of, conditions, func(page ListPage[T]) {
		if page.First {
			rows = nil
		}
		rows = append(rows, page.Rows...)
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b T) int { return cmp.Compare(*of.uuid(&a), *of.uuid(&b)) })
	return rows, nil
}

func readList[T any](ctx context.Context, c *Client, of resource[T], conditions []Condition, receive func(ListPage[T])) error {
	if err := c.enter(); err != nil {
		return err
	}
	defer c.leave()
	err := readPages(ctx, c, of, conditions, receive)
	if _, wrongTotal := errors.AsType[*TotalError](err); wrongTotal || errors.Is(err, ErrListChanged) {
		err = readPages(ctx, c, of, conditions, receive)
	}
	return err
}

// readPages reads the list once. Each page begins with the last row of the
// previous one, so that a shift of the list between the two is noticed
// (PROTOCOL.md §4.5).
func readPages[T any](ctx context.Context, c *Client, of resource[T], conditions []Condition, receive func(ListPage[T])) error {
	list := newList(of)
	for number := range maxPages {
		if err := list.readPage(ctx, c, conditions); err != nil {
			return err
		}
		rows := list.rows
		complete, err := list.nextPage()
		if err != nil {
			return err
		}
		if receive(ListPage[T]{First: number == 0, Rows: rows}); complete {
			return nil
		}
	}
	return fmt.Errorf("the list continues after %d pages of %d rows", maxPages, pageSize)
}

// list is a list that is being read. Each response adds a page to it
// (PROTOCOL.md §5.1).
type list[T any] struct {
	resource[T]
	uuids map[string]struct{} // of all pages
	rows  []T                 // of the current page, without those of earlier pages
	row   T                   // that is being decoded
	page  page                // the current page

	start        int    // position of the current page
	previousLast string // uuid of the last row of the previous page; empty: none
	firstTotal   *int64 // of the first page
	firstRows    int    // number of rows that the first page added
	firstLength  int    // number of its rows, with duplicates
}

func newList[T any](of resource[T]) *list[T] {
	return &list[T]{resource: of, uuids: map[string]struct{}{}}
}

// page is the current page without its rows.
type page struct {
	total       *int64 // nil if the server does not count
	found       bool   // the member "inventories" is a list
	length      int    // number of rows, with duplicates
	first, last string // uuids
	decoder     objectDecoder
}

func (l *list[T]) readPage(ctx context.Context, c *Client, conditions []Condition) error {
	return c.get(ctx, l.path, pageQuery(l.start, pageSize, conditions, l.fields), l)
}

// pageQuery requests limit rows after the first start of those that meet the
// conditions (PROTOCOL.md §4.1).
func pageQuery(start, limit int, conditions []Condition, fields queryableFields) url.Values {
	query := url.Values{
		"replyWithCount": {"true"},
		"sort":           {"uuid"},
		"limit":          {strconv.Itoa(limit)},
		"start":          {strconv.Itoa(start)},
	}
	addConditions(query, conditions, fields)
	return query
}

func (l *list[T]) reset() {
	l.discardRows()
	l.page.total = nil
}

// discardRows removes the rows of the current page.
func (l *list[T]) discardRows() {
	for i := range l.rows {
		delete(l.uuids, *l.uuid(&l.rows[i]))
	}
	l.rows = l.rows[:0]
	l.page = page{total: l.page.total}
}

func (l *list[T]) decodeMember(key string, decoder *json.Decoder) error {
	switch key {
	case "total":
		return decodeTotal(decoder, &l.page.total)
	case "inventories":
		l.discardRows() // The last one of duplicate keys counts.
		return decodeRows(decoder, &l.page.found, l.addRow)
	}
	return skipValue(decoder)
}

// decodeTotal decodes the member "total".
func decodeTotal(decoder *json.Decoder, total **int64) error {
	return decodeValue(decoder, func(value []byte) error {
		if *total = nil; value[0] == 'n' {
			return nil
		}
		return within("total", new(objectDecoder).decodeField(value, total))
	})
}

// decodeRows decodes the member "inventories" row by row. It sets found if that
// is a list.
func decodeRows(decoder *json.Decoder, found *bool, add func(row []byte) error) error {
	switch start, err := decoder.Token(); {
	case err != nil || start == nil: // check reports a null.
		return err
	case start != json.Delim('['):
		return &FieldError{Field: "inventories", Want: "a list", Got: describeToken(start)}
	}
	*found = true
	row := &valueDecoder{add}
	for decoder.More() {
		if err := decoder.Decode(row); err != nil {
			return err
		}
	}
	_, err := decoder.Token() // The closing bracket.
	return err
}

// addRow adds a row unless it is already in the list.
func (l *list[T]) addRow(object []byte) error {
	index := l.page.length
	l.page.length++
	switch {
	case object[0] != '{':
		return fmt.Errorf("the inventory at index %d is %s instead of an object", index, describe(object))
	case len(object) > maxObjectBytes:
		return fmt.Errorf("the inventory at index %d is longer than %d MiB", index, maxObjectBytes>>20)
	}
	l.row = *new(T)
	if err := l.page.decoder.decode(object, &l.row); err != nil {
		if field, ok := errors.AsType[*FieldError](err); ok {
			field.Row = identify(object)
			field.Row.Resource, field.Row.Index = l.name, index
		}
		return err
	}
	uuid := l.uuid(&l.row)
	if uuid == nil || *uuid == "" {
		return fmt.Errorf("the inventory at index %d has no uuid", index)
	}
	if index == 0 {
		l.page.first = *uuid
	}
	l.page.last = *uuid
	if _, duplicate := l.uuids[*uuid]; duplicate {
		return nil
	}
	if len(l.uuids) == maxRows {
		return fmt.Errorf("the list has more than %d inventories", maxRows)
	}
	l.uuids[*uuid] = struct{}{}
	l.rows = append(l.rows, l.row)
	return nil
}

func (l *list[T]) check() error {
	return checkFound(l.page.found)
}

// checkFound reports that a response has no list.
func checkFound(found bool) error {
	if !found {
		return errors.New("the JSON has no list of inventories")
	}
	return nil
}

func (*list[T]) salvage([]byte) {}

// nextPage ends the current page. It returns true if that was the last one. A
// server that counts must have sent as many rows as it counts; the list of one
// that does not ends with a page that contains nothing after its first row.
func (l *list[T]) nextPage() (complete bool, err error) {
	rows := int64(len(l.uuids))
	total := l.page.total
	if l.previousLast == "" {
		l.firstTotal, l.firstRows, l.firstLength = total, len(l.uuids), l.page.length
	}
	switch {
	case l.previousLast != "" && l.page.first != l.previousLast:
		return false, l.disagreement()
	case total != nil && rows == *total:
		return true, nil
	case total != nil && rows > *total:
		return false, l.disagreement()
	case len(l.rows) > 0:
		l.start += l.page.length - 1
		l.previousLast = l.page.last
		l.rows, l.page = l.rows[:0], page{}
		return false, nil
	case total == nil && l.page.length <= 1:
		return true, nil
	}
	return false, l.disagreement()
}

// disagreement returns why the pages are not a complete list. If all rows were in
// the first page and the total has not changed since, the list has not changed.
func (l *list[T]) disagreement() error {
	total := l.page.total
	if total != nil && l.firstTotal != nil && *total == *l.firstTotal && len(l.uuids) == l.firstRows {
		return &TotalError{Resource: l.name, Total: *total, Rows: l.firstRows, Duplicates: l.firstLength - l.firstRows}
	}
	return ErrListChanged
}
