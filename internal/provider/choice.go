// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// choice is something that can be said in several ways, of which one counts.
// What the provider block says hides what the environment says.
type choice struct {
	noun    string // in the summary of a diagnostic
	subject string // follows "says" in its detail
	ways    []*way

	// sets makes each way a set that the environment holds as a whole or not at
	// all: in part it counts for nothing, and its optional members never join
	// arguments of the provider block.
	sets bool

	// optional allows to say nothing.
	optional bool
}

// way is a group of arguments that say one thing together.
type way struct{ required, optional []string }

func (w *way) members() []string { return slices.Concat(w.required, w.optional) }

var (
	location = &choice{
		noun:    "Endpoint",
		subject: "where the management node is",
		ways:    []*way{byEndpoint, byHost},
	}
	byEndpoint = &way{required: []string{"endpoint"}}
	byHost     = &way{required: []string{"host"}, optional: []string{"port"}}

	credentials = &choice{
		noun:    "Credentials",
		subject: "how to log in",
		ways:    []*way{byAccount, byVirtualID, byAccessKey, bySession},
		sets:    true,
	}
	byAccount   = &way{required: []string{"account_name", "account_password"}, optional: []string{"user_name"}}
	byVirtualID = &way{required: []string{"virtual_id_name", "virtual_id_password"}, optional: []string{"project_name"}}
	byAccessKey = &way{required: []string{"access_key_id", "access_key_secret"}}
	bySession   = &way{required: []string{"session_uuid"}}

	authorities = &choice{
		noun:     "CA Certificates",
		subject:  "which authorities to trust",
		ways:     []*way{byText, byFile},
		optional: true,
	}
	byText = &way{required: []string{"ca_certificate"}}
	byFile = &way{required: []string{"ca_certificate_file"}}

	choices = []*choice{location, credentials, authorities}
)

// label says under which name an argument is found. It returns "" if it is not.
type label func(argument string) string

// validate reports several ways in the provider block. A value that is not
// known yet may turn out to be null, so it takes no part.
func (c *choice) validate(block map[string]value) (diags diag.Diagnostics) {
	known := func(name string) string {
		if v, given := block[name]; given && !v.unknown {
			return name
		}
		return ""
	}
	if ways := c.used(known); len(ways) > 1 {
		diags.AddError("Ambiguous "+c.noun, fmt.Sprintf(
			"The provider block says in %d ways %s:\n\n%s\nKeep one of them.",
			len(ways), c.subject, list(ways, known, nil)))
	}
	return diags
}

// used returns the ways of which anything is found.
func (c *choice) used(found label) []*way {
	var used []*way
	for _, w := range c.ways {
		if len(w.found(found)) > 0 {
			used = append(used, w)
		}
	}
	return used
}

// found returns the labels of the members that are found.
func (w *way) found(found label) (labels []string) {
	for _, name := range w.members() {
		if label := found(name); label != "" {
			labels = append(labels, label)
		}
	}
	return labels
}

// missing returns the required members that are not found.
func (w *way) missing(found label) (names []string) {
	for _, name := range w.required {
		if found(name) == "" {
			names = append(names, name)
		}
	}
	return names
}

// list shows a line for each way: what of it is found and, with a label for
// it, what is missing.
func list(ways []*way, found, missing label) string {
	var text strings.Builder
	for _, w := range ways {
		var parts []string
		if labels := w.found(found); len(labels) > 0 {
			parts = append(parts, "found "+strings.Join(labels, ", "))
		}
		if names := w.missing(found); missing != nil && len(names) > 0 {
			parts = append(parts, "missing "+join(names, missing))
		}
		fmt.Fprintf(&text, "  %s\n", strings.Join(parts, "; "))
	}
	return text.String()
}

func join(names []string, as label) string {
	labels := make([]string, len(names))
	for i, name := range names {
		labels[i] = as(name)
	}
	return strings.Join(labels, ", ")
}

// choose returns the way that counts. It is nil if there is none, which is
// reported if it must not be, or if that hangs on a value not known yet.
func (s *settings) choose(c *choice) *way {
	ways := c.used(s.inBlock)
	if len(ways) == 0 {
		return s.chooseInEnvironment(c)
	}
	if len(ways) > 1 {
		// All but one hold nothing that is known, or validate had objected.
		for _, w := range ways {
			s.unknown = append(s.unknown, w.found(s.pending)...)
		}
		return nil
	}

	chosen := ways[0]
	if c.sets {
		s.hidden = append(s.hidden, chosen.optional...)
	}
	missing := chosen.missing(s.anywhere)
	if len(missing) > 0 && len(chosen.found(s.pending)) == 0 {
		s.diags.AddError("Incomplete "+c.noun, fmt.Sprintf(
			"The provider block says only in part %s:\n\n%s\nSet what is missing there, or in the environment as %s.",
			c.subject, list(ways, s.anywhere, func(name string) string { return name }), join(missing, variable)))
		return nil
	}
	return chosen
}

// chooseInEnvironment is choose for a provider block that says nothing.
func (s *settings) chooseInEnvironment(c *choice) *way {
	ways := c.used(s.inEnvironment)
	whole := slices.DeleteFunc(slices.Clone(ways), func(w *way) bool { return len(w.missing(s.inEnvironment)) > 0 })
	if c.sets {
		ways = whole
	}
	switch {
	case len(ways) > 1:
		s.diags.AddError("Ambiguous "+c.noun, fmt.Sprintf(
			"The environment says in %d ways %s:\n\n%s\nUnset the variables of all but one, or say it in the provider block, which hides them.",
			len(ways), c.subject, list(ways, s.inEnvironment, nil)))
	case len(whole) == 1:
		return whole[0]
	case !c.optional:
		s.diags.AddError("Missing "+c.noun, fmt.Sprintf(
			"Neither the provider block nor the environment says completely %s:\n\n%s\nComplete one of these lines, with the variables or with the arguments that they stand in for, as %s does for %s.",
			c.subject, list(c.ways, s.inEnvironment, variable), variable(c.ways[0].required[0]), c.ways[0].required[0]))
	}
	return nil
}
