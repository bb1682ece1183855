// SPDX-License-Identifier: MPL-2.0

// Package numbers writes and reads the files in which the processes of a
// benchmark leave what they measured.
package numbers

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Append appends a line of numbers to a file.
func Append(file string, line ...any) error {
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(f, line...)
	return errors.Join(err, f.Close())
}

// Read returns the lines of a file. Each has the expected count of numbers.
func Read(file string, count int) ([][]float64, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var lines [][]float64
	for line := range strings.Lines(string(text)) {
		var numbers []float64
		for _, field := range strings.Fields(line) {
			number, err := strconv.ParseFloat(field, 64)
			if err != nil {
				return nil, fmt.Errorf("%s contains %q: %w", file, line, err)
			}
			numbers = append(numbers, number)
		}
		if len(numbers) != count {
			return nil, fmt.Errorf("%s contains %q, want %d numbers in a line", file, line, count)
		}
		lines = append(lines, numbers)
	}
	return lines, nil
}
