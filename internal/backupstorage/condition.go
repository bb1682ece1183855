// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// operators are those of a filter. The first one is the default; those after
// the first two compare numbers.
var operators = []string{"=", "!=", "<", "<=", ">", ">="}

// orderings are the operators that compare numbers, with the order of the two
// numbers that each of them accepts.
var orderings = map[string]func(order int) bool{
	"<":  func(order int) bool { return order < 0 },
	"<=": func(order int) bool { return order <= 0 },
	">":  func(order int) bool { return order > 0 },
	">=": func(order int) bool { return order >= 0 },
}

// likeOperator is the operator of name_pattern (PROTOCOL.md §4.2).
const likeOperator = "~="

// Condition is one condition that a backup storage must meet.
type Condition struct {
	attribute storageAttribute
	operator  string
	values    []any // as attribute.value returns them; those of a set are strings
	pattern   likePattern
	source    string // as the configuration states it
}

// ParseCondition returns the condition that compares an attribute with values,
// as a filter does: "=" (any of the values), "!=" (none of them), "<", "<=",
// ">" or ">=" (numbers, one value). The operator "~=" is that of name_pattern.
// The error says which of them is wrong.
func ParseCondition(attribute, operator string, values ...string) (Condition, error) {
	if err := checkName(attribute, attributeNames(filterable...)); err != nil {
		return Condition{}, fmt.Errorf("the attribute of a condition must be %w", err)
	}
	a, _ := attributeNamed(attribute)
	if operator == likeOperator && attribute == "name" && len(values) == 1 {
		c := newCondition(a, operator, values)
		c.values, c.pattern = []any{values[0]}, parseLike(values[0])
		return c, nil
	}
	if err := a.checkOperator(operator); err != nil {
		return Condition{}, err
	}
	if err := checkCount(operator, len(values)); err != nil {
		return Condition{}, err
	}
	c := newCondition(a, operator, values)
	for _, value := range values {
		integerOperator, parsed, err := a.parse(operator, value)
		if err != nil {
			return Condition{}, fmt.Errorf("%s must be compared with %w", attribute, err)
		}
		c.operator, c.values = integerOperator, append(c.values, parsed)
	}
	return c, nil
}

// newCondition returns a condition with its text in a configuration, but
// without values.
func newCondition(a storageAttribute, operator string, values []string) Condition {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = value
		if !slices.Contains(numeric, a.kind) {
			texts[i] = quote(value)
		}
	}
	return Condition{attribute: a, operator: operator, source: a.Name + " " + operator + " " + strings.Join(texts, ", ")}
}

// checkOperator rejects an operator that cannot compare the attribute.
func (a Attribute[T]) checkOperator(operator string) error {
	if slices.Contains(a.Operators(), operator) {
		return nil
	}
	if orderings[operator] == nil {
		return fmt.Errorf(`%q is not an operator. The operators are: "%s"`, operator, strings.Join(operators, `", "`))
	}
	return fmt.Errorf("%q compares numbers, but %s is not a number. Use \"=\" or \"!=\", or one of the attributes %s",
		operator, a.Name, strings.Join(attributeNames(numeric...), ", "))
}

// checkCount rejects a number of values that the operator does not accept.
func checkCount(operator string, count int) error {
	switch {
	case count == 0:
		return fmt.Errorf("%q needs at least one value", operator)
	case orderings[operator] != nil && count > 1:
		return fmt.Errorf("%q compares with exactly one value, got %d", operator, count)
	}
	return nil
}

// ClientCondition returns the condition for the client, which does not send what
// the server might evaluate in another way than the provider.
func (c Condition) ClientCondition() zstack.Condition {
	values := make([]string, len(c.values))
	for i, value := range c.values {
		values[i] = formatValue(value)
	}
	return zstack.Condition{Field: c.attribute.Field, Operator: c.operator, Values: values}
}

// String is the condition as the configuration states it.
func (c Condition) String() string { return c.source }

// Matches reports whether the storage meets the condition, exactly. An
// attribute that the server did not send matches only !=.
func (c Condition) Matches(storage *zstack.BackupStorage) bool {
	value := c.attribute.value(storage)
	switch c.operator {
	case "=":
		return c.contains(value)
	case "!=":
		return !c.contains(value)
	case likeOperator:
		name, ok := value.(string)
		return ok && c.pattern.matches(name)
	default:
		return value != nil && orderings[c.operator](compare(value, c.values[0]))
	}
}

// contains reports whether the value, or a member of it, is one of the values
// of the condition.
func (c Condition) contains(value any) bool {
	members, ok := value.([]string)
	if !ok {
		return value != nil && slices.ContainsFunc(c.values, func(wanted any) bool { return compare(value, wanted) == 0 })
	}
	return slices.ContainsFunc(members, func(member string) bool { return slices.Contains(c.values, any(member)) })
}

// compare orders two values of one kind, neither of which is null.
func compare(a, b any) int {
	switch a := a.(type) {
	case int64:
		b, _ := b.(int64)
		return cmp.Compare(a, b)
	case json.Number:
		b, _ := b.(json.Number)
		x, _ := a.Float64()
		y, _ := b.Float64()
		return cmp.Compare(x, y)
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
func matching(storages []zstack.BackupStorage, conditions []Condition) []zstack.BackupStorage {
	var found []zstack.BackupStorage
	for i := range storages {
		if !slices.ContainsFunc(conditions, func(c Condition) bool { return !c.Matches(&storages[i]) }) {
			found = append(found, storages[i])
		}
	}
	return found
}
