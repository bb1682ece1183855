// SPDX-License-Identifier: MPL-2.0

package zstacktest

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// vendorForm rewrites the body of a query's answer as the vendor's page shows it: no schema, "success": true, keys in
// alphabetical order, blanks between the tokens (PROTOCOL.md §5.1).
func vendorForm(body string) string {
	decoder := json.NewDecoder(strings.NewReader(body))
	decoder.UseNumber()
	var object map[string]any
	if err := decoder.Decode(&object); err != nil {
		panic(err) // the node's own JSON
	}
	delete(object, "schema")
	object["success"] = true
	return spaced(object)
}

func spaced(value any) string {
	switch v := value.(type) {
	case map[string]any:
		var members []string
		for _, key := range slices.Sorted(maps.Keys(v)) {
			members = append(members, quote(key, plain)+": "+spaced(v[key]))
		}
		return enclosed("{", members, "}")
	case []any:
		var elements []string
		for _, element := range v {
			elements = append(elements, spaced(element))
		}
		return enclosed("[", elements, "]")
	case string:
		return quote(v, plain)
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "true"
		}
		return "false"
	default:
		return "null"
	}
}

func enclosed(left string, parts []string, right string) string {
	if len(parts) == 0 {
		return left + right
	}
	return left + " " + strings.Join(parts, ", ") + " " + right
}
