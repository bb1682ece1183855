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

func TestNotFoundSaysWhatWasLookedFor(t *testing.T) {
	l := outcome(t, nil, selectors{Name: new(`it's "it"`), Type: new("Ceph")})
	expectDiagnostic(t, notFound(l), "Backup Storage Not Found", `
No backup storage visible to this account matches name = "it's \"it\"" and type = "Ceph".
The data source zstack_backup_storages lists all that are visible if it is used without arguments.`)
}

func TestNotFoundShowsANameThatDiffersOnlyInCase(t *testing.T) {
	l := outcome(t, []zstack.BackupStorage{storageNamed("1", "image-store"), storageNamed("2", "image-störe")}, selectors{Name: new("Image-Store")})
	expectDiagnostic(t, notFound(l), "Backup Storage Not Found", `
No backup storage visible to this account matches name = "Image-Store".
The name is compared exactly; this one differs only in case or surrounding whitespace: "image-store" (11111111111111111111111111111111).`)
}

func TestNotFoundShowsAllNamesThatComeClose(t *testing.T) {
	l := outcome(t, []zstack.BackupStorage{storageNamed("1", "store "), storageNamed("2", "STORE"), storageNamed("3", "Store")}, selectors{Name: new("store")})
	expectDiagnostic(t, notFound(l), "Backup Storage Not Found", `
No backup storage visible to this account matches name = "store".
The name is compared exactly; these differ only in case or surrounding whitespace:
  11111111111111111111111111111111 "store " ImageStoreBackupStorage Connected
  22222222222222222222222222222222 "STORE" ImageStoreBackupStorage Connected
  33333333333333333333333333333333 "Store" ImageStoreBackupStorage Connected`)
}

func TestANearMissMustMeetTheOtherConditions(t *testing.T) {
	l := outcome(t, []zstack.BackupStorage{storageNamed("1", "store")}, selectors{Name: new("Store"), Type: new("Ceph")})
	if near := l.nearMisses(); len(near) > 0 {
		t.Errorf("got %v", near)
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
Name one by uuid, narrow the search with name or filter, or use zstack_backup_storages.`)
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
Name one by uuid, narrow the search with name or filter, or use zstack_backup_storages.`)
}

func TestCandidatesShowPrintableTextOnly(t *testing.T) {
	hostile := zstack.BackupStorage{UUID: new("1"), Name: new(strings.Repeat("x", 1000)), Type: new("a\x1b[31mb\nc"), Status: new("ok")}
	got := candidates([]zstack.BackupStorage{hostile})
	if strings.ContainsAny(got, "\n\x1b") || len(got) > 2+maxLine+len("…") {
		t.Errorf("got %q", got)
	}
}
