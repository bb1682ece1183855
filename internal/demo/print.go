// SPDX-License-Identifier: MPL-2.0

package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// printOutputs prints the outputs of examples/demo/main.tf, given as terraform output -json prints them.
func printOutputs(out io.Writer, outputs string) error {
	var values struct {
		BackupStorages struct{ Value []map[string]any } `json:"backup_storages"`
		MostFreeSpace  struct{ Value *string }          `json:"most_free_space"`
	}
	decoder := json.NewDecoder(strings.NewReader(outputs))
	decoder.UseNumber() // capacities do not fit into a float64
	if err := decoder.Decode(&values); err != nil {
		return fmt.Errorf("terraform output: %w", err)
	}
	storages, mostFreeSpace := values.BackupStorages.Value, values.MostFreeSpace.Value

	fmt.Fprintf(out, "\n%d backup storages\n", len(storages))
	for _, storage := range storages {
		fmt.Fprintf(out, "\n%v\n", cmp.Or(storage["name"], any("(no name)")))
		delete(storage, "name")
		printObject(out, "  ", storage)
	}
	if mostFreeSpace != nil {
		fmt.Fprintf(out, "\nThe best storage for the next image is %s: it is enabled and connected, and has the most free space.\n", *mostFreeSpace)
	}
	return nil
}

// printObject prints the attributes of an object, one a line, and at the end the names of those that are null.
func printObject(out io.Writer, indent string, object map[string]any) {
	var absent []string
	for _, name := range slices.SortedFunc(maps.Keys(object), byInterest) {
		switch value := object[name].(type) {
		case nil:
			absent = append(absent, name)
		case []any:
			printList(out, indent, name, value)
		default:
			printLine(out, indent, name, scalar(name, value))
		}
	}
	heading := "null"
	for names := range slices.Chunk(absent, 4) {
		printLine(out, indent, heading, strings.Join(names, ", "))
		heading = ""
	}
}

// printList prints strings in one line, and objects below each other.
func printList(out io.Writer, indent, name string, list []any) {
	var texts []string
	for _, element := range list {
		object, ok := element.(map[string]any)
		if !ok {
			texts = append(texts, scalar(name, element))
			continue
		}
		fmt.Fprintf(out, "%s%s\n", indent, name)
		printObject(out, indent+"  ", object)
	}
	switch {
	case len(list) == 0:
		printLine(out, indent, name, "(none)")
	case len(texts) > 0:
		printLine(out, indent, name, strings.Join(texts, ", "))
	}
}

func printLine(out io.Writer, indent, name, value string) {
	fmt.Fprintf(out, "%s%-*s %s\n", indent, 28-len(indent), name, value)
}

// byInterest orders attributes: the most important ones first, then the others by name.
func byInterest(a, b string) int {
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
}

func rank(name string) int {
	first := []string{"uuid", "mon_uuid", "description", "type", "state", "status", "total_capacity", "available_capacity"}
	if i := slices.Index(first, name); i >= 0 {
		return i
	}
	return len(first)
}

// scalar formats a value; a capacity also in a readable unit.
func scalar(name string, value any) string {
	number, ok := value.(json.Number)
	if !ok {
		return fmt.Sprint(value)
	}
	amount, err := number.Int64()
	if err != nil || !strings.HasSuffix(name, "_capacity") {
		return number.String()
	}
	return fmt.Sprintf("%d (%s)", amount, size(amount))
}

func size(amount int64) string {
	value, units := float64(amount), []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}
	for value >= 1024 && len(units) > 1 {
		value, units = value/1024, units[1:]
	}
	return fmt.Sprintf("%.1f %s", value, units[0])
}
