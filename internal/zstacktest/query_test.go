// SPDX-License-Identifier: MPL-2.0

package zstacktest_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

type list struct {
	Total       *int
	Inventories []struct{ UUID, Name string }
}

func decode(t *testing.T, r response) list {
	t.Helper()
	if r.status != 200 {
		t.Fatalf("status %d: %s", r.status, r.body)
	}
	var l list
	if err := json.Unmarshal([]byte(r.body), &l); err != nil {
		t.Fatalf("%v in %s", err, r.body)
	}
	return l
}

func (l list) names() []string {
	names := make([]string, len(l.Inventories))
	for i, b := range l.Inventories {
		names[i] = b.Name
	}
	return names
}

// where is a query string with these conditions.
func where(conditions ...string) string {
	return "?" + url.Values{"q": conditions}.Encode()
}

// hostile are names that are hard to query.
var hostile = []string{
	"it's", `quote"d`, "a,b", "100%", "under_score", "a!=b", "==x", " lead", "trail ", `back\slash`, "a+b&c#d;e", "镜像服务器", "ünïcödé",
	"rocket 🚀", "Twin", "twin", "twín", "line\nbreak", "a=b", "",
}

func named(names ...string) *zstacktest.Node {
	n := newNode()
	n.SetBackupStorages()
	for i, name := range names {
		n.AddBackupStorages(zstacktest.BackupStorage{
			UUID: fmt.Sprintf("%032x", i), Name: new(name), URL: "/", State: "Enabled", Status: "Connected",
		})
	}
	return n
}

func TestNamesAreComparedAsTheDatabaseDoes(t *testing.T) {
	t.Parallel()
	server := named(hostile...).Serve(t)
	tests := map[string][]string{
		"name=TWIN":        {"Twin", "twin", "twín"},
		"name=trail":       {"trail "},
		"name=trail   ":    {"trail "},
		"name= lead":       {" lead"},
		"name=lead":        nil,
		"name=":            {""},
		"name==x":          nil, // the operator is lost
		"name~===x":        {"==x"},
		"name~=_=x":        {"==x"},
		"name~=it_s":       {"it's"},
		`name=quote"d`:     {`quote"d`},
		"name?=a,b":        nil,
		"name~=a_b":        {"a,b", "a=b"},
		"name=a=b":         {"a=b"},
		"name~=a__b":       {"a!=b"},
		"name=100%":        {"100%"},
		`name~=100\%`:      {"100%"},
		"name=under_score": {"under_score"},
		`name=back\slash`:  {`back\slash`},
		"name=a+b&c#d;e":   {"a+b&c#d;e"},
		"name=镜像服务器":       {"镜像服务器"},
		"name=unicode":     {"ünïcödé"},
		"name~=rocket _":   {"rocket 🚀"},
		"name=line\nbreak": {"line\nbreak"},
		"name?=twin,100%,": {"", "100%", "Twin", "twin", "twín"},
	}
	for condition, want := range tests {
		got := decode(t, get(t, server, where(condition))).names()
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%q finds %q, want %q", condition, got, want)
		}
	}
}

