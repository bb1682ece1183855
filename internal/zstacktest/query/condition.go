// SPDX-License-Identifier: MPL-2.0

package query

import (
	"slices"
	"strings"
)

// operator is one of the twelve comparison operators: in a URL, and in SQL.
type operator struct{ url, sql string }

// operators are in the order in which they are tried: the first that occurs anywhere in a condition is its operator
// (PROTOCOL.md §4.2).
var operators = []operator{
	{"!=", "!="},
	{">=", ">="},
	{"<=", "<="},
	{"!?=", "not in"},
	{"!~=", "not like"},
	{"~=", "like"},
	{"?=", "in"},
	{"=", "="},
	{">", ">"},
	{"<", "<"},
	{"is null", "is null"},
	{"not null", "is not null"},
}

func (o operator) unary() bool { return o.sql == "is null" || o.sql == "is not null" }

// condition is one value of the parameter q; its operator is that of SQL.
type condition struct {
	field    string
	operator string
	value    string
}

func parseCondition(q string) (condition, error) {
	i := slices.IndexFunc(operators, func(o operator) bool { return strings.Contains(q, o.url) })
	if i < 0 {
		return condition{}, badRequest("Invalid query parameter. The '%s' in the parameter[q] doesn't contain any query operator. "+
			"Valid query operators are [[!=, >=, <=, !?=, !~=, ~=, ?=, =, >, <, is null, not null]]", q)
	}
	op := operators[i]
	parts := splitAtSeparator(q, op.url)
	if op.unary() {
		return condition{field: Trim(parts[0]), operator: op.sql}, nil
	}
	if len(parts) != 2 {
		return condition{}, badRequest(
			"Invalid query parameter. The '%s' in parameter[q] is not a key-value pair split by %s", q, op.sql)
	}
	return condition{Trim(parts[0]), op.sql, parts[1]}, nil
}

// splitAtSeparator splits once and treats adjacent separators as one, as commons-lang 2.6 does.
func splitAtSeparator(s, separator string) []string {
	var parts []string
	for {
		at := strings.Index(s, separator)
		switch {
		case at < 0 || len(parts) == 1 && at > 0:
			return append(parts, s)
		case at > 0:
			parts = append(parts, s[:at])
		}
		s = s[at+len(separator):]
	}
}

// values are the literals of a condition; only in and not in have several.
func (c condition) values() []string {
	if c.operator == "in" || c.operator == "not in" {
		return strings.Split(c.value, ",")
	}
	return []string{c.value}
}

// selects reports whether a row meets the condition: the row itself or, for a nested field, any row that it is related to.
func (c condition) selects(r Row, d Dialect) bool {
	if isTag(c.field) {
		return slices.Contains([]string{"!=", "not in", "not like"}, c.operator) // no row has a tag
	}
	name, rest, nested := cutPath(c.field)
	if !nested {
		return c.matches(r.Value(c.field), d)
	}
	inner := condition{rest, c.operator, c.value}
	return slices.ContainsFunc(r.related(name), func(related Row) bool { return inner.selects(related, d) })
}

// matches reports whether a value meets the condition. NULL meets none but is null. A set meets it when one of its elements
// does, also with negative operators (PROTOCOL.md §4.3).
func (c condition) matches(value any, d Dialect) bool {
	switch v := value.(type) {
	case nil, JSON:
		return c.operator == "is null"
	case Set:
		return slices.ContainsFunc(v, func(element string) bool { return c.matches(element, d) })
	}
	equal := func(literal string) bool { return d.compare(value, literal) == 0 }
	switch c.operator {
	case "is null":
		return false
	case "is not null":
		return true
	case "=":
		return equal(c.value)
	case "!=":
		return !equal(c.value)
	case "in":
		return slices.ContainsFunc(c.values(), equal)
	case "not in":
		return !slices.ContainsFunc(c.values(), equal)
	case "like":
		return d.like(value, c.value)
	case "not like":
		return !d.like(value, c.value)
	case "<":
		return d.compare(value, c.value) < 0
	case "<=":
		return d.compare(value, c.value) <= 0
	case ">":
		return d.compare(value, c.value) > 0
	default:
		return d.compare(value, c.value) >= 0
	}
}

// isTag reports whether a field is one of the three names of tags, which every class has.
func isTag(field string) bool {
	return field == "__userTag__" || field == "__systemTag__" || field == "__tagUuid__"
}

// cutPath splits the field of a nested condition at the first dot; spaces around it are allowed.
func cutPath(field string) (name, rest string, nested bool) {
	name, rest, nested = strings.Cut(field, ".")
	return Trim(name), Trim(rest), nested
}
