// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// The folders of the examples, relative to this package.
const (
	examplesDir  = "../../examples"
	templatesDir = "../../templates"
	readmes      = "../../README*.md"
)

func TestEveryExampleIsFormattedValidAndPlanned(t *testing.T) {
	tested := 0
	err := filepath.WalkDir(examplesDir, func(folder string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if files, err := filepath.Glob(filepath.Join(folder, "*.tf")); err != nil || len(files) == 0 {
			return err
		}
		tested++
		t.Run(filepath.ToSlash(strings.TrimPrefix(folder, examplesDir+string(filepath.Separator))), func(t *testing.T) { expectPlan(t, os.DirFS(folder)) })
		return nil
	})
	if err != nil || tested == 0 {
		t.Errorf("%d examples, error %v", tested, err)
	}
}

// completeBlock is a block of a page that is a whole configuration.
var completeBlock = regexp.MustCompile("(?s)```terraform\n(.*?)```")

// fragment is a block of a page that is only a part of a configuration.
var fragment = regexp.MustCompile("(?s)```hcl\n(.*?)```")

func TestEveryFragmentOfThePagesIsFormatted(t *testing.T) {
	cli := Start(t).CLI(t, "")
	blocks := 0
	for _, page := range pages(t) {
		for _, block := range fragment.FindAllStringSubmatch(readFile(t, page), -1) {
			blocks++
			cli.write(fmt.Sprintf("%d.tf", blocks), block[1])
		}
	}
	cli.Run("fmt", "-check", "-diff")
	if blocks == 0 {
		t.Error("no block was found")
	}
}

// pages are the pages that users read, as they are written.
func pages(t *testing.T) []string {
	t.Helper()
	var pages []string
	for _, pattern := range []string{readmes, filepath.Join(templatesDir, "*.md.tmpl"), filepath.Join(templatesDir, "*", "*.md.tmpl")} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%d pages, error %v", len(found), err)
		}
		pages = append(pages, found...)
	}
	return pages
}

func TestEveryCompleteBlockOfThePagesIsFormattedValidAndPlanned(t *testing.T) {
	for _, page := range pages(t) {
		for i, block := range completeBlock.FindAllStringSubmatch(readFile(t, page), -1) {
			name, _, _ := strings.Cut(filepath.Base(page), ".")
			t.Run(name+" "+strconv.Itoa(i+1), func(t *testing.T) {
				expectPlan(t, fstest.MapFS{"main.tf": {Data: []byte(block[1])}})
			})
		}
	}
}

var (
	endpointArgument = regexp.MustCompile(`(?m)^( *)(?:endpoint|host)( *)= ".*"$`)
	portArgument     = regexp.MustCompile(`(?m)^ *port *= .*\n`)
	exactVersion     = regexp.MustCompile(`(?m)^( *version *= )"\d.*"$`)
)

// expectPlan plans a configuration against a node with all accounts of the
// examples, instead of the node in the configuration. This provider takes the
// place of the vendor's, which is required in an exact version.
func expectPlan(t *testing.T, configuration fs.FS) {
	t.Helper()
	cloud := startForExamples(t)
	cli := cloud.CLI(t, "", Source, "ZStack-Robot/zstack")
	cli.copy(configuration, "*.tf", unchanged)
	cli.Run("fmt", "-check", "-diff", "-recursive")

	cli.completeConfiguration(configuration)
	cli.write("corporate-ca.pem", zstacktest.NewCA().PEM())
	cli.copy(configuration, "*.tf", func(text string) string {
		text = exactVersion.ReplaceAllString(portArgument.ReplaceAllString(text, ""), "${1}\""+Version+"\"")
		return endpointArgument.ReplaceAllString(text, "${1}endpoint${2}= \""+cloud.URL+"\"")
	})
	cli.Run("get")
	for _, command := range []string{"validate", "plan"} {
		for _, d := range cli.Diagnostics(command) {
			if d.Summary == "Check block assertion failed" {
				continue // The example shows a check that fails.
			}
			t.Errorf("%s: %s: %s: %s", command, d.Severity, d.Summary, d.Detail)
		}
	}
}

// requirement is the part of a configuration that requires the provider. Examples that show a data source leave it out.
const requirement = `terraform {
  required_providers {
    zstack = {
      source  = "` + Source + `"
      version = "~> 0.1"
    }
  }
}
`

// completeConfiguration adds the requirement to a configuration without one.
func (c *CLI) completeConfiguration(configuration fs.FS) {
	c.t.Helper()
	files, err := fs.Glob(configuration, "*.tf")
	if err != nil {
		c.t.Fatal(err)
	}
	for _, file := range files {
		content, err := fs.ReadFile(configuration, file)
		if err != nil {
			c.t.Fatal(err)
		}
		if strings.Contains(string(content), "required_providers") {
			return
		}
	}
	c.write("versions.tf", requirement)
}

