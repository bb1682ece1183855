// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// FuzzPushDown tests that pushing a condition down never changes the result: for
// any inventory, condition and values, what the server selects and the provider
// checks again is what the provider alone selects from the whole list.
func FuzzPushDown(f *testing.F) {
	names := []string{
		"image-store", "it's", `quote"d`, "a,b", "100%", "under_score", "a!=b", "a>=b", "a?=b", "a~=b", "==x", " lead", "trail ",
		"two  spaces", `back\slash`, "a+b&c#d;e", "镜像服务器", "ünïcödé", "🗄", "ß", "null", "x is null", "<5", "a b=c", `\`, `%\_`, "\t",
	}
	operator := func(o string) uint8 { return uint8(slices.Index(fuzzedOperators, o)) }
	attribute := func(name string) uint8 {
		return uint8(slices.IndexFunc(attributes, func(a storageAttribute) bool { return a.Name == name }))
	}
	for _, name := range names {
		for _, o := range []string{"=", "!=", likeOperator} {
			f.Add("image-store|sftp", attribute("name"), operator(o), name)
		}
		f.Add(name, attribute("description"), operator("="), name+"|other")
		f.Add(name, attribute("type"), operator("="), name)
	}
	for _, number := range []string{"0", "-1", "+7", "007", "9223372036854775807", "-9223372036854775808"} {
		for _, o := range operators {
			f.Add("1|2", attribute("total_capacity"), operator(o), number)
		}
		f.Add("1|2", attribute("ssh_port"), operator("<="), number)
	}
	for _, fraction := range []string{"1.5", "-0.5", "2.0", "0.000", "9223372036854775806.5"} {
		for o := range orderings {
			f.Add("1|2|-1|9223372036854775807", attribute("total_capacity"), operator(o), fraction)
			f.Add("1|2|-1", attribute("ssh_port"), operator(o), fraction)
		}
	}
	for _, a := range attributes {
		f.Add("x|y", attribute(a.Name), operator("="), "1|22")
		f.Add("x|y", attribute(a.Name), operator("!="), "1")
	}
	for _, uuid := range []string{"00000000000000000000000000000001", "0000000000000000000000000000000A", "00000000000000000000000000000001 "} {
		f.Add("x", attribute("uuid"), operator("="), uuid)
	}
	f.Add("x", attribute("attached_zone_uuids"), operator("="), zstacktest.ZoneOne)

	node := zstacktest.NewNode()
	client := newClient(f, node)

	f.Fuzz(func(t *testing.T, inventory string, attributeIndex, operatorIndex uint8, value string) {
		inventory, value = strings.ToValidUTF8(inventory, "?"), strings.ToValidUTF8(value, "?") // As all strings of Terraform are.
		a := attributes[int(attributeIndex)%len(attributes)]
		o := fuzzedOperators[int(operatorIndex)%len(fuzzedOperators)]
		values := strings.Split(value, "|")
		if o == likeOperator {
			a = attributes[attribute("name")]
		}
		if _, ordering := orderings[o]; ordering && !slices.Contains(numeric, a.kind) || o != "=" && o != "!=" {
			values = values[:1]
		}
		if slices.Contains(values, "") || !slices.Contains(filterable, a.kind) {
			return // The schema rejects it.
		}
		c, err := ParseCondition(a.Name, o, values...)
		if err != nil {
			return // The schema rejects it.
		}
		node.SetBackupStorages(storagesAround(slices.Concat(strings.Split(inventory, "|"), values))...)

		selected, err := client.ListBackupStorages(t.Context(), []zstack.Condition{c.ClientCondition()})
		if err != nil {
			t.Fatalf("%s: %v", c, err)
		}
		all, err := client.ListBackupStorages(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		got, want := uuids(matching(selected, []Condition{c})), uuids(matching(all, []Condition{c}))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: without (-) and with (+) push-down:\n%s", c, diff)
		}
	})
}

var fuzzedOperators = append(slices.Clone(operators), likeOperator)

// storagesAround returns storages whose columns contain the values and similar
// ones, and one storage whose columns are null where they can be.
func storagesAround(values []string) []zstacktest.BackupStorage {
	storages := []zstacktest.BackupStorage{{UUID: "null", State: "Enabled", Status: "Connected"}}
	texts, numbers := []string{}, []int64{0, math.MaxInt64}
	for _, v := range values {
		texts = append(texts, v, strings.ToUpper(v), strings.ToLower(v), v+" ", " "+v, v+"x", strings.TrimLeft(v, "="),
			strings.NewReplacer("e", "é", "ü", "u").Replace(v), strings.NewReplacer("_", "z", "%", "any run").Replace(v),
			strings.NewReplacer(`\%`, "%", `\_`, "_", `\\`, `\`).Replace(v))
		if number, err := strconv.ParseInt(v, 10, 64); err == nil {
			numbers = append(numbers, number, max(number, 1-math.MaxInt64)-1, min(number, math.MaxInt64-1)+1)
		}
	}
	for i, text := range texts {
		number := numbers[i%len(numbers)]
		storages = append(storages, zstacktest.BackupStorage{
			UUID: fmt.Sprintf("%032x", i), Name: new(text), Description: new(text), URL: text, State: text, Status: text,
			TotalCapacity: number, AvailableCapacity: -number / 2,
			CreateDate: time.Date(2020, 1, 1+i, 0, 0, 0, 0, time.UTC), AttachedZoneUUIDs: []string{text, "other"},
			Subtype: subtypeAround(i, text, number),
		})
	}
	return storages
}

func subtypeAround(i int, text string, number int64) zstacktest.Subtype {
	switch i % 3 {
	case 0:
		return zstacktest.ImageStore{Hostname: text, Username: text, SSHPort: number}
	case 1:
		return zstacktest.Ceph{FSID: new(text), PoolName: text, PoolUsedCapacity: new(number), PoolDiskUtilization: new(float32(number))}
	default:
		return zstacktest.Other{Type: text, Class: "org.zstack.Other"}
	}
}

func uuids(storages []zstack.BackupStorage) []string {
	var found []string
	for _, s := range storages {
		found = append(found, *s.UUID)
	}
	return found
}