func TestConditionsFindTheRowsThatTheServerFinds(t *testing.T) {
	t.Parallel()
	n := newNode()
	storages := zstacktest.Inventory()
	storages[2].AttachedZoneUUIDs = []string{zstacktest.ZoneOne, zstacktest.ZoneTwo}
	n.SetBackupStorages(storages...)
	server := n.Serve(t)
	const image, ceph, sftp = "image-store", "ceph <prod> & backup", "sftp"
	tests := []struct {
		conditions []string
		want       []string
	}{
		{nil, []string{image, ceph, sftp}},
		{[]string{"state=enabled"}, []string{image, ceph}},
		{[]string{"state=Enabled", "status!=Connecting", "state=Enabled"}, []string{image, ceph}},
		{[]string{"state=nonsense"}, nil},
		{[]string{"uuid?=1ab3b836a88342e1bbc1b1a17d092f0f,x"}, []string{image}},
		{[]string{"uuid!?=1ab3b836a88342e1bbc1b1a17d092f0f,x"}, []string{ceph, sftp}},
		{[]string{"totalCapacity>9992857976831"}, []string{image, ceph}},
		{[]string{"totalCapacity>=1e13"}, []string{ceph}},
		{[]string{"availableCapacity=none"}, []string{sftp}},
		{[]string{"createDate<2018-01-01"}, []string{sftp}},
		{[]string{"createDate>Apr 11, 2018 2:50:54 PM"}, []string{image, ceph, sftp}},
		{[]string{"createDate~=2018-%"}, []string{image}},
		{[]string{"description is null"}, []string{ceph, sftp}},
		{[]string{"description not null"}, []string{image}},
		{[]string{"description!=x"}, []string{image}}, // NULL does not match
		{[]string{"description!?=x"}, []string{image}},
		{[]string{"description!~=x"}, []string{image}},
		{[]string{"description=null"}, nil},
		{[]string{"attachedZoneUuids=" + zstacktest.ZoneOne}, []string{image, sftp}},
		{[]string{"attachedZoneUuids!=" + zstacktest.ZoneOne}, []string{sftp}}, // attached to another zone as well
		{[]string{"attachedZoneUuids is null"}, nil},
		{[]string{"attachedZoneUuids not null"}, []string{image, sftp}},
		{[]string{"type=Ceph", "poolName~=bak%"}, []string{ceph}},
		{[]string{"type=Ceph", "mons.hostname=172.20.1.21"}, []string{ceph}},
		{[]string{"type=Ceph", "mons.hostname!=172.20.1.21"}, nil},
		{[]string{"hostname=172.20.1.116", "type=SftpBackupStorage"}, []string{sftp}},
		{[]string{"type=sftpbackupstorage"}, []string{sftp}},
		{[]string{"type=NoSuchType"}, nil},
		{[]string{"__userTag__=gold"}, nil},
		{[]string{"__userTag__!=gold"}, []string{image, ceph, sftp}},
	}
	for _, test := range tests {
		got := decode(t, get(t, server, where(test.conditions...))).names()
		slices.Sort(got)
		slices.Sort(test.want)
		if !slices.Equal(got, test.want) {
			t.Errorf("%q finds %q, want %q", test.conditions, got, test.want)
		}
	}
}

func TestMalformedQueriesAreInternalErrors(t *testing.T) {
	t.Parallel()
	server := newNode().Serve(t)
	for query, details := range map[string]string{
		where("name?=a,it's"):                  "StringIndexOutOfBounds",
		where("a b=c"):                         "at line 1:",
		where("1=1"):                           "at line 1:",
		where("in=a"):                          "at line 1:",
		where(" is null"):                      "at line 1:",
		where("description is not null"):       "at line 1:",
		where("name$=x"):                       "token recognition error at: '$'",
		where("Name=x"):                        "not having field[Name]",
		where("name=a!=b"):                     "not having field[a]",
		where("hostname=x", "type=imagestore"): "not having field[hostname]",
		where("hostname=x", "type~=SftpBackupStorage"): "not having field[hostname]",
		where("poolName=x", "type=SftpBackupStorage"):  "not having field[poolName]",
		where("foo.bar=x"):               "have no expanded query[foo]",
		where("type=Ceph", "mons.foo=x"): "not having field[foo]",
		where("name=🚀"):                  "GenericJDBCException",
		"?sort=name,uuid":                "at line 1:",
		"?sort=":                         "at line 1:",
		"?sort=attachedZoneUuids":        "SQLGrammarException",
		"?fields=":                       "at line 1:",
		"?fields=uuid,,name":             "at line 1:",
		"?fields=attachedZoneUuids":      "could not resolve property",
		"?fields=hostname":               "inventory[${selfInventoryClass}] has no field[hostname]",
		"?filterName=vr:x":               "unable to find QueryBelongFilter with type[vr:x]",
	} {
		got := get(t, server, query)
		if got.status != 503 || !strings.Contains(got.body, `"code":"SYS.1000"`) || !strings.Contains(got.body, details) {
			t.Errorf("%s: %d %s, want SYS.1000 with %q", query, got.status, got.body, details)
		}
	}
}

func TestParametersAreReadAsTheServerReadsThem(t *testing.T) {
	t.Parallel()
	server := newNode().Serve(t)
	for query, want := range map[string]int{
		"?limit=%2B2":                    2,
		"?limit=0":                       0,
		"?limit=2147483647":              3,
		"?%20limit%20=1":                 1,
		"?limit=1&limit=2":               1,
		"?Limit=1":                       3,
		"?start=2":                       1,
		"?start=99":                      0,
		"?condition=name%3Dx&sortBy=foo": 3,
		"?groupBy=foo":                   3,
		"?count=1":                       3,
		"?=name%3Dsftp":                  3,
		"?fields=uuid,":                  3,
		"?sort=+name":                    3,
	} {
		if got := len(decode(t, get(t, server, query)).Inventories); got != want {
			t.Errorf("%s returns %d storages, want %d", query, got, want)
		}
	}
	for _, limit := range []string{"2147483648", "1.5", "", "ten", "0x1", "1_0"} {
		if got := get(t, server, "?limit="+limit); got.status != 400 {
			t.Errorf("limit %q: %d %s", limit, got.status, got.body)
		}
	}
}

