// SPDX-License-Identifier: MPL-2.0

package zstacktest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// request is a query of backup storages as the server understood its query string (PROTOCOL.md §4.1).
type request struct {
	target     target
	conditions []condition
	limit      int
	start      *int
	count      bool
	withTotal  bool
	sort       *string
	direction  string
	fields     []string
	filterName string
}

// query serves the path of all storages, or of one subtype. The path has one API only, so the server does not look at
// the method (PROTOCOL.md §7).
func query(of Subtype) func(*call) (answer, error) {
	return func(c *call) (answer, error) {
		identify, err := c.authenticate()
		if err != nil {
			return answer{}, err
		}
		q, err := c.request(of)
		if err != nil {
			return answer{}, err
		}
		if _, err := identify(); err != nil {
			return answer{}, err
		}
		return c.run(q)
	}
}

// oneStorage serves a path that three APIs share and that the server tells apart by method and body.
func (c *call) oneStorage() (answer, error) {
	switch c.r.Method {
	case "GET":
		return query(nil)(c)
	case "DELETE":
		return c.deleteStorage()
	case "POST":
		return answer{}, refusal{500, fmt.Sprintf("No creational API found for the path[%s]", c.r.URL.EscapedPath())}
	case "PUT":
		if len(c.body) == 0 {
			return answer{}, refusal{500, ""}
		}
		return answer{}, badRequest("the body doesn't contain action mapping to the URL[%s]", c.path)
	default:
		return answer{}, refusal{405, fmt.Sprintf("The method[%s] is not allowed for the path[%s]", c.r.Method, c.r.URL.EscapedPath())}
	}
}

// deleteStorage is there to show that nobody calls it.
func (c *call) deleteStorage() (answer, error) {
	identify, err := c.authenticate()
	if err != nil {
		return answer{}, err
	}
	if _, err := identify(); err != nil {
		return answer{}, err
	}
	n := c.node
	n.mu.Lock()
	defer n.mu.Unlock()
	n.rows = slices.DeleteFunc(n.rows, func(r row) bool { return r.value("uuid") == c.uuid })
	return answer{status: 202, body: fmt.Sprintf(`{"location":"http://%s%s/v1/api-jobs/%s"}`,
		c.r.Host, c.settings.ContextPath, uuidOf("job", c.uuid))}, nil
}

// request reads the query string. Names are trimmed and unknown ones ignored; of every parameter but q the first value
// counts. With a uuid in the path the whole query string is ignored.
func (c *call) request(of Subtype) (request, error) {
	q := request{target: targetOf(of), limit: 1000}
	if c.uuid != "" {
		q.conditions = []condition{{"uuid", "=", c.uuid}}
		return q, nil
	}
	seen := map[string]bool{}
	for _, p := range c.params {
		first := !seen[p.name]
		seen[p.name] = true
		if name := trim(p.name); name == "q" || name == "" {
			cond, err := parseCondition(p.value)
			if err != nil {
				return request{}, err
			}
			if !slices.Contains(q.conditions, cond) {
				q.conditions = append(q.conditions, cond)
			}
		} else if first {
			if err := q.set(name, trim(p.value)); err != nil {
				return request{}, err
			}
		}
	}
	if of == nil {
		q.target = narrowed(q.conditions)
	}
	return q, nil
}

func (q *request) set(name, value string) error {
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
		q.withTotal = strings.EqualFold(value, "true")
	case "sort":
		q.direction = "asc"
		if strings.HasPrefix(value, "-") {
			q.direction = "desc"
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
		q.filterName = value
	}
	return nil
}

// javaSplit is Java's split at commas, which drops empty parts at the end (but leaves an empty text as it is), and trims
// the parts.
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
		parts[i] = trim(parts[i])
	}
	return parts
}

// target is the inventory class a query is about: it decides which fields there are.
type target struct {
	class string
	// typeName is empty for the base class, whose queries answer all types.
	typeName string
	columns  []column
}

func targetOf(s Subtype) target {
	prototype := BackupStorage{Subtype: s}.row()
	t := target{class: prototype.class, columns: prototype.columns}
	if s != nil {
		t.typeName = prototype.typeName
	}
	return t
}

// narrowed is the target that the first condition on type chooses, if it is an exact "=" (PROTOCOL.md §4.3).
func narrowed(conditions []condition) target {
	i := slices.IndexFunc(conditions, func(c condition) bool { return c.name == "type" })
	if i >= 0 && conditions[i].op == "=" {
		for _, s := range []Subtype{ImageStore{}, SFTP{}, Ceph{}, Addon{}, AliyunEBS{}, VCenter{}} {
			if t := targetOf(s); t.typeName == conditions[i].value {
				return t
			}
		}
	}
	return targetOf(nil)
}

// simpleName is the class without its package.
func (t target) simpleName() string { return t.class[strings.LastIndexByte(t.class, '.')+1:] }

func (t target) has(name string) bool {
	return slices.ContainsFunc(t.columns, func(c column) bool { return c.name == name })
}
