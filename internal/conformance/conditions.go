// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/zstackio/terraform-provider-zstack/internal/backupstorage"
	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// maxConditionBytes limits an encoded condition: the client omits a condition
// that makes the query string too long.
const maxConditionBytes = 3 << 10

// probe is a condition that the provider would send.
type probe struct {
	condition   backupstorage.Condition
	description string // without the values
}

// newProbe returns a probe, or false if the provider would not send the
// condition.
func newProbe(attribute, operator string, values ...string) (probe, bool) {
	condition, err := backupstorage.ParseCondition(attribute, operator, values...)
	if err != nil {
		return probe{}, false
	}
	described := fmt.Sprintf("(%d values)", len(values))
	if len(values) == 1 {
		described = describeValue(values[0])
	}
	return probe{condition, attribute + " " + operator + " " + described}, isSent(condition.ClientCondition())
}

func isSent(condition zstack.Condition) bool {
	q, ok := condition.Encode()
	return ok && len(url.QueryEscape(q)) <= maxConditionBytes
}

// notSent begins a note about values that the provider compares itself.
const notSent = "values that are never sent to the server: "

// sampling counts the values that were sampled for a comparison.
type sampling struct {
	sampled, sendable int
	notSent           []string // how many values of which attribute
}

// addTo adds the counts to the result of the comparison.
func (c sampling) addTo(r result) result {
	r.counts = outOf(c.sampled, c.sendable, "value") + ", " + r.counts
	if len(c.notSent) > 0 {
		r.notes = append(r.notes, notSent+strings.Join(c.notSent, ", "))
	}
	return r
}

// sample returns the values of an attribute to compare with an operator.
func (c *sampling) sample(attribute, operator string, values []string) []string {
	sendable := slices.DeleteFunc(slices.Clone(values), func(value string) bool {
		_, sent := newProbe(attribute, operator, value)
		return !sent
	})
	sampled := sample(sendable)
	c.sampled += len(sampled)
	c.sendable += len(sendable)
	if rest := len(values) - len(sendable); rest > 0 {
		c.notSent = append(c.notSent, fmt.Sprintf("%s %d", attribute, rest))
	}
	return sampled
}

// valuesOf returns the distinct values of an attribute.
func (n *node) valuesOf(attribute backupstorage.Attribute[zstack.BackupStorage]) []string {
	var values []string
	for _, row := range n.storages.valid() {
		values = append(values, attribute.Values(&row.Value)...)
	}
	slices.Sort(values)
	return slices.Compact(values)
}

// equalities checks filters and selectors with one value.
func equalities(ctx context.Context, n *node) (result, error) {
	probes, c := n.equalityProbes()
	r, err := n.compare(ctx, probes)
	return c.addTo(r), err
}

func (n *node) equalityProbes() (probes []probe, c sampling) {
	for _, attribute := range backupstorage.Attributes() {
		if len(attribute.Operators()) == 0 {
			continue
		}
		for _, value := range c.sample(attribute.Name, "=", n.valuesOf(attribute)) {
			p, _ := newProbe(attribute.Name, "=", value)
			probes = append(probes, p)
		}
	}
	return probes, c
}

// alternatives checks filters with several values: all sampled values of an
// attribute in one filter.
func alternatives(ctx context.Context, n *node) (result, error) {
	var probes []probe
	for _, attribute := range backupstorage.Attributes() {
		if len(attribute.Operators()) == 0 {
			continue
		}
		values := new(sampling).sample(attribute.Name, "=", n.valuesOf(attribute))
		for len(values) > 1 {
			if p, sent := newProbe(attribute.Name, "=", values...); sent {
				probes = append(probes, p)
				break
			}
			values = values[:len(values)-1] // Together, they are too long.
		}
	}
	return n.compare(ctx, probes)
}

// orderings checks filters that compare numbers.
func orderings(ctx context.Context, n *node) (result, error) {
	var probes []probe
	var c sampling
	for _, attribute := range backupstorage.Attributes() {
		if !slices.Contains(attribute.Operators(), "<") {
			continue
		}
		for _, value := range c.sample(attribute.Name, "<", n.valuesOf(attribute)) {
			for _, operator := range []string{"<", "<=", ">", ">="} {
				p, _ := newProbe(attribute.Name, operator, value)
				probes = append(probes, p)
			}
		}
	}
	r, err := n.compare(ctx, probes)
	return c.addTo(r), err
}

// patterns checks patterns made from names.
func patterns(ctx context.Context, n *node) (result, error) {
	var probes []probe
	var c sampling
	for _, pattern := range c.sample("name", "~=", n.patterns()) {
		p, _ := newProbe("name", "~=", pattern)
		probes = append(probes, p)
	}
	r, err := n.compare(ctx, probes)
	return c.addTo(r), err
}

