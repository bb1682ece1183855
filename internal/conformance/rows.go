// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/zstackio/terraform-provider-zstack/internal/backupstorage"
	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// jsonType is the JSON type of a value.
type jsonType string

const (
	typeString  jsonType = "string"
	typeInteger jsonType = "integer"
	typeNumber  jsonType = "number"
	typeBoolean jsonType = "boolean"
	typeObject  jsonType = "object"
	typeNull    jsonType = "null"
	emptyList   jsonType = "empty list"
)

func listOf(element jsonType) jsonType { return "list of " + element + "s" }

// typeOf returns the type of a valid JSON value.
func typeOf(value json.RawMessage) jsonType {
	switch value[0] {
	case '"':
		return typeString
	case '{':
		return typeObject
	case 't', 'f':
		return typeBoolean
	case 'n':
		return typeNull
	case '[':
		return typeOfList(value)
	}
	if _, err := strconv.ParseInt(string(value), 10, 64); err != nil {
		return typeNumber
	}
	return typeInteger
}

func typeOfList(list json.RawMessage) jsonType {
	var elements []json.RawMessage
	_ = json.Unmarshal(list, &elements) // Valid.
	if len(elements) == 0 {
		return emptyList
	}
	first := typeOf(elements[0])
	if slices.ContainsFunc(elements, func(element json.RawMessage) bool { return typeOf(element) != first }) {
		return "list of several types"
	}
	return listOf(first)
}

// fits reports whether the client can read a value of this type.
func (t jsonType) fits(expected jsonType) bool {
	return t == expected || t == typeNull || t == typeInteger && expected == typeNumber ||
		t == emptyList && strings.HasPrefix(string(expected), "list")
}

// object is a kind of row: the types of its keys, by path such as mons.monPort.
type object struct {
	name string
	keys map[string]jsonType
}

// The keys that the client does not read are in PROTOCOL.md §5.3 and §10.
var (
	storageObject = newObject[zstack.BackupStorage]("backup storage", map[string]jsonType{"mons.sshPassword": typeString})
	zoneObject    = newObject[zstack.Zone]("zone", map[string]jsonType{
		"description": typeString, "state": typeString, "type": typeString, "isDefault": typeBoolean,
		"createDate": typeString, "lastOpDate": typeString,
	})
)

// newObject returns the keys that the client reads into a T, and others.
func newObject[T any](name string, notRead map[string]jsonType) object {
	keys := maps.Clone(notRead)
	addKeys(keys, "", reflect.TypeFor[T]())
	return object{name, keys}
}

func addKeys(keys map[string]jsonType, prefix string, of reflect.Type) {
	for _, field := range reflect.VisibleFields(of) {
		path := prefix + field.Tag.Get("json")
		switch field.Type {
		case reflect.TypeFor[*string]():
			keys[path] = typeString
		case reflect.TypeFor[*int64]():
			keys[path] = typeInteger
		case reflect.TypeFor[*json.Number]():
			keys[path] = typeNumber
		case reflect.TypeFor[[]string]():
			keys[path] = listOf(typeString)
		default:
			keys[path] = listOf(typeObject)
			addKeys(keys, path+".", field.Type.Elem())
		}
	}
}

// member is one key of a row, and its value.
type member struct {
	path     string
	expected jsonType // empty: the provider does not know the key
	value    json.RawMessage
}

// members returns the keys of a row and of the objects in it.
func (o object) members(row json.RawMessage) []member { return o.membersBelow("", row) }

func (o object) membersBelow(prefix string, row json.RawMessage) (all []member) {
	var values map[string]json.RawMessage
	_ = json.Unmarshal(row, &values) // Valid, but maybe not an object; then it has no members.
	for key, value := range values {
		m := member{prefix + key, o.keys[prefix+key], value}
		all = append(all, m)
		if m.expected == listOf(typeObject) && typeOf(value) == m.expected {
			var elements []json.RawMessage
			_ = json.Unmarshal(value, &elements) // Valid.
			for _, element := range elements {
				all = append(all, o.membersBelow(m.path+".", element)...)
			}
		}
	}
	return all
}

// eachMember calls visit for all keys of all rows. kind is the kind of the row,
// such as "backup storage of type Ceph".
func (n *node) eachMember(visit func(kind string, m member)) {
	for _, row := range n.storages.rows {
		kind := storageObject.name + " of type " + typeName(row)
		for _, m := range storageObject.members(row.JSON) {
			visit(kind, m)
		}
	}
	for _, row := range n.zones.rows {
		for _, m := range zoneObject.members(row.JSON) {
			visit(zoneObject.name, m)
		}
	}
}

func (n *node) rows() int { return len(n.storages.rows) + len(n.zones.rows) }

