// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// The server's objects are decoded by their exact keys, and every value must
// have the expected type. encoding/json only checks the syntax: its own
// decoding also accepts keys that differ in case, mixes the elements of
// duplicate keys, and turns a null in a list into an empty string.

// maxElements limits the zones and monitors of all rows of a page together: an
// empty monitor is 3 bytes of JSON, but 80 bytes of memory.
const maxElements = 200_000

// maxDecimalLength limits the text of a decimal number. The server sends
// 32-bit floating-point numbers.
const maxDecimalLength = 64

// FieldError says that a value has the wrong JSON type, or is a number that does
// not fit.
type FieldError struct {
	// Row is the row that has the field; nil if the field is not part of a row.
	Row *RowIdentity

	Field string // wire name, such as "totalCapacity" or "mons.monPort"
	Want  string // such as "a string"
	Got   string // such as "an object" or "the number 1e3"
}

// RowIdentity identifies a row. Its texts are short and printable, and empty if
// the server did not send them.
type RowIdentity struct {
	Resource         string // such as "backup storage"
	Index            int    // position in the page, from 0
	UUID, Name, Type string
}

// Error names the row and the field, and both types.
func (e *FieldError) Error() string {
	text := fmt.Sprintf("the JSON value of %q must be %s, not %s", e.Field, e.Want, e.Got)
	if e.Row != nil {
		text += " (" + e.Row.String() + ")"
	}
	return text
}

// String names the row.
func (r *RowIdentity) String() string {
	text := fmt.Sprintf("%s at index %d", r.Resource, r.Index)
	for _, part := range []struct{ name, value string }{{"uuid", r.UUID}, {"name", r.Name}, {"type", r.Type}} {
		if part.value != "" {
			text += fmt.Sprintf(", %s %q", part.name, part.value)
		}
	}
	return text
}

// identify returns the identity of row, a JSON object.
func identify(row []byte) *RowIdentity {
	identity := &RowIdentity{}
	texts := map[string]*string{"uuid": &identity.UUID, "name": &identity.Name, "type": &identity.Type}
	for key, value := range members(row) {
		if text, ok := texts[unquote(key)]; ok && value[0] == '"' {
			*text = clean(unquote(value), maxExcerpt)
		}
	}
	return identity
}

// objectDecoder decodes objects, such as the rows of one page.
type objectDecoder struct {
	elements int // zones and monitors in the rows
}

// decode decodes a JSON object into the struct that into points to, by its
// json tags. Unknown keys are ignored, and the last one of duplicate keys
// counts. The error is a [FieldError], or there are too many elements.
func (d *objectDecoder) decode(object []byte, into any) error {
	if object[0] != '{' {
		return &FieldError{Want: "an object", Got: describe(object)}
	}
	target := reflect.ValueOf(into).Elem()
	indexes := fieldIndexesOf(target.Type())
	for key, value := range members(object) {
		i, ok := indexes[string(key[1:len(key)-1])]
		if !ok { // The key may have escapes.
			i, ok = indexes[unquote(key)]
		}
		if !ok {
			continue
		}
		field := target.Field(i)
		if field.SetZero(); value[0] == 'n' {
			continue // Null means the same as no member.
		}
		if err := d.decodeField(value, field.Addr().Interface()); err != nil {
			return within(unquote(key), err)
		}
	}
	return nil
}

// decodeField decodes a value other than null.
func (d *objectDecoder) decodeField(value []byte, into any) error {
	switch field := into.(type) {
	case **string:
		if value[0] != '"' {
			return &FieldError{Want: "a string", Got: describe(value)}
		}
		*field = new(unquote(value))
	case **int64:
		number, err := strconv.ParseInt(string(value), 10, 64)
		if err != nil || string(value) == "-0" {
			return &FieldError{Want: "a 64-bit integer", Got: describe(value)}
		}
		*field = &number
	case **json.Number:
		if _, err := strconv.ParseFloat(string(value), 64); err != nil || len(value) > maxDecimalLength {
			return &FieldError{Want: "a decimal number", Got: describe(value)}
		}
		*field = new(json.Number(value))
	case *[]string:
		*field = []string{}
		return d.decodeElements(value, func(element []byte) error {
			if element[0] != '"' {
				return &FieldError{Want: "a list of strings", Got: "a list with " + describe(element)}
			}
			*field = append(*field, unquote(element))
			return nil
		})
	case *[]CephMonitor:
		*field = []CephMonitor{}
		return d.decodeElements(value, func(element []byte) error {
			if element[0] != '{' {
				return &FieldError{Want: "a list of objects", Got: "a list with " + describe(element)}
			}
			*field = append(*field, CephMonitor{})
			return d.decode(element, &(*field)[len(*field)-1])
		})
	default:
		return fmt.Errorf("no decoding into %T", into)
	}
	return nil
}

