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

	"github.com/zstackio/terraform-provider-zstack/internal/interrupt"
)

func main() {
	ctx, stop := interrupt.Context()
	err := run(ctx, os.Args[1:])
	if err != nil && ctx.Err() != nil {
		err = errors.New("interrupted; nothing is left running")
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "\n"+err.Error())
		os.Exit(1)
	}
}

// run runs the command that the arguments name.
func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("demo", flag.ExitOnError)
	ownCloud := flags.Bool("real", false, "read the cloud that the ZSTACK_* variables name")
	_ = flags.Parse(args) // it exits on an error
	switch {
	case flags.Arg(0) == "node" && !*ownCloud:
		options, err := parseNodeOptions(flags.Args()[1:])
		if err != nil {
			return err
		}
		return serveNode(ctx, os.Stdout, options)
	case flags.NArg() > 0:
		return fmt.Errorf("unexpected argument %q; -help lists the options", flags.Arg(0))
	case *ownCloud:
		return showCloud(ctx, os.Stdout)
	default:
		return showFake(ctx, os.Stdout, newNode())
	}
}
