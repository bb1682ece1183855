// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// storageNamed returns a storage whose UUID consists of one digit.
func storageNamed(digit, name string) zstack.BackupStorage {
	return zstack.BackupStorage{
		UUID: new(strings.Repeat(digit, 32)), Name: new(name), Type: new("ImageStoreBackupStorage"), Status: new("Connected"),
	}
}

func outcome(t *testing.T, response []zstack.BackupStorage, s selectors) lookup {
	t.Helper()
	conditions, err := s.conditions()
	if err != nil {
		t.Fatal(err)
	}
	return lookup{conditions, response, matching(response, conditions)}
}

func expectDiagnostic(t *testing.T, got diag.Diagnostic, summary, detail string) {
	t.Helper()
	want := diag.NewErrorDiagnostic(summary, strings.Trim(detail, "\n"))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the diagnostic differs (-want +got):\n%s", diff)
	}
}

func TestNotFoundShowsTheClosestStoragesFirst(t *testing.T) {
	disconnected := storageNamed("7", "image-store-2")
	disconnected.Status = new("Disconnected")
	elsewhere := storageNamed("5", "Image-Store")
	elsewhere.Status, elsewhere.AttachedZoneUUIDs = new("Disconnected"), []string{zone2}
	visible := []zstack.BackupStorage{
		storageNamed("9", "tape"),
		disconnected,
		storageNamed("1", "image-store"),
		storageNamed("2", " Image-Store"),
		storageNamed("3", "image-store "),
		elsewhere,
		{UUID: new("4")},
	}
	for i := range visible {
		if visible[i].AttachedZoneUUIDs == nil {
			visible[i].AttachedZoneUUIDs = []string{zone1}
		}
	}
	l := outcome(t, visible[2:4], selectors{Name: new("Image-Store")})
	status, _ := ParseCondition("status", "=", "Connected")
	zone, _ := ParseCondition("attached_zone_uuids", "=", zone1)
	l.conditions = append(l.conditions, status, zone)
	expectDiagnostic(t, notFound(l, visible), "Backup Storage Not Found", `
No backup storage visible to this account matches name = "Image-Store" and status = "Connected" and attached_zone_uuids = "11111111111111111111111111111111".
Visible to this account, closest first:
  22222222222222222222222222222222 " Image-Store" ImageStoreBackupStorage Connected     differs in whitespace
  11111111111111111111111111111111 "image-store" ImageStoreBackupStorage Connected      differs in case
  33333333333333333333333333333333 "image-store " ImageStoreBackupStorage Connected     differs in case and whitespace
  55555555555555555555555555555555 "Image-Store" ImageStoreBackupStorage Disconnected   differs in status, zone
  99999999999999999999999999999999 "tape" ImageStoreBackupStorage Connected             differs in name
  77777777777777777777777777777777 "image-store-2" ImageStoreBackupStorage Disconnected differs in name, status
  4 ""                                                                                  differs in name, status`)
}

func TestNotFoundShowsTenCandidatesAtMost(t *testing.T) {
	var visible []zstack.BackupStorage
	var lines string
	for i := range 12 {
		visible = append(visible, storageNamed(fmt.Sprintf("%x", i), "store"))
		if i < 10 {
			lines += fmt.Sprintf("  %s \"store\" ImageStoreBackupStorage Connected differs in case\n", strings.Repeat(fmt.Sprintf("%x", i), 32))
		}
	}
	expectDiagnostic(t, notFound(outcome(t, nil, selectors{Name: new("Store")}), visible), "Backup Storage Not Found", `
No backup storage visible to this account matches name = "Store".
Visible to this account, closest first:
`+lines+`The data source zstack_backup_storages lists all of them if it has no arguments.`)
}

func TestNotFoundWithoutCandidatesSaysWhy(t *testing.T) {
	l := outcome(t, nil, selectors{Name: new(`it's "it"`), Type: new("Ceph")})
	expectDiagnostic(t, notFound(l, nil), "Backup Storage Not Found", `
No backup storage visible to this account matches name = "it's \"it\"" and type = "Ceph".
The data source zstack_backup_storages lists all visible storages if it has no arguments.`)
	expectDiagnostic(t, notFound(l, []zstack.BackupStorage{}), "Backup Storage Not Found", `
No backup storage visible to this account matches name = "it's \"it\"" and type = "Ceph".
No backup storage at all is visible to this account.`)
}

func TestAMistypedUUIDIsRecognized(t *testing.T) {
	l := outcome(t, nil, selectors{UUID: new("1111111111111111111111111111111f")})
	got := closest([]zstack.BackupStorage{storageNamed("0", "a"), storageNamed("1", "b")}, l.conditions)
	if len(got) != 2 || got[0].uuid[0] != '1' {
		t.Errorf("got %v", got)
	}
}

