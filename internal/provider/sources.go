// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"math/big"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// sources finds the value of each argument: in the provider block, or else in
// the environment.
type sources struct {
	members
	block       block
	environment environment

	origins map[string]string // the argument or the variable that each value is from
	inBlock argumentSet       // of the credentials; its optional variables are ignored
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
		if a.initial != "" {
			s.diags.Append(a.parseInBlock(a.initial)...)
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

// ifBlock returns text if there is a provider block that it can speak of.
func (s *sources) ifBlock(text string) string {
	if s.block == nil {
		return ""
	}
	return text
}

// block is the arguments that the provider block sets, by name. It is nil
// where there is no provider block.
type block map[string]value

// value is text whatever the argument's type, as it is in a variable, so that
// both are parsed alike.
type value struct {
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
			arguments[name] = value{unknown: true}
		default:
			var v value
			v.text, err = valueText(attribute)
			arguments[name] = v
		}
	}
	var diags diag.Diagnostics
	if err != nil {
		diags.AddError("Unexpected Provider Configuration", "The provider block cannot be read: "+err.Error()+". This is a bug of the provider; please report it.")
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
