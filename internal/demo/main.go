// SPDX-License-Identifier: MPL-2.0

// Command demo shows the provider at work: it builds it, lets a real terraform (or tofu) apply examples/demo against a
// fake management node, and prints the result. With -real, it reads the cloud that the ZSTACK_* variables name instead.
//
// The command demo node serves the fake management node until it is interrupted, for any configuration.
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
	ownCloud := flag.Bool("real", false, "read the cloud that the ZSTACK_* variables name")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	var err error
	switch {
	case flag.Arg(0) == "node":
		var options nodeOptions
		if options, err = parseNodeOptions(flag.Args()[1:]); err == nil {
			err = serveNode(ctx, os.Stdout, options)
		}
	case *ownCloud:
		err = showCloud(ctx, os.Stdout)
	default:
		err = showFake(ctx, os.Stdout, newNode())
	}
	if err != nil && ctx.Err() != nil {
		err = errors.New("interrupted; nothing is left running")
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "\n"+err.Error())
		os.Exit(1)
	}
}
