// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// The two providers, by the names of their folders and binaries.
const (
	product = "zstack"
	noop    = "noop"
)

// bench is everything it takes to plan with the two providers.
type bench struct {
	folder string
	engine string // path of terraform or tofu
	env    []string
	node   *zstacktest.Node
	server *httptest.Server
}

func newBench(ctx context.Context, folder string) (*bench, error) {
	b := &bench{folder: folder, node: zstacktest.NewNode()}
	if err := b.build(ctx); err != nil {
		return nil, err
	}
	for _, name := range []string{"terraform", "tofu"} {
		if path, err := exec.LookPath(name); err == nil && b.engine == "" {
			b.engine = path
		}
	}
	if b.engine == "" {
		return nil, fmt.Errorf("put terraform or tofu on the PATH: neither is there")
	}
	b.server = httptest.NewServer(b.node)
	b.env = append(cleanEnvironment(),
		"HOME="+folder,
		"CHECKPOINT_DISABLE=1",
		"TF_CLI_CONFIG_FILE="+b.path("terraformrc"),
		"METER_LOG="+b.path("meter.log"),
		"ZSTACK_ENDPOINT="+b.server.URL,
		"ZSTACK_ACCOUNT_NAME="+zstacktest.DefaultAccount,
		"ZSTACK_ACCOUNT_PASSWORD="+zstacktest.DefaultPassword,
	)
	return b, nil
}

func (b *bench) close() { b.server.Close() }

func (b *bench) path(elements ...string) string {
	return filepath.Join(append([]string{b.folder}, elements...)...)
}

// binary is the path of a provider's binary, stripped as a release is.
func (b *bench) binary(provider string) string { return b.path("terraform-provider-" + provider) }

// build builds the providers, and puts the meter where Terraform looks for
// either of them.
func (b *bench) build(ctx context.Context) error {
	const module = "github.com/zstackio/terraform-provider-zstack"
	var overrides strings.Builder
	for name, from := range map[string]string{product: module, noop: module + "/internal/bench/noop"} {
		meter := b.path(name, "terraform-provider-"+name)
		for target, from := range map[string]string{b.binary(name): from, meter: module + "/internal/bench/meter"} {
			build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", target, from)
			build.Env = append(os.Environ(), "CGO_ENABLED=0")
			if text, err := build.CombinedOutput(); err != nil {
				return fmt.Errorf("building %s: %w\n%s", from, err, text)
			}
		}
		fmt.Fprintf(&overrides, "    \"zstackio/%s\" = %q\n", name, b.path(name))
	}
	text := "provider_installation {\n  dev_overrides {\n" + overrides.String() + "  }\n}\n"
	return os.WriteFile(b.path("terraformrc"), []byte(text), 0o600)
}

// cleanEnvironment is the caller's environment without what would change the
// measurement.
func cleanEnvironment() []string {
	return slices.DeleteFunc(os.Environ(), func(variable string) bool {
		for _, prefix := range []string{"TF_", "ZSTACK_", "GOGC=", "GOMEMLIMIT=", "GODEBUG="} {
			if strings.HasPrefix(variable, prefix) {
				return true
			}
		}
		return false
	})
}

// configuration reads all storages, or as many ready-made rows.
func configuration(provider string, rows int) string {
	text := fmt.Sprintf("terraform {\n  required_providers {\n    %s = { source = \"zstackio/%[1]s\" }\n  }\n}\n\n", provider)
	if provider == noop {
		return text + fmt.Sprintf("data \"noop_rows\" \"all\" {\n  number = %d\n}\n", rows)
	}
	return text + "data \"zstack_backup_storages\" \"all\" {}\n"
}

// cost is what one plan, or the median of several, takes.
type cost struct {
	plan     time.Duration // CPU of Terraform and all processes that it starts
	provider time.Duration // of that, CPU of the provider's processes
	wall     time.Duration
	memory   int64 // peak of the provider's largest process, in bytes
}

// plan plans once. Terraform starts the provider several times for that.
func (b *bench) plan(ctx context.Context, provider string, rows int) (cost, error) {
	folder := b.path("configuration")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return cost{}, err
	}
	if err := os.WriteFile(filepath.Join(folder, "main.tf"), []byte(configuration(provider, rows)), 0o600); err != nil {
		return cost{}, err
	}
	if err := os.WriteFile(b.path("meter.log"), nil, 0o600); err != nil {
		return cost{}, err
	}
	terraform := exec.CommandContext(ctx, b.engine, "plan", "-input=false", "-lock=false", "-no-color")
	terraform.Dir = folder
	terraform.Env = append(slices.Clone(b.env), "METER_PROVIDER="+b.binary(provider))
	began := time.Now()
	if text, err := terraform.CombinedOutput(); err != nil {
		return cost{}, fmt.Errorf("planning with %s: %w\n%s", provider, err, text)
	}
	used := terraform.ProcessState
	c := cost{plan: used.UserTime() + used.SystemTime(), wall: time.Since(began)}
	return c, c.read(b.path("meter.log"))
}

// read adds what the meter measured.
func (c *cost) read(log string) error {
	text, err := os.ReadFile(log)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		var microseconds, kibibytes int64
		if _, err := fmt.Sscan(line, &microseconds, &kibibytes); err != nil {
			return fmt.Errorf("the meter wrote %q: %w", line, err)
		}
		c.provider += time.Duration(microseconds) * time.Microsecond
		c.memory = max(c.memory, kibibytes<<10)
	}
	if c.provider == 0 {
		return fmt.Errorf("terraform killed the provider before the meter could measure it")
	}
	return nil
}
