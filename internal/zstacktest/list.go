// SPDX-License-Identifier: MPL-2.0

package zstacktest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// run answers a query.
func (c *call) run(q request) (answer, error) {
	if err := q.check(); err != nil {
		return answer{}, err
	}
	write := serializer{c.settings, c.node.beginQuery()}

	found := slices.DeleteFunc(c.node.inventory(), func(r row) bool { return !q.selects(r, c.settings) })
	total := q.total(found)
	if q.count {
		return c.envelope(q, nil, total, write), nil
	}
	return c.envelope(q, q.page(found, write), total, write), nil
}

// beginQuery counts the query, runs the hook and returns the chance by which this one's answer is shuffled.
func (n *Node) beginQuery() *rand.Rand {
	n.mu.Lock()
	n.queries++
	k, hook := n.queries, n.beforeQuery
	n.mu.Unlock()
	if hook != nil {
		hook(k)
	}
	return rand.New(rand.NewPCG(0, uint64(k)))
}

// BeforeQuery runs hook before each query looks at the inventory; k counts them from 1. A hook that changes the
// inventory changes the list between two pages.
func (n *Node) BeforeQuery(hook func(k int)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.beforeQuery = hook
}

func (q request) selects(r row, s Settings) bool {
	if q.target.typeName != "" && r.typeName != q.target.typeName {
		return false
	}
	for _, cond := range q.conditions {
		if !cond.holds(r, s) {
			return false
		}
	}
	return true
}

func (c condition) holds(r row, s Settings) bool {
	if isTag(c.name) {
		return slices.Contains([]string{"!=", "not in", "not like"}, c.op) // no storage has a tag
	}
	field, ofMonitor := strings.CutPrefix(c.name, "mons.")
	if !ofMonitor {
		return c.matches(r.value(c.name), s.TimeZone)
	}
	mons, _ := r.value("mons").(monitors)
	return slices.ContainsFunc(mons, func(m []column) bool {
		return c.matches(row{columns: m}.value(field), s.TimeZone)
	})
}

func isTag(name string) bool {
	return name == "__userTag__" || name == "__systemTag__" || name == "__tagUuid__"
}

// total counts what was found; with fields it counts the first of them, and SQL does not count NULLs.
func (q request) total(found []row) int {
	if len(q.fields) == 0 {
		return len(found)
	}
	total := 0
	for _, r := range found {
		if r.value(q.fields[0]) != nil {
			total++
		}
	}
	return total
}

// page sorts and cuts. What is not sorted comes in an order of its own in every answer, ties included.
func (q request) page(found []row, write serializer) []row {
	s := write.settings
	rows := shuffled(write.random, found)
	if q.sort != nil && !s.IgnoreSort {
		slices.SortFunc(rows, func(a, b row) int {
			if q.direction == "desc" {
				a, b = b, a
			}
			return order(a.value(*q.sort), b.value(*q.sort))
		})
	}
	if q.start != nil && !s.IgnoreStart {
		rows = rows[min(*q.start, len(rows)):]
	}
	if !s.IgnoreLimit {
		rows = rows[:min(q.limit, len(rows))]
	}
	if s.RepeatRows && len(rows) > 0 {
		rows = append(slices.Clip(rows), rows[0])
	}
	if q.fields != nil {
		for i, r := range rows {
			rows[i] = q.chosen(r)
		}
	}
	return rows
}

// chosen keeps the fields that were asked for, in the order of the class. The monitors' list is never null.
func (q request) chosen(r row) row {
	chosen := row{class: q.target.class}
	for _, c := range r.columns {
		switch {
		case c.name == "mons" && q.target.has("mons"):
			chosen.columns = append(chosen.columns, column{"mons", monitors{}})
		case slices.Contains(q.fields, c.name):
			chosen.columns = append(chosen.columns, c)
		}
	}
	return chosen
}

// envelope is the body of a query's answer (PROTOCOL.md §5.1).
func (c *call) envelope(q request, rows []row, total int, write serializer) answer {
	members := []string{`"schema":` + schema(rows)}
	if q.count || q.withTotal && !c.settings.NoTotal {
		members = append(members, fmt.Sprintf(`"total":%d`, total))
	}
	if !q.count {
		members = append(members, `"inventories":`+array(rows, func(r row) string { return write.object(r.columns) }))
	}
	body := "{" + strings.Join(members, ",") + "}"
	if c.settings.VendorForm {
		body = vendorForm(body)
	}
	return answer{status: 200, body: body}
}
