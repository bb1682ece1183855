// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/diagnosis"
	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// check checks one assumption of the provider.
type check struct {
	name string
	run  func(context.Context, *node) (result, error) // an error: a request failed
}

// checks are run in this order.
var checks = []check{
	{"pages of 1000 rows", pagesOf1000},
	{"pages of 7 rows", pagesOf7},
	{"pages of 1 row", pagesOf1},
	{"total", totals},
	{"total with conditions", totalsWithConditions},
	{"conditions: = with one value", equalities},
	{"conditions: = with several values", alternatives},
	{"conditions: < <= > >=", orderings},
	{"conditions: name_pattern", patterns},
	{"zones by name", zonesByName},
	{"filters accept every value", filterValues},
	{"JSON keys and types", jsonTypes},
	{"UUIDs", uuids},
	{"dates", dates},
	{"logout", logout},
	{"unknown session", unknownSession},
	{"no change during the run", noChange},
}

// result is what a check has found. Its texts contain no name, address or value
// from the cloud, so that they can be reported.
type result struct {
	compared    int    // 0: the check does not apply
	counts      string // how much was compared, or why nothing was
	differences []string
	notes       []string // facts that are worth reporting, but not differences
}

func notApplicable(reason string) (result, error) { return result{counts: reason}, nil }

// outcome is the outcome of a check in the table.
type outcome string

const (
	outcomeOK            outcome = "ok"
	outcomeDiffers       outcome = "differs"
	outcomeNotApplicable outcome = "not applicable"
	outcomeError         outcome = "error" // a request failed
)

var outcomes = []outcome{outcomeOK, outcomeDiffers, outcomeNotApplicable, outcomeError}

func outcomeOf(r result, err error) outcome {
	switch {
	case err != nil:
		return outcomeError
	case len(r.differences) > 0:
		return outcomeDiffers
	case r.compared == 0:
		return outcomeNotApplicable
	}
	return outcomeOK
}

var errInterrupted = errors.New("interrupted")

// run runs all checks and writes each result immediately: to out, and to report
// in a form that can be published. It returns an error if a check does not pass.
// At the end, the node has no session of the run.
func run(ctx context.Context, config zstack.Config, login diagnosis.Login, out, report io.Writer) error {
	privateText := privateText(login)
	both := table{{out, privateText}, {report, publicText}}
	n := newNode(config)
	defer n.close(ctx)
	began := time.Now()

	fmt.Fprintf(out, "Checking the management node at %s\n", config.Endpoint)
	if err := n.read(ctx); err != nil {
		if ctx.Err() != nil {
			return errInterrupted
		}
		_, writeErr := fmt.Fprintf(report, "The backup storages were not read: %s\n", publicText(err))
		return errors.Join(errors.New(privateText(err)), writeErr)
	}
	if err := both.heading(n); err != nil {
		return err
	}
	found := map[outcome]int{}
	for _, c := range checks {
		r, err := c.run(ctx, n)
		if ctx.Err() != nil {
			return errors.Join(errInterrupted, both.line("Interrupted."))
		}
		found[outcomeOf(r, err)]++
		if err := both.result(c.name, r, err); err != nil {
			return err
		}
	}
	if err := both.line("%s", summary(found, n.reads, time.Since(began))); err != nil {
		return err
	}
	if failed := found[outcomeDiffers] + found[outcomeError]; failed > 0 {
		return fmt.Errorf("%d of %d checks did not pass", failed, len(checks))
	}
	return nil
}
