// SPDX-License-Identifier: MPL-2.0

// Command demo shows the provider at work: it builds it, lets a real terraform (or tofu) apply examples/demo against a
// fake management node, and prints what came back. With -real the same example reads the cloud that ZSTACK_* names.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ownCloud := flag.Bool("real", false, "read the cloud that ZSTACK_* names instead of a fake one")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	show := func(ctx context.Context) error { return showFake(ctx, os.Stdout, newNode()) }
	if *ownCloud {
		show = func(ctx context.Context) error { return showCloud(ctx, os.Stdout) }
	}
	err := show(ctx)
	if ctx.Err() != nil {
		err = errors.New("interrupted; nothing is left running")
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "\n"+err.Error())
		os.Exit(1)
	}
}
