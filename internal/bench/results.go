// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// comparisons are the plans that are compared: with the provider on this number
// of storages, and with the no-op provider on this number of constant rows. The
// number of runs is divided by share: long plans need fewer.
var comparisons = []struct{ storages, rows, share int }{{10, 0, 1}, {1_000, 1_000, 2}, {10_000, 10_000, 5}}

// result is the medians of one comparison.
type result struct{ product, noop cost }

// measure plans with both providers in turns, so that other load on the
// machine affects both equally.
func (b *bench) measure(ctx context.Context, runs int) ([]result, error) {
	var results []result
	for _, compared := range comparisons {
		b.node.SetBackupStorages(zstacktest.Storages(compared.storages)...)
		var products, noops []cost
		for range max(runs/compared.share, 1) {
			ours, err := b.plan(ctx, product, compared.storages)
			if err != nil {
				return nil, err
			}
			theirs, err := b.plan(ctx, noop, compared.rows)
			if err != nil {
				return nil, err
			}
			products, noops = append(products, ours), append(noops, theirs)
		}
		results = append(results, result{median(products), median(noops)})
	}
	return results, nil
}

func median(costs []cost) cost {
	return cost{
		plan:     middle(costs, func(c cost) time.Duration { return c.plan }),
		provider: middle(costs, func(c cost) time.Duration { return c.provider }),
		wall:     middle(costs, func(c cost) time.Duration { return c.wall }),
		memory:   middle(costs, func(c cost) int64 { return c.memory }),
	}
}

func middle[T cmp.Ordered](costs []cost, of func(cost) T) T {
	all := make([]T, len(costs))
	for i, c := range costs {
		all[i] = of(c)
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// binarySize is the size of a provider's binary in bytes.
func (b *bench) binarySize(provider string) (int64, error) {
	info, err := os.Stat(b.binary(provider))
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// printTable prints every figure, and its target if it has one.
func (b *bench) printTable(out io.Writer, results []result) error {
	ours, err := b.binarySize(product)
	if err != nil {
		return err
	}
	theirs, err := b.binarySize(noop)
	if err != nil {
		return err
	}
	ten, thousand, tenThousand := results[0], results[1], results[2]

	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(columns ...string) { _, _ = fmt.Fprintln(table, strings.Join(columns, "\t")) }
	line("", "zstack", "no-op", "ratio", "target")
	for i, r := range results {
		of := fmt.Sprintf("%d storages: ", comparisons[i].storages)
		line(of+"CPU of the plan", seconds(r.product.plan), seconds(r.noop.plan), ratio(r.product.plan, r.noop.plan), cpuTargets[i])
		line(of+"CPU of the provider", seconds(r.product.provider), seconds(r.noop.provider), ratio(r.product.provider, r.noop.provider), "")
		line(of+"wall clock", seconds(r.product.wall), seconds(r.noop.wall), ratio(r.product.wall, r.noop.wall), "")
		line(of+"peak memory of the provider", mebibytes(r.product.memory), mebibytes(r.noop.memory), ratio(r.product.memory, r.noop.memory), memoryTargets[i])
	}
	few := (thousand.product.provider - ten.product.provider) / (1_000 - 10)
	many := (tenThousand.product.provider - thousand.product.provider) / (10_000 - 1_000)
	line("CPU of the provider for a further row", "to 1,000: "+few.String(), "to 10,000: "+many.String(), ratio(many, few), "flat")
	line("stripped binary", mebibytes(ours), mebibytes(theirs), ratio(ours, theirs), "≤ 1.10")
	return table.Flush()
}

// Targets, for each of the comparisons.
var (
	cpuTargets    = []string{"≤ 1.15", "≤ 1.5", ""}
	memoryTargets = []string{"", "", "≤ 100 MiB"}
)

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

func mebibytes(bytes int64) string { return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20)) }

func ratio[T time.Duration | int64](ours, noop T) string {
	return fmt.Sprintf("%.2f", float64(ours)/float64(noop))
}
