// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// resultAttributes are the attributes of a row, all of them computed.
func resultAttributes[T any](attributes []Attribute[T]) map[string]schema.Attribute {
	result := make(map[string]schema.Attribute, len(attributes))
	for _, a := range attributes {
		result[a.Name] = a.kind.schema(a.description)
	}
	return result
}

// schema is a computed attribute of this kind.
func (k kind) schema(description string) schema.Attribute {
	switch k {
	case kindInteger, kindBytes:
		return schema.Int64Attribute{MarkdownDescription: description, Computed: true}
	case kindDecimal:
		return schema.Float64Attribute{MarkdownDescription: description, Computed: true}
	case kindUUIDs:
		return schema.SetAttribute{MarkdownDescription: description, Computed: true, ElementType: types.StringType}
	case kindMonitors:
		return listSchema(description, monitorAttributes)
	default:
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
}

// listSchema is a computed list of rows.
func listSchema[T any](description string, attributes []Attribute[T]) schema.Attribute {
	row := schema.NestedAttributeObject{Attributes: resultAttributes(attributes)}
	row.CustomType = row.Type() // The framework would otherwise build it again for every value.
	return schema.ListNestedAttribute{
		MarkdownDescription: description,
		Computed:            true,
		CustomType:          types.ListType{ElemType: row.CustomType},
		NestedObject:        row,
	}
}

// selectorAttribute is an optional argument that selects storages. It is
// computed as well where the data source shows the attribute of that name.
func selectorAttribute(description string, computed bool, validators ...validator.String) schema.Attribute {
	return schema.StringAttribute{MarkdownDescription: description, Optional: true, Computed: computed, Validators: validators}
}

// zoneSelectors are the arguments that select storages by their zone.
func zoneSelectors() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"zone_uuid": selectorAttribute("UUID of a zone that the storage is attached to. Conflicts with `zone_name`.",
			false, validUUID, conflictsWith("zone_name")),
		"zone_name": selectorAttribute("Name of a zone that the storage is attached to, exact and case-sensitive. It must be the name of exactly one zone; "+
			"finding it takes one more request. Conflicts with `zone_uuid`.", false, notEmpty),
	}
}

// conflictsWith rejects a value if any of these arguments is set.
func conflictsWith(arguments ...string) validator.String {
	expressions := make([]path.Expression, len(arguments))
	for i, argument := range arguments {
		expressions[i] = path.MatchRoot(argument)
	}
	return stringvalidator.ConflictsWith(expressions...)
}

// filterBlock is the repeatable block filter.
func filterBlock() schema.Block {
	return schema.ListNestedBlock{
		MarkdownDescription: "A condition on one attribute. All blocks must match, including several on one attribute.",
		NestedObject: schema.NestedBlockObject{
			Attributes: map[string]schema.Attribute{
				"name": schema.StringAttribute{
					MarkdownDescription: filterNameDescription(),
					Required:            true,
					Validators:          []validator.String{validName(filterable)},
				},
				"operator": schema.StringAttribute{
					MarkdownDescription: "`=` (any of the values; the default), `!=` (none of them), or `<`, `<=`, `>` or `>=`, which compare numbers " +
						"with exactly one value. A null attribute matches only `!=`.",
					Optional:   true,
					Validators: []validator.String{stringvalidator.OneOf(operators...)},
				},
				"values": schema.SetAttribute{
					MarkdownDescription: "Values to compare with. Text and dates are compared exactly and case-sensitively. A UUID has 32 lower-case " +
						"hexadecimal digits. Numbers are in base 10; capacities are in bytes, such as `500 * pow(1024, 3)`, and can have a fraction with " +
						"`<`, `<=`, `>` and `>=`.",
					Required:    true,
					ElementType: types.StringType,
				},
			},
			Validators: []validator.Object{filterValidator{}},
		},
	}
}

func filterNameDescription() string {
	return fmt.Sprintf("The attribute. Text: %s. Numbers: %s. Sets (tested for membership): %s.",
		markdownCode(attributeNames(kindText, kindUUID, kindDate)), markdownCode(attributeNames(numeric...)), markdownCode(attributeNames(kindUUIDs)))
}

func markdownCode(names []string) string {
	return "`" + strings.Join(names, "`, `") + "`"
}

// timeoutsBlock is the block timeouts, which contains only the read timeout.
func timeoutsBlock() schema.Block {
	return schema.SingleNestedBlock{
		CustomType: timeouts.Type{ObjectType: types.ObjectType{AttrTypes: map[string]attr.Type{"read": types.StringType}}},
		Attributes: map[string]schema.Attribute{
			"read": schema.StringAttribute{
				MarkdownDescription: "Maximum time for the whole read, such as `30s` or `2m`. The default is `5m`.",
				Optional:            true,
				Validators:          []validator.String{validTime},
			},
		},
	}
}
