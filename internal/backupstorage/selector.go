// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"cmp"
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// selectors are the arguments with which a configuration says which backup
// storages it means. All that are set apply.
type selectors struct {
	UUID        *string
	Name        *string
	NamePattern *string
	Type        *string
	Filter      []filterModel
}

// filterModel is one filter block.
type filterModel struct {
	Name     types.String `tfsdk:"name"`
	Operator types.String `tfsdk:"operator"`
	Values   types.Set    `tfsdk:"values"`
}

// arguments reads arguments of a configuration, each into what the name stands for.
func arguments(ctx context.Context, config tfsdk.Config, targets map[string]any) diag.Diagnostics {
	var diags diag.Diagnostics
	for name, target := range targets {
		diags.Append(config.GetAttribute(ctx, path.Root(name), target)...)
	}
	return diags
}

// conditions is what the selectors ask for.
func (s selectors) conditions() ([]condition, error) {
	var conditions []condition
	for _, argument := range []struct {
		attribute, operator string
		value               *string
	}{
		{"uuid", "=", s.UUID},
		{"name", "=", s.Name},
		{"name", like, s.NamePattern},
		{"type", "=", s.Type},
	} {
		if argument.value == nil {
			continue
		}
		c, err := newCondition(argument.attribute, argument.operator, *argument.value)
		if err != nil {
			return nil, err
		}
		conditions = append(conditions, c)
	}
	for _, filter := range s.Filter {
		operator := cmp.Or(filter.Operator.ValueString(), operators[0])
		c, err := newCondition(filter.Name.ValueString(), operator, knownValues(filter.Values)...)
		if err != nil {
			return nil, err
		}
		conditions = append(conditions, c)
	}
	return conditions, nil
}
