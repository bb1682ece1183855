// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

func TestAConditionIsEncodedAsTheServerParsesIt(t *testing.T) {
	for _, test := range []struct {
		field, operator string
		values          []string
		want            string
	}{
		{"name", "=", []string{"image-store"}, "name=image-store"},
		{"name", "=", []string{"a=b"}, "name=a=b"},
		{"name", "=", []string{"a<b>c"}, "name=a<b>c"},
		{"name", "=", []string{" lead and trail "}, "name= lead and trail "},
		{"name", "=", []string{"is null"}, "name=is null"},
		{"name", "=", []string{"a+b&c#d;e%s"}, "name=a+b&c#d;e%s"},
		{"name", "=", []string{"镜像服务器"}, "name=镜像服务器"},
		{"name", "=", []string{"a", "b"}, "name?=a,b"},
		{"attachedZoneUuids", "=", []string{"a", "b"}, "attachedZoneUuids?=a,b"},
		{"type", "=", []string{"Ceph"}, "type=Ceph"},
		{"name", "~=", []string{"image%_"}, "name~=image%_"},
		{"totalCapacity", "=", []string{"0"}, "totalCapacity=0"},
		{"totalCapacity", "<", []string{"-1"}, "totalCapacity<-1"},
		{"totalCapacity", "<=", []string{"1"}, "totalCapacity<=1"},
		{"availableCapacity", ">", []string{"9223372036854775807"}, "availableCapacity>9223372036854775807"},
		{"availableCapacity", ">=", []string{"1"}, "availableCapacity>=1"},
	} {
		got, ok := Condition{test.field, test.operator, test.values}.Encode()
		if !ok || got != test.want {
			t.Errorf("%s %s %q is encoded as %q, %t, want %q", test.field, test.operator, test.values, got, ok, test.want)
		}
	}
}

func TestAConditionTheServerMightMisreadIsNotSent(t *testing.T) {
	refused := []Condition{
		{"name", "=", nil},
		{"name", "!=", []string{"a"}},
		{"name", "~=", []string{"a", "b"}},
		{"name", "like", []string{"a"}},
		{"totalCapacity", "<", []string{"1", "2"}},
		{"totalCapacity", "<", []string{"5>3"}},
		{"totalCapacity", ">", []string{"1=2"}},
		{"totalCapacity", ">", []string{"1e3"}},
		{"name", "<", []string{"a"}},
		{"name", "=", []string{"a", ""}},
		{"hostname", "=", []string{"a"}},
		{"createDate", ">", []string{"2019-01-01"}},
		{"sshPassword", "=", []string{"a"}},
		{"zone.name", "=", []string{"a"}},
		{"Name", "=", []string{"a"}},
	}
	for _, value := range []string{
		"", "=x", "a!=b", "a>=b", "a<=b", "a!?=b", "a!~=b", "a~=b", "a?=b", "it's", `say "hi"`, "a,b", `a\b`, "a\nb", "a\x00b", "a\u0085b",
		"smile 😀", "\xff", "\ufffd",
	} {
		refused = append(refused, Condition{"name", "=", []string{value}}, Condition{"name", "=", []string{"a", value}},
			Condition{"name", "~=", []string{value}})
	}
	for _, condition := range refused {
		if q, ok := condition.Encode(); ok {
			t.Errorf("%+q is encoded as %q, want none", condition, q)
		}
	}
}

func TestZonesAreQueriedByTheirOwnFields(t *testing.T) {
	for field, want := range map[string]bool{"uuid": true, "name": true, "type": true, "url": false, "totalCapacity": false, "attachedZoneUuids": false, "isDefault": false} {
		if q, ok := (Condition{field, "=", []string{"1"}}).encode(zoneFields); ok != want {
			t.Errorf("%s is encoded as %q, %t, want %t", field, q, ok, want)
		}
	}
}

func TestTheQueryStringStaysShort(t *testing.T) {
	long := strings.Repeat("ü", 600) // 3600 bytes, once it is escaped
	query := url.Values{"sort": {"uuid"}}
	addConditions(query, []Condition{
		{"name", "=", []string{"it's"}},
		{"type", "=", []string{"Ceph"}},
		{"name", "=", []string{long}},
		{"description", "=", []string{long}},
	}, backupStorageFields)
	want := []string{"type=Ceph", "name=" + long}
	if diff := cmp.Diff(want, query["q"]); diff != "" {
		t.Errorf("the conditions sent (-want +got):\n%s", diff)
	}
	addConditions(query, slices.Repeat([]Condition{{"name", "=", []string{"a"}}}, 1000), backupStorageFields)
	if length := len(query.Encode()); length > maxQueryBytes || length < maxQueryBytes-len("&q=name%3Da") {
		t.Errorf("the query string has %d bytes, want %d at most", length, maxQueryBytes)
	}
}

