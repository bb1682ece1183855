// SPDX-License-Identifier: MPL-2.0

// Package query evaluates the queries of the fake management node as the server does: from the parameters of a URL to the
// rows they select (PROTOCOL.md §4). It knows nothing of HTTP, and of the tables only [Class] and [Row].
package query

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Param is one parameter of a query string.
type Param struct{ Name, Value string }

// maxParams is how many parameters the server reads; it drops the others.
const maxParams = 1000

// ParseParams reads a query string. A raw semicolon is an ordinary character, a parameter without a name is dropped, and
// bytes that are not UTF-8 become U+FFFD. It fails at a percent sign without two hexadecimal digits.
func ParseParams(rawQuery string) ([]Param, error) {
	var params []Param
	for pair := range strings.SplitSeq(rawQuery, "&") {
		rawName, rawValue, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(rawName)
		if err != nil {
			return nil, err
		}
		value, err := url.QueryUnescape(rawValue)
		if err != nil {
			return nil, err
		}
		if name != "" && len(params) < maxParams {
			params = append(params, Param{validText(name), validText(value)})
		}
	}
	return params, nil
}

func validText(s string) string { return strings.ToValidUTF8(s, string(utf8.RuneError)) }

// First returns the trimmed first value of a parameter, or "".
func First(params []Param, name string) string {
	for _, p := range params {
		if Trim(p.Name) == name {
			return Trim(p.Value)
		}
	}
	return ""
}

// Query is a query as the server understands its parameters (PROTOCOL.md §4.1).
type Query struct {
	class          *Class
	conditions     []condition
	limit          int
	start          *int
	count          bool
	replyWithCount bool
	sort           *string
	descending     bool
	fields         []string
	filterName     *string
}

// ByUUID is the query of a path that ends with a UUID. It ignores all parameters.
func ByUUID(class *Class, uuid string) Query {
	return Query{class: class, limit: defaultLimit, conditions: []condition{{"uuid", "=", uuid}}}
}

const defaultLimit = 1000

// Parse reads the parameters of a query in the order they were sent; its errors are a [BadRequest]. Names are trimmed,
// unknown ones ignored; of every parameter but q the first value is used.
func Parse(class *Class, params []Param) (Query, error) {
	q := Query{class: class, limit: defaultLimit}
	seen := map[string]bool{}
	for _, p := range params {
		name := Trim(p.Name)
		if name == "q" {
			c, err := parseCondition(p.Value)
			if err != nil {
				return Query{}, err
			}
			if !slices.Contains(q.conditions, c) {
				q.conditions = append(q.conditions, c)
			}
			continue
		}
		if seen[p.Name] {
			continue
		}
		seen[p.Name] = true
		if err := q.set(name, Trim(p.Value)); err != nil {
			return Query{}, err
		}
	}
	q.class = q.narrowed()
	return q, nil
}

func (q *Query) set(name, value string) error {
	switch name {
	case "limit", "start":
		number, err := strconv.ParseInt(value, 10, 32)
		if err != nil {
			return badRequest("Invalid query parameter. '%s' must be an integer", name)
		}
		if name == "limit" {
			q.limit = int(number)
		} else {
			q.start = new(int(number))
		}
	case "count":
		q.count = strings.EqualFold(value, "true")
	case "replyWithCount":
		q.replyWithCount = strings.EqualFold(value, "true")
	case "sort":
		if strings.HasPrefix(value, "-") {
			q.descending = true
			value = strings.TrimLeft(value, "-")
		} else {
			value = strings.TrimLeft(value, "+")
		}
		q.sort = &value
	case "fields":
		q.fields = javaSplit(value)
		if len(q.fields) == 0 {
			return badRequest("Invalid query parameter. 'fields' contains zero field")
		}
	case "filterName":
		q.filterName = &value
	}
	return nil
}

// javaSplit splits at commas as Java's String.split does, which drops empty parts at the end, and trims the parts.
func javaSplit(s string) []string {
	if s == "" {
		return []string{""}
	}
	kept := strings.TrimRight(s, ",")
	if kept == "" {
		return nil
	}
	parts := strings.Split(kept, ",")
	for i := range parts {
		parts[i] = Trim(parts[i])
	}
	return parts
}

