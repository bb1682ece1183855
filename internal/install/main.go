// SPDX-License-Identifier: MPL-2.0

// Command install builds the provider and copies it into the implied local
// mirror: the folder in which Terraform and OpenTofu look for providers by
// default. Then init finds it, without a CLI configuration and without a
// network. With -uninstall, the command removes the provider from there.
//
// It is a Go program, not a recipe of GNUmakefile, so that it works on Windows.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

const providerName = "terraform-provider-zstack"

// registries are the default hosts of the source address zstackio/zstack in
// Terraform and in OpenTofu. Both look in the same folder.
var registries = []string{"registry.terraform.io", "registry.opentofu.org"}

var platform = runtime.GOOS + "_" + runtime.GOARCH

func main() {
	remove := flag.Bool("uninstall", false, "remove the provider")
	flag.Parse()

	plugins, err := pluginsFolder()
	if err == nil && *remove {
		err = uninstall(os.Stdout, plugins)
	} else if err == nil {
		err = install(context.Background(), os.Stdout, plugins)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// pluginsFolder is the implied local mirror of this user.
func pluginsFolder() (string, error) {
	if runtime.GOOS == "windows" {
		appData, err := os.UserConfigDir()
		return filepath.Join(appData, "terraform.d", "plugins"), err
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".terraform.d", "plugins"), err
}

// folder is where a version of the provider is installed; it may be a pattern.
func folder(plugins, registry, version string) string {
	return filepath.Join(plugins, registry, "zstackio", "zstack", version, platform)
}

func install(ctx context.Context, out io.Writer, plugins string) error {
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return fmt.Errorf("run this command inside the project, where go list finds the module: %w", err)
	}
	version, err := nextVersion(strings.TrimSpace(string(root)))
	if err != nil {
		return err
	}
	binary, err := build(ctx, version)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Installed %s %s in\n", providerName, version)
	replaced := false
	for _, registry := range registries {
		file := filepath.Join(folder(plugins, registry, version), fmt.Sprintf("%s_v%s%s", providerName, version, executableSuffix()))
		other, err := writeExecutable(file, binary)
		if err != nil {
			return err
		}
		replaced = replaced || other
		fmt.Fprintf(out, "  %s\n", filepath.Dir(file))
	}
	fmt.Fprintf(out, nextSteps, version[:strings.LastIndex(version, ".")])
	if replaced {
		fmt.Fprintf(out, afterReplacement, version)
	}
	return nil
}

const nextSteps = `
Put this into your configuration, then run terraform init or tofu init:

terraform {
  required_providers {
    zstack = {
      source  = "zstackio/zstack"
      version = "~> %s"
    }
  }
}
`

const afterReplacement = `
This replaced a different build of %s. In a folder that was initialized with the
previous build, init and plan now fail, because .terraform.lock.hcl has its
checksum. There, delete the block that begins with
  provider "registry.terraform.io/zstackio/zstack" {
(with OpenTofu: "registry.opentofu.org/zstackio/zstack") from
.terraform.lock.hcl, then run terraform init or tofu init again.
`

var changelogHeading = regexp.MustCompile(`(?m)^## \[(\d+\.\d+\.\d+)\]`)

// nextVersion is the first version in the changelog: that of the next release,
// or of the last one. It has no pre-release suffix, as init ignores those.
func nextVersion(root string) (string, error) {
	changelog, err := os.ReadFile(filepath.Join(root, "CHANGELOG.md")) // #nosec G304 -- a file of this project.
	if err != nil {
		return "", err
	}
	match := changelogHeading.FindSubmatch(changelog)
	if match == nil {
		return "", errors.New("CHANGELOG.md has no version")
	}
	return string(match[1]), nil
}

// build builds the provider. The same source always results in the same bytes.
func build(ctx context.Context, version string) ([]byte, error) {
	scratch, err := os.MkdirTemp("", providerName)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(scratch)
	file := filepath.Join(scratch, providerName)
	ldflags := "-s -w -X main.version=" + version
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags="+ldflags, "-o", file, "github.com/zstackio/"+providerName) // #nosec G204 -- builds this module.
	if output, err := command.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the provider: %w\n%s", err, output)
	}
	return os.ReadFile(file) // #nosec G304 -- the file that was built.
}

func executableSuffix() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}

// writeExecutable writes an executable file, and reports whether it replaced a
// different one.
func writeExecutable(file string, content []byte) (replaced bool, err error) {
	previous, err := os.ReadFile(file) // #nosec G304 -- the file to replace.
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil { // #nosec G301 -- as other providers there.
		return false, err
	}
	// A running provider keeps the old file, which cannot be overwritten.
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	replaced = previous != nil && !bytes.Equal(previous, content)
	return replaced, os.WriteFile(file, content, 0o755) // #nosec G306 -- an executable.
}

// uninstall removes every version that is installed for this platform, and the
// folders that are empty then. Archives stay: install writes none.
func uninstall(out io.Writer, plugins string) error {
	removed := 0
	for _, registry := range registries {
		folders, err := filepath.Glob(folder(plugins, registry, "*"))
		if err != nil {
			return err
		}
		for _, folder := range folders {
			if err := os.RemoveAll(folder); err != nil {
				return err
			}
			removed++
			fmt.Fprintf(out, "Removed %s\n", folder)
			for parent := filepath.Dir(folder); parent != filepath.Dir(plugins); parent = filepath.Dir(parent) {
				if os.Remove(parent) != nil {
					break // not empty
				}
			}
		}
	}
	if removed == 0 {
		fmt.Fprintf(out, "The provider is not installed in %s.\n", plugins)
	}
	return nil
}
