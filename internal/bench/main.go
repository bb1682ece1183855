// SPDX-License-Identifier: MPL-2.0

//go:build linux

// Command bench plans alternately with the provider and with a no-op provider, and
// prints how much CPU, time and memory each takes, with the targets. README.md
// explains the figures.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	runs := flag.Int("runs", 15, "number of plans of a short list with each provider; long lists need fewer")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, *runs)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, runs int) error {
	folder, err := os.MkdirTemp("", "zstack-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)

	bench, err := newBench(ctx, folder)
	if err != nil {
		return err
	}
	defer bench.close()
	return bench.printTable(ctx, os.Stdout, runs)
}
