// SPDX-License-Identifier: MPL-2.0

// Package acctest is what acceptance tests share: Terraform in an isolated
// environment, a fake management node, and a search for secrets in all files
// that a run leaves behind. No test can omit that search.
package acctest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/zstackio/terraform-provider-zstack/internal/tfcli"
)

// scratch is a directory for the files of one test binary. Main makes and
// removes it.
var scratch string

// Main runs the tests of a package that has acceptance tests: its TestMain
// calls it. Neither the caller's TF_* and ZSTACK_* variables nor the caller's
// CLI configuration reach the tests, except TF_ACC_TERRAFORM_PATH, which
// chooses the engine. Without it, that is the terraform or else the tofu on the
// PATH, or else a terraform that is downloaded.
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
		if isOurs && name != tfcli.EnginePath {
			if err := os.Unsetenv(name); err != nil {
				return err
			}
		}
	}
	if signal.Ignored(syscall.SIGHUP) { // Under nohup, the processes that the tests start would ignore it too.
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	}
	cliConfig := filepath.Join(scratch, "terraformrc")
	if err := os.WriteFile(cliConfig, nil, 0o600); err != nil {
		return err
	}
	return setenv(map[string]string{
		"TF_ACC":                    "1",
		"TF_ACC_PROVIDER_NAMESPACE": "zstackio",
		"TF_CLI_CONFIG_FILE":        cliConfig,
		"CHECKPOINT_DISABLE":        "1",
	})
}

func setenv(variables map[string]string) error {
	for name, value := range variables {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return nil
}

// needEngine returns the terraform or tofu that the tests run, which
// terraform-plugin-testing runs too from now on. With go test -short, which
// make quick uses, the test is skipped instead.
func needEngine(t *testing.T) tfcli.Engine {
	t.Helper()
	if testing.Short() {
		t.Skip("starts terraform")
	}
	engine, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	return engine
}

var engine = sync.OnceValues(func() (tfcli.Engine, error) {
	ctx := context.Background()
	engine, err := tfcli.Find(ctx)
	if errors.Is(err, tfcli.ErrNoEngine) {
		engine, err = tfcli.Download(ctx, scratch)
	}
	if err != nil {
		return engine, err
	}
	return engine, setenv(map[string]string{
		tfcli.EnginePath:       engine.Path,
		"TF_ACC_PROVIDER_HOST": engine.Registry(),
	})
})