// decodeElements calls decode for every element of a JSON array.
func (d *objectDecoder) decodeElements(value []byte, decode func(element []byte) error) error {
	if value[0] != '[' {
		return &FieldError{Want: "a list", Got: describe(value)}
	}
	for elements := (cursor{value[1:]}); ; {
		element := elements.next()
		if element == nil {
			return nil
		}
		if d.elements++; d.elements > maxElements {
			return fmt.Errorf("the inventories have more than %d zones and monitors", maxElements)
		}
		if err := decode(element); err != nil {
			return err
		}
	}
}

// within adds the key under which err occurred.
func within(key string, err error) error {
	if field, ok := errors.AsType[*FieldError](err); ok {
		field.Field = strings.TrimSuffix(key+"."+field.Field, ".")
	}
	return err
}

// fieldIndexes has the indexes of the fields of each struct, by their json tags.
var fieldIndexes sync.Map // of map[string]int, by type

func fieldIndexesOf(structType reflect.Type) map[string]int {
	stored, _ := fieldIndexes.Load(structType)
	if indexes, ok := stored.(map[string]int); ok {
		return indexes
	}
	indexes := map[string]int{}
	for i := range structType.NumField() {
		indexes[structType.Field(i).Tag.Get("json")] = i
	}
	fieldIndexes.Store(structType, indexes)
	return indexes
}

// describe names the type of a JSON value. It shows only numbers: any other value
// may be a secret.
func describe(value []byte) string {
	switch value[0] {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "the number " + clean(string(value[:min(len(value), maxDecimalLength+1)]), maxDecimalLength)
}

// describeToken names the type of the JSON value that begins with token.
func describeToken(token json.Token) string {
	switch token.(type) {
	case string:
		return "a string"
	case json.Number:
		return "a number"
	case bool:
		return "a boolean"
	}
	return "an object"
}

// members are the quoted keys and the values of a JSON object, whose syntax
// must be valid.
func members(object []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(key, value []byte) bool) {
		values := cursor{object[1:]}
		for key := values.next(); key != nil && yield(key, values.next()); key = values.next() {
		}
	}
}

// cursor moves over the values in a JSON object or array, whose syntax must be
// valid.
type cursor struct{ rest []byte }

// next returns the next value, or nil at the end. A key is a value too.
func (c *cursor) next() []byte {
	start := 0
	for isSeparator(c.rest[start]) {
		start++
	}
	length := valueLength(c.rest[start:])
	value := c.rest[start : start+length]
	c.rest = c.rest[start+length:]
	if length == 0 {
		return nil
	}
	return value
}

// valueLength is the length of the JSON value at the beginning of text, 0 if
// there is a closing bracket.
func valueLength(text []byte) int {
	depth := 0
	for i := 0; ; i++ {
		switch b := text[i]; {
		case b == '"':
			for i++; text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
			if depth == 0 {
				return i + 1
			}
		case b == '{' || b == '[':
			depth++
		case b == '}' || b == ']':
			if depth--; depth <= 0 {
				return i + 1 + depth
			}
		case depth == 0 && isSeparator(b):
			return i
		}
	}
}

func isSeparator(b byte) bool {
	return b == ',' || b == ':' || b == ' ' || b == '\n' || b == '\t' || b == '\r'
}

// unquote decodes a JSON string.
func unquote(quoted []byte) string {
	inner := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return string(inner)
	}
	var text string
	_ = json.Unmarshal(quoted, &text) // The syntax is valid.
	return text
}
