// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/zstackio/terraform-provider-zstack/internal/tfcli"
)

// TestEveryInstallationOfTheGuideWorks installs a release archive in each of the places that the guide names. Nothing is downloaded.
func TestEveryInstallationOfTheGuideWorks(t *testing.T) {
	needEngine(t)
	archives := pack(t)
	guide := readFile(t, filepath.Join(templatesDir, "guides", "installing.md.tmpl"))
	configurations := fragment.FindAllStringSubmatch(guide, -1)
	if len(configurations) != 2 {
		t.Fatalf("the guide has %d CLI configurations", len(configurations))
	}
	fileShare, webServer := configurations[0][1], configurations[1][1]

	t.Run("for one user", func(t *testing.T) {
		cli := newInstalling(t)
		plugins := filepath.Join(cli.Home, ".terraform.d", "plugins")
		if runtime.GOOS == "windows" {
			plugins = filepath.Join(cli.Home, "terraform.d", "plugins")
		}
		cli.copyArchives(archives, plugins)
		cli.run("init")
	})

	t.Run("for one configuration", func(t *testing.T) {
		cli := newInstalling(t)
		cli.copyArchives(archives, filepath.Join(cli.Dir, "terraform.d", "plugins"))
		cli.run("init")
	})

	t.Run("on a file share", func(t *testing.T) {
		cli := newInstalling(t)
		share := filepath.ToSlash(t.TempDir())
		folder := cli.copyArchives(archives, share)
		cli.configure(fileShare, "/srv/terraform", share)
		cli.run("init")

		// The archive of another platform is enough for its checksum.
		archive, _, err := archiveIn(archives)
		if err != nil {
			t.Fatal(err)
		}
		other := "plan9_mips"
		cli.write(filepath.Join(folder, "terraform-provider-zstack_0.1.0_"+other+".zip"), readFile(t, archive)+"0")
		cli.run("providers", "lock", "-fs-mirror="+share, "-platform="+runtime.GOOS+"_"+runtime.GOARCH, "-platform="+other, Source)
		if lock := readFile(t, filepath.Join(cli.Dir, ".terraform.lock.hcl")); !strings.Contains(lock, Source) {
			t.Errorf("the lock file is\n%s", lock)
		}
		cli.run("init", "-lockfile=readonly")
	})

	if runtime.GOOS != "linux" {
		return // Elsewhere, Go does not read the trusted certificates from a file.
	}
	t.Run("on a web server", func(t *testing.T) {
		cli := newInstalling(t)
		mirror := t.TempDir()
		folder := cli.copyArchives(archives, mirror)
		index := exec.CommandContext(t.Context(), "sh", "-c", shellBlock(t, guide, "version=0.1.0"))
		index.Dir = folder
		if output, err := index.CombinedOutput(); err != nil {
			t.Fatalf("the script of the guide: %v\n%s", err, output)
		}
		server := httptest.NewTLSServer(http.FileServer(http.Dir(mirror)))
		t.Cleanup(server.Close)
		ca := filepath.Join(cli.Home, "ca.pem")
		cli.write(ca, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
		cli.Env = append(cli.Env, "SSL_CERT_FILE="+ca)
		cli.configure(webServer, "https://mirror.example.com/terraform", server.URL)
		cli.run("init")
	})
}

// shellBlock is the shell block of a page that begins with this line.
func shellBlock(t *testing.T, page, line string) string {
	t.Helper()
	block := regexp.MustCompile("(?s)```shell\n(" + regexp.QuoteMeta(line) + "\n.*?)```").FindStringSubmatch(page)
	if block == nil {
		t.Fatalf("no shell block begins with %q", line)
	}
	return block[1]
}

// installing is a folder with a configuration, and the home folder of a user who has nothing installed.
type installing struct {
	t *testing.T
	tfcli.CLI
}

func newInstalling(t *testing.T) *installing {
	t.Helper()
	i := &installing{t, tfcli.CLI{Engine: needEngine(t), Dir: t.TempDir(), Home: t.TempDir(), Env: tfcli.CleanEnvironment("TF_", "XDG_")}}
	i.write(filepath.Join(i.Dir, "main.tf"), requirement)
	return i
}

// copyArchives copies the archives into a mirror, and returns the provider's folder there.
func (i *installing) copyArchives(archives, mirror string) string {
	i.t.Helper()
	folder := filepath.Join(mirror, i.Engine.Registry(), filepath.FromSlash(Source))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		i.t.Fatal(err)
	}
	if err := os.CopyFS(folder, os.DirFS(archives)); err != nil {
		i.t.Fatal(err)
	}
	return folder
}

// configure writes the CLI configuration file of the guide, with another location of the mirror.
func (i *installing) configure(configuration, place, mirror string) {
	i.t.Helper()
	if !strings.Contains(configuration, place) {
		i.t.Fatalf("the guide's CLI configuration does not name %s:\n%s", place, configuration)
	}
	i.Config = filepath.Join(i.Home, "terraformrc")
	i.write(i.Config, strings.ReplaceAll(configuration, place, mirror))
}

func (i *installing) write(file, content string) {
	i.t.Helper()
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		i.t.Fatal(err)
	}
}

func (i *installing) run(args ...string) {
	i.t.Helper()
	if output, err := i.Run(i.t.Context(), args...); err != nil {
		i.t.Fatal(fmt.Errorf("%w\n%s", err, output))
	}
}
