// SPDX-License-Identifier: MPL-2.0

package query

import (
	"fmt"
	"strings"
)

// Text is one sentence in the two languages of the server. If the Chinese is empty, the English is used in both.
type Text struct{ Chinese, English string }

// Failure is an error that the server's query service reports (PROTOCOL.md §6.2).
type Failure struct {
	// InvalidArgument makes it a SYS.1007 and not a SYS.1000.
	InvalidArgument bool
	Details         Text
}

func (e Failure) Error() string { return e.Details.English }

func internalError(details string) Failure { return Failure{Details: Text{English: details}} }

// maxConditions is the number of conditions at which the recursive parser exhausts its stack.
const maxConditions = 200

// Check returns the [Failure] that the server's query service reports, checking in the server's order.
func (q Query) Check(d Dialect) error {
	for _, check := range []func(Dialect) error{
		q.filterNameError,
		q.stackOverflow,
		q.syntaxError,
		q.fieldsError,
		q.conditionsError,
		q.sortError,
		q.limitError,
		q.databaseError,
	} {
		if err := check(d); err != nil {
			return err
		}
	}
	return nil
}

func (q Query) filterNameError(d Dialect) error {
	exists, mayBeEmpty := d.hasFilterName()
	if q.filterName == nil || !exists || *q.filterName == "" && mayBeEmpty {
		return nil
	}
	if _, argument, _ := strings.Cut(*q.filterName, ":"); strings.Trim(argument, ":") == "" {
		return Failure{true, Text{
			Chinese: "FilterName的格式必须为[filterType：条件]",
			English: "filterName must be formatted as [filterType:condition(s)]",
		}}
	}
	return internalError(exception + "unable to find QueryBelongFilter with type[" + *q.filterName + "]")
}

func (q Query) stackOverflow(Dialect) error {
	if len(q.conditions) >= maxConditions {
		return internalError("")
	}
	return nil
}

const exception = "org.zstack.header.exception.CloudRuntimeException: "

// fieldsError finds unknown names in fields. The class name in the text is the server's own mistake.
func (q Query) fieldsError(Dialect) error {
	for _, name := range q.fields {
		if head, _, _ := cutPath(name); !q.class.has(head) || head != name {
			return internalError(exception + "inventory[${selfInventoryClass}] has no field[" + head + "]")
		}
	}
	return nil
}

func (q Query) conditionsError(d Dialect) error {
	for _, c := range q.conditions {
		if err := q.class.unknownField(c.field, d); err != nil {
			return err
		}
	}
	return nil
}

// unknownField finds the first name of a condition's field that a class does not have.
func (c *Class) unknownField(field string, d Dialect) error {
	name, rest, nested := cutPath(field)
	f, found := c.field(name)
	objects, isList := f.Value.(Objects)
	switch {
	case isTag(field) && (field != "__tagUuid__" || d.hasTagUUID()):
		return nil
	case nested && isList && len(objects) > 0:
		return objects[0].Class.unknownField(rest, d)
	case nested && c.Expanded[name] != nil:
		return c.Expanded[name].unknownField(rest, d)
	case nested: // the empty brackets are the server's own mistake
		return internalError(fmt.Sprintf("%[1]sinvalid nested query condition[] on class %[2]s,"+
			"the expanded target[class %[2]s] have no expanded query[%[3]s]", exception, c.Name, name))
	case !found || isList:
		return notHavingField(c, field)
	}
	return nil
}

func notHavingField(c *Class, field string) error {
	return internalError(fmt.Sprintf("%sinventory class[class %s] not having field[%s]", exception, c.Name, field))
}

// sortError finds an unknown name in sort. The braces in the text are the server's own mistake.
func (q Query) sortError(Dialect) error {
	if q.sort == nil || q.class.has(*q.sort) || isTag(*q.sort) || strings.Contains(*q.sort, ".") {
		return nil
	}
	const zqlError = "org.zstack.zql.ast.visitors.ZQLError: "
	return Failure{Details: Text{
		Chinese: fmt.Sprintf(zqlError+"ORDER BY子句无效，库存[%s]没有字段[%s]", q.class.simpleName(), *q.sort),
		English: fmt.Sprintf(zqlError+"invalid order by clause, inventory[%s] doesnt have field[{1}]", q.class.simpleName()),
	}}
}

func (q Query) limitError(d Dialect) error {
	switch {
	case d.acceptsNegativeLimits():
		return nil
	case q.limit < 0:
		return internalError("java.lang.IllegalArgumentException: max-results cannot be negative")
	case q.start != nil && *q.start < 0:
		return internalError(fmt.Sprintf("java.lang.IllegalArgumentException: first-result value cannot be negative : %d", *q.start))
	}
	return nil
}

// databaseError finds what only Hibernate or the database rejects.
func (q Query) databaseError(d Dialect) error {
	const persistence = "javax.persistence.PersistenceException: org.hibernate.exception."
	for _, name := range q.fields {
		if !q.class.isColumn(name) {
			return internalError("java.lang.IllegalArgumentException: org.hibernate.QueryException: could not resolve property: " + name)
		}
	}
	switch {
	case q.sort == nil || q.class.isColumn(*q.sort):
	case strings.Contains(*q.sort, "."):
		return internalError("java.lang.IllegalArgumentException: org.hibernate.hql.internal.ast.QuerySyntaxException: Invalid path: " + *q.sort)
	default:
		return internalError(persistence + "SQLGrammarException: could not extract ResultSet")
	}
	for _, c := range q.conditions {
		switch {
		case isTag(c.field) && strings.Contains(c.value, "%s"): // the SQL text is a format string
			return internalError("java.lang.NullPointerException")
		case strings.ContainsFunc(c.value, func(r rune) bool { return r > 0xFFFF }) && !d.acceptsWideCharacters():
			return internalError(persistence + "GenericJDBCException: could not extract ResultSet")
		}
	}
	return nil
}

// isColumn reports whether a field is a column of the table, and not a list or a value that Java computes.
func (c *Class) isColumn(name string) bool {
	f, ok := c.field(name)
	switch f.Value.(type) {
	case Set, Objects, bool:
		return false
	}
	return ok
}
