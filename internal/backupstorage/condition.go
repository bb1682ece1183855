// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// operators are what a filter may say. The first one is what it means when it
// says nothing.
var operators = []string{"=", "!=", "<", "<=", ">", ">="}

// orderings are the operators that compare numbers, by what they make of
// the order of the two.
var orderings = map[string]func(order int) bool{
	"<":  func(order int) bool { return order < 0 },
	"<=": func(order int) bool { return order <= 0 },
	">":  func(order int) bool { return order > 0 },
	">=": func(order int) bool { return order >= 0 },
}

// like is the operator of name_pattern on the wire (PROTOCOL.md §4.2).
const like = "~="

// condition is one thing that is asked of a backup storage.
type condition struct {
	attribute storageAttribute
	operator  string
	operands  []any // as attribute.value gives them; those of a set are strings
	pattern   likePattern
}

// newCondition makes a condition of what a configuration says: the name of an
// attribute, an operator and values. It fails where the checks of the
// configuration fail.
func newCondition(name, operator string, values ...string) (condition, error) {
	a, ok := attributeNamed(name)
	if !ok || !slices.Contains(filterable, a.kind) || len(values) == 0 {
		return condition{}, fmt.Errorf("%q is no attribute, or it is compared with nothing", name)
	}
	c := condition{attribute: a, operator: operator}
	for _, value := range values {
		operand, err := a.kind.parse(value)
		if err != nil {
			return condition{}, fmt.Errorf("%s: %q is not %w", a.name, value, err)
		}
		c.operands = append(c.operands, operand)
	}
	if operator == like {
		c.pattern = parseLike(values[0])
	}
	return c, nil
}

// wire is the condition as the client takes it.
func (c condition) wire() zstack.Condition {
	values := make([]string, len(c.operands))
	for i, operand := range c.operands {
		values[i] = fmt.Sprint(operand)
	}
	return zstack.Condition{Field: c.attribute.field, Operator: c.operator, Values: values}
}

// matches says whether the storage meets the condition, exactly. A value that
// the server did not send meets nothing but !=.
func (c condition) matches(storage *zstack.BackupStorage) bool {
	value := c.attribute.value(storage)
	switch c.operator {
	case "=":
		return c.names(value)
	case "!=":
		return !c.names(value)
	case like:
		name, ok := value.(string)
		return ok && c.pattern.matches(name)
	default:
		return value != nil && orderings[c.operator](compare(value, c.operands[0]))
	}
}

// names says whether the value, or a member of it, is one of the operands.
func (c condition) names(value any) bool {
	members, ok := value.([]string)
	if !ok {
		return slices.Contains(c.operands, value)
	}
	return slices.ContainsFunc(members, func(member string) bool { return slices.Contains(c.operands, any(member)) })
}

// String is the condition as a message shows it.
func (c condition) String() string {
	values := make([]string, len(c.operands))
	for i, operand := range c.operands {
		values[i] = fmt.Sprint(operand)
		if operand, ok := operand.(string); ok {
			values[i] = fmt.Sprintf("%q", operand)
		}
	}
	name := c.attribute.name
	operator := c.operator
	if operator == like {
		name, operator = "name_pattern", "="
	}
	return name + " " + operator + " " + strings.Join(values, ", ")
}

// compare orders two values of one kind, neither of which is null.
func compare(a, b any) int {
	switch a := a.(type) {
	case int64:
		b, _ := b.(int64)
		return cmp.Compare(a, b)
	case float64:
		b, _ := b.(float64)
		return cmp.Compare(a, b)
	case time.Time:
		b, _ := b.(time.Time)
		return a.Compare(b)
	case string:
		b, _ := b.(string)
		return cmp.Compare(a, b)
	default:
		return 0
	}
}

// matching returns the storages that meet all conditions.
func matching(storages []zstack.BackupStorage, conditions []condition) []zstack.BackupStorage {
	var found []zstack.BackupStorage
	for i := range storages {
		if !slices.ContainsFunc(conditions, func(c condition) bool { return !c.matches(&storages[i]) }) {
			found = append(found, storages[i])
		}
	}
	return found
}
