// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/zstackio/terraform-provider-zstack/internal/tfcli"
)

// apply builds the provider, plans and applies the example in a temporary folder, and prints its outputs.
func apply(ctx context.Context, out io.Writer, env []string) error {
	folder, err := os.MkdirTemp("", "zstack-demo")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)

	fmt.Fprintln(out, "Building the provider.")
	binaries := filepath.Join(folder, "provider")
	if err := tfcli.Build(ctx, binaries+string(filepath.Separator), "github.com/zstackio/terraform-provider-zstack"); err != nil {
		return err
	}
	engine, err := tfcli.Find(ctx)
	if errors.Is(err, tfcli.ErrNoEngine) {
		fmt.Fprintln(out, "Downloading terraform: neither terraform nor tofu is on the PATH.")
		engine, err = tfcli.Download(ctx, folder)
	}
	if err != nil {
		return err
	}
	terraform := tfcli.CLI{
		Engine: engine,
		Dir:    filepath.Join(folder, "configuration"),
		Home:   folder,
		Config: filepath.Join(folder, "terraformrc"),
		Env:    env,
	}
	if err := copyExample(ctx, terraform.Dir); err != nil {
		return err
	}
	overrides := tfcli.DevOverrides(map[string]string{tfcli.Source: binaries})
	if err := os.WriteFile(terraform.Config, []byte(overrides), 0o600); err != nil {
		return err
	}

	fmt.Fprintf(out, "Planning and applying examples/demo with %s.\n", engine)
	for _, args := range [][]string{{"plan", "-out=demo.tfplan"}, {"apply", "demo.tfplan"}} {
		if _, err := terraform.Run(ctx, args...); err != nil {
			return err
		}
	}
	outputs, err := terraform.Run(ctx, "output", "-json")
	if err != nil {
		return err
	}
	return printOutputs(out, outputs)
}

// copyExample copies examples/demo. It works from every folder of the project.
func copyExample(ctx context.Context, to string) error {
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return fmt.Errorf("run the demo inside the project, where go list finds the module: %w", err)
	}
	return os.CopyFS(to, os.DirFS(filepath.Join(strings.TrimSpace(string(root)), "examples", "demo")))
}
