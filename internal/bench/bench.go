// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/bench/numbers"
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
	node      *slowNode
	server    *httptest.Server
}

func newBench(ctx context.Context, folder string) (*bench, error) {
	engine, err := tfcli.Find(ctx)
	if err != nil {
		return nil, err
	}
	b := &bench{folder: folder, node: &slowNode{Node: zstacktest.NewNode()}}
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
			if err := tfcli.Build(ctx, target, pkg, "-trimpath"); err != nil {
				return err
			}
		}
		folders["zstackio/"+name] = b.path(name)
	}
	return os.WriteFile(b.path("terraformrc"), []byte(tfcli.DevOverrides(folders)), 0o600)
}

// workload is a configuration to plan.
type workload struct {
	lists int // data sources
	rows  int // storages, or constant rows, in each list
}

// configuration lists all storages, or that number of constant rows.
func (w workload) configuration(provider string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "terraform {\n  required_providers {\n    %s = { source = \"zstackio/%[1]s\" }\n  }\n}\n", provider)
	for i := range w.lists {
		if provider == noop {
			fmt.Fprintf(&text, "\ndata \"noop_rows\" \"all_%d\" {\n  number = %d\n}\n", i, w.rows)
		} else {
			fmt.Fprintf(&text, "\ndata \"zstack_backup_storages\" \"all_%d\" {}\n", i)
		}
	}
	return text.String()
}

// cost is what one plan takes, in seconds and bytes.
type cost struct {
	plan     float64 // CPU of Terraform and all processes that it starts
	provider float64 // of that, CPU of the provider's processes
	wall     float64
	node     float64 // of that, the management node's time for its responses
	reads    float64 // of that, the no-op provider's time for its reads
	memory   float64 // peak of the provider's largest process
}

// plan plans once. Terraform starts the provider several times for that.
func (b *bench) plan(ctx context.Context, provider string, w workload) (cost, error) {
	main := filepath.Join(b.terraform.Dir, "main.tf")
	if err := os.WriteFile(main, []byte(w.configuration(provider)), 0o600); err != nil {
		return cost{}, err
	}
	for _, log := range []string{"meter.log", "noop.log"} {
		if err := os.WriteFile(b.path(log), nil, 0o600); err != nil {
			return cost{}, err
		}
	}
	plan := b.terraform.Command(ctx, "plan", "-lock=false")
	plan.Env = append(plan.Env, "METER_PROVIDER="+b.binary(provider), "NOOP_LOG="+b.path("noop.log"))
	b.node.busy.Store(0)
	began := time.Now()
	if text, err := plan.CombinedOutput(); err != nil {
		return cost{}, fmt.Errorf("planning with %s: %w\n%s", provider, err, text)
	}
	used := plan.ProcessState
	c := cost{
		plan: (used.UserTime() + used.SystemTime()).Seconds(),
		wall: time.Since(began).Seconds(),
		node: time.Duration(b.node.busy.Load()).Seconds(),
	}
	return c, c.read(b.path("meter.log"), b.path("noop.log"))
}

// read adds what the meter and the no-op provider measured.
func (c *cost) read(meterLog, noopLog string) error {
	processes, err := numbers.Read(meterLog, 2)
	if err != nil {
		return err
	}
	for _, process := range processes {
		microseconds, kibibytes := process[0], process[1]
		c.provider += microseconds / 1e6
		c.memory = max(c.memory, kibibytes*1024)
	}
	reads, err := numbers.Read(noopLog, 1)
	if err != nil {
		return err
	}
	for _, read := range reads {
		c.reads += read[0] / 1e6
	}
	if c.provider == 0 {
		return errors.New("terraform killed the provider before the meter could measure it")
	}
	return nil
}

// handshake returns how long a provider takes from its start until it tells
// Terraform where it listens.
func (b *bench) handshake(ctx context.Context, provider string) (cost, error) {
	process := exec.CommandContext(ctx, b.binary(provider))
	process.Env = slices.Concat(b.terraform.Env, []string{
		"TF_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2", "PLUGIN_PROTOCOL_VERSIONS=6",
		"PLUGIN_UNIX_SOCKET_DIR=" + b.folder,
	})
	output, err := process.StdoutPipe()
	if err != nil {
		return cost{}, err
	}
	began := time.Now()
	if err := process.Start(); err != nil {
		return cost{}, err
	}
	line, err := bufio.NewReader(output).ReadString('\n')
	c := cost{wall: time.Since(began).Seconds()}
	_ = process.Process.Kill() // Without Terraform it would not end by itself.
	_ = process.Wait()
	if err != nil {
		return cost{}, fmt.Errorf("the provider %s wrote %q: %w", provider, line, err)
	}
	return c, nil
}