// TestEveryRequirementAcceptsTheFirstRelease checks that terraform init can install the provider for each configuration that
// requires it. A version with a pre-release suffix would not be found.
func TestEveryRequirementAcceptsTheFirstRelease(t *testing.T) {
	source := regexp.MustCompile(`source +=[ ]"` + Source + `"\n(.*)\n`)
	version := regexp.MustCompile(`^ *version = "~> 0\.1"$`)
	files := pages(t)
	err := filepath.WalkDir(examplesDir, func(file string, entry fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(file) == ".tf" {
			files = append(files, file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		for _, match := range source.FindAllStringSubmatch(readFile(t, file), -1) {
			if !version.MatchString(match[1]) {
				t.Errorf("%s: the line after the source is %q", file, match[1])
			}
		}
	}
}

// startForExamples starts a node with all accounts, users, virtual IDs and
// access keys of the examples, and puts their secrets into the environment.
func startForExamples(t *testing.T) *Cloud {
	t.Helper()
	cloud := Start(t)
	cloud.SetBackupStorages(zstacktest.Inventory()...)
	cloud.SetZones(zstacktest.Zones()...)
	cloud.AddAccount("terraform", zstacktest.DefaultPassword)
	cloud.AddUser("terraform", "reader", zstacktest.DefaultPassword)
	cloud.AddVirtualID("alice", "alice-password", "web")
	cloud.AddAccessKey("zcYVTsjNwZbV1qS5ZqgQ", "access-key-secret")
	t.Setenv("ZSTACK_VIRTUAL_ID_PASSWORD", "alice-password")
	t.Setenv("ZSTACK_ACCESS_KEY_SECRET", "access-key-secret")
	return cloud
}

// copy writes the files whose names match a pattern, from a folder and below it
// into that of c, each as edit changes it.
func (c *CLI) copy(folder fs.FS, pattern string, edit func(text string) string) {
	c.t.Helper()
	err := fs.WalkDir(folder, ".", func(file string, entry fs.DirEntry, err error) error {
		if matches, _ := path.Match(pattern, path.Base(file)); err != nil || entry.IsDir() || !matches {
			return err
		}
		content, err := fs.ReadFile(folder, file)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Join(c.Dir, path.Dir(file)), 0o700); err != nil {
			return err
		}
		c.write(file, edit(string(content)))
		return nil
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

func unchanged(text string) string { return text }

func TestTheExampleOfATestedModulePassesItsTests(t *testing.T) {
	expectPassingTests(t, os.DirFS(filepath.Join(examplesDir, "testing")))
}

func TestTheModulesOfTheGuideToTestingPassTheirTests(t *testing.T) {
	guide := readFile(t, filepath.Join(templatesDir, "guides", "testing-modules.md.tmpl"))
	complete, fragments := completeBlock.FindAllStringSubmatch(guide, -1), fragment.FindAllStringSubmatch(guide, -1)
	if len(complete) != 2 || len(fragments) != 3 {
		t.Fatalf("the guide has %d and %d blocks", len(complete), len(fragments))
	}
	for name, module := range map[string]map[string]string{
		"one storage": {"main.tf": complete[0][1], "tests/lookup.tftest.hcl": fragments[0][1]},
		"a list":      {"lookup/main.tf": complete[1][1], "main.tf": fragments[1][1], "tests/list.tftest.hcl": fragments[2][1]},
	} {
		folder := fstest.MapFS{}
		for file, block := range module {
			folder[file] = &fstest.MapFile{Data: []byte(block)}
		}
		t.Run(name, func(t *testing.T) { expectPassingTests(t, folder) })
	}
}

// expectPassingTests runs the tests of a module, which must send no request.
func expectPassingTests(t *testing.T, module fs.FS) {
	t.Helper()
	cloud := Start(t)
	cli := cloud.CLI(t, "", Source)
	if !cli.hasMocks() {
		t.Skip("mock_provider needs Terraform 1.7 or OpenTofu 1.8")
	}
	cli.copy(module, "*", unchanged)
	cli.completeConfiguration(module)
	cli.Run("fmt", "-check", "-diff", "-recursive")
	cli.Run("get")
	if output := cli.Run("test"); !strings.Contains(output, " passed, 0 failed.") {
		t.Errorf("the tests printed\n%s", output)
	}
	if n := len(cloud.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}

// hasMocks reports whether the engine's tests can mock a provider.
func (c *CLI) hasMocks() bool {
	if c.cli.Engine.IsOpenTofu {
		return c.cli.Engine.IsAtLeast(1, 8)
	}
	return c.cli.Engine.IsAtLeast(1, 7)
}