// typeName returns the type of a storage, even if the client cannot read the
// row.
func typeName(row zstack.Row[zstack.BackupStorage]) string {
	var storage struct {
		Type string `json:"type"`
	}
	_ = json.Unmarshal(row.JSON, &storage)
	return identifier(storage.Type)
}

var identifierPattern = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,63}$`)

// identifier returns text if it can be a name from ZStack itself, and not a text
// from the cloud.
func identifier(text string) string {
	if !identifierPattern.MatchString(text) {
		return "(not an identifier)"
	}
	return text
}

// tally counts texts.
type tally map[string]int

// lines returns each text with its number.
func (t tally) lines() []string {
	var lines []string
	for _, text := range slices.Sorted(maps.Keys(t)) {
		lines = append(lines, fmt.Sprintf("%s (%d times)", text, t[text]))
	}
	return lines
}

// jsonTypes checks that the values have the types that the client expects, and
// lists the keys that it does not know.
func jsonTypes(_ context.Context, n *node) (result, error) {
	r := result{compared: n.rows(), counts: count(n.rows(), "row")}
	wrong, unknown := tally{}, tally{}
	addOtherRows(wrong, storageObject, n.storages)
	addOtherRows(wrong, zoneObject, n.zones)
	n.eachMember(func(kind string, m member) {
		switch t := typeOf(m.value); {
		case m.expected == "":
			unknown[fmt.Sprintf("unknown key %s, %s, in a %s", identifier(m.path), t, kind)]++
		case !t.fits(m.expected):
			wrong[fmt.Sprintf("%s is of JSON type %s instead of %s in a %s", m.path, t, m.expected, kind)]++
		}
	})
	r.differences, r.notes = wrong.lines(), unknown.lines()
	return r, nil
}

// addOtherRows counts the rows that are not objects.
func addOtherRows[T any](wrong tally, o object, l list[T]) {
	for _, row := range l.rows {
		if t := typeOf(row.JSON); t != typeObject {
			wrong[fmt.Sprintf("a %s is of JSON type %s", o.name, t)]++
		}
	}
}

// uuids checks that UUIDs are what a filter accepts as one, and that every row
// has one.
func uuids(_ context.Context, n *node) (result, error) {
	var r result
	wrong := tally{}
	n.eachMember(func(kind string, m member) {
		if !isUUIDKey(m.path) {
			return
		}
		for _, text := range textsOf(m) {
			r.compared++
			if _, err := backupstorage.ParseCondition("uuid", "=", text); err != nil {
				wrong[fmt.Sprintf("%s %s is not a UUID in a %s", m.path, describeValue(text), kind)]++
			}
		}
	})
	for _, uuid := range slices.Concat(n.storages.uuids, n.zones.uuids) {
		if uuid == "" {
			wrong["a row has no uuid"]++
		}
	}
	r.counts, r.differences = count(r.compared, "UUID"), wrong.lines()
	return r, nil
}

func isUUIDKey(path string) bool {
	return path == "uuid" || strings.HasSuffix(path, "Uuid") || strings.HasSuffix(path, "Uuids")
}

// dates checks that dates have a format that sort_by can sort.
func dates(_ context.Context, n *node) (result, error) {
	var r result
	wrong := tally{}
	n.eachMember(func(kind string, m member) {
		if !strings.HasSuffix(m.path, "Date") {
			return
		}
		for _, text := range textsOf(m) {
			r.compared++
			if _, ok := backupstorage.ParseDate(text); !ok {
				wrong[fmt.Sprintf("%s has an unknown format in a %s", m.path, kind)]++
			}
		}
	})
	r.counts, r.differences = count(r.compared, "date"), wrong.lines()
	return r, nil
}

// textsOf returns the texts of a key that the provider knows.
func textsOf(m member) []string {
	var text string
	if m.expected == typeString && json.Unmarshal(m.value, &text) == nil && typeOf(m.value) == typeString {
		return []string{text}
	}
	var texts []string
	if m.expected == listOf(typeString) && json.Unmarshal(m.value, &texts) == nil {
		return texts
	}
	return nil
}

// filterValues checks that a filter accepts every value in the lists.
func filterValues(_ context.Context, n *node) (result, error) {
	var r result
	for _, attribute := range backupstorage.Attributes() {
		if len(attribute.Operators()) == 0 {
			continue
		}
		for _, value := range n.valuesOf(attribute) {
			r.compared++
			if _, err := backupstorage.ParseCondition(attribute.Name, "=", value); err != nil {
				r.differences = append(r.differences, fmt.Sprintf("%s = %s is rejected", attribute.Name, describeValue(value)))
			}
		}
	}
	r.counts = count(r.compared, "value")
	return r, nil
}
