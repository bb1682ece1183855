// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// argumentSet is a set of arguments that configure one thing together.
type argumentSet int

const (
	noSet argumentSet = iota // an argument that is alone

	endpointSet
	hostSet

	accountSet
	virtualIDSet
	accessKeySet
	sessionSet

	certificateTextSet
	certificateFileSet
)

// role is what an argument is to its set.
type role int

const (
	required role = iota
	optional
	modifier // used with the set, but does not select it
)

// setting is a setting with alternative sets of arguments, of which one is
// used. A set in the provider block takes precedence over all sets in the
// environment. A set that is incomplete in the environment is ignored there.
type setting struct {
	noun     string // in the title of a diagnostic
	singular string // one set, in its detail
	plural   string
	sets     []argumentSet

	mayBeUnset bool

	// separate ignores the optional variables of a set that the provider block
	// configures: a user's name in the environment does not belong to an account
	// in the provider block.
	separate bool

	example string // follows the advice to set the missing variables
}

var (
	endpointSetting = setting{
		noun: "Endpoint", singular: "endpoint", plural: "endpoints",
		sets:    []argumentSet{endpointSet, hostSet},
		example: " The line to write first:\n\n  export ZSTACK_ENDPOINT=http://<address>:8080",
	}
	credentialsSetting = setting{
		noun: "Credentials", singular: "set of credentials", plural: "sets of credentials",
		sets:     []argumentSet{accountSet, virtualIDSet, accessKeySet, sessionSet},
		separate: true,
	}
	certificatesSetting = setting{
		noun: "CA Certificates", singular: "source of CA certificates", plural: "sources of CA certificates",
		sets:       []argumentSet{certificateTextSet, certificateFileSet},
		mayBeUnset: true,
	}

	settings = []setting{endpointSetting, credentialsSetting, certificatesSetting}
)

// lookup returns the name under which an argument is found somewhere, or "".
type lookup func(a argument) string

// validate reports several sets in the provider block. An unknown value may turn
// out to be null, so it does not count.
func (s setting) validate(all members, block block) (diags diag.Diagnostics) {
	notUnknown := func(a argument) string {
		if block[a.name].unknown {
			return ""
		}
		return block.find(a)
	}
	if used := all.used(s.sets, notUnknown); len(used) > 1 {
		diags.AddError("Ambiguous "+s.noun, fmt.Sprintf(
			"The provider block configures %d conflicting %s:\n\n%s\nKeep one of them.",
			len(used), s.plural, all.list(used, notUnknown, nil)))
	}
	return diags
}

// usedSet returns the set that is used, or noSet if there is none. It reports that
// no set is complete, that several are, or that this depends on unknown values.
func (s *sources) usedSet(setting setting) argumentSet {
	used := s.used(setting.sets, s.block.find)
	switch len(used) {
	case 0:
		return s.usedSetInEnvironment(setting)
	case 1:
		return s.completeSet(setting, used[0])
	}
	// All but one have only unknown values: otherwise validate has failed.
	for _, set := range used {
		s.unknown = append(s.unknown, s.found(set, s.block.findUnknown)...)
	}
	return noSet
}

// completeSet returns the set of the provider block if the environment contains
// what is missing there.
func (s *sources) completeSet(setting setting, set argumentSet) argumentSet {
	if setting.separate {
		s.inBlock = set
	}
	missing := s.missing(set, s.find)
	if len(missing) == 0 || len(s.found(set, s.block.findUnknown)) > 0 {
		return set
	}
	detail := fmt.Sprintf("The provider block configures the %s only partially:\n\n%s\nSet what is missing there, or in the environment as %s.",
		setting.singular, s.list([]argumentSet{set}, s.find, byName), strings.Join(namesOf(missing, argument.variable), ", "))
	for _, other := range setting.sets {
		if other != set && s.isCompleteInEnvironment(other) {
			detail += fmt.Sprintf(" The provider block takes precedence over %s in the environment.", strings.Join(s.found(other, s.findVariable), ", "))
		}
	}
	s.diags.AddError("Incomplete "+setting.noun, detail+s.environment.explainMissing(s.members, missing))
	return noSet
}