// Trim is Java's String.trim.
func Trim(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
}

// narrowed is the class that the first condition on type selects, if its operator is "=" (PROTOCOL.md §4.3).
func (q *Query) narrowed() *Class {
	i := slices.IndexFunc(q.conditions, func(c condition) bool { return c.field == "type" })
	if i >= 0 && q.conditions[i].operator == "=" {
		for _, c := range q.class.Subclasses {
			if c.Type == q.conditions[i].value {
				return c
			}
		}
	}
	return q.class
}

// CountOnly reports whether the response has a total and no rows.
func (q Query) CountOnly() bool { return q.count }

// WithTotal reports whether the response has a total.
func (q Query) WithTotal() bool { return q.count || q.replyWithCount }

// Select returns the rows that meet all conditions.
func (q Query) Select(rows []Row, d Dialect) []Row {
	var selected []Row
	for _, r := range rows {
		if q.selects(r, d) {
			selected = append(selected, r)
		}
	}
	return selected
}

func (q Query) selects(r Row, d Dialect) bool {
	if q.class.Type != "" && r.Value("type") != q.class.Type {
		return false
	}
	for _, c := range q.conditions {
		if !c.selects(r, d) {
			return false
		}
	}
	return true
}

// Total counts selected rows; with fields it counts the first of them, and SQL does not count NULLs.
func (q Query) Total(selected []Row, d Dialect) int {
	if len(q.fields) == 0 || d.countsNulls() {
		return len(selected)
	}
	total := 0
	for _, r := range selected {
		if r.Value(q.fields[0]) != nil {
			total++
		}
	}
	return total
}

// Sort sorts rows; those that compare as equal keep their order.
func (q Query) Sort(rows []Row) {
	if q.sort == nil {
		return
	}
	type key struct {
		value    any
		position int
	}
	keys := make([]key, len(rows))
	for i, r := range rows {
		keys[i] = key{r.Value(*q.sort), i}
	}
	slices.SortFunc(keys, func(a, b key) int {
		order := compareValues(a.value, b.value)
		if q.descending {
			order = -order
		}
		return cmp.Or(order, cmp.Compare(a.position, b.position))
	})
	unsorted := slices.Clone(rows)
	for i, k := range keys {
		rows[i] = unsorted[k.position]
	}
}

// Skip leaves out the rows before start.
func (q Query) Skip(rows []Row) []Row {
	if q.start == nil {
		return rows
	}
	return rows[min(max(*q.start, 0), len(rows)):]
}

// Limit leaves out the rows beyond the limit.
func (q Query) Limit(rows []Row, d Dialect) []Row {
	if q.limit < 0 || q.limit == 0 && d.limitZeroIsUnlimited() {
		return rows
	}
	return rows[:min(q.limit, len(rows))]
}

// Project reduces rows to the selected fields, in the order of the class. A list is never null, and a primitive of Java
// is always present.
func (q Query) Project(rows []Row) []Row {
	if q.fields == nil {
		return rows
	}
	projected := make([]Row, len(rows))
	for i, r := range rows {
		projected[i].Class = q.class
		for _, f := range q.class.Fields {
			switch f.Value.(type) {
			case Objects:
				projected[i].Columns = append(projected[i].Columns, Column{f.Name, Objects{}})
			case bool:
				projected[i].Columns = append(projected[i].Columns, Column{f.Name, false})
			default:
				if slices.Contains(q.fields, f.Name) {
					projected[i].Columns = append(projected[i].Columns, Column{f.Name, r.Value(f.Name)})
				}
			}
		}
	}
	return projected
}

// BadRequest is the text of a 400: an error that the server reports before it checks the session.
type BadRequest string

func (e BadRequest) Error() string { return string(e) }

func badRequest(format string, args ...any) BadRequest {
	return BadRequest(fmt.Sprintf(format, args...))
}
