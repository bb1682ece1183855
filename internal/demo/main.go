// SPDX-License-Identifier: MPL-2.0

// Command demo shows the provider at work: it builds it, lets a real terraform (or tofu) apply examples/demo against a
// fake management node, and prints what came back. With -real the same example reads the cloud that ZSTACK_* names.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	cloud := flag.Bool("real", false, "read the cloud that ZSTACK_* names instead of a fake one")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Stdout, os.Environ(), *cloud)
	if ctx.Err() != nil {
		err = errors.New("interrupted; nothing is left running")
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "\n"+err.Error())
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, environ []string, cloud bool) error {
	if cloud {
		return showCloud(ctx, out, environ)
	}
	return showFake(ctx, out, environ, newNode())
}
