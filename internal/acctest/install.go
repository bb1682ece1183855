// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/zstackio/terraform-provider-zstack/internal/tfcli"
)

// envArchives names a folder with the archives of a release. If it is set, the
// tests install the provider from there, as users do, instead of building it.
const envArchives = "ACCTEST_ARCHIVES"

// Version is a version that every configuration of this project accepts. The
// tests install the provider as this version: a snapshot of a checkout without
// tags is 0.0.1-snapshot, which no configuration accepts.
const Version = "0.1.0"

func isReleased() bool { return os.Getenv(envArchives) != "" }

// installation is a CLI configuration with which Terraform finds the provider
// under each source address.
func installation(t *testing.T, sources ...string) string {
	t.Helper()
	if isReleased() {
		archive, _, err := archiveIn(os.Getenv(envArchives))
		if err != nil {
			t.Fatal(err)
		}
		return tfcli.FilesystemMirror(mirror(t, archive, Version, sources...))
	}
	folders := map[string]string{}
	for _, source := range sources {
		folders[source] = filepath.Dir(Binary(t))
	}
	return tfcli.DevOverrides(folders)
}

// archiveIn returns the archive for this system in a folder, and its version.
func archiveIn(folder string) (archive, version string, err error) {
	suffix := "_" + runtime.GOOS + "_" + runtime.GOARCH + ".zip"
	found, err := filepath.Glob(filepath.Join(folder, "*"+suffix))
	if err != nil {
		return "", "", err
	}
	if len(found) != 1 {
		return "", "", fmt.Errorf("%s has %d archives for this system", folder, len(found))
	}
	_, version, _ = strings.Cut(strings.TrimSuffix(filepath.Base(found[0]), suffix), "_")
	return found[0], version, nil
}

// mirror creates a filesystem mirror that has the archive as this version of
// each source address, and returns its folder.
func mirror(t *testing.T, archive, version string, sources ...string) string {
	t.Helper()
	content, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for _, source := range sources {
		if strings.Count(source, "/") == 1 {
			source = path.Join(needEngine(t).Registry(), source)
		}
		source = strings.ToLower(source) // Terraform writes every address in lower case.
		place := filepath.Join(folder, filepath.FromSlash(source))
		name := fmt.Sprintf("terraform-provider-%s_%s_%s_%s.zip", path.Base(source), version, runtime.GOOS, runtime.GOARCH)
		if err := os.MkdirAll(place, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(place, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// Binary returns the path of the provider's binary, which is built, or extracted
// from the release, once for all tests of a package.
func Binary(t *testing.T) string {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

var binary = sync.OnceValues(func() (string, error) {
	path := filepath.Join(scratch, "provider", "terraform-provider-zstack")
	if runtime.GOOS == "windows" {
		path += ".exe"
	}
	if isReleased() {
		return path, unpack(os.Getenv(envArchives), path)
	}
	return path, tfcli.Build(context.Background(), path, "github.com/zstackio/terraform-provider-zstack")
})

// unpack extracts the binary from the archive for this system.
func unpack(folder, binary string) error {
	archive, _, err := archiveIn(folder)
	if err != nil {
		return err
	}
	content, err := os.ReadFile(archive)
	if err != nil {
		return err
	}
	for _, file := range archived(content) {
		if !strings.HasPrefix(file.Name, "terraform-provider-") {
			continue
		}
		if content, err = readZipped(file); err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(binary), 0o700); err != nil {
			return err
		}
		return os.WriteFile(binary, content, 0o700)
	}
	return fmt.Errorf("%s contains no provider", archive)
}
