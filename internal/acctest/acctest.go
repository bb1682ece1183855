// SPDX-License-Identifier: MPL-2.0

// Package acctest is what acceptance tests share: Terraform in an environment
// of its own, a fake management node to talk to, and a search for secrets in
// everything that a run leaves behind, which no test can forget.
package acctest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Variables of terraform-plugin-testing.
const (
	envEngine        = "TF_ACC_TERRAFORM_PATH"
	envEngineVersion = "TF_ACC_TERRAFORM_VERSION"
	envRegistry      = "TF_ACC_PROVIDER_HOST"
)

// scratch is a directory for the files of one test binary. Main makes and
// removes it.
var scratch string

// Main runs the tests of a package that has acceptance tests: its TestMain
// calls it. Neither the caller's TF_* and ZSTACK_* variables nor the caller's
// CLI configuration reach the tests, but for the choice of the engine with
// TF_ACC_TERRAFORM_PATH or TF_ACC_TERRAFORM_VERSION. Without that choice it is
// the terraform, or else the tofu, on the PATH; if there is none,
// terraform-plugin-testing downloads a terraform.
func Main(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "acceptance tests:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	if scratch, err = os.MkdirTemp("", "zstack-acctest"); err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	if err := isolate(); err != nil {
		return 0, err
	}
	return m.Run(), nil
}

// isolate sets up the environment that this process and those it starts share.
func isolate() error {
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		isOurs := strings.HasPrefix(name, "TF_") || strings.HasPrefix(name, "ZSTACK_")
		if isOurs && name != envEngine && name != envEngineVersion {
			if err := os.Unsetenv(name); err != nil {
				return err
			}
		}
	}
	cliConfig := filepath.Join(scratch, "terraformrc")
	if err := os.WriteFile(cliConfig, nil, 0o600); err != nil {
		return err
	}
	environment := map[string]string{
		"TF_ACC":                    "1",
		"TF_ACC_PROVIDER_NAMESPACE": "zstackio",
		"TF_CLI_CONFIG_FILE":        cliConfig,
		"CHECKPOINT_DISABLE":        "1",
	}
	if engine := findEngine(); engine != "" {
		environment[envEngine] = engine
		if isOpenTofu(engine) {
			environment[envRegistry] = "registry.opentofu.org"
		}
	}
	for name, value := range environment {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return nil
}

// findEngine returns the path of the engine to use, or "" if it is still to be
// installed.
func findEngine() string {
	if engine := os.Getenv(envEngine); engine != "" || os.Getenv(envEngineVersion) != "" {
		return engine
	}
	for _, name := range []string{"terraform", "tofu"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

func isOpenTofu(engine string) bool {
	version, err := exec.Command(engine, "version").Output()
	return err == nil && strings.HasPrefix(string(version), "OpenTofu")
}
