// SPDX-License-Identifier: MPL-2.0

// Command conformance checks that a management node behaves as the provider
// expects: that lists are complete, that conditions miss no row, that rows
// have the expected form, that sessions end. It reads the node that the ZSTACK_*
// variables name, with the requests that the provider itself sends: a login,
// lists of backup storages and zones, one after the other, and a logout.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/zstackio/terraform-provider-zstack/internal/interrupt"
	"github.com/zstackio/terraform-provider-zstack/internal/provider"
)

func main() {
	log.SetOutput(io.Discard)      // net/http logs unsolicited data from a server here, and a session may be in it.
	signal.Ignore(syscall.SIGPIPE) // A reader that ends, as in make conformance | head, must not prevent the logout.
	ctx, stop := interrupt.Context()
	file, err := reportFile(os.Args[1:])
	if err == nil {
		err = checkEnvironment(ctx, os.Environ(), file)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "\n"+err.Error())
		os.Exit(1)
	}
}

// reportFile returns the path of the report to write, or "".
func reportFile(args []string) (string, error) {
	flags := flag.NewFlagSet("conformance", flag.ExitOnError)
	file := flags.String("report", "", "write a report to this `file`; it contains no name, address or value from the cloud")
	_ = flags.Parse(args) // it exits on an error
	if flags.NArg() > 0 {
		return "", fmt.Errorf("unexpected argument %q; the only option is -report FILE", flags.Arg(0))
	}
	return *file, nil
}

// checkEnvironment checks the management node that the environment names. It
// writes no report if file is empty.
func checkEnvironment(ctx context.Context, environ []string, file string) error {
	config, login, err := provider.ConfigFromEnvironment(environ)
	if err != nil {
		return err
	}
	config.UserAgent = "terraform-provider-zstack (conformance)"
	if file == "" {
		return run(ctx, config, login, os.Stdout, io.Discard)
	}
	report, err := os.Create(file) // #nosec G304 -- the user names it.
	if err != nil {
		return err
	}
	return errors.Join(run(ctx, config, login, os.Stdout, report), report.Close())
}
