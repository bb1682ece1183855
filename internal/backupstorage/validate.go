// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

// filterValidator checks what name, operator and values of a filter make of
// one another. What one of them may be by itself is the schema's business, and
// what is not known yet is right until it is.
type filterValidator struct{}

var _ validator.Object = filterValidator{}

// Description says what is checked.
func (filterValidator) Description(context.Context) string {
	return "operator and values must suit the attribute"
}

// MarkdownDescription says what is checked.
func (v filterValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

// ValidateObject checks one filter block.
func (filterValidator) ValidateObject(ctx context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	var filter filterModel
	resp.Diagnostics.Append(req.ConfigValue.As(ctx, &filter, basetypes.ObjectAsOptions{})...)
	a, ok := attributeNamed(filter.Name.ValueString())
	if resp.Diagnostics.HasError() || !ok {
		return
	}
	values := knownValues(filter.Values)
	resp.Diagnostics.Append(checkOperator(req.Path, a, filter.Operator.ValueString(), values)...)
	resp.Diagnostics.Append(checkValues(req.Path, a, values)...)
}

// knownValues leaves out what is not known yet, and what the schema refuses by
// itself.
func knownValues(values types.Set) []string {
	var known []string
	for _, element := range values.Elements() {
		if value, ok := element.(types.String); ok && value.ValueString() != "" {
			known = append(known, value.ValueString())
		}
	}
	return known
}

func checkOperator(at path.Path, a storageAttribute, operator string, values []string) diag.Diagnostics {
	if _, ordering := orderings[operator]; !ordering {
		return nil
	}
	var diags diag.Diagnostics
	if !slices.Contains(numeric, a.kind) {
		diags.AddAttributeError(at.AtName("operator"), "Invalid Filter Operator",
			fmt.Sprintf("%q compares numbers, and %s is none. Use \"=\" or \"!=\", or one of the attributes %s.",
				operator, a.name, strings.Join(attributeNames(numeric...), ", ")))
	}
	if len(values) > 1 {
		diags.AddAttributeError(at.AtName("values"), "Invalid Filter Values",
			fmt.Sprintf("%q compares with exactly one value, and there are %d.", operator, len(values)))
	}
	return diags
}

func checkValues(at path.Path, a storageAttribute, values []string) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, value := range values {
		if _, err := a.kind.parse(value); err != nil {
			diags.AddAttributeError(at.AtName("values"), "Invalid Filter Values",
				fmt.Sprintf("%s holds %s, and %q is none.", a.name, err, value))
		}
	}
	return diags
}

// durationValidator checks that a text is a duration greater than zero.
type durationValidator struct{}

var _ validator.String = durationValidator{}

// Description says what is checked.
func (durationValidator) Description(context.Context) string {
	return `must be a duration greater than zero, such as "30s" or "2m"`
}

// MarkdownDescription says what is checked.
func (v durationValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

// ValidateString checks one duration.
func (v durationValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if d, err := time.ParseDuration(req.ConfigValue.ValueString()); err != nil || d <= 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid Timeout",
			fmt.Sprintf("%s %s, got: %q.", req.Path, v.Description(ctx), req.ConfigValue.ValueString()))
	}
}
