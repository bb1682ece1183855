// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"

	"github.com/zstackio/terraform-provider-zstack/internal/backupstorage"
	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// protocol is the description of the REST API that client and fake implement.
const protocol = "../zstack/PROTOCOL.md"

// undecoded are JSON members that the client must not decode.
var undecoded = []string{"sshPassword"}

// anyType is the row that applies to all types, in a table of types.
const anyType = "any"

func TestTheClientDecodesWhatTheProtocolLists(t *testing.T) {
	members := wireMembers(t)
	expectSame(t, "storage", flat(members), tags[zstack.BackupStorage]())
	expectSame(t, "monitor", monitorMembers(t), append(tags[zstack.CephMonitor](), undecoded...))
}

func TestBothDataSourcesShowWhatTheProtocolLists(t *testing.T) {
	want := attributeNames(flat(wireMembers(t)))
	mons := attributeNames(slices.DeleteFunc(monitorMembers(t), func(name string) bool { return slices.Contains(undecoded, name) }))

	one := schemaOf(t, backupstorage.NewDataSource()).Attributes
	expectSame(t, "zstack_backup_storage", append(slices.Clone(want), "zone_name", "zone_uuid"), keys(one))
	expectSame(t, "zstack_backup_storage: mons", mons, keys(nested(one["mons"])))

	all := nested(schemaOf(t, backupstorage.NewListDataSource()).Attributes["backup_storages"])
	expectSame(t, "zstack_backup_storages", want, keys(all))
	expectSame(t, "zstack_backup_storages: mons", mons, keys(nested(all["mons"])))
}

func TestThePagesListEveryAttribute(t *testing.T) {
	names := attributeNames(slices.Concat(flat(wireMembers(t)), monitorMembers(t)))
	names = slices.DeleteFunc(names, func(name string) bool { return name == "ssh_password" })
	for path, page := range dataSourcePages(t) {
		for _, name := range names {
			if !strings.Contains(page, "\n- `"+name+"` (") {
				t.Errorf("%s does not list %s", path, name)
			}
		}
	}
}

