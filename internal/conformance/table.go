// SPDX-License-Identifier: MPL-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/diagnosis"
	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// maxLines is how many differences or notes of a check are written.
const maxLines = 10

// table is written to several readers.
type table []reader

// reader receives the table, with errors in a form that it may see.
type reader struct {
	out      io.Writer
	describe func(error) string
}

// result writes the result of one check.
func (t table) result(name string, r result, err error) error {
	what := strings.TrimRight(fmt.Sprintf("%-15s %-34s %s", outcomeOf(r, err), name, r.counts), " ")
	for _, reader := range t {
		lines := slices.Concat([]string{what}, firstLines(r.differences), firstLines(r.notes))
		if err != nil {
			lines = append(lines, strings.FieldsFunc(reader.describe(err), isLineEnd)...)
		}
		if _, err := io.WriteString(reader.out, strings.Join(lines, "\n    ")+"\n"); err != nil {
			return err
		}
	}
	return nil
}

func isLineEnd(r rune) bool { return r == '\n' }

func firstLines(lines []string) []string {
	if len(lines) <= maxLines {
		return lines
	}
	return append(slices.Clone(lines[:maxLines]), fmt.Sprintf("… and %d more", len(lines)-maxLines))
}

// line writes a line that is not about a check.
func (t table) line(format string, arguments ...any) error {
	for _, reader := range t {
		if _, err := fmt.Fprintf(reader.out, format+"\n", arguments...); err != nil {
			return err
		}
	}
	return nil
}

// heading says what is checked.
func (t table) heading(n *node) error {
	rows := map[string]int{}
	for _, row := range n.storages.rows {
		rows[typeName(row)]++
	}
	var types []string
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		types = append(types, fmt.Sprintf("%d %s", rows[name], name))
	}
	return t.line("Conformance of a ZStack management node (%s, %s; %s %s/%s)\n%s: %s; %s\n",
		n.config.Endpoint.Scheme, nameOf(n.config.Credentials), runtime.Version(), runtime.GOOS, runtime.GOARCH,
		count(len(n.storages.rows), "backup storage"), strings.Join(types, ", "), count(len(n.zones.rows), "zone"))
}

// nameOf says how the client logs in.
func nameOf(credentials zstack.Credentials) string {
	switch credentials := credentials.(type) {
	case zstack.Account:
		if credentials.UserName != "" {
			return "user of an account"
		}
		return "account"
	case zstack.VirtualID:
		return "virtual ID"
	case zstack.AccessKey:
		return "access key"
	default:
		return "existing session"
	}
}

func summary(found map[outcome]int, reads int, took time.Duration) string {
	var parts []string
	for _, outcome := range outcomes {
		if found[outcome] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", found[outcome], outcome))
		}
	}
	return fmt.Sprintf("\n%s; %s in %.1f s", strings.Join(parts, ", "), count(reads, "read"), took.Seconds())
}

// privateText returns the messages that the user who logs in sees for errors.
func privateText(login diagnosis.Login) func(error) string {
	return func(err error) string {
		d := diagnosis.Of(err, login)
		return d.Title + ": " + d.Detail()
	}
}

// publicText is the title and the code of an error, without data of the cloud.
func publicText(err error) string {
	text := diagnosis.Of(err, diagnosis.Login{}).Title
	if api, ok := errors.AsType[*zstack.APIError](err); ok {
		text += ", code " + identifier(api.Code)
	}
	if unexpected, ok := errors.AsType[*zstack.UnexpectedResponseError](err); ok {
		text += fmt.Sprintf(", HTTP status %d", unexpected.HTTPStatus)
	}
	return text
}

// count formats a number of things.
func count(number int, what string) string {
	if number != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", number, what)
}

// outOf formats a number of things and the number of all of them.
func outOf(number, all int, what string) string {
	return fmt.Sprintf("%d of %s", number, count(all, what))
}
