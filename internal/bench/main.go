// SPDX-License-Identifier: MPL-2.0

//go:build linux

// Command bench plans with the provider and with one that does nothing, in
// turns, and prints how they compare, beside what is aimed at. README.md says
// how to read it.
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
	runs := flag.Int("runs", 15, "how often to plan with each provider")
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
	results, err := bench.measure(ctx, max(runs, 1))
	if err != nil {
		return err
	}
	return bench.printTable(os.Stdout, results)
}
