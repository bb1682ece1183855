// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"fmt"
	"maps"
	"math/big"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/zstackio/terraform-provider-zstack/internal/diagnosis"
)

// sources finds the value of each argument: in the provider block, or else in
// the environment.
type sources struct {
	members
	block       block
	environment environment

	origins map[string]string // the argument or the variable that each value is from
	inBlock argumentSet       // the credentials in the provider block, whose optional variables are ignored
	unknown []string          // arguments that are needed, but unknown
	diags   diag.Diagnostics
}

// read sets an argument's field of the configuration.
func (s *sources) read(a argument) {
	s.origins[a.name] = s.find(a)
	switch s.origins[a.name] {
	case a.variable():
		s.diags.Append(a.parseVariable(s.environment[a.variable()])...)
	case a.name:
		if s.block.findUnknown(a) != "" {
			s.unknown = append(s.unknown, a.name)
			return
		}
		s.diags.Append(a.parseInBlock(s.block[a.name].text)...)
	case "":
		if a.defaultText != "" {
			s.diags.Append(a.parseInBlock(a.defaultText)...)
		}
	}
}

// find returns the argument or the variable that has the value of a, or "".
func (s *sources) find(a argument) string {
	return cmp.Or(s.block.find(a), s.findVariable(a))
}

// findVariable returns the variable of a if it is set and used.
func (s *sources) findVariable(a argument) string {
	if a.role == optional && a.set == s.inBlock || s.environment[a.variable()] == "" {
		return ""
	}
	return a.variable()
}

// ifBlock returns text if there is a provider block, or else "".
func (s *sources) ifBlock(text string) string {
	if s.block == nil {
		return ""
	}
	return text
}

// variablePrefix begins the name of every environment variable of the provider.
const variablePrefix = "ZSTACK_"

// environment is the environment variables by name.
type environment map[string]string

func newEnvironment(environ []string) environment {
	variables := environment{}
	for _, entry := range environ {
		name, text, _ := strings.Cut(entry, "=")
		if runtime.GOOS == "windows" { // Names have no case there.
			name = strings.ToUpper(name)
		}
		variables[name] = text
	}
	return variables
}

// block is the arguments that the provider block sets, by name. It is nil
// where there is no provider block.
type block map[string]blockValue

// blockValue is the text of a value, as it would be in a variable, whatever the
// argument's type. So one parser serves both.
type blockValue struct {
	text    string
	unknown bool // it depends on a resource that is not applied yet
}

// find returns the name of an argument that the block sets, or "".
func (b block) find(a argument) string {
	if v := b[a.name]; v.text == "" && !v.unknown {
		return ""
	}
	return a.name
}

// findUnknown returns the name of an argument that is unknown, or "".
func (b block) findUnknown(a argument) string {
	if !b[a.name].unknown {
		return ""
	}
	return a.name
}

// readBlock returns the arguments that the provider block sets.
func readBlock(config tfsdk.Config) (block, diag.Diagnostics) {
	arguments := block{}
	var attributes map[string]tftypes.Value
	err := config.Raw.As(&attributes)
	for name, attribute := range attributes {
		switch {
		case err != nil || attribute.IsNull():
		case !attribute.IsKnown():
			arguments[name] = blockValue{unknown: true}
		default:
			var v blockValue
			v.text, err = valueText(attribute)
			arguments[name] = v
		}
	}
	var diags diag.Diagnostics
	if err != nil {
		diags.AddError("Unexpected Provider Configuration", "The provider block cannot be read: "+err.Error()+". This is a bug in the provider; please report it.")
	}
	return arguments, diags
}

// valueText returns a value as it would be written in a variable.
func valueText(v tftypes.Value) (text string, err error) {
	switch {
	case v.Type().Is(tftypes.Bool):
		var truth bool
		err = v.As(&truth)
		text = strconv.FormatBool(truth)
	case v.Type().Is(tftypes.Number):
		var number big.Float
		err = v.As(&number)
		text = number.Text('f', -1)
	default:
		err = v.As(&text)
	}
	return text, err
}

// explainMissing names the variables that are the likely reason why arguments
// are missing: empty ones and misspelt ones. The text begins with an empty line.
func (e environment) explainMissing(all members, missing []argument) string {
	var lines []string
	for _, a := range missing {
		if text, isSet := e[a.variable()]; isSet && text == "" {
			lines = append(lines, a.variable()+" is set but empty (a CI secret that this job may not read?).")
		}
	}
	if lines = append(lines, e.misspelt(all, missing)...); len(lines) == 0 {
		return ""
	}
	return "\n\n" + strings.Join(lines, "\n")
}

// misspelt returns a sentence for each variable that was most likely meant to
// set one of the missing arguments.
func (e environment) misspelt(all members, missing []argument) (sentences []string) {
	for _, name := range slices.Sorted(maps.Keys(e)) {
		meant := all.meantBy(name)
		if slices.ContainsFunc(meant, func(a argument) bool { return slices.Contains(namesOf(missing, byName), a.name) }) {
			sentences = append(sentences, fmt.Sprintf("%s is not a variable of this provider. Did you mean %s?",
				name, strings.Join(namesOf(meant, argument.variable), " or ")))
		}
	}
	return sentences
}

// meantBy returns the arguments whose variable was most likely meant by the
// variable name, if that is not a variable of the provider.
func (m members) meantBy(name string) (meant []argument) {
	upper := strings.ToUpper(name)
	if !strings.HasPrefix(upper, variablePrefix) || slices.ContainsFunc(m, func(a argument) bool { return a.variable() == name }) {
		return nil
	}
	guess := letters(strings.TrimPrefix(upper, variablePrefix))
	nearest := max(1, len(guess)/4) // Kubernetes' own variables, such as ZSTACK_SERVICE_HOST, are farther away
	for _, a := range m {
		distance := diagnosis.Distance(guess, letters(a.name))
		for _, other := range a.alsoCalled {
			distance = min(distance, diagnosis.Distance(guess, letters(other)))
		}
		if distance < nearest {
			nearest, meant = distance, nil
		}
		if distance == nearest {
			meant = append(meant, a)
		}
	}
	return meant
}

// letters returns a name in lower case, without underscores.
func letters(name string) string {
	return strings.ToLower(strings.ReplaceAll(name, "_", ""))
}
