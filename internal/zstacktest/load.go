// SPDX-License-Identifier: MPL-2.0

package zstacktest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest/query"
)

// LoadBackupStorages replaces the backup storages by those in a saved response to GET /v1/backup-storage. Dates are read
// in the node's time zone, so that the node returns them unchanged.
func (n *Node) LoadBackupStorages(response []byte) error {
	loaded, err := load(response, n.currentSettings(), (*storedStorage).storage)
	if err != nil {
		return fmt.Errorf("backup storages: %w", err)
	}
	n.SetBackupStorages(loaded...)
	return nil
}

// LoadZones replaces the zones by those in a saved response to GET /v1/zones.
func (n *Node) LoadZones(response []byte) error {
	loaded, err := load(response, n.currentSettings(), (*storedZone).zone)
	if err != nil {
		return fmt.Errorf("zones: %w", err)
	}
	n.SetZones(loaded...)
	return nil
}

// load reads the rows of a response: each is decoded into an S, and converted to a T.
func load[S, T any](response []byte, settings Settings, convert func(*S, loading) (T, error)) ([]T, error) {
	var list struct {
		Inventories []json.RawMessage
		Error       *struct{ Code, Description string }
	}
	if err := decodeSaved(bytes.TrimPrefix(response, []byte("\ufeff")), &list); err != nil {
		return nil, err
	}
	switch {
	case list.Error != nil:
		return nil, fmt.Errorf("the response is the error %s (%s); log in again and save the response again", list.Error.Code, list.Error.Description)
	case list.Inventories == nil:
		return nil, errors.New("the response has no inventories")
	}
	loaded := make([]T, len(list.Inventories))
	rows := map[string]int{}
	for i, row := range list.Inventories {
		var identity struct{ UUID string }
		var stored S
		if err := cmp.Or(decodeSaved(row, &identity), decodeSaved(row, &stored)); err != nil {
			return nil, fmt.Errorf("row %d: %w", i, err)
		}
		if identity.UUID == "" {
			return nil, fmt.Errorf("row %d has no uuid", i)
		}
		if first, ok := rows[identity.UUID]; ok {
			return nil, fmt.Errorf("rows %d and %d have the same uuid %q", first, i, identity.UUID)
		}
		rows[identity.UUID] = i
		one, err := convert(&stored, loading{row, settings})
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", i, err)
		}
		loaded[i] = one
	}
	return loaded, nil
}

// decodeSaved decodes JSON that a person saved. Its errors are in the words of the file, not of Go.
func decodeSaved(saved []byte, target any) error {
	err := json.Unmarshal(saved, target)
	if err == nil {
		return nil
	}
	switch {
	case len(bytes.TrimSpace(saved)) == 0:
		return errors.New("the response is empty")
	case bytes.HasPrefix(saved, []byte("\xff\xfe")), bytes.HasPrefix(saved, []byte("\xfe\xff")): // PowerShell's > writes it.
		return errors.New("the response is UTF-16; save it as UTF-8")
	}
	mistyped, ok := errors.AsType[*json.UnmarshalTypeError](err)
	switch {
	case !ok:
		return fmt.Errorf("the response is not JSON: %w", err)
	case mistyped.Field == "":
		return fmt.Errorf("an object was expected, got %s", mistyped.Value)
	}
	name := mistyped.Field[strings.LastIndex(mistyped.Field, ".")+1:]
	var members map[string]json.RawMessage
	_ = json.Unmarshal(saved, &members) // It is an object.
	for member := range members {
		if strings.EqualFold(member, name) {
			name = member
		}
	}
	return fmt.Errorf("the value of %s has the wrong type: %s", name, mistyped.Value)
}

// loading is a row that is being loaded, with the node's settings.
type loading struct {
	row      []byte
	settings Settings
}

// date reads a date in any of the three formats.
func (l loading) date(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []DateText{JDK8, JDK9, JDK20} {
		if t, err := time.ParseInLocation(string(layout), text, l.settings.TimeZone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a date as ZStack writes it", text)
}

// dates reads the two dates of a row.
func (l loading) dates(create, lastOp string) (created, changed time.Time, err error) {
	if created, err = l.date(create); err == nil {
		changed, err = l.date(lastOp)
	}
	return created, changed, err
}

// storedZone is a zone as a response contains it: the dates are texts.
type storedZone struct {
	Zone
	CreateDate string
	LastOpDate string
}

func (s *storedZone) zone(l loading) (zone Zone, err error) {
	zone = s.Zone
	zone.CreateDate, zone.LastOpDate, err = l.dates(s.CreateDate, s.LastOpDate)
	return zone, err
}

// storedStorage is a backup storage as a response contains it: the dates are texts. The fields of its type are read apart.
type storedStorage struct {
	BackupStorage
	Type       string
	CreateDate string
	LastOpDate string
}

func (s *storedStorage) storage(l loading) (BackupStorage, error) {
	created, changed, err := l.dates(s.CreateDate, s.LastOpDate)
	if err != nil {
		return BackupStorage{}, err
	}
	columns, err := loadedColumns(l.row)
	if err != nil {
		return BackupStorage{}, err
	}
	storage := s.BackupStorage
	storage.CreateDate, storage.LastOpDate = created, changed
	storage.Subtype = loadedSubtype(s.Type, columns)
	return storage, nil
}

// savedSubtype is a type of backup storage with the fields of a saved row, whatever they are.
type savedSubtype description

func (s savedSubtype) describe(string) description { return description(s) }

// loadedSubtype is the type of a saved row. A row without any field of its type comes from a node without the plug-in, and
// has the base class.
func loadedSubtype(typeName string, columns []query.Column) Subtype {
	columns = slices.DeleteFunc(columns, func(c query.Column) bool { return isBaseField(c.Name) })
	saved := savedSubtype{typeName: typeName, class: baseClass, columns: columns}
	for _, subtype := range subtypes {
		if d := subtype.describe(""); d.typeName == typeName && len(columns) > 0 {
			saved.class = d.class
		}
	}
	return saved
}

// isBaseField reports whether a field is one of the base class.
func isBaseField(name string) bool {
	return slices.ContainsFunc(BackupStorage{}.columns(description{}), func(c query.Column) bool { return c.Name == name })
}

// loadedColumns are the members of an object, in their order.
func loadedColumns(object []byte) ([]query.Column, error) {
	decoder := json.NewDecoder(bytes.NewReader(object))
	if _, err := decoder.Token(); err != nil {
		return nil, err
	}
	var columns []query.Column
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, err
		}
		columns = append(columns, column(name.(string), loadedValue(value)))
	}
	return columns, nil
}

// loadedValue converts a JSON value to the type that a column has. Objects in a list are monitors.
func loadedValue(value json.RawMessage) any {
	if string(value) == "null" {
		return nil
	}
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text
	}
	if number, err := strconv.ParseInt(string(value), 10, 64); err == nil {
		return number
	}
	if number, err := strconv.ParseFloat(string(value), 32); err == nil {
		return float32(number)
	}
	var list []json.RawMessage
	if json.Unmarshal(value, &list) != nil {
		return query.JSON(value)
	}
	objects := make(query.Objects, len(list))
	for i, object := range list {
		columns, err := loadedColumns(object)
		if err != nil {
			return query.JSON(value)
		}
		objects[i] = query.Row{Class: monClass, Columns: columns}
	}
	return objects
}
