// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/zstackio/terraform-provider-zstack/internal/diagnosis"
)

// stringValidator checks a string that is neither null nor unknown.
type stringValidator struct {
	title string

	// check completes the sentence "the argument must be …".
	check func(value string) error
}

var _ validator.String = stringValidator{}

// Description says what is checked.
func (v stringValidator) Description(context.Context) string { return v.title }

// MarkdownDescription says what is checked.
func (v stringValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString checks one string.
func (v stringValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if err := v.check(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, v.title, fmt.Sprintf("%s must be %s.", req.Path, err))
	}
}

// The checks of single strings.
var (
	validUUID = stringValidator{"Invalid UUID", checkUUID}
	validType = stringValidator{"Invalid Backup Storage Type", func(value string) error { return checkEnumValue("type", value) }}
	validTime = stringValidator{"Invalid Timeout", checkDuration}
	notEmpty  = stringValidator{"Empty Selector", checkNotEmpty}
)

// validName checks that a string names an attribute of one of these kinds.
func validName(kinds []kind) validator.String {
	return stringValidator{"Invalid Attribute Name", func(name string) error { return checkName(name, attributeNames(kinds...)) }}
}

// otherName is what to suggest, where the attribute is allowed, for a name that
// is not like any of the attributes that it may stand for.
type otherName struct{ attribute, suggestion string }

// otherNames are such names, without underscores and in lower case.
var otherNames = map[string]otherName{
	"zone":     zoneNames,
	"zoneuuid": zoneNames,
	"size":     capacityNames,
	"capacity": capacityNames,
}

var (
	zoneNames     = otherName{"attached_zone_uuids", "Did you mean attached_zone_uuids, or the argument zone_uuid?"}
	capacityNames = otherName{"total_capacity", "Did you mean total_capacity or available_capacity?"}
)

// checkName rejects a name that is not one of names.
func checkName(name string, names []string) error {
	if slices.Contains(names, name) {
		return nil
	}
	message := fmt.Sprintf("the name of an attribute, got %q. ", name)
	suggestion := diagnosis.DidYouMean(name, names)
	if other, ok := otherNames[strings.ToLower(strings.ReplaceAll(name, "_", ""))]; ok && slices.Contains(names, other.attribute) {
		suggestion = other.suggestion
	}
	if suggestion != "" {
		message += suggestion + " "
	}
	return errors.New(message + "The attributes are: " + strings.Join(names, ", "))
}

// checkNotEmpty rejects the empty string.
func checkNotEmpty(value string) error {
	if value != "" {
		return nil
	}
	return errors.New("non-empty. To select by other arguments only, remove it or set it to null")
}

// checkDuration rejects what is not a duration greater than zero.
func checkDuration(value string) error {
	if duration, err := time.ParseDuration(value); err == nil && duration > 0 {
		return nil
	}
	return fmt.Errorf(`a duration greater than zero, such as "30s" or "2m", got %q`, value)
}

// filterValidator checks the values of a filter, and that operator and values
// suit the attribute. The schema checks name and operator alone; unknown values
// are skipped.
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
	resp.Diagnostics.Append(checkElements(req.Path.AtName("values"), filter.Values)...)
	a, ok := attributeNamed(filter.Name.ValueString())
	possible := a.Operators()
	if resp.Diagnostics.HasError() || !ok || len(possible) == 0 {
		return
	}
	if !filter.Operator.IsUnknown() {
		operator := cmp.Or(filter.Operator.ValueString(), operators[0])
		resp.Diagnostics.Append(checkFilterOperator(req.Path, a, operator, len(filter.Values.Elements()))...)
		possible = []string{operator}
	}
	for _, value := range stringValues(filter.Values) {
		if err := a.checkValue(possible, value); err != nil {
			resp.Diagnostics.AddAttributeError(req.Path.AtName("values"), "Invalid Filter Values",
				fmt.Sprintf("%s must be compared with %s.", a.Name, err))
		}
	}
}

// checkValue rejects a value if none of the operators can compare the attribute
// with it.
func (a Attribute[T]) checkValue(operators []string, value string) (err error) {
	for _, operator := range operators {
		if _, _, err = a.parse(operator, value); err == nil {
			return nil
		}
	}
	return err
}

// checkElements checks that a set has elements, none of them null or empty.
func checkElements(at path.Path, set types.Set) diag.Diagnostics {
	var diags diag.Diagnostics
	if set.IsNull() || set.IsUnknown() {
		return nil
	}
	elements := set.Elements()
	if len(elements) == 0 {
		diags.AddAttributeError(at, "Invalid Filter Values", fmt.Sprintf("%s must contain at least one value.", at))
	}
	isEmpty := func(element attr.Value) bool { return element.IsNull() || element.Equal(types.StringValue("")) }
	if slices.ContainsFunc(elements, isEmpty) {
		diags.AddAttributeError(at, "Invalid Filter Values",
			fmt.Sprintf("%s must not contain an empty value (\"\") or null. Remove it, for example with Terraform's function compact.", at))
	}
	return diags
}

// checkFilterOperator checks that the operator suits the attribute and the
// number of values. The schema rejects what is not an operator at all.
func checkFilterOperator(at path.Path, a storageAttribute, operator string, count int) diag.Diagnostics {
	var diags diag.Diagnostics
	if !slices.Contains(operators, operator) {
		return nil
	}
	if err := a.checkOperator(operator); err != nil {
		diags.AddAttributeError(at.AtName("operator"), "Invalid Filter Operator", err.Error()+".")
	}
	if err := checkCount(operator, count); err != nil && count > 0 {
		diags.AddAttributeError(at.AtName("values"), "Invalid Filter Values", err.Error()+".")
	}
	return diags
}
