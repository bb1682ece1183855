// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"math/big"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// value is what the provider block gives an argument. It is text whatever the
// type, as it is in a variable, so that both are read and judged alike.
type value struct {
	text    string
	unknown bool // it comes from something that is not applied yet
}

// readBlock returns the arguments that the provider block gives a value.
func readBlock(config tfsdk.Config) (map[string]value, diag.Diagnostics) {
	block := map[string]value{}
	var attributes map[string]tftypes.Value
	err := config.Raw.As(&attributes)
	for name, attribute := range attributes {
		switch {
		case err != nil || attribute.IsNull():
		case !attribute.IsKnown():
			block[name] = value{unknown: true}
		default:
			var v value
			v.text, err = valueText(attribute)
			block[name] = v
		}
	}
	var diags diag.Diagnostics
	if err != nil {
		diags.AddError("Unexpected Provider Configuration", "The provider block cannot be read: "+err.Error()+". This is a bug of the provider; please report it.")
	}
	return block, diags
}

// valueText returns a known value as it would be written in a variable.
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
