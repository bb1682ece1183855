// SPDX-License-Identifier: MPL-2.0

package zstacktest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// The server turns a query into one line of its query language, ZQL, and only then finds out what is wrong with it
// (PROTOCOL.md §4.2). This file writes the line and finds the same things.

// zql is the line.
func (q request) zql() string {
	clauses := []string{"query", q.target.entity()}
	if q.count {
		clauses[0] = "count"
	}
	if q.fields != nil {
		clauses[1] += "." + strings.Join(q.fields, ",")
	}
	if len(q.conditions) > 0 {
		texts := make([]string, len(q.conditions))
		for i, c := range q.conditions {
			texts[i] = c.zql()
		}
		clauses = append(clauses, "where", strings.Join(texts, " and "))
	}
	if q.withTotal && !q.count {
		clauses = append(clauses, "return with (total)")
	}
	if q.sort != nil {
		clauses = append(clauses, "order by "+*q.sort+" "+q.direction)
	}
	clauses = append(clauses, fmt.Sprint("limit ", q.limit))
	if q.start != nil {
		clauses = append(clauses, fmt.Sprint("offset ", *q.start))
	}
	return strings.Join(clauses, " ")
}

// entity is the class's name in ZQL.
func (t target) entity() string {
	return strings.TrimSuffix(strings.ToLower(t.simpleName()), "inventory")
}