func TestThePagesSayWhichTypeHasWhichAttributes(t *testing.T) {
	want := map[string][]string{}
	for kind, members := range wireMembers(t) {
		if names := attributeNames(members); len(names) > 0 {
			want[kind] = names
		}
	}
	for path, page := range dataSourcePages(t) {
		got := map[string][]string{}
		for _, row := range rows(section(t, page, "## Types, Units and Null")) {
			kinds := codeSpans(row[0])
			if row[0] == anyType {
				kinds = []string{anyType}
			}
			for _, kind := range kinds {
				got[kind] = sorted(codeSpans(row[1]))
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: protocol (-) and page (+) differ:\n%s", path, diff)
		}
	}
}

func TestThePagesSayHowEachAttributeCanBeFiltered(t *testing.T) {
	want := map[string][]string{}
	for _, a := range backupstorage.Attributes() {
		if operators := a.Operators(); len(operators) > 0 {
			want[a.Name] = sorted(operators)
		}
	}
	for path, page := range dataSourcePages(t) {
		got := map[string][]string{}
		for _, row := range rows(section(t, page, "## Filters")) {
			for _, name := range codeSpans(row[0]) {
				got[name] = sorted(codeSpans(row[1]))
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: operators (-) and page (+) differ:\n%s", path, diff)
		}
	}
}

// wireMembers reads the members of a backup storage from PROTOCOL.md: for each
// type those that only it has, and for anyType those that all types have.
func wireMembers(t *testing.T) map[string][]string {
	t.Helper()
	page := readFile(t, protocol)
	members := map[string][]string{}
	for _, row := range rows(section(t, page, "### 5.2 Inventory")) {
		members[anyType] = append(members[anyType], codeSpans(row[0])...)
	}
	for _, row := range rows(section(t, page, "### 5.3 Types")) {
		// Values are in brackets.
		members[codeSpans(row[0])[0]] = codeSpans(regexp.MustCompile(`\([^)]*\)`).ReplaceAllString(row[2], ""))
	}
	if len(members) < 7 || len(flat(members)) < 20 {
		t.Fatalf("the tables of %s are not read: %v", protocol, members)
	}
	return members
}

// monitorMembers reads the members of a Ceph monitor from PROTOCOL.md.
func monitorMembers(t *testing.T) []string {
	t.Helper()
	_, sentence, _ := strings.Cut(section(t, readFile(t, protocol), "### 5.3 Types"), "each of its objects has ")
	sentence, _, found := strings.Cut(sentence, ". ")
	if !found {
		t.Fatalf("%s does not say what a monitor has", protocol)
	}
	return codeSpans(sentence)
}

// flat is all members, each once.
func flat(members map[string][]string) []string {
	var all []string
	for _, names := range members {
		all = append(all, names...)
	}
	return slices.Compact(sorted(all))
}

// tags are the names under which the fields of T are decoded.
func tags[T any]() (names []string) {
	for field := range reflect.TypeFor[T]().Fields() {
		names = append(names, field.Tag.Get("json"))
	}
	return names
}

var capital = regexp.MustCompile(`[A-Z]`)

// attributeNames are the names of members in Terraform, sorted.
func attributeNames(members []string) (names []string) {
	for _, member := range members {
		member = strings.Replace(member, "vCenter", "vcenter", 1)
		names = append(names, capital.ReplaceAllStringFunc(member, func(c string) string { return "_" + strings.ToLower(c) }))
	}
	return sorted(names)
}

func schemaOf(t *testing.T, d datasource.DataSource) schema.Schema {
	t.Helper()
	var resp datasource.SchemaResponse
	d.Schema(context.Background(), datasource.SchemaRequest{}, &resp)
	return resp.Schema
}

// nested are the attributes of the objects in a list, none if it is no list of objects.
func nested(a schema.Attribute) map[string]schema.Attribute {
	list, _ := a.(schema.ListNestedAttribute)
	return list.NestedObject.Attributes
}

func keys[T any](m map[string]T) (names []string) {
	for name := range m {
		names = append(names, name)
	}
	return names
}

// dataSourcePages are the pages of both data sources by their path.
func dataSourcePages(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("../../docs/data-sources/*.md")
	if err != nil || len(paths) != 2 {
		t.Fatalf("%d pages of data sources, error %v", len(paths), err)
	}
	pages := map[string]string{}
	for _, path := range paths {
		pages[path] = readFile(t, path)
	}
	return pages
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// section is the text below a heading of a page, up to the next heading.
func section(t *testing.T, page, heading string) string {
	t.Helper()
	_, text, found := strings.Cut(page, heading+"\n")
	if !found {
		t.Fatalf("there is no %q", heading)
	}
	text, _, _ = strings.Cut(text, "\n#")
	return text
}

// rows are the cells of the tables in a text, without their heads.
func rows(text string) (rows [][]string) {
	inTable := false
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		switch isRow := strings.HasPrefix(line, "|"); {
		case !isRow:
			inTable = false
		case strings.HasPrefix(line, "|---"):
			inTable = true
		case inTable:
			rows = append(rows, cells)
		}
	}
	return rows
}

var codeSpan = regexp.MustCompile("`([^`]+)`")

// codeSpans are all parts of a text that are formatted as code.
func codeSpans(text string) (spans []string) {
	for _, match := range codeSpan.FindAllStringSubmatch(text, -1) {
		spans = append(spans, match[1])
	}
	return spans
}

func sorted(names []string) []string {
	names = slices.Clone(names)
	slices.Sort(names)
	return names
}

// expectSame compares two lists of names, whatever their order.
func expectSame(t *testing.T, what string, want, got []string) {
	t.Helper()
	if diff := cmp.Diff(sorted(want), sorted(got)); diff != "" {
		t.Errorf("%s: want (-) and got (+) differ:\n%s", what, diff)
	}
}
