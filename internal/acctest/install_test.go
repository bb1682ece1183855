// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"archive/zip"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/zstackio/terraform-provider-zstack/internal/tfcli"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

func TestTheReleasedArchiveInstallsAndWorks(t *testing.T) {
	needEngine(t)
	cloud := Start(t)
	cloud.SetBackupStorages(zstacktest.Inventory()...)
	folder := os.Getenv(envArchives)
	if folder == "" {
		folder = pack(t)
	}
	archive, version, err := archiveIn(folder)
	if err != nil {
		t.Fatal(err)
	}
	cli := cloud.CLI(t, fmt.Sprintf(`
terraform {
  required_providers {
    zstack = {
      source  = %q
      version = %q
    }
  }
}

data "zstack_backup_storage" "images" {
  name = "image-store"
}

output "uuid" {
  value = data.zstack_backup_storage.images.uuid
}
`, Source, version))
	cli.write("terraformrc", tfcli.FilesystemMirror(mirror(t, archive, version, Source)))

	cli.Run("init")
	if lock := readFile(t, filepath.Join(cli.Dir, ".terraform.lock.hcl")); !strings.Contains(lock, needEngine(t).Registry()+"/"+Source) || !strings.Contains(lock, version) {
		t.Errorf("the lock file is\n%s", lock)
	}
	cli.Run("plan", "-out=tfplan")
	cli.Run("apply", "tfplan")
	if uuid, want := strings.TrimSpace(cli.Run("output", "-raw", "uuid")), zstacktest.Inventory()[0].UUID; uuid != want {
		t.Errorf("the uuid is %q, want %q", uuid, want)
	}
	cli.Run("init", "-lockfile=readonly")
	cli.Run("plan", "-detailed-exitcode") // it fails if there are changes
	if cloud.Logins() == 0 || cloud.Logins() != cloud.Logouts() {
		t.Errorf("%d logins, %d logouts", cloud.Logins(), cloud.Logouts())
	}
}

// pack packs the provider as a release does, and returns the folder of the
// archive.
func pack(t *testing.T) string {
	t.Helper()
	const name, version = "terraform-provider-zstack", Version
	suffix := ""
	if runtime.GOOS == "windows" {
		suffix = ".exe"
	}
	folder := t.TempDir()
	file, err := os.Create(filepath.Join(folder, fmt.Sprintf("%s_%s_%s_%s.zip", name, version, runtime.GOOS, runtime.GOARCH)))
	if err != nil {
		t.Fatal(err)
	}
	archive := zip.NewWriter(file)
	header := &zip.FileHeader{Name: name + "_v" + version + suffix, Method: zip.Deflate}
	header.SetMode(0o755)
	entry, err := archive.CreateHeader(header)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := entry.Write([]byte(readFile(t, Binary(t)))); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return folder
}
