// SPDX-License-Identifier: MPL-2.0

// Command terraform-provider-zstack is started by Terraform or OpenTofu.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	"github.com/hashicorp/terraform-plugin-log/tflog"
	"github.com/hashicorp/terraform-plugin-log/tfsdklog"

	"github.com/zstackio/terraform-provider-zstack/internal/parent"
	"github.com/zstackio/terraform-provider-zstack/internal/provider"
)

const address = "registry.terraform.io/zstackio/zstack"

// version is set by the release build.
var version = "dev"

// startedByHand is for a person who starts the provider in a shell.
const startedByHand = `This is the ZStack provider, a plugin of Terraform and OpenTofu. You do not start it yourself:
terraform and tofu start it for every configuration that requires the provider zstackio/zstack.

To use it, require it in a configuration and run terraform init and terraform plan (or tofu init and tofu plan):

  terraform {
    required_providers {
      zstack = {
        source  = "zstackio/zstack"
        version = "~> 0.1"
      }
    }
  }

terraform-provider-zstack -version prints the version.
`

func main() {
	// net/http logs unsolicited data from a server here, and a session may be in it.
	log.SetOutput(io.Discard)

	serveDebugger := flag.Bool("debug", false, "serve until interrupted, for Terraform to attach through TF_REATTACH_PROVIDERS")
	showVersion := flag.Bool("version", false, "print the version and exit")
	flag.Parse()
	switch {
	case *showVersion:
		fmt.Println(versionLine())
		return
	case !*serveDebugger && os.Getenv("TF_PLUGIN_MAGIC_COOKIE") == "":
		fmt.Fprint(os.Stderr, startedByHand)
		os.Exit(1)
	}

	if !*serveDebugger {
		turnUnreadLogsOff()
	}
	ctx := tfsdklog.NewRootProviderLogger(context.Background(),
		tfsdklog.WithStderrFromInit(), tfsdklog.WithLogName("zstack"), tflog.WithLevelFromEnv("TF_LOG_PROVIDER", "zstack"))
	p := provider.New(version)
	var err error
	if *serveDebugger {
		err = serve(server{provider.NewServer(p), func() {}},
			tf6server.WithManagedDebug(), tf6server.WithManagedDebugStopSignals(append(stopSignals(), os.Interrupt)))
	} else {
		err = serveTerraform(ctx, p)
	}
	p.Close(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// turnUnreadLogsOff turns off the logs of the provider and of the plugin
// framework if neither TF_LOG nor TF_LOG_PROVIDER is set: Terraform then drops
// every line, but only after it has parsed it.
func turnUnreadLogsOff() {
	if os.Getenv("TF_LOG") != "" || os.Getenv("TF_LOG_PROVIDER") != "" {
		return
	}
	for _, level := range []string{"TF_LOG_PROVIDER_ZSTACK", "TF_LOG_SDK"} {
		_ = os.Setenv(level, "OFF")
	}
}

// serveTerraform serves until Terraform stops the provider or ends itself.
// It starts no goroutine, because each would delay the start by some percent.
func serveTerraform(ctx context.Context, p *provider.Provider) error {
	err := parent.Watch(func() {
		tflog.Info(ctx, "Ending all reads and logging out, because the process that started the provider has ended")
		p.Close(ctx)
		os.Exit(0)
	})
	if err != nil {
		tflog.Warn(ctx, "Terraform's process cannot be watched, so the provider will not notice when it ends", map[string]any{"error": err.Error()})
	}
	return serve(server{provider.NewServer(p), sync.OnceFunc(func() { closeOnSignals(ctx, p) })})
}

// closeOnSignals makes a signal mean the same as Terraform's request to stop: all
// reads end, and the provider logs out. The process does not end, since Terraform
// may still send requests and wants a response.
func closeOnSignals(ctx context.Context, p *provider.Provider) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, stopSignals()...)
	go func() {
		for received := range signals {
			tflog.Info(ctx, "Ending all reads and logging out, because of a signal", map[string]any{"signal": received.String()})
			go p.Close(ctx)
		}
	}()
}

// stopSignals are the signals that mean the same as Terraform's request to
// stop. SIGHUP and SIGQUIT, which end Terraform, stay ignored if they were
// ignored at the start, as under nohup: Terraform keeps running too. SIGINT is
// not one of them: Terraform receives it too and asks its providers to stop.
func stopSignals() []os.Signal {
	endTerraform := []os.Signal{syscall.SIGHUP, syscall.SIGQUIT}
	return append(slices.DeleteFunc(endTerraform, signal.Ignored), syscall.SIGTERM)
}

// versionLine is what a bug report needs: the version, the commit, and the
// versions of Go and of the plugin protocol.
func versionLine() string {
	facts := []string{runtime.Version(), "protocol 6"}
	if build, ok := debug.ReadBuildInfo(); ok {
		for _, setting := range build.Settings {
			if setting.Key == "vcs.revision" {
				facts = append([]string{"commit " + setting.Value}, facts...)
			}
		}
	}
	return fmt.Sprintf("terraform-provider-zstack %s (%s)", version, strings.Join(facts, ", "))
}

func serve(s server, options ...tf6server.ServeOpt) error {
	return tf6server.Serve(address, func() tfprotov6.ProviderServer { return s }, options...)
}

// server is the provider's server, with what only its own process needs.
type server struct {
	tfprotov6.ProviderServer
	handleSignals func() // called once
}

// ConfigureProvider is called before the first login. Until then, a signal may
// end the process, and a broken pipe must: it means that Terraform ended before it
// could be watched. From then on, a log line that nobody reads must not end the
// process before it has logged out.
func (s server) ConfigureProvider(ctx context.Context, req *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	s.handleSignals()
	signal.Ignore(syscall.SIGPIPE)
	return s.ProviderServer.ConfigureProvider(ctx, req)
}
