// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// Diagnostic is an error or a warning as Terraform shows it.
type Diagnostic struct {
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Detail   string `json:"detail"`

	// Snippet is the part of the configuration it is about.
	Snippet struct {
		Context string `json:"context"` // the block it is in
		Code    string `json:"code"`
	} `json:"snippet"`
}

// Diagnostics runs a command that may fail and returns its errors and warnings,
// except the warning about dev_overrides. The command must have the flag -json.
func (c *CLI) Diagnostics(command string, args ...string) []Diagnostic {
	c.t.Helper()
	output, _ := c.Try(append([]string{command, "-json"}, args...)...)
	var all []Diagnostic
	for decoder := json.NewDecoder(strings.NewReader(output)); ; {
		var message struct {
			Diagnostic  *Diagnostic  `json:"diagnostic"`  // one line of plan and apply
			Diagnostics []Diagnostic `json:"diagnostics"` // validate
		}
		if err := decoder.Decode(&message); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			c.t.Fatalf("%s: %v\n%s", command, err, output)
		}
		if message.Diagnostic != nil {
			all = append(all, *message.Diagnostic)
		}
		all = append(all, message.Diagnostics...)
	}
	var ours []Diagnostic
	for _, d := range all {
		if d.Summary != "Provider development overrides are in effect" {
			ours = append(ours, d)
		}
	}
	return ours
}
