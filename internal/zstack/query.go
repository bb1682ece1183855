// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// maxQueryBytes bounds the query string: the server takes 64 KiB for request
// line and headers together, proxies in front of it often far less.
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

// queryableFields are the fields that the server compares as the provider
// does, or more generously. The fields of a subtype need a condition on the
// type beside them, and dates do not compare in the form in which they are
// sent (PROTOCOL.md §4.3 and §4.4).
var queryableFields = []string{
	"uuid", "name", "description", "url", "type", "state", "status",
	"totalCapacity", "availableCapacity", "attachedZoneUuids",
}

// numericFields are those of them that have an order: the database orders text
// by a collation of its own.
var numericFields = []string{"totalCapacity", "availableCapacity"}

// operatorTexts are what the server looks for anywhere in a condition before
// it looks for "=" (PROTOCOL.md §4.2). The negative ones hold one of these.
var operatorTexts = []string{"!=", ">=", "<=", "~=", "?="}

// encode writes the condition as a value of the parameter q. It returns false
// if the server's rows would not be sure to include every match: then the
// condition must not be sent (PROTOCOL.md §4.2).
func (c Condition) encode() (string, bool) {
	if !slices.Contains(queryableFields, c.Field) || len(c.Values) == 0 || slices.ContainsFunc(c.Values, isUnsendable) {
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
		if len(c.Values) > 1 || !slices.Contains(numericFields, c.Field) || !isInteger(c.Values[0]) {
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

// isUnsendable says whether value would be taken apart, changed or refused by
// the server's query language or database.
func isUnsendable(value string) bool {
	return value == "" || strings.HasPrefix(value, "=") ||
		slices.ContainsFunc(operatorTexts, func(operator string) bool { return strings.Contains(value, operator) }) ||
		strings.ContainsFunc(value, func(r rune) bool {
			return strings.ContainsRune(`'",\`, r) || unicode.IsControl(r) || r > 0xFFFF || r == unicode.ReplacementChar
		})
}

// addConditions adds to query the conditions that can be sent, as long as the
// query string stays short.
func addConditions(query url.Values, conditions []Condition) {
	length := len(query.Encode())
	for _, condition := range conditions {
		q, ok := condition.encode()
		if !ok {
			continue
		}
		if length += len("&q=") + len(url.QueryEscape(q)); length > maxQueryBytes {
			return
		}
		query.Add("q", q)
	}
}
