// SPDX-License-Identifier: MPL-2.0

// Package tfcli runs a real Terraform or OpenTofu (the engine). A run depends
// only on what its caller passes, not on the environment variables, the CLI
// configuration or the home folder of the user.
package tfcli

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Source is the provider's source address in a configuration.
const Source = "zstackio/zstack"

// killDelay is how long an interrupted command may take to end: longer than the
// engine waits for its providers.
const killDelay = 15 * time.Second

// CLI runs an engine in a folder.
type CLI struct {
	Engine Engine

	// Dir is the folder of the configuration.
	Dir string

	// Home is the home folder of the run.
	Home string

	// Config is the path of the CLI configuration file; "" means that there is
	// none, so that the engine looks for providers in its default places.
	Config string

	// Env is the environment, without the variables that other fields set.
	Env []string
}

// Command returns a command that is not started yet, in its own process group.
// When ctx ends, the command is interrupted, as by Ctrl-C, and killed if it has
// not ended after 15 seconds. Windows cannot interrupt a process: there it is
// killed immediately.
func (c *CLI) Command(ctx context.Context, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, c.Engine.Path, args...)
	command.Dir = c.Dir
	command.Env = append(slices.Clone(c.Env),
		"HOME="+c.Home,
		"USERPROFILE="+c.Home,
		"APPDATA="+c.Home,
		"CHECKPOINT_DISABLE=1",
		"TF_CLI_ARGS=-no-color",
		"TF_INPUT=0",
	)
	if c.Config != "" {
		command.Env = append(command.Env, "TF_CLI_CONFIG_FILE="+c.Config)
	}
	command.SysProcAttr = ownProcessGroup
	command.WaitDelay = killDelay
	command.Cancel = func() error {
		if err := command.Process.Signal(os.Interrupt); err != nil {
			return command.Process.Kill()
		}
		return nil
	}
	return command
}

// Run runs a command and returns its standard output. The error of a command
// that fails contains all its output, and wraps the error of ctx if ctx ended.
func (c *CLI) Run(ctx context.Context, args ...string) (string, error) {
	command := c.Command(ctx, args...)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		err = cmp.Or(ctx.Err(), err)
		return stdout.String(), fmt.Errorf("%s %s: %w\n%s%s", filepath.Base(c.Engine.Path), strings.Join(args, " "), err, &stdout, &stderr)
	}
	return stdout.String(), nil
}

// CleanEnvironment is the environment of this process without the variables
// whose names begin with one of the prefixes.
func CleanEnvironment(prefixes ...string) []string {
	return slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(variable, prefix) })
	})
}

// DevOverrides is a CLI configuration with which the engine starts the
// provider of each source address from a folder, and needs no init.
func DevOverrides(folders map[string]string) string {
	var lines strings.Builder
	for _, source := range slices.Sorted(maps.Keys(folders)) {
		fmt.Fprintf(&lines, "    %q = %q\n", source, filepath.ToSlash(folders[source]))
	}
	return "provider_installation {\n  dev_overrides {\n" + lines.String() + "  }\n}\n"
}

// FilesystemMirror is a CLI configuration with which init installs providers
// from a folder alone.
func FilesystemMirror(folder string) string {
	return fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", filepath.ToSlash(folder))
}

// Build builds a main package of this module as the file target, or into the
// folder target if that ends with a separator. As in a release, the file has no
// debugging information, which takes a third of the linker's time.
func Build(ctx context.Context, target, pkg string, flags ...string) error {
	args := slices.Concat([]string{"build", "-buildvcs=false", "-ldflags=-s -w", "-o", target}, flags, []string{pkg})
	build := exec.CommandContext(ctx, "go", args...)
	if output, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", pkg, err, output)
	}
	return nil
}
