// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zstackio/terraform-provider-zstack/internal/tfcli"
)

// Source is the provider's source address in a configuration.
const Source = tfcli.Source

// CLI is the real Terraform in a directory of its own, with the provider's
// real binary.
type CLI struct {
	// Dir contains the configuration and all files that the runs write.
	Dir string

	t    *testing.T
	cli  tfcli.CLI
	runs int
}

// CLI writes the configuration into a new directory. At the end of the test,
// the directory is searched for secrets of the node: the output of the runs,
// their logs at level TRACE, plans and states are in it. Each of the source
// addresses leads to the provider's binary; the default is [Source].
func (c *Cloud) CLI(t *testing.T, configuration string, sources ...string) *CLI {
	t.Helper()
	if len(sources) == 0 {
		sources = []string{Source}
	}
	engine, dir := needEngine(t), t.TempDir()
	t.Cleanup(func() { c.scan(t, dir) })

	cli := &CLI{Dir: dir, t: t, cli: tfcli.CLI{Engine: engine, Dir: dir, Home: dir, Config: filepath.Join(dir, "terraformrc")}}
	cli.write("terraformrc", installation(t, sources...))
	cli.write("main.tf", configuration)
	return cli
}

func (c *CLI) write(name, content string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.Dir, name), []byte(content), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// withoutProviders are the commands that need no provider to be installed.
var withoutProviders = []string{"fmt", "get", "init", "version"}

// Command returns a command that is not started yet, and the path of the file
// for its output. At the end of the test, it is interrupted if it still runs.
func (c *CLI) Command(args ...string) (run *exec.Cmd, output string) {
	c.t.Helper()
	if isReleased() && !slices.Contains(withoutProviders, args[0]) {
		c.Run("init")
	}
	c.runs++
	output = filepath.Join(c.Dir, fmt.Sprintf("output-%d.txt", c.runs))
	file, err := os.Create(output)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = file.Close() })
	c.cli.Env = append(os.Environ(), "TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(c.Dir, "log.txt"))
	run = c.cli.Command(c.t.Context(), args...)
	run.Stdout, run.Stderr = file, file
	return run, output
}

// Try runs Terraform and returns what it printed, and an error if it failed.
func (c *CLI) Try(args ...string) (string, error) {
	c.t.Helper()
	run, output := c.Command(args...)
	failure := run.Run()
	text, err := os.ReadFile(output)
	if err != nil {
		c.t.Fatal(err)
	}
	return string(text), failure
}

// Run runs Terraform and returns what it printed. A run that fails fails the
// test.
func (c *CLI) Run(args ...string) string {
	c.t.Helper()
	output, err := c.Try(args...)
	if err != nil {
		c.t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, output)
	}
	return output
}
