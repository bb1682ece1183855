// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/zstackio/terraform-provider-zstack/internal/acctest"
	"github.com/zstackio/terraform-provider-zstack/internal/tfcli"
)

func TestMain(m *testing.M) { acctest.Main(m) }

var (
	configuration = regexp.MustCompile("(?s)```terraform\n(terraform {.*?)```")
	endpoint      = regexp.MustCompile(`(?m)^ *endpoint *= ".*"\n`)
	exported      = regexp.MustCompile(`(?m)^  export (\w+)='(.*)'$`)
	printedBlock  = regexp.MustCompile(`(?ms)^terraform {.*?^}\n`)
)

// TestInitFindsTheInstalledProviderByItself follows README.md, with the node of
// make node, a temporary home folder, and without a network.
func TestInitFindsTheInstalledProviderByItself(t *testing.T) {
	for _, engine := range engines(t) {
		t.Run(engine.String(), func(t *testing.T) {
			variables := startNode(t)
			for _, variable := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"} {
				t.Setenv(variable, "http://127.0.0.1:1")
			}
			terraform := tfcli.CLI{Engine: engine, Dir: t.TempDir(), Home: t.TempDir(), Env: append(tfcli.CleanEnvironment("TF_", "XDG_", "ZSTACK_"), variables...)}
			plugins := filepath.Join(terraform.Home, ".terraform.d", "plugins")
			if filepath.Separator == '\\' {
				plugins = filepath.Join(terraform.Home, "terraform.d", "plugins")
			}

			output := runInstall(t, plugins)
			readme := readFile(t, "../../README.md")
			if block := printedBlock.FindString(output); block == "" || !strings.Contains(readme, block) {
				t.Errorf("the README does not show the printed block:\n%s", output)
			}
			firstConfiguration := configuration.FindStringSubmatch(readme)[1]
			writeFile(t, filepath.Join(terraform.Dir, "main.tf"), endpoint.ReplaceAllString(firstConfiguration, ""))
			mustRun(t, terraform, "init")
			checkPicture(t, mustRun(t, terraform, "plan"))

			if output := runInstall(t, plugins); strings.Contains(output, "replaced") {
				t.Errorf("the same build is reported as a replacement:\n%s", output)
			}
			mustRun(t, terraform, "init")

			expectAdviceToHelp(t, terraform, plugins)
			expectUninstalled(t, plugins)
		})
	}
}

// startNode starts make node on a free port until the end of the test, and
// returns the environment variables that it prints.
func startNode(t *testing.T) (variables []string) {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "demo"+executableSuffix())
	if err := tfcli.Build(t.Context(), binary, "github.com/zstackio/terraform-provider-zstack/internal/demo"); err != nil {
		t.Fatal(err)
	}
	node := exec.CommandContext(t.Context(), binary, "node", "-listen", "127.0.0.1:0")
	stdout, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = node.Wait() }) // killed by then
	printed := bufio.NewReader(stdout)
	for {
		line, err := printed.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if match := exported.FindStringSubmatch(line); match != nil {
			variables = append(variables, match[1]+"="+match[2])
		}
		if line == "Requests:\n" {
			return variables
		}
	}
}

// engines are the terraform and the tofu on the PATH, and the engine that
// TF_ACC_TERRAFORM_PATH names.
func engines(t *testing.T) (engines []tfcli.Engine) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts terraform")
	}
	paths := []string{os.Getenv(tfcli.EnginePath)}
	for _, name := range []string{"terraform", "tofu"} {
		if path, err := exec.LookPath(name); err == nil && path != paths[0] {
			paths = append(paths, path)
		}
	}
	for _, path := range paths {
		if path == "" && len(paths) > 1 {
			continue
		}
		t.Setenv(tfcli.EnginePath, path)
		engine, err := tfcli.Find(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		engines = append(engines, engine)
	}
	return engines
}