func TestSubtypePathsReturnOneType(t *testing.T) {
	t.Parallel()
	server := newNode().Serve(t)
	for path, want := range map[string]string{
		"/image-store": "1ab3b836a88342e1bbc1b1a17d092f0f", "/image-store/1ab3b836a88342e1bbc1b1a17d092f0f": "1ab3b836a88342e1bbc1b1a17d092f0f",
		"/ceph": "435e61f882cf431bb4ae48246489a988", "/ceph?q=poolName%3Dbak-t-9f3c": "435e61f882cf431bb4ae48246489a988",
		"/sftp": "9656aa7cc6fb46ebab65aedc12a4728c", "/sftp/1ab3b836a88342e1bbc1b1a17d092f0f": "", "/aliyun/ebs": "",
		"/9656aa7cc6fb46ebab65aedc12a4728c?limit=x&q=x": "9656aa7cc6fb46ebab65aedc12a4728c",
	} {
		got := decode(t, get(t, server, path)).Inventories
		if len(got) > 1 || (len(got) == 1) != (want != "") || want != "" && got[0].UUID != want {
			t.Errorf("%s returns %v, want %q", path, got, want)
		}
	}
}

func TestFieldsReturnObjectsOfTheQueriedClass(t *testing.T) {
	t.Parallel()
	server := newNode().Serve(t)
	for query, want := range map[string]string{
		"?fields=name,uuid&q=name%3Dsftp": `{"schema":{"inventories[0]":"org.zstack.header.storage.backup.BackupStorageInventory"},` +
			`"inventories":[{"uuid":"9656aa7cc6fb46ebab65aedc12a4728c","name":"sftp"}]}`,
		"?fields=uuid,hostname&q=type%3DSftpBackupStorage": `{"schema":{"inventories[0]":"org.zstack.storage.backup.sftp.SftpBackupStorageInventory"},` +
			`"inventories":[{"hostname":"172.20.1.116","uuid":"9656aa7cc6fb46ebab65aedc12a4728c"}]}`,
		"?fields=poolName&q=type%3DCeph": `{"schema":{"inventories[0]":"org.zstack.storage.ceph.backup.CephBackupStorageInventory"},` +
			`"inventories":[{"mons":[],"poolName":"bak-t-9f3c"}]}`,
	} {
		if diff := cmp.Diff(want, get(t, server, query).body); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
}

func TestDELETEDeletesTheStorage(t *testing.T) {
	t.Parallel()
	server := newNode().Serve(t)
	const path = "/9656aa7cc6fb46ebab65aedc12a4728c"
	got := send(t, "DELETE", server+"/zstack/v1/backup-storage"+path, map[string][]string{"Authorization": {"OAuth " + knownSession}}, "")
	if got.status != 202 {
		t.Errorf("status %d, want 202", got.status)
	}
	if left := decode(t, get(t, server, "")).Inventories; len(left) != 2 {
		t.Errorf("%d storages are left, want 2", len(left))
	}
}

func TestTooManyConditionsExhaustTheStack(t *testing.T) {
	t.Parallel()
	server := newNode().Serve(t)
	conditions := make([]string, 200)
	for i := range conditions {
		conditions[i] = fmt.Sprintf("name!=%d", i)
	}
	if got := get(t, server, where(conditions[1:]...)); got.status != 200 {
		t.Errorf("199 conditions: %d %s", got.status, got.body)
	}
	got := get(t, server, where(conditions...))
	if want := `{"error":{"code":"SYS.1000","description":"An internal error happened in system"}}`; got.body != want {
		t.Errorf("200 conditions: %d %s, want %s", got.status, got.body, want)
	}
}

func TestTheFirstFaultInTheOrderOfTheChecksIsReported(t *testing.T) {
	t.Parallel()
	server := newNode().Serve(t)
	faults := []struct{ parameter, details string }{
		{"filterName=x:y", "QueryBelongFilter"},
		{"q=a+b%3Dc", "no viable alternative"},
		{"fields=nofield", "has no field[nofield]"},
		{"q=foo%3Dbar", "not having field[foo]"},
		{"sort=nosort", "[BackupStorageInventory]"},
		{"limit=-1", "max-results cannot be negative"},
		{"q=name%3D%F0%9F%98%80", "could not extract ResultSet"},
	}
	for i, first := range faults {
		for _, second := range faults[i:] {
			got := get(t, server, "?"+second.parameter+"&"+first.parameter)
			if !strings.Contains(got.body, first.details) {
				t.Errorf("%s and %s: %s, want %s", first.parameter, second.parameter, got.body, first.details)
			}
		}
	}
}
