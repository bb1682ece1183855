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
// writes the line and parses it in the same way.

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

// token is a word, an operator or a text of the line.
type token struct {
	text string
	at   int // its position in the line, in bytes
	err  error
}

// endOfLine is the text of the token after the last one.
const endOfLine = "<EOF>"

var (
	word    = regexp.MustCompile(`^[a-zA-Z0-9_]+$`)
	symbols = regexp.MustCompile(`^(?:is null|is not null|not in|not like|order by|[a-zA-Z0-9_]+|!=|>=|<=|[.,()=<>-])`)
)

// next reads the next token. Characters that begin no token are an error.
func (p *parser) next() token {
	rest := strings.TrimLeft(p.line[p.at:], " \t\r\n")
	p.at = len(p.line) - len(rest)
	t := token{at: p.at}
	symbol := symbols.FindString(rest)
	switch {
	case rest == "":
		t.text = endOfLine
		return t
	case rest[0] == '\'' || rest[0] == '"':
		length := textLength(rest)
		if length < 0 { // the server fails when it writes the message
			t.err = internalError(fmt.Sprintf("java.lang.StringIndexOutOfBoundsException: offset %d, count %d, length %d",
				utf8.RuneCountInString(p.line[:p.at]), utf8.RuneCountInString(rest)+1, utf8.RuneCountInString(p.line)))
			return t
		}
		t.text = rest[:length]
	case symbol != "":
		t.text = symbol
	default:
		wrong := string([]rune(rest)[:1])
		if wrong == "!" { // it might have been !=
			wrong = string([]rune(rest)[:2])
		}
		t.err = p.failure(t.at, "token recognition error at: '%s'", wrong)
	}
	p.at += len(t.text)
	return t
}

// textLength is the length of the text at the beginning of s, or -1 if it has no end. A doubled quote is part of a text; a
// backslash does not escape one, so the backslash that the server itself writes before a quote is always an error.
func textLength(s string) int {
	length := -1
	for i := 1; i < len(s); i++ {
		if s[i] != s[0] {
			continue
		}
		length = i + 1
		if s[0] == '"' || length == len(s) || s[length] != '\'' {
			break
		}
		i++
	}
	return length
}

var keywords = strings.Fields("query count sum distinct where and or asc desc limit offset in like has by true false getapi api output")

// isName reports whether a token can be the name of a field.
func (t token) isName() bool {
	return word.MatchString(t.text) && strings.Trim(t.text, "0123456789") != "" && !slices.Contains(keywords, t.text)
}

func (t token) isText() bool { return strings.HasPrefix(t.text, "'") || strings.HasPrefix(t.text, `"`) }

func (t token) isOperator() bool {
	return slices.ContainsFunc(operators, func(o operator) bool { return o.sql == t.text })
}

// parser reads the line from left to right and stops at the first error.
type parser struct {
	line  string
	at    int // in bytes
	class *Class
}

// syntaxError is the parser's error.
func (q Query) syntaxError(d Dialect) error {
	p := &parser{line: q.zql(d), class: q.class}
	p.next() // query or count
	entity := p.next()
	if err := p.fields(entity.text, len(q.fields)); err != nil {
		return err
	}
	for i := range q.conditions {
		if t := p.next(); i > 0 && t.text != "and" {
			return p.unexpected(t)
		}
		if err := p.condition(); err != nil {
			return err
		}
	}
	return p.rest(q)
}

// unexpected is the error for a token after a text. To decide what follows a text the parser reads the whole line, so that a
// character that begins no token is found first.
func (p *parser) unexpected(t token) error {
	for u := t; u.text != endOfLine; u = p.next() {
		if u.err != nil {
			return u.err
		}
	}
	return p.failure(t.at, "mismatched input '%s' expecting {<EOF>, ';'}", t.text)
}

// rest reads what follows the conditions: the server's own words, and the name in sort.
func (p *parser) rest(q Query) error {
	t := p.next()
	if t.text == "return" {
		for t.err == nil && t.text != ")" && t.text != endOfLine {
			t = p.next()
		}
		if t.err == nil {
			t = p.next()
		}
	}
	switch {
	case q.sort == nil && t.text == "limit":
		return nil
	case q.sort == nil || t.text != "order by":
		return p.unexpected(t)
	}
	name, err := p.name()
	if err != nil {
		return err
	}
	t = p.next()
	if t.err == nil && t.text != q.direction() {
		return p.noAlternative(name, t)
	}
	return t.err
}

// fields reads the names that are selected: entity.name,name.
func (p *parser) fields(entity string, count int) error {
	for range count {
		entity += p.next().text // a dot or a comma
		name := p.next()
		for name.err == nil && name.isName() {
			entity += name.text
			dot := *p
			if dot.next().text != "." {
				break
			}
			entity += p.next().text
			name = p.next()
		}
		switch {
		case name.err != nil:
			return name.err
		case !name.isName():
			return p.noAlternative(entity, name)
		}
	}
	return nil
}

// condition reads a field, an operator and what it is compared with. Where that is another field, the server looks it
// up immediately. This happens if a value contains an operator that is tried before the intended one, as in name=a!=b.
func (p *parser) condition() error {
	field, err := p.name()
	if err != nil {
		return err
	}
	op := p.next()
	switch {
	case op.err != nil:
		return op.err
	case !op.isOperator():
		return p.noAlternative(field, op)
	case op.text == "is null" || op.text == "is not null":
		return nil
	}
	value := p.next()
	switch {
	case value.err != nil:
		return value.err
	case value.text == "(":
		return p.list()
	case value.isName():
		return notHavingField(p.class, value.text)
	case !value.isText():
		return p.failure(value.at, "mismatched input '%s' expecting {<EOF>, ';'}", value.text)
	}
	return nil
}

// list reads the texts of a list after its parenthesis.
func (p *parser) list() error {
	for {
		if t := p.next(); !t.isText() {
			return p.unexpected(t)
		}
		switch t := p.next(); t.text {
		case ",":
		case ")":
			return nil
		default:
			return p.unexpected(t)
		}
	}
}

// name reads names with dots between them.
func (p *parser) name() (string, error) {
	t := p.next()
	if t.err == nil && !t.isName() {
		return "", p.failure(t.at, "mismatched input '%s' expecting {'(', ID}", t.text)
	}
	name := t.text
	for t.err == nil {
		dot := *p
		if dot.next().text != "." {
			return name, nil
		}
		p.next()
		if t = p.next(); t.err == nil && !t.isName() {
			return "", p.noAlternative(name+".", t)
		}
		name += "." + t.text
	}
	return "", t.err
}

func (p *parser) noAlternative(read string, t token) error {
	return p.failure(t.at, "no viable alternative at input '%s'", read+t.text)
}

// failure is an error of the parser with the text around its position, as the server writes it.
func (p *parser) failure(at int, format string, args ...any) error {
	before := p.line[:at]
	lineNumber := 1 + strings.Count(before, "\n")
	column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
	current := []rune(strings.Split(p.line, "\n")[lineNumber-1])
	from, to := max(column-10, 0), min(column+10, len(current)-1)
	return internalError(fmt.Sprintf("org.antlr.v4.runtime.misc.ParseCancellationException: error %s at line %d:%d, %s",
		fmt.Sprintf(format, args...), lineNumber, column, string(current[from:max(from, to)])))
}