// patterns returns two patterns for each name: the first half followed by %, in
// capitals because patterns ignore case; and % followed by the second half, with
// its first character replaced by _.
func (n *node) patterns() []string {
	var all []string
	for _, row := range n.storages.valid() {
		if row.Value.Name == nil {
			continue
		}
		name := []rune(*row.Value.Name)
		half := (len(name) + 1) / 2
		all = append(all, strings.ToUpper(string(name[:half]))+"%")
		if half < len(name) {
			all = append(all, "%_"+string(name[half+1:]))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// response is the part of the response to a condition that the checks need.
type response struct {
	uuids map[string]bool
	rows  int
	total *int64
	last  string // uuid of the last row, after which there may be others; empty: there are none
}

// totalFits reports whether the server counted the rows of the response, and
// perhaps others if it is full.
func (r response) totalFits() bool {
	return r.total != nil && (*r.total == int64(r.rows) || r.last != "" && *r.total > int64(r.rows))
}

// responseTo returns the first page of the response to a condition. It sends the
// request only once.
func (n *node) responseTo(ctx context.Context, condition backupstorage.Condition) (response, error) {
	q, _ := condition.ClientCondition().Encode()
	if response, received := n.responses[q]; received {
		return response, nil
	}
	return n.requestAgain(ctx, condition)
}

func (n *node) requestAgain(ctx context.Context, condition backupstorage.Condition) (response, error) {
	q, _ := condition.ClientCondition().Encode()
	page, err := n.storagePage(ctx, 0, pageSize, condition.ClientCondition())
	if err != nil {
		return response{}, err
	}
	r := response{uuids: map[string]bool{}, rows: len(page.Rows), total: page.Total}
	for _, uuid := range uuidsOf(page.Rows) {
		r.uuids[uuid] = true
		if r.rows >= pageSize {
			r.last = uuid
		}
	}
	n.responses[q] = r
	return r, nil
}

// finding is a condition whose response does not contain all rows that meet it.
type finding struct {
	probe
	missing map[string]bool // uuids
	matches int
}

// compare checks that the response to each condition contains every row that
// meets it exactly.
func (n *node) compare(ctx context.Context, probes []probe) (result, error) {
	r := result{compared: len(probes), counts: count(len(probes), "condition")}
	var findings []finding
	for _, p := range probes {
		response, err := n.responseTo(ctx, p.condition)
		if err != nil {
			return r, err
		}
		if missing, matches := missingRows(n.storages, p.condition, response); len(missing) > 0 {
			findings = append(findings, finding{p, missing, matches})
		}
	}
	findings, err := n.confirm(ctx, findings)
	for _, f := range findings {
		r.differences = append(r.differences, fmt.Sprintf("%s: %d of %s missing", f.description, len(f.missing), count(f.matches, "row")))
	}
	return r, err
}

// missingRows returns the uuids of the rows that meet the condition and are not in
// the response, and how many rows meet it.
func missingRows(l list[zstack.BackupStorage], condition backupstorage.Condition, response response) (missing map[string]bool, matches int) {
	missing = map[string]bool{}
	for i, row := range l.rows {
		if row.Err != nil || !condition.Matches(&row.Value) || response.last != "" && i > l.index[response.last] {
			continue
		}
		matches++
		if !response.uuids[l.uuids[i]] {
			missing[l.uuids[i]] = true
		}
	}
	return missing, matches
}

// confirm returns the findings without the rows that no longer meet their
// condition: capacities and states can change at any time.
func (n *node) confirm(ctx context.Context, findings []finding) ([]finding, error) {
	if len(findings) == 0 {
		return nil, nil
	}
	now, err := readList(ctx, n.storagePage)
	if err != nil {
		return nil, err
	}
	for _, f := range findings {
		for uuid := range f.missing {
			i, exists := now.index[uuid]
			if !exists || now.rows[i].Err != nil || !f.condition.Matches(&now.rows[i].Value) {
				delete(f.missing, uuid)
			}
		}
	}
	return slices.DeleteFunc(findings, func(f finding) bool { return len(f.missing) == 0 }), nil
}

// zonesByName checks that a zone is found by its name.
func zonesByName(ctx context.Context, n *node) (result, error) {
	if n.zonesErr != nil {
		return result{}, n.zonesErr
	}
	named := map[string][]string{} // uuids by name
	for i, zone := range n.zones.rows {
		if name := zone.Value.Name; zone.Err == nil && name != nil {
			named[*name] = append(named[*name], n.zones.uuids[i])
		}
	}
	names := slices.Collect(maps.Keys(named))
	sendable := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !isSent(zoneNamed(name)) })
	var r result
	for _, name := range sample(sendable) {
		page, err := n.zonePage(ctx, 0, pageSize, zoneNamed(name))
		if err != nil {
			return r, err
		}
		r.compared++
		found := uuidsOf(page.Rows)
		for _, uuid := range named[name] {
			if !slices.Contains(found, uuid) {
				r.differences = append(r.differences, "name = "+describeValue(name)+": the zone is missing")
			}
		}
	}
	r.counts = outOf(r.compared, len(sendable), "name")
	if rest := len(names) - len(sendable); rest > 0 {
		r.notes = append(r.notes, notSent+count(rest, "name"))
	}
	return r, nil
}

func zoneNamed(name string) zstack.Condition {
	return zstack.Condition{Field: "name", Operator: "=", Values: []string{name}}
}