// usedSetInEnvironment is usedSet for a provider block without any of the sets.
func (s *sources) usedSetInEnvironment(setting setting) argumentSet {
	var completeSets []argumentSet
	for _, set := range setting.sets {
		if s.isCompleteInEnvironment(set) {
			completeSets = append(completeSets, set)
		}
	}
	switch {
	case len(completeSets) == 1:
		return completeSets[0]
	case len(completeSets) > 1:
		s.diags.AddError("Ambiguous "+setting.noun, fmt.Sprintf(
			"The environment configures %d conflicting %s:\n\n%s\nUnset the variables of all but one%s.",
			len(completeSets), setting.plural, s.list(completeSets, s.findVariable, nil),
			s.ifBlock(", or configure one in the provider block, which takes precedence")))
	case !setting.mayBeUnset:
		s.diags.AddError("Missing "+setting.noun, s.describeMissing(setting))
	}
	return noSet
}

func (s *sources) isCompleteInEnvironment(set argumentSet) bool {
	return len(s.missing(set, s.findVariable)) == 0
}

func (s *sources) describeMissing(setting setting) string {
	where := " in the environment"
	if s.block != nil {
		where = ", neither in the provider block nor in the environment"
	}
	var missing []argument
	for _, set := range setting.sets {
		missing = append(missing, s.missing(set, s.findVariable)...)
	}
	found := func(a argument) string {
		if kubernetesPort().MatchString(s.environment[a.variable()]) {
			return ""
		}
		return s.findVariable(a)
	}
	return fmt.Sprintf("No complete %s is configured%s:\n\n%s\nSet the missing variables of one of these lines%s.%s%s",
		setting.singular, where, s.list(setting.sets, found, argument.variable),
		s.ifBlock(", or the matching arguments"), setting.example,
		s.environment.explainMissing(s.members, missing))
}

// members is the table of arguments; each is a member of a set.
type members []argument

// of returns the members of a set, without its modifiers.
func (m members) of(set argumentSet) []argument {
	return slices.DeleteFunc(slices.Clone(m), func(a argument) bool { return a.set != set || a.role == modifier })
}

// used returns the sets of which at least one member is found.
func (m members) used(sets []argumentSet, find lookup) (used []argumentSet) {
	for _, set := range sets {
		if len(m.found(set, find)) > 0 {
			used = append(used, set)
		}
	}
	return used
}

// found returns the names under which members of a set are found.
func (m members) found(set argumentSet, find lookup) (names []string) {
	for _, a := range m.of(set) {
		if name := find(a); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// missing returns the required members of a set that are not found.
func (m members) missing(set argumentSet, find lookup) (missing []argument) {
	for _, a := range m.of(set) {
		if a.role == required && find(a) == "" {
			missing = append(missing, a)
		}
	}
	return missing
}

// list writes a line for each set: the members that are found and, if name is
// not nil, the names of those that are missing.
func (m members) list(sets []argumentSet, find, name lookup) string {
	var lines strings.Builder
	for _, set := range sets {
		var parts []string
		if found := m.found(set, find); len(found) > 0 {
			parts = append(parts, "found "+strings.Join(found, ", "))
		}
		if name != nil {
			parts = append(parts, "missing "+strings.Join(namesOf(m.missing(set, find), name), ", "))
		}
		fmt.Fprintf(&lines, "  %s\n", strings.Join(parts, "; "))
	}
	return lines.String()
}

// namesOf returns a name of each argument.
func namesOf(arguments []argument, name lookup) []string {
	names := make([]string, len(arguments))
	for i, a := range arguments {
		names[i] = name(a)
	}
	return names
}

func byName(a argument) string { return a.name }
