// SPDX-License-Identifier: MPL-2.0

package query

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// The server writes a query as one line of its query language, ZQL, and parses it again (PROTOCOL.md §4.2). This file
// writes the line and finds its syntax errors. Their code is always that of the server;
// the messages name another token than the parser in a few cases.

// zql is the line.
func (q Query) zql(d Dialect) string {
	clauses := []string{"query", q.class.entity()}
	if q.count {
		clauses[0] = "count"
	}
	if q.fields != nil {
		clauses[1] += "." + strings.Join(q.fields, ",")
	}
	if len(q.conditions) > 0 {
		texts := make([]string, len(q.conditions))
		for i, c := range q.conditions {
			texts[i] = c.zql(d)
		}
		clauses = append(clauses, "where", strings.Join(texts, " and "))
	}
	if q.replyWithCount && !q.count {
		clauses = append(clauses, "return with (total)")
	}
	if q.sort != nil {
		clauses = append(clauses, "order by "+*q.sort+" "+q.direction())
	}
	clauses = append(clauses, fmt.Sprint("limit ", q.limit))
	if q.start != nil {
		clauses = append(clauses, fmt.Sprint("offset ", *q.start))
	}
	return strings.Join(clauses, " ")
}

func (q Query) direction() string {
	if q.descending {
		return "desc"
	}
	return "asc"
}

// entity is the name of the class in ZQL.
func (c *Class) entity() string {
	return strings.TrimSuffix(strings.ToLower(c.simpleName()), "inventory")
}

var backslashes = strings.NewReplacer(`'`, `\'`, `\`, `\\`)

func (c condition) zql(d Dialect) string {
	text, value := c.field+" "+c.operator, c.value
	if d.escapesValues() {
		value = backslashes.Replace(value)
	}
	switch c.operator {
	case "is null", "is not null":
		return text
	case "in", "not in":
		return text + " ('" + strings.ReplaceAll(value, ",", "','") + "')"
	default:
		return text + " '" + value + "'"
	}
}

// syntaxError finds what the parser refuses.
func (q Query) syntaxError(d Dialect) error {
	line := q.zql(d)
	if err := lexicalError(line); err != nil {
		return err
	}
	for _, c := range q.conditions {
		if !d.escapesValues() && strings.Contains(c.value, "'") {
			return parserError([]rune(line), 0, "mismatched input ''' expecting {<EOF>, ';'}")
		}
	}
	return q.nameError(line)
}

// lexicalError finds the first character that begins no token. A text has no escape for a quote except a second quote, so
// the backslash that the server itself writes before a quote is always an error.
func lexicalError(line string) error {
	runes := []rune(line)
	for i := 0; i < len(runes); {
		switch r := runes[i]; {
		case r == '\'' || r == '"':
			end := stringEnd(runes, i)
			if end < 0 { // the server fails when it writes the message
				return internalError(fmt.Sprintf("java.lang.StringIndexOutOfBoundsException: offset %d, count %d, length %d",
					i, len(runes)-i+1, len(runes)))
			}
			i = end
		case isWord(r) || strings.ContainsRune(" \t\r\n.,()=<>-", r):
			i++
		case r == '!' && i+1 < len(runes):
			if runes[i+1] != '=' {
				return parserError(runes, i, fmt.Sprintf("token recognition error at: '%s'", string(runes[i:i+2])))
			}
			i += 2
		default:
			return parserError(runes, i, fmt.Sprintf("token recognition error at: '%s'", string(r)))
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
		i++ // the text may go on after a doubled quote
	}
	return end
}

func isWord(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '_'
}

// parserError is an error of the parser with the text around its position, as the server writes it.
func parserError(line []rune, at int, message string) error {
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
	return internalError(fmt.Sprintf("org.antlr.v4.runtime.misc.ParseCancellationException: error %s at line %d:%d, %s",
		message, lineNumber, column, string(current[from:max(from, to)])))
}

var (
	fieldName = regexp.MustCompile(`^[a-zA-Z0-9_]+( *\. *[a-zA-Z0-9_]+)*$`)
	allDigits = regexp.MustCompile(`^[0-9]+$`)
	keywords  = strings.Fields("query count sum distinct where and or asc desc limit offset in like has by true false " +
		"getapi api output")
)

func isFieldName(name string) bool {
	return fieldName.MatchString(name) && !slices.ContainsFunc(strings.Split(name, "."), func(part string) bool {
		return allDigits.MatchString(Trim(part)) || slices.Contains(keywords, Trim(part))
	})
}

// nameError finds names that the parser does not accept as the name of a field.
func (q Query) nameError(line string) error {
	names := slices.Clone(q.fields)
	for _, c := range q.conditions {
		if !comparesFields(c.field) {
			names = append(names, c.field)
		}
	}
	if q.sort != nil {
		names = append(names, *q.sort)
	}
	for _, name := range names {
		if isFieldName(name) {
			continue
		}
		before, _, _ := strings.Cut(line, name)
		message := fmt.Sprintf("no viable alternative at input '%s'", name)
		if !strings.ContainsFunc(name, func(r rune) bool { return !isWord(r) }) {
			message = fmt.Sprintf("mismatched input '%s' expecting {'(', ID}", name)
		}
		return parserError([]rune(line), utf8.RuneCountInString(before), message)
	}
	return nil
}

// fieldComparison is two fields and an operator: the parser accepts it in the place of a field. That place contains one
// when a value contains an operator that is tried before the one that was meant: name=a!=b (PROTOCOL.md §4.2).
var fieldComparison = regexp.MustCompile(`^[a-zA-Z0-9_.]+ *(?:!=|>=|<=|=|>|<) *([a-zA-Z0-9_.]+)\b`)

func comparesFields(field string) bool {
	match := fieldComparison.FindStringSubmatch(field)
	return match != nil && isFieldName(match[1])
}