// expectAdviceToHelp initializes the folder with a different build, installs
// this one, and follows the advice that the command then prints.
func expectAdviceToHelp(t *testing.T, terraform tfcli.CLI, plugins string) {
	t.Helper()
	lock := filepath.Join(terraform.Dir, ".terraform.lock.hcl")
	installed, err := filepath.Glob(filepath.Join(folder(plugins, "*", "*"), providerName+"*"))
	if err != nil || len(installed) != len(registries) {
		t.Fatalf("installed: %v, error %v", installed, err)
	}
	for _, file := range installed {
		writeFile(t, file, readFile(t, file)+"a different build")
	}
	if err := os.Remove(lock); err != nil {
		t.Fatal(err)
	}
	mustRun(t, terraform, "init")

	output := runInstall(t, plugins)
	if !strings.Contains(output, "This replaced a different build") {
		t.Errorf("the command printed\n%s", output)
	}
	for _, command := range []string{"init", "plan"} {
		if output, err := terraform.Run(t.Context(), command, "-input=false"); err == nil {
			t.Errorf("%s does not fail with another build:\n%s", command, output)
		}
	}
	block := regexp.MustCompile(`(?ms)^provider "` + regexp.QuoteMeta(terraform.Engine.Registry()) + `/zstackio/zstack" {.*?^}\n`)
	locked := readFile(t, lock)
	if !block.MatchString(locked) || !strings.Contains(output, terraform.Engine.Registry()+"/zstackio/zstack") {
		t.Errorf("the lock file is\n%s", locked)
	}
	writeFile(t, lock, block.ReplaceAllString(locked, ""))
	mustRun(t, terraform, "init")
	mustRun(t, terraform, "plan")
}

func expectUninstalled(t *testing.T, plugins string) {
	t.Helper()
	archive := filepath.Join(plugins, "example.com", "other.zip")
	if err := os.MkdirAll(filepath.Dir(archive), 0o700); err != nil {
		t.Fatal(err)
	}
	writeFile(t, archive, "of another provider")
	for _, want := range []string{"Removed ", "The provider is not installed in "} {
		var output strings.Builder
		if err := uninstall(&output, plugins); err != nil || !strings.HasPrefix(output.String(), want) {
			t.Errorf("uninstall printed %q, error %v", &output, err)
		}
	}
	entries, err := os.ReadDir(plugins)
	if err != nil || len(entries) != 1 {
		t.Errorf("left in %s: %v, error %v", plugins, entries, err)
	}
}

func TestTheVersionIsTheFirstInTheChangelog(t *testing.T) {
	root := t.TempDir()
	for changelog, want := range map[string]string{
		"# Changelog\n\n## [0.1.0] - Unreleased\n":                                "0.1.0",
		"# Changelog\n\n## [1.10.0] - Unreleased\n\n## [1.9.3] - 2026-12-01\n":    "1.10.0",
		"# Changelog\n\n## [Unreleased]\n\nSee [0.0.1].\n\n## [0.1.0] - 2026-1\n": "0.1.0",
	} {
		writeFile(t, filepath.Join(root, "CHANGELOG.md"), changelog)
		if version, err := nextVersion(root); err != nil || version != want {
			t.Errorf("%q: version %q, error %v", changelog, version, err)
		}
	}
	if version, err := nextVersion("../.."); err != nil || !strings.HasPrefix(version, "0.") {
		t.Errorf("this project: version %q, error %v", version, err)
	}
}

func runInstall(t *testing.T, plugins string) string {
	t.Helper()
	var output strings.Builder
	if err := install(t.Context(), &output, plugins); err != nil {
		t.Fatal(err)
	}
	return output.String()
}

func mustRun(t *testing.T, terraform tfcli.CLI, command string) string {
	t.Helper()
	output, err := terraform.Run(t.Context(), command)
	if err != nil {
		t.Fatal(err)
	}
	return output
}

func readFile(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func writeFile(t *testing.T, file, content string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(content), 0o700); err != nil {
		t.Fatal(err)
	}
}
