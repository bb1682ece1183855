// SPDX-License-Identifier: MPL-2.0

package query

import (
	"slices"
	"strings"
)

// Class is an inventory class of the server: what a query returns, and the names its conditions may use.
type Class struct {
	// Name is the Java class, as it is named in a response's schema.
	Name string
	// Type is the value of the column type that all rows of a subclass have; empty for a class without subclasses, and for
	// the base class.
	Type string
	// Fields are the fields in the order of the JSON, each with any value of its kind.
	Fields []Column
	// Subclasses are the classes that a condition on type selects.
	Subclasses []*Class
	// Expanded are the classes that a nested condition reaches, by name: zone in zone.name (PROTOCOL.md §4.3).
	Expanded map[string]*Class
}

func (c *Class) field(name string) (Column, bool) {
	i := slices.IndexFunc(c.Fields, func(f Column) bool { return f.Name == name })
	if i < 0 {
		return Column{}, false
	}
	return c.Fields[i], true
}

func (c *Class) has(name string) bool {
	_, ok := c.field(name)
	return ok
}

// simpleName is the class without its package.
func (c *Class) simpleName() string { return c.Name[strings.LastIndexByte(c.Name, '.')+1:] }

// Column is a field and its value in one row: nil (NULL), string, int64, float32, bool, [time.Time], [Set], [Objects] or
// [JSON].
type Column struct {
	Name  string
	Value any
}

// Set is a list of texts without an order: the server returns it in any order.
type Set []string

// Objects is a list of objects without an order, such as the monitors of a Ceph storage.
type Objects []Row

// JSON is a value that only the serializer knows.
type JSON string

// Row is one row of a table.
type Row struct {
	// Class is the class that serializes the row.
	Class   *Class
	Columns []Column
	// Related returns the rows that an expanded name leads to; nil if there are none.
	Related func(name string) []Row
}

// Value returns the value of a column; nil if the row has no such column.
func (r Row) Value(name string) any {
	for _, c := range r.Columns {
		if c.Name == name {
			return c.Value
		}
	}
	return nil
}

// related returns the rows that a nested condition looks at.
func (r Row) related(name string) []Row {
	if objects, ok := r.Value(name).(Objects); ok {
		return objects
	}
	if r.Related == nil {
		return nil
	}
	return r.Related(name)
}