func TestTheStorageWhoseUUIDIsGivenAsNameIsListedFirst(t *testing.T) {
	for _, name := range []string{zone2, "22222222-2222-2222-2222-222222222222"} {
		l := outcome(t, nil, selectors{Name: new(name)})
		got := closest([]zstack.BackupStorage{storageNamed("1", zone2[1:]), storageNamed("2", "image-store")}, l.conditions)
		if len(got) != 2 || got[0].uuid[0] != '2' {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func TestNamesThatBeginWithTheSelectedOneAreCloserThanOthers(t *testing.T) {
	l := outcome(t, nil, selectors{Name: new("image")})
	got := closest([]zstack.BackupStorage{storageNamed("1", "mage"), storageNamed("2", "Image-store-east"), storageNamed("3", "image-store")}, l.conditions)
	if len(got) != 3 || got[0].uuid[0] != '3' || got[1].uuid[0] != '2' {
		t.Errorf("got %v", got)
	}
}

func TestStoragesWithTheRightNameAreListedFirst(t *testing.T) {
	l := outcome(t, nil, selectors{Name: new("store"), Type: new("Ceph")})
	status, _ := ParseCondition("status", "=", "Disconnected")
	l.conditions = append(l.conditions, status)
	ceph := storageNamed("1", "other")
	ceph.Type = new("Ceph")
	got := closest([]zstack.BackupStorage{ceph, storageNamed("2", "store")}, l.conditions)
	if len(got) != 2 || got[0].uuid[0] != '2' {
		t.Errorf("got %v", got)
	}
}

func TestCombiningCharactersAreVisible(t *testing.T) {
	for value, want := range map[string]string{
		"Zürich":       `"Zürich"`,
		"Zu\u0308rich": `"Zu\u0308rich"`,
		"กำ":           `"กำ"`,
		"a\u200bb":     `"a\u200bb"`,
	} {
		if got := quote(value); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestSelectorsThatLookWrongAreExplainedIfNothingMatches(t *testing.T) {
	const wildcard = "In name_pattern, % is the wildcard for any sequence of characters, and _ for any single character; * and ^ are ordinary characters."
	const noPattern = "name is not a pattern: it is compared exactly. The argument for patterns is name_pattern of the data source zstack_backup_storages."
	for _, test := range []struct {
		attribute, operator, value string
		want                       []string
	}{
		{"name", likeOperator, "image*", []string{wildcard}},
		{"name", likeOperator, "^image", []string{wildcard}},
		{"name", likeOperator, "image%", nil},
		{"name", likeOperator, "*image_", nil},
		{"name", likeOperator, "image", nil},
		{"name", likeOperator, "image*\n", []string{wildcard, `The value "image*\n" ends with a line break, which must match too. Terraform's function chomp removes it.`}},
		{"name", "=", "image%", []string{noPattern}},
		{"name", "=", "image*", []string{noPattern}},
		{"name", "=", "image_store", nil},
		{"name", "=", zone1, []string{`The value "11111111111111111111111111111111" looks like a UUID. To select by UUID, use uuid instead of name.`}},
		{"name", "=", "{1AB3B836-A883-42E1-BBC1-B1A17D092F0F}", []string{
			`The value "{1AB3B836-A883-42E1-BBC1-B1A17D092F0F}" looks like a UUID. To select by UUID, use uuid instead of name.`,
		}},
		{"name", "!=", zone1, nil},
		{"uuid", "=", zone1, nil},
		{"description", "=", zone1, nil},
		{"name", "!=", "image%\n", nil},
		{"name", "=", "image\r\n", []string{`The value "image\r\n" ends with a line break, which must match too. Terraform's function chomp removes it.`}},
		{"hostname", "=", "10.0.0.1\n", []string{`The value "10.0.0.1\n" ends with a line break, which must match too. Terraform's function chomp removes it.`}},
		{"description", "=", "100%", nil},
		{"total_capacity", "=", "1", nil},
	} {
		c, err := ParseCondition(test.attribute, test.operator, test.value)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, hints([]Condition{c})); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", c, diff)
		}
	}
}

func TestAmbiguousShowsTheCandidates(t *testing.T) {
	l := outcome(t, []zstack.BackupStorage{storageNamed("1", "store"), storageNamed("2", "镜像\u202e\n服务器"), {UUID: new("3")}}, selectors{})
	l.conditions, _ = selectors{Type: new("ImageStoreBackupStorage")}.conditions()
	expectDiagnostic(t, ambiguous(l), "Several Backup Storages Match", `
3 backup storages match type = "ImageStoreBackupStorage", but this data source needs exactly one:
  11111111111111111111111111111111 "store" ImageStoreBackupStorage Connected
  22222222222222222222222222222222 "镜像\u202e\n服务器" ImageStoreBackupStorage Connected
  3 ""
Select one by uuid, narrow the search with name or filter, or use zstack_backup_storages.`)
}

func TestAmbiguousShowsTenCandidatesAtMost(t *testing.T) {
	var response []zstack.BackupStorage
	var lines string
	for i := range 12 {
		response = append(response, storageNamed(fmt.Sprintf("%x", i), "store"))
		if i < 10 {
			lines += fmt.Sprintf("  %s \"store\" ImageStoreBackupStorage Connected\n", strings.Repeat(fmt.Sprintf("%x", i), 32))
		}
	}
	l := outcome(t, response, selectors{Name: new("store")})
	expectDiagnostic(t, ambiguous(l), "Several Backup Storages Match", `
12 backup storages match name = "store", but this data source needs exactly one:
`+lines+`  … and 2 more
Select one by uuid, narrow the search with name or filter, or use zstack_backup_storages.`)
}

func TestCandidatesShowPrintableTextOnly(t *testing.T) {
	hostile := zstack.BackupStorage{UUID: new("1"), Name: new(strings.Repeat("x", 1000)), Type: new("a\x1b[31mb\nc"), Status: new("ok")}
	got := describeStorage(&hostile)
	if strings.ContainsAny(got, "\n\x1b") || len(got) > maxLine+len("…") {
		t.Errorf("got %q", got)
	}
}
