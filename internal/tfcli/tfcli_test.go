// SPDX-License-Identifier: MPL-2.0

package tfcli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fakeVersion is the variable that makes the test binary a fake engine, which
// prints this version.
const fakeVersion = "FAKE_ENGINE_VERSION"

func TestMain(m *testing.M) {
	if version := os.Getenv(fakeVersion); version != "" {
		if os.Args[1] == "version" {
			fmt.Println(version)
		} else {
			fmt.Println(strings.Join(os.Environ(), "\n"))
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestEngineIsRecognizedByItsVersion(t *testing.T) {
	t.Setenv(EnginePath, os.Args[0])
	for _, test := range []struct {
		printed, want, registry string
	}{
		{"Terraform v1.11.4\non linux_amd64", "Terraform 1.11.4", "registry.terraform.io"},
		{"Terraform v1.16.0-rc2\non linux_amd64", "Terraform 1.16.0-rc2", "registry.terraform.io"},
		{"OpenTofu v1.6.2\non linux_amd64", "OpenTofu 1.6.2", "registry.opentofu.org"},
	} {
		t.Setenv(fakeVersion, test.printed)
		engine, err := Find(t.Context())
		if err != nil || engine.String() != test.want || engine.Registry() != test.registry {
			t.Errorf("%q: %s with %s, error %v", test.printed, engine, engine.Registry(), err)
		}
	}
	t.Setenv(fakeVersion, "GNU bash, version 5.2")
	if _, err := Find(t.Context()); err == nil || !strings.Contains(err.Error(), "neither Terraform nor OpenTofu") {
		t.Errorf("error %v", err)
	}
}

func TestVersionsAreComparedByNumber(t *testing.T) {
	engine := Engine{major: 1, minor: 10}
	for minor, want := range map[int]bool{9: true, 10: true, 11: false} {
		if engine.IsAtLeast(1, minor) != want {
			t.Errorf("1.10 is at least 1.%d: %t", minor, !want)
		}
	}
	if engine.IsAtLeast(2, 0) || !engine.IsAtLeast(0, 99) {
		t.Error("the major version does not decide first")
	}
}

func TestMissingEngineIsErrNoEngine(t *testing.T) {
	t.Setenv(EnginePath, "")
	t.Setenv("PATH", t.TempDir())
	if _, err := Find(t.Context()); !errors.Is(err, ErrNoEngine) {
		t.Errorf("error %v", err)
	}
}

func TestRunDependsOnlyOnWhatItsCallerPasses(t *testing.T) {
	for name, value := range map[string]string{
		fakeVersion: "Terraform v1.11.4", EnginePath: os.Args[0], "HOME": "/home/me", "TF_CLI_ARGS": "-nonsense",
		"TF_CLI_CONFIG_FILE": "/missing", "TF_VAR_x": "1", "ZSTACK_HOST": "elsewhere", "TFENV": "kept",
	} {
		t.Setenv(name, value)
	}
	engine, err := Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	cli := CLI{
		Engine: engine, Dir: home, Home: home, Config: filepath.Join(home, "terraformrc"),
		Env: append(CleanEnvironment("TF_", "ZSTACK_"), "ZSTACK_HOST=chosen"),
	}
	output, err := cli.Run(t.Context(), "plan")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(output) {
		name, _, _ := strings.Cut(line, "=")
		if name == "HOME" || strings.HasPrefix(name, "TF") || strings.HasPrefix(name, "ZSTACK_") {
			got = append(got, strings.TrimSpace(line))
		}
	}
	slices.Sort(got)
	want := []string{
		"HOME=" + home, "TFENV=kept", "TF_CLI_ARGS=-no-color", "TF_CLI_CONFIG_FILE=" + cli.Config, "TF_INPUT=0", "ZSTACK_HOST=chosen",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the environment is\n%q\nwant\n%q", got, want)
	}
}