func (c condition) zql() string {
	text := c.name + " " + c.op
	escape := strings.NewReplacer(`'`, `\'`, `\`, `\\`)
	switch c.op {
	case "is null", "is not null":
		return text
	case "in", "not in":
		return text + " ('" + strings.ReplaceAll(escape.Replace(c.value), ",", "','") + "')"
	default:
		return text + " '" + escape.Replace(c.value) + "'"
	}
}

// check refuses what the server refuses, in its order: the parser first, then the fields, then the database.
func (q request) check() error {
	if q.filterName != "" {
		return filterError(q.filterName)
	}
	line := q.zql()
	if err := lexicalError(line); err != nil {
		return err
	}
	if err := q.grammarError(line); err != nil {
		return err
	}
	if err := q.fieldError(); err != nil {
		return err
	}
	if q.sort != nil && !q.target.has(*q.sort) {
		return thrown(Text{
			Chinese: fmt.Sprintf("org.zstack.zql.ast.visitors.ZQLError: ORDER BY子句无效，库存[%s]没有字段[%s]",
				q.target.simpleName(), *q.sort),
			English: fmt.Sprintf("org.zstack.zql.ast.visitors.ZQLError: invalid order by clause, inventory[%s] doesn't have field[%s]",
				q.target.simpleName(), *q.sort),
		})
	}
	return q.databaseError()
}

func filterError(filterName string) error {
	kind, condition, _ := strings.Cut(filterName, ":")
	if strings.Trim(condition, ":") == "" {
		return InvalidArgument("filterName must be formatted as [filterType:condition(s)]")
	}
	return InternalError("org.zstack.header.exception.CloudRuntimeException: unable to find QueryBelongFilter with type[" + kind + "]")
}

// lexicalError finds the first character that begins no token. Texts have no escape for a quote except a second one, so
// the backslash that the server itself puts before a quote ends in an error, wherever the quote stands.
func lexicalError(line string) error {
	runes := []rune(line)
	for i := 0; i < len(runes); {
		switch r := runes[i]; {
		case r == '\'' || r == '"':
			end := stringEnd(runes, i)
			if end < 0 {
				return syntaxError(runes, i, fmt.Sprintf("token recognition error at: '%s'", string(runes[i:])))
			}
			i = end
		case isWord(r) || strings.ContainsRune(" \t\r\n.,()=<>-", r):
			i++
		case r == '!' && i+1 < len(runes) && runes[i+1] == '=':
			i += 2
		default:
			return syntaxError(runes, i, fmt.Sprintf("token recognition error at: '%s'", string(r)))
		}
	}
	return nil
}

// stringEnd returns the end of the longest text that begins at start, or -1.
func stringEnd(runes []rune, start int) int {
	end := -1
	for i := start + 1; i < len(runes); i++ {
		if runes[i] != runes[start] {
			continue
		}
		end = i + 1
		if runes[start] == '"' || end == len(runes) || runes[end] != '\'' {
			break
		}
		i++ // a doubled quote may go on
	}
	return end
}

func isWord(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_'
}

// syntaxError words an error of the parser as the server does, with the text around it.
func syntaxError(line []rune, at int, message string) error {
	column := at
	for i := range at {
		if line[i] == '\n' {
			column = at - i - 1
		}
	}
	lineNumber := 1 + strings.Count(string(line[:at]), "\n")
	current := []rune(strings.Split(string(line), "\n")[lineNumber-1])
	from := max(column-10, 0)
	to := column + 10
	if to >= len(current) {
		to = len(current) - 1
	}
	return InternalError(fmt.Sprintf("org.antlr.v4.runtime.misc.ParseCancellationException: error %s at line %d:%d, %s",
		message, lineNumber, column, string(current[from:max(from, to)])))
}

var (
	fieldName = regexp.MustCompile(`^[a-zA-Z0-9_]+(\.[a-zA-Z0-9_]+)*$`)
	allDigits = regexp.MustCompile(`^[0-9]+$`)
	keywords  = strings.Fields("query count sum distinct where and or asc desc limit offset in like has by true false " +
		"getapi api output")
)

func isFieldName(name string) bool {
	return fieldName.MatchString(name) && !slices.ContainsFunc(strings.Split(name, "."), func(part string) bool {
		return allDigits.MatchString(part) || slices.Contains(keywords, part)
	})
}

// grammarError finds names that the parser does not take for the name of a field. Only the code of this error is
// certain: the parser's words depend on what it expected.
func (q request) grammarError(line string) error {
	names := slices.Clone(q.fields)
	for _, c := range q.conditions {
		names = append(names, c.name)
	}
	if q.sort != nil {
		names = append(names, *q.sort)
	}
	for _, name := range names {
		if !isFieldName(name) {
			before, _, _ := strings.Cut(line, name)
			return syntaxError([]rune(line), utf8.RuneCountInString(before), fmt.Sprintf("no viable alternative at input '%s'", name))
		}
	}
	if q.sort != nil && strings.Contains(*q.sort, ".") {
		before, _, _ := strings.Cut(line, "order by ")
		return syntaxError([]rune(line), utf8.RuneCountInString(before), "mismatched input '.' expecting ORDER_BY_VALUE")
	}
	return nil
}

// fieldError finds fields that the target does not have. The uninterpolated class name is the server's own mistake.
func (q request) fieldError() error {
	const exception = "org.zstack.header.exception.CloudRuntimeException: "
	for _, name := range q.fields {
		if !q.target.has(name) {
			return InternalError(exception + "inventory[${selfInventoryClass}] has no field[" + name + "]")
		}
	}
	for _, c := range q.conditions {
		head, rest, nested := strings.Cut(c.name, ".")
		switch {
		case isTag(c.name):
		case nested && head == "mons" && q.target.has("mons"):
			if !(target{columns: Mon{}.columns("")}).has(rest) {
				return InternalError(exception + "inventory class[class org.zstack.storage.ceph.backup.CephBackupStorageMonInventory] " +
					"not having field[" + rest + "]")
			}
		case nested:
			return InternalError(fmt.Sprintf("%[1]sinvalid nested query condition[%[2]s] on class %[3]s,"+
				"the expanded target[class %[3]s] have no expanded query[%[4]s]", exception, rest, q.target.class, head))
		case !q.target.has(c.name) || c.name == "mons":
			return InternalError(fmt.Sprintf("%sinventory class[class %s] not having field[%s]", exception, q.target.class, c.name))
		}
	}
	return nil
}

// databaseError finds what only Hibernate or the database refuses.
func (q request) databaseError() error {
	if q.limit < 0 {
		return InternalError("java.lang.IllegalArgumentException: max-results cannot be negative")
	}
	if q.start != nil && *q.start < 0 {
		return InternalError(fmt.Sprintf("java.lang.IllegalArgumentException: first-result value cannot be negative : %d", *q.start))
	}
	lists := slices.Clone(q.fields)
	if q.sort != nil {
		lists = append(lists, *q.sort)
	}
	for _, name := range lists {
		if name == "attachedZoneUuids" || name == "mons" {
			return InternalError("java.lang.IllegalArgumentException: org.hibernate.QueryException: could not resolve property: " + name)
		}
	}
	for _, c := range q.conditions {
		if strings.ContainsFunc(c.value, func(r rune) bool { return r > 0xFFFF }) {
			return InternalError("javax.persistence.PersistenceException: org.hibernate.exception.GenericJDBCException: " +
				"could not extract ResultSet (Illegal mix of collations (utf8_general_ci,IMPLICIT) and (utf8mb4_general_ci,COERCIBLE))")
		}
	}
	return nil
}
