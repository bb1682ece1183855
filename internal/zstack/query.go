// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// maxQueryBytes limits the query string. The server accepts 64 KiB for request
// line and headers together, proxies in front of it often much less.
const maxQueryBytes = 4 << 10

// Condition compares one field of the inventory with values.
type Condition struct {
	// Field is the wire name, such as "totalCapacity".
	Field string

	// Operator is "=" (any of the values), "!=" (none of them), "<", "<=",
	// ">", ">=" or "~=" (SQL LIKE).
	Operator string

	Values []string
}

// queryableFields are the fields of a resource that the server compares as the
// provider does, or less strictly. Only numbers are compared by order: the
// database orders text by its collation.
type queryableFields struct{ texts, numbers []string }

// The fields of a subtype can only be queried together with the type, and dates
// do not compare in the format in which they are sent (PROTOCOL.md §4.3 and
// §4.4).
var backupStorageFields = queryableFields{
	texts:   []string{"uuid", "name", "description", "url", "type", "state", "status", "attachedZoneUuids"},
	numbers: []string{"totalCapacity", "availableCapacity"},
}

var zoneFields = queryableFields{texts: []string{"uuid", "name", "description", "state", "type"}}

// operatorTexts are what the server looks for anywhere in a condition before
// it looks for "=" (PROTOCOL.md §4.2). Each negative operator contains one.
var operatorTexts = []string{"!=", ">=", "<=", "~=", "?="}

// Encode returns the condition as a value of the parameter q for a list of
// backup storages. It returns false if the server might not return every row
// that matches: such a condition is not sent (PROTOCOL.md §4.2).
func (c Condition) Encode() (q string, ok bool) { return c.encode(backupStorageFields) }

func (c Condition) encode(fields queryableFields) (q string, ok bool) {
	isNumber := slices.Contains(fields.numbers, c.Field)
	if !isNumber && !slices.Contains(fields.texts, c.Field) || len(c.Values) == 0 || slices.ContainsFunc(c.Values, isUnsendable) {
		return "", false
	}
	switch c.Operator {
	case "=":
		if len(c.Values) > 1 {
			return c.Field + "?=" + strings.Join(c.Values, ","), true
		}
	case "~=":
		if len(c.Values) > 1 {
			return "", false
		}
	case "<", "<=", ">", ">=":
		if len(c.Values) > 1 || !isNumber || !isInteger(c.Values[0]) {
			return "", false
		}
	default: // A negative operator never matches NULL on the server.
		return "", false
	}
	return c.Field + c.Operator + c.Values[0], true
}

func isInteger(value string) bool {
	_, err := strconv.ParseInt(value, 10, 64)
	return err == nil
}

// isUnsendable reports whether the server's query language or database would
// split, change or reject value.
func isUnsendable(value string) bool {
	return value == "" || strings.HasPrefix(value, "=") ||
		slices.ContainsFunc(operatorTexts, func(operator string) bool { return strings.Contains(value, operator) }) ||
		strings.ContainsFunc(value, func(r rune) bool {
			return strings.ContainsRune(`'",\`, r) || unicode.IsControl(r) || r > 0xFFFF || r == unicode.ReplacementChar
		})
}

// addConditions adds to query the conditions that can be sent, as long as the
// query string stays short.
func addConditions(query url.Values, conditions []Condition, fields queryableFields) {
	length := len(query.Encode())
	for _, condition := range conditions {
		q, ok := condition.encode(fields)
		if !ok {
			continue
		}
		if length += len("&q=") + len(url.QueryEscape(q)); length > maxQueryBytes {
			return
		}
		query.Add("q", q)
	}
}
