// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	install "github.com/hashicorp/hc-install"
	"github.com/hashicorp/hc-install/product"
	"github.com/hashicorp/hc-install/releases"
	"github.com/hashicorp/hc-install/src"
	"github.com/hashicorp/terraform-exec/tfexec"
)

// source is the provider's source address in examples/demo.
const source = "zstackio/zstack"

// apply builds the provider, plans and applies the example in a temporary folder, and prints its outputs.
func apply(ctx context.Context, out io.Writer, env map[string]string) error {
	folder, err := os.MkdirTemp("", "zstack-demo")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)

	root, err := projectRoot(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "Building the provider.")
	if err := buildProvider(ctx, root, folder); err != nil {
		return err
	}
	configuration := filepath.Join(folder, "configuration")
	if err := os.CopyFS(configuration, os.DirFS(filepath.Join(root, "examples", "demo"))); err != nil {
		return err
	}
	engine, err := findEngine(ctx, out, folder)
	if err != nil {
		return err
	}
	terraform, err := tfexec.NewTerraform(configuration, engine)
	if err != nil {
		return err
	}
	env["TF_CLI_CONFIG_FILE"] = filepath.Join(folder, "cli.tfrc")
	env["CHECKPOINT_DISABLE"] = "1" // it would write to the home folder
	if err := terraform.SetEnv(env); err != nil {
		return err
	}

	version, _, err := terraform.Version(ctx, false)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Planning and applying examples/demo with %s %s.\n", filepath.Base(engine), version)
	const plan = "demo.tfplan"
	if _, err := terraform.Plan(ctx, tfexec.Out(plan)); err != nil {
		return err
	}
	if err := terraform.Apply(ctx, tfexec.DirOrPlan(plan)); err != nil {
		return err
	}
	outputs, err := terraform.Output(ctx)
	if err != nil {
		return err
	}
	return printOutputs(out, outputs)
}

// projectRoot returns the folder of go.mod, wherever in the project the demo was started.
func projectRoot(ctx context.Context) (string, error) {
	dir, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("the demo runs inside the project, where go list finds its module: %w", err)
	}
	return strings.TrimSpace(string(dir)), nil
}

// buildProvider builds the provider into the folder, with a CLI configuration that makes terraform take it from there.
func buildProvider(ctx context.Context, root, folder string) error {
	binaries := filepath.Join(folder, "provider")
	if err := os.Mkdir(binaries, 0o700); err != nil {
		return err
	}
	build := exec.CommandContext(ctx, "go", "build", "-o", binaries, ".")
	build.Dir = root
	if text, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("the provider does not build: %w\n%s", err, text)
	}
	cli := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %q = %q\n  }\n}\n", source, filepath.ToSlash(binaries))
	return os.WriteFile(filepath.Join(folder, "cli.tfrc"), []byte(cli), 0o600)
}

// findEngine returns the terraform or tofu on the PATH, or a terraform that it downloads into the folder.
func findEngine(ctx context.Context, out io.Writer, folder string) (string, error) {
	for _, name := range []string{"terraform", "tofu"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	fmt.Fprintln(out, "Downloading terraform: neither terraform nor tofu is on the PATH.")
	installer := install.NewInstaller()
	path, err := installer.Ensure(ctx, []src.Source{
		&releases.LatestVersion{Product: product.Terraform, InstallDir: folder},
	})
	if err != nil {
		return "", fmt.Errorf("put terraform or tofu on the PATH: neither is there, and a download failed: %w", err)
	}
	return path, nil
}