// FuzzEncode sends conditions to the fake: it must understand each, and return
// every row that meets it exactly.
func FuzzEncode(f *testing.F) {
	names := slices.Concat(backupStorageFields.texts, backupStorageFields.numbers)
	for _, seed := range []string{
		"image-store", "it's", `quote"d`, "a,b", "100%", "under_score", "a!=b", "a>=b", "a?=b", "a~=b", "==x", " lead", "trail ", "two  spaces",
		`back\slash`, "a+b&c#d;e", "镜像服务器", "ünïcödé", "😀", "is null", "not null", "a=b=", "<", ">", "5>3", "0", "-9223372036854775808", "%s", "",
	} {
		for field := range names {
			f.Add(uint8(field), uint8(field), seed, "other", int64(len(seed)))
		}
	}
	f.Fuzz(func(t *testing.T, fieldIndex, operatorIndex uint8, value, second string, capacity int64) {
		operators := []string{"=", "<", "<=", ">", ">=", "~=", "!="}
		condition := Condition{
			Field:    names[int(fieldIndex)%len(names)],
			Operator: operators[int(operatorIndex)%len(operators)],
			Values:   []string{value},
		}
		if condition.Operator == "=" && operatorIndex >= 128 {
			condition.Values = append(condition.Values, second)
		}
		q, ok := condition.Encode()
		if !ok {
			return
		}

		rows := rowsAround(value, capacity)
		node := zstacktest.NewNode()
		node.SetBackupStorages(rows...)
		found := rowsOfNode(t, node, q)
		for _, row := range rows {
			if meetsExactly(condition, row) && !slices.Contains(found, row.UUID) {
				t.Errorf("%q leaves out %+v", q, row)
			}
		}
	})
}

// rowsAround returns rows whose columns contain value, and some that nearly do.
func rowsAround(value string, capacity int64) []zstacktest.BackupStorage {
	var rows []zstacktest.BackupStorage
	for i, text := range []string{value, strings.ToUpper(value), value + " ", "x" + value, "other"} {
		rows = append(rows, zstacktest.BackupStorage{
			UUID: fmt.Sprintf("%032x", i), Name: new(text), Description: new(text), URL: text, State: text, Status: text,
			TotalCapacity: capacity + int64(i), AvailableCapacity: capacity - int64(i), AttachedZoneUUIDs: []string{text, "another"},
			Subtype: zstacktest.Other{Type: text},
		})
	}
	return append(rows, zstacktest.BackupStorage{UUID: value})
}

// rowsOfNode returns the uuids of the rows that node sends for q.
func rowsOfNode(t *testing.T, node *zstacktest.Node, q string) []string {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet,
		"http://zstack/zstack/v1/backup-storage?"+url.Values{"q": {q}}.Encode(), nil)
	request.Header.Set("Authorization", "OAuth "+node.AddSession())
	recorder := httptest.NewRecorder()
	node.ServeHTTP(recorder, request)
	if recorder.Code != http.StatusOK {
		t.Fatalf("the response to %q is %d %s", q, recorder.Code, recorder.Body)
	}
	var uuids []string
	for _, row := range mustDecode(t, recorder.Body.Bytes()) {
		uuids = append(uuids, *row.UUID)
	}
	return uuids
}

// meetsExactly reports whether row meets condition as the user understands it.
func meetsExactly(condition Condition, row zstacktest.BackupStorage) bool {
	switch condition.Field {
	case "totalCapacity":
		return compareExactly(condition, row.TotalCapacity)
	case "availableCapacity":
		return compareExactly(condition, row.AvailableCapacity)
	case "attachedZoneUuids":
		return condition.Operator == "=" && slices.ContainsFunc(row.AttachedZoneUUIDs, func(zone string) bool {
			return slices.Contains(condition.Values, zone)
		})
	}
	text := map[string]*string{
		"uuid": &row.UUID, "name": row.Name, "description": row.Description, "url": &row.URL, "state": &row.State, "status": &row.Status,
		"type": typeOf(row),
	}[condition.Field]
	switch {
	case text == nil:
		return false
	case condition.Operator == "~=":
		return matchesPattern(*text, condition.Values[0])
	}
	return condition.Operator == "=" && slices.Contains(condition.Values, *text)
}

func typeOf(row zstacktest.BackupStorage) *string {
	if other, ok := row.Subtype.(zstacktest.Other); ok {
		return &other.Type
	}
	return new("SimulatorBackupStorage")
}

func compareExactly(condition Condition, capacity int64) bool {
	value, err := strconv.ParseInt(condition.Values[0], 10, 64)
	if err != nil {
		return false
	}
	switch condition.Operator {
	case "=":
		return capacity == value || len(condition.Values) > 1 && strconv.FormatInt(capacity, 10) == condition.Values[1]
	case "<":
		return capacity < value
	case "<=":
		return capacity <= value
	case ">":
		return capacity > value
	case ">=":
		return capacity >= value
	}
	return false
}

// matchesPattern is SQL's LIKE, exact but for the case of ASCII letters.
func matchesPattern(text, pattern string) bool {
	var expression strings.Builder
	for _, r := range pattern {
		switch {
		case r == '%':
			expression.WriteString(".*")
		case r == '_':
			expression.WriteString(".")
		case 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z':
			expression.WriteString("[" + string(r) + string(r^0x20) + "]")
		default:
			expression.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	return regexp.MustCompile("^(?s:" + expression.String() + ")$").MatchString(text)
}
