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
	log, err := os.OpenFile(os.Getenv("METER_LOG"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	usage, _ := used.SysUsage().(*syscall.Rusage)
	_, err = fmt.Fprintln(log, (used.UserTime() + used.SystemTime()).Microseconds(), usage.Maxrss)
	if closing := log.Close(); err == nil {
		err = closing
	}
	return err
}
