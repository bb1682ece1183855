// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/tfcli"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// The two providers, by the names of their folders and binaries.
const (
	product = "zstack"
	noop    = "noop"
)

// bench plans with the two providers.
type bench struct {
	folder    string
	terraform tfcli.CLI
	node      *zstacktest.Node
	server    *httptest.Server
}

func newBench(ctx context.Context, folder string) (*bench, error) {
	engine, err := tfcli.Find(ctx)
	if err != nil {
		return nil, err
	}
	b := &bench{folder: folder, node: zstacktest.NewNode()}
	if err := os.Mkdir(b.path("configuration"), 0o700); err != nil {
		return nil, err
	}
	if err := b.build(ctx); err != nil {
		return nil, err
	}
	b.server = httptest.NewServer(b.node)
	b.terraform = tfcli.CLI{
		Engine: engine,
		Dir:    b.path("configuration"),
		Home:   folder,
		Config: b.path("terraformrc"),
		Env: append(tfcli.CleanEnvironment("TF_", "ZSTACK_", "GOGC=", "GOMEMLIMIT=", "GODEBUG="),
			"METER_LOG="+b.path("meter.log"),
			"ZSTACK_ENDPOINT="+b.server.URL,
			"ZSTACK_ACCOUNT_NAME="+zstacktest.DefaultAccount,
			"ZSTACK_ACCOUNT_PASSWORD="+zstacktest.DefaultPassword,
		),
	}
	return b, nil
}

func (b *bench) close() { b.server.Close() }

func (b *bench) path(elements ...string) string {
	return filepath.Join(append([]string{b.folder}, elements...)...)
}

// binary is the path of a provider's binary.
func (b *bench) binary(provider string) string { return b.path("terraform-provider-" + provider) }

// build builds the providers, stripped as a release is, and puts the meter
// where Terraform looks for either of them.
func (b *bench) build(ctx context.Context) error {
	const module = "github.com/zstackio/terraform-provider-zstack"
	folders := map[string]string{}
	for name, pkg := range map[string]string{product: module, noop: module + "/internal/bench/noop"} {
		meter := b.path(name, "terraform-provider-"+name)
		for target, pkg := range map[string]string{b.binary(name): pkg, meter: module + "/internal/bench/meter"} {
			if err := tfcli.Build(ctx, target, pkg, "-trimpath", "-ldflags=-s -w"); err != nil {
				return err
			}
		}
		folders["zstackio/"+name] = b.path(name)
	}
	return os.WriteFile(b.path("terraformrc"), []byte(tfcli.DevOverrides(folders)), 0o600)
}

// configuration reads all storages, or that number of constant rows.
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
	main := filepath.Join(b.terraform.Dir, "main.tf")
	if err := os.WriteFile(main, []byte(configuration(provider, rows)), 0o600); err != nil {
		return cost{}, err
	}
	if err := os.WriteFile(b.path("meter.log"), nil, 0o600); err != nil {
		return cost{}, err
	}
	plan := b.terraform.Command(ctx, "plan", "-lock=false")
	plan.Env = append(plan.Env, "METER_PROVIDER="+b.binary(provider))
	began := time.Now()
	if text, err := plan.CombinedOutput(); err != nil {
		return cost{}, fmt.Errorf("planning with %s: %w\n%s", provider, err, text)
	}
	used := plan.ProcessState
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
