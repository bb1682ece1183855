// SPDX-License-Identifier: MPL-2.0

//go:build linux

// Command meter is started by Terraform in place of a provider. It runs the
// provider named by METER_PROVIDER and then appends a line to the file named by
// METER_LOG: the provider's CPU time in microseconds and its peak memory in KiB.
//
// It must be small: the peak memory that Linux reports for a process includes
// that of the process which started it.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"github.com/zstackio/terraform-provider-zstack/internal/bench/numbers"
)

func main() {
	provider := exec.Command(os.Getenv("METER_PROVIDER"), os.Args[1:]...)
	provider.Stdin, provider.Stdout, provider.Stderr = os.Stdin, os.Stdout, os.Stderr
	failure := provider.Run()
	if err := report(provider.ProcessState); err != nil {
		failure = err
	}
	if failure != nil {
		fmt.Fprintln(os.Stderr, "meter:", failure)
		os.Exit(1)
	}
}

func report(used *os.ProcessState) error {
	if used == nil {
		return nil
	}
	usage, _ := used.SysUsage().(*syscall.Rusage)
	return numbers.Append(os.Getenv("METER_LOG"), (used.UserTime() + used.SystemTime()).Microseconds(), usage.Maxrss)
}
