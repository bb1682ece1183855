// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"text/tabwriter"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// comparison is two plans that are compared: of a list of all storages with the
// provider, and of as many constant rows with the no-op provider.
type comparison struct {
	name          string
	product, noop workload
	share         int // The number of runs is divided by it: long plans need fewer.
	planTarget    string
	memoryTarget  string
}

var comparisons = []comparison{
	{name: "empty list", product: workload{1, 0}, noop: workload{1, 0}, share: 1},
	{name: "10 rows (no-op: none)", product: workload{1, 10}, noop: workload{1, 0}, share: 1},
	{name: "10 rows", product: workload{1, 10}, noop: workload{1, 10}, share: 1, planTarget: "≤ 1.05"},
	{name: "1000 rows", product: workload{1, 1_000}, noop: workload{1, 1_000}, share: 2, planTarget: "≤ 0.78"},
	{
		name: "10,000 rows", product: workload{1, 10_000}, noop: workload{1, 10_000}, share: 5,
		planTarget: "≤ 0.72", memoryTarget: "≤ 100 MiB",
	},
	{name: "50 lists of 20 rows", product: workload{50, 20}, noop: workload{50, 20}, share: 3},
}

// pair is the costs of the provider and of the no-op provider, measured one
// after the other, so that other load on the machine affects both equally.
type pair struct{ product, noop cost }

// pairs measures both providers this number of times. Each is the first of
// every other pair.
func pairs(runs int, measure func(provider string) (cost, error)) ([]pair, error) {
	measured := make([]pair, max(runs, 1))
	for i := range measured {
		costs, providers := map[string]cost{}, []string{product, noop}
		if i%2 == 1 {
			slices.Reverse(providers)
		}
		for _, provider := range providers {
			cost, err := measure(provider)
			if err != nil {
				return nil, err
			}
			costs[provider] = cost
		}
		measured[i] = pair{product: costs[product], noop: costs[noop]}
	}
	return measured, nil
}

// compare plans the two workloads.
func (b *bench) compare(ctx context.Context, compared comparison, runs int) ([]pair, error) {
	b.node.SetBackupStorages(zstacktest.Storages(compared.product.rows)...)
	return pairs(runs/compared.share, func(provider string) (cost, error) {
		if provider == noop {
			return b.plan(ctx, noop, compared.noop)
		}
		return b.plan(ctx, product, compared.product)
	})
}

// median is the median of a figure.
func median(measured []pair, figure func(pair) float64) float64 {
	figures := make([]float64, len(measured))
	for i, p := range measured {
		figures[i] = figure(p)
	}
	slices.Sort(figures)
	return figures[len(figures)/2]
}

// figure is something that is measured of both providers.
type figure struct {
	name   string
	of     func(cost) float64
	format func(float64) string
}

var (
	planCPU     = figure{"CPU of the plan", func(c cost) float64 { return c.plan }, seconds}
	providerCPU = figure{"CPU of the provider", func(c cost) float64 { return c.provider }, seconds}
	wallClock   = figure{"wall clock", func(c cost) float64 { return c.wall }, seconds}
	peakMemory  = figure{"peak memory of the provider", func(c cost) float64 { return c.memory }, mebibytes}
)

// product and noop are the medians of the figure.
func (f figure) product(measured []pair) float64 {
	return median(measured, func(p pair) float64 { return f.of(p.product) })
}

func (f figure) noop(measured []pair) float64 {
	return median(measured, func(p pair) float64 { return f.of(p.noop) })
}

// ratio is the median of the ratios of the pairs.
func (f figure) ratio(measured []pair) float64 {
	return median(measured, func(p pair) float64 { return f.of(p.product) / f.of(p.noop) })
}

// table is what is printed.
type table struct{ *tabwriter.Writer }

func (t table) line(name, product, noop string, ratio float64, target string) {
	_, _ = fmt.Fprintf(t, "%s\t%s\t%s\t%.2f\t%s\n", name, product, noop, ratio, target)
}

func (t table) figure(name string, f figure, measured []pair, target string) {
	t.line(name, f.format(f.product(measured)), f.format(f.noop(measured)), f.ratio(measured), target)
}

// printTable measures everything and prints every figure, with its target if it
// has one.
func (b *bench) printTable(ctx context.Context, out io.Writer, runs int) error {
	starts, err := pairs(10*runs, func(provider string) (cost, error) { return b.handshake(ctx, provider) })
	if err != nil {
		return err
	}
	measured := make([][]pair, len(comparisons))
	for i, compared := range comparisons {
		if measured[i], err = b.compare(ctx, compared, runs); err != nil {
			return err
		}
	}
	ourSize, err := b.binarySize(product)
	if err != nil {
		return err
	}
	theirSize, err := b.binarySize(noop)
	if err != nil {
		return err
	}

	t := table{tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)}
	_, _ = fmt.Fprintln(t, "\tzstack\tno-op\tratio\ttarget")
	for i, compared := range comparisons {
		t.figure(compared.name+": "+planCPU.name, planCPU, measured[i], compared.planTarget)
		t.figure(compared.name+": "+providerCPU.name, providerCPU, measured[i], "")
		t.figure(compared.name+": "+wallClock.name, wallClock, measured[i], "")
		t.figure(compared.name+": "+peakMemory.name, peakMemory, measured[i], compared.memoryTarget)
	}
	empty, few, many := measured[0], measured[3], measured[4]
	ours := (providerCPU.product(many) - providerCPU.product(few)) / (10_000 - 1_000)
	theirs := (providerCPU.noop(many) - providerCPU.noop(few)) / (10_000 - 1_000)
	t.line("CPU of the provider for a further row", microseconds(ours), microseconds(theirs), ours/theirs, "≤ 0.25")
	least := leastTime(empty, many)
	t.line("10,000 rows: wall clock, and the least possible", seconds(wallClock.product(many)), seconds(least), wallClock.product(many)/least, "≤ 1.15")
	start := figure{of: wallClock.of, format: milliseconds}
	t.figure("start of the provider", start, starts, "≤ 1.03")
	t.line("stripped binary", mebibytes(ourSize), mebibytes(theirSize), ourSize/theirSize, "≤ 1.10")
	return t.Flush()
}

// leastTime is the least time that a plan of many rows can take: the time of a
// plan of an empty list, plus the management node's time and Terraform's time for
// the rows. Terraform's time is what the rows add to the no-op provider's plan,
// minus the time of that provider's read.
func leastTime(empty, many []pair) float64 {
	node := median(many, func(p pair) float64 { return p.product.node })
	terraform := median(many, func(p pair) float64 { return p.noop.wall - p.noop.reads }) - wallClock.noop(empty)
	return wallClock.product(empty) + node + terraform
}

// binarySize is the size of a provider's binary in bytes.
func (b *bench) binarySize(provider string) (float64, error) {
	info, err := os.Stat(b.binary(provider))
	if err != nil {
		return 0, err
	}
	return float64(info.Size()), nil
}

func seconds(s float64) string { return fmt.Sprintf("%.2f s", s) }

func milliseconds(s float64) string { return fmt.Sprintf("%.1f ms", s*1e3) }

func microseconds(s float64) string { return fmt.Sprintf("%.0f µs", s*1e6) }

func mebibytes(bytes float64) string { return fmt.Sprintf("%.1f MiB", bytes/(1<<20)) }
