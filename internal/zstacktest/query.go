// SPDX-License-Identifier: MPL-2.0

package zstacktest

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest/query"
)

// table is what a query API reads: the class of its rows, and the rows.
type table func(*tables) (*query.Class, []query.Row)

func backupStorages(t *tables) (*query.Class, []query.Row)  { return t.storageClass, t.storages }
func zones(t *tables) (*query.Class, []query.Row)           { return t.zoneClass, t.zones }
func managementNodes(t *tables) (*query.Class, []query.Row) { return t.nodeClass, t.nodes }

// ofType is the backup storages of one type.
func ofType(s Subtype) table {
	return func(t *tables) (*query.Class, []query.Row) {
		i := slices.IndexFunc(t.storageClass.Subclasses, func(c *query.Class) bool { return c.Type == s.describe("").typeName })
		return t.storageClass.Subclasses[i], t.storages
	}
}

// queryAPI serves a query. The header is checked first, then the parameters, then the session, then permissions, and the
// query itself last (the beginning of PROTOCOL.md).
func queryAPI(a API, read table) serve {
	return func(c *call) (response, error) {
		identify, err := c.authenticate()
		if err != nil {
			return response{}, err
		}
		class, _ := read(c.node.currentTables())
		q := query.ByUUID(class, c.uuid)
		if c.uuid == "" {
			if q, err = query.Parse(class, c.params); err != nil {
				return response{}, err
			}
		}
		user, err := identify()
		if err != nil {
			return response{}, err
		}
		if err := c.node.authorize(user, a); err != nil {
			return response{}, err
		}
		if err := q.Check(c.settings.dialect()); err != nil {
			return response{}, err
		}
		random := c.node.beginQuery(a)
		_, rows := read(c.node.currentTables()) // The hook may have changed them.
		return c.list(q, rows, random), nil
	}
}

// list is the response to a query (PROTOCOL.md §5.1). Rows that the query does not sort, ties included, have a
// random order.
func (c *call) list(q query.Query, rows []query.Row, random *rand.Rand) response {
	s := c.settings
	selected := q.Select(rows, s.dialect())
	total := q.Total(selected, s.dialect())

	rows = shuffled(random, selected)
	if !s.IgnoreSort {
		q.Sort(rows)
	}
	if !s.IgnoreStart {
		rows = q.Skip(rows)
	}
	if !s.IgnoreLimit {
		rows = q.Limit(rows, s.dialect())
	}
	if s.LoseRows && len(rows) > 1 {
		rows = rows[:len(rows)-1]
	}
	if s.RepeatRows && len(rows) > 0 {
		rows = append(rows[:len(rows):len(rows)], rows[0])
	}
	if s.WrongTotal {
		total++
	}
	if q.CountOnly() {
		rows = nil
	}
	rows = q.Project(rows)

	text := appendSchema([]byte(`{"schema":`), rows)
	if q.CountOnly() || q.WithTotal() && !s.NoTotal {
		text = fmt.Appendf(text, `,"total":%d`, total)
	}
	if !q.CountOnly() {
		text = serializer{s, random}.appendObjects(append(text, `,"inventories":`...), rows)
	}
	body := string(append(text, '}'))
	if s.VendorForm {
		body = vendorForm(body)
	}
	return response{status: 200, body: body}
}

// beginQuery runs the hook of a query of backup storages, and returns the random numbers that shuffle the response.
func (n *Node) beginQuery(a API) *rand.Rand {
	n.mu.Lock()
	n.lists++
	seed, hook := uint64(n.lists), n.beforeQuery
	if a == QueryBackupStorage {
		n.queries++
	} else {
		hook = nil
	}
	k := n.queries
	n.mu.Unlock()
	if hook != nil {
		hook(k)
	}
	return rand.New(rand.NewPCG(0, seed))
}

// BeforeQuery runs hook before each query of backup storages reads them; k counts these queries from 1. A hook that changes
// the storages changes the list between two pages.
func (n *Node) BeforeQuery(hook func(k int)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.beforeQuery = hook
}
