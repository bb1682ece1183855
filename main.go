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
	"syscall"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/zstackio/terraform-provider-zstack/internal/provider"
)

const address = "registry.terraform.io/zstackio/zstack"

// logoutTimeout keeps the logout within the two seconds after which Terraform
// kills a provider that it has asked to end.
const logoutTimeout = time.Second

// version is set by the release build.
var version = "dev"

func main() {
	// net/http logs there what a server sends unasked, which may hold a session.
	log.SetOutput(io.Discard)

	debug := flag.Bool("debug", false, "serve until interrupted, for a Terraform that attaches by TF_REATTACH_PROVIDERS")
	flag.Parse()

	p := provider.New(version)
	err := serve(p, *debug)

	ctx, cancel := context.WithTimeout(context.Background(), logoutTimeout)
	p.Close(ctx)
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(p *provider.Provider, debug bool) error {
	server := func() tfprotov6.ProviderServer { return provider.NewServer(p) }
	if debug {
		return tf6server.Serve(address, server, tf6server.WithManagedDebug(),
			tf6server.WithManagedDebugStopSignals([]os.Signal{os.Interrupt, syscall.SIGTERM}))
	}
	// Terraform gets the signals of its process group too, and ends its
	// providers when it is done with them. Interrupts are ignored already.
	signal.Ignore(syscall.SIGTERM)
	return tf6server.Serve(address, server)
}
