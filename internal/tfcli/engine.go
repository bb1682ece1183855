// SPDX-License-Identifier: MPL-2.0

package tfcli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"

	install "github.com/hashicorp/hc-install"
	"github.com/hashicorp/hc-install/product"
	"github.com/hashicorp/hc-install/releases"
	"github.com/hashicorp/hc-install/src"
)

// EnginePath is the environment variable with the path of the engine to run.
// terraform-plugin-testing honors it too.
const EnginePath = "TF_ACC_TERRAFORM_PATH"

// ErrNoEngine is returned if there is no engine on this machine.
var ErrNoEngine = errors.New("neither terraform nor tofu is on the PATH")

// Engine is an executable of Terraform or OpenTofu.
type Engine struct {
	Path       string
	IsOpenTofu bool

	major, minor int // of its version
	patch        string
}

// Find returns the engine that TF_ACC_TERRAFORM_PATH names, or else the
// terraform or the tofu on the PATH, or ErrNoEngine.
func Find(ctx context.Context) (Engine, error) {
	if path := os.Getenv(EnginePath); path != "" {
		return identify(ctx, path)
	}
	for _, name := range []string{"terraform", "tofu"} {
		if path, err := exec.LookPath(name); err == nil {
			return identify(ctx, path)
		}
	}
	return Engine{}, ErrNoEngine
}

// Download installs the newest Terraform into the folder dir.
func Download(ctx context.Context, dir string) (Engine, error) {
	path, err := install.NewInstaller().Ensure(ctx, []src.Source{
		&releases.LatestVersion{Product: product.Terraform, InstallDir: dir},
	})
	if err != nil {
		return Engine{}, fmt.Errorf("downloading terraform failed; install terraform or tofu and put it on the PATH: %w", err)
	}
	return identify(ctx, path)
}

// identify runs the command version of an engine, whose first line is
// "Terraform v1.11.4", for example, or "OpenTofu v1.12.6".
func identify(ctx context.Context, path string) (Engine, error) {
	version := exec.CommandContext(ctx, path, "version")
	version.Env = append(CleanEnvironment("TF_"), "CHECKPOINT_DISABLE=1")
	output, err := version.Output()
	if err != nil {
		return Engine{}, fmt.Errorf("%s version: %w", path, err)
	}
	var name string
	engine := Engine{Path: path}
	if _, err := fmt.Sscanf(string(output), "%s v%d.%d.%s", &name, &engine.major, &engine.minor, &engine.patch); err != nil {
		return Engine{}, fmt.Errorf("%s is neither Terraform nor OpenTofu: the command version printed %.200q", path, output)
	}
	engine.IsOpenTofu = name == "OpenTofu"
	return engine, nil
}

// String returns the engine's name and version.
func (e Engine) String() string {
	name := "Terraform"
	if e.IsOpenTofu {
		name = "OpenTofu"
	}
	return fmt.Sprintf("%s %d.%d.%s", name, e.major, e.minor, e.patch)
}

// IsAtLeast reports whether the engine has this version or a later one.
func (e Engine) IsAtLeast(major, minor int) bool {
	return e.major > major || e.major == major && e.minor >= minor
}

// Registry is the host of source addresses without a host.
func (e Engine) Registry() string {
	if e.IsOpenTofu {
		return "registry.opentofu.org"
	}
	return "registry.terraform.io"
}
