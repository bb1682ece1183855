// SPDX-License-Identifier: MPL-2.0

package zstacktest

import (
	"slices"
	"strings"
	"time"
)

// operator is one of the twelve ways to compare: as it is written in a URL, and in SQL.
type operator struct{ url, sql string }

// operators are in the order they are looked for: the first that occurs anywhere in a condition is its operator
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

// condition is one value of q.
type condition struct {
	name  string
	op    string
	value string
}

func parseCondition(q string) (condition, error) {
	i := slices.IndexFunc(operators, func(o operator) bool { return strings.Contains(q, o.url) })
	if i < 0 {
		return condition{}, badRequest("Invalid query parameter. The '%s' in the parameter[q] doesn't contain any query operator. "+
			"Valid query operators are [[!=, >=, <=, !?=, !~=, ~=, ?=, =, >, <, is null, not null]]", q)
	}
	op := operators[i]
	parts := splitAtSeparator(q, op.url)
	if !op.binary() {
		return condition{name: trim(parts[0]), op: op.sql}, nil
	}
	if len(parts) != 2 {
		return condition{}, badRequest(
			"Invalid query parameter. The '%s' in parameter[q] is not a key-value pair split by %s", q, op.sql)
	}
	return condition{trim(parts[0]), op.sql, parts[1]}, nil
}

func (o operator) binary() bool { return o.sql != "is null" && o.sql != "is not null" }

// splitAtSeparator splits once, and takes separators that follow one another for one, as commons-lang 2.6 does.
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
	if c.op == "in" || c.op == "not in" {
		return strings.Split(c.value, ",")
	}
	return []string{c.value}
}

// matches tells whether a row's value meets the condition. NULL meets none but is null. A set is met when one of its
// elements is, also by negative operators (PROTOCOL.md §4.3).
func (c condition) matches(value any, zone *time.Location) bool {
	switch v := value.(type) {
	case nil:
		return c.op == "is null"
	case zones:
		return slices.ContainsFunc(v, func(uuid string) bool { return c.matches(uuid, zone) })
	}
	equal := func(literal string) bool { return compare(value, literal, zone) == 0 }
	switch c.op {
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
		return like(sqlText(value, zone), c.value)
	case "not like":
		return !like(sqlText(value, zone), c.value)
	case "<":
		return compare(value, c.value, zone) < 0
	case "<=":
		return compare(value, c.value, zone) <= 0
	case ">":
		return compare(value, c.value, zone) > 0
	default:
		return compare(value, c.value, zone) >= 0
	}
}
