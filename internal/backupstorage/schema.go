// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// resultAttributes are the attributes of a row, all of them computed.
func resultAttributes[T any](attributes []attribute[T]) map[string]schema.Attribute {
	result := make(map[string]schema.Attribute, len(attributes))
	for _, a := range attributes {
		result[a.name] = a.kind.schema(a.description)
	}
	return result
}

// schema is a computed attribute of this kind.
func (k kind) schema(description string) schema.Attribute {
	switch k {
	case integer:
		return schema.Int64Attribute{MarkdownDescription: description, Computed: true}
	case decimal:
		return schema.Float64Attribute{MarkdownDescription: description, Computed: true}
	case set:
		return schema.SetAttribute{MarkdownDescription: description, Computed: true, ElementType: types.StringType}
	case monitors:
		return listSchema(description, monitorAttributes)
	default:
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
}

// listSchema is a computed list of rows.
func listSchema[T any](description string, attributes []attribute[T]) schema.Attribute {
	row := schema.NestedAttributeObject{Attributes: resultAttributes(attributes)}
	row.CustomType = row.Type() // The framework would otherwise put it together anew for every value.
	return schema.ListNestedAttribute{
		MarkdownDescription: description,
		Computed:            true,
		CustomType:          types.ListType{ElemType: row.CustomType},
		NestedObject:        row,
	}
}

var uuidPattern = regexp.MustCompile(`^[0-9a-f]{32}$`)

// isUUID refuses what can be no uuid of ZStack.
func isUUID() validator.String {
	return stringvalidator.RegexMatches(uuidPattern, "must be a ZStack UUID: 32 lower-case hexadecimal digits, without dashes")
}

func isNotEmpty() validator.String {
	return stringvalidator.LengthAtLeast(1)
}

// filterBlock is the repeatable block filter.
func filterBlock() schema.Block {
	return schema.ListNestedBlock{
		MarkdownDescription: "A condition on one attribute. Several blocks all apply, also two on the same attribute.",
		NestedObject: schema.NestedBlockObject{
			Attributes: map[string]schema.Attribute{
				"name": schema.StringAttribute{
					MarkdownDescription: filterNameDescription(),
					Required:            true,
					Validators:          []validator.String{stringvalidator.OneOf(attributeNames(filterable...)...)},
				},
				"operator": schema.StringAttribute{
					MarkdownDescription: "`=`, the default, is any of the values, and `!=` is none of them. " +
						"`<`, `<=`, `>` and `>=` compare numbers with exactly one value. " +
						"An attribute that is null matches nothing but `!=`.",
					Optional:   true,
					Validators: []validator.String{stringvalidator.OneOf(operators...)},
				},
				"values": schema.SetAttribute{
					MarkdownDescription: "What to compare with. Text and dates are compared exactly, with upper and lower case apart; " +
						"numbers are written in base 10.",
					Required:    true,
					ElementType: types.StringType,
					Validators: []validator.Set{
						setvalidator.SizeAtLeast(1),
						setvalidator.NoNullValues(),
						setvalidator.ValueStringsAre(isNotEmpty()),
					},
				},
			},
			Validators: []validator.Object{filterValidator{}},
		},
	}
}

func filterNameDescription() string {
	return fmt.Sprintf("The attribute. Text: %s. Numbers: %s. Sets, which are asked whether they contain a value: %s.",
		quoted(attributeNames(text, date)), quoted(attributeNames(numeric...)), quoted(attributeNames(set)))
}

func quoted(names []string) string {
	return "`" + strings.Join(names, "`, `") + "`"
}

// timeoutsBlock is the block timeouts, in which the read alone has a timeout.
func timeoutsBlock() schema.Block {
	return schema.SingleNestedBlock{
		CustomType: timeouts.Type{ObjectType: types.ObjectType{AttrTypes: map[string]attr.Type{"read": types.StringType}}},
		Attributes: map[string]schema.Attribute{
			"read": schema.StringAttribute{
				MarkdownDescription: "How long the read may take over all its requests, such as `30s` or `2m`. The default is " +
					"`5m`.",
				Optional:   true,
				Validators: []validator.String{durationValidator{}},
			},
		},
	}
}
