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

// selectors are the arguments that select backup storages. A storage must match
// all that are set.
type selectors struct {
	UUID        *string
	Name        *string
	NamePattern *string
	Type        *string
	ZoneUUID    *string
	ZoneName    *string
	Filter      []filterModel
}

// filterModel is one filter block.
type filterModel struct {
	Name     types.String `tfsdk:"name"`
	Operator types.String `tfsdk:"operator"`
	Values   types.Set    `tfsdk:"values"`
}

// readArguments reads arguments of the configuration into the targets.
func readArguments(ctx context.Context, config tfsdk.Config, targets map[string]any) diag.Diagnostics {
	var diags diag.Diagnostics
	for name, target := range targets {
		diags.Append(config.GetAttribute(ctx, path.Root(name), target)...)
	}
	return diags
}

// conditions returns the conditions that the selectors state, except that of
// zone_name, which needs a request for the zone's UUID first: see [attachedTo].
func (s selectors) conditions() ([]Condition, error) {
	var conditions []Condition
	for _, selector := range []struct {
		argument, attribute, operator string
		value                         *string
	}{
		{"uuid", "uuid", "=", s.UUID},
		{"name", "name", "=", s.Name},
		{"name_pattern", "name", likeOperator, s.NamePattern},
		{"type", "type", "=", s.Type},
		{"zone_uuid", "attached_zone_uuids", "=", s.ZoneUUID},
	} {
		if selector.value == nil {
			continue
		}
		c, err := ParseCondition(selector.attribute, selector.operator, *selector.value)
		if err != nil {
			return nil, err
		}
		c.source = selector.argument + " = " + quote(*selector.value)
		conditions = append(conditions, c)
	}
	for _, filter := range s.Filter {
		operator := cmp.Or(filter.Operator.ValueString(), operators[0])
		c, err := ParseCondition(filter.Name.ValueString(), operator, stringValues(filter.Values)...)
		if err != nil {
			return nil, err
		}
		conditions = append(conditions, c)
	}
	return conditions, nil
}

// attachedTo returns the condition that zone_name states, given the zone's UUID.
func attachedTo(zoneUUID, zoneName string) Condition {
	zones, _ := attributeNamed("attached_zone_uuids")
	return Condition{attribute: zones, operator: "=", values: []any{zoneUUID}, source: "zone_name = " + quote(zoneName)}
}

// stringValues returns the elements of a set, except those that are unknown,
// null or empty.
func stringValues(set types.Set) []string {
	var values []string
	for _, element := range set.Elements() {
		if value, ok := element.(types.String); ok && value.ValueString() != "" {
			values = append(values, value.ValueString())
		}
	}
	return values
}
