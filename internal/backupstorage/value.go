// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"cmp"
	"context"
	"maps"
	"math/big"
	"slices"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// The values of the state are made as the protocol has them. The framework
// could make them of structs, but takes longer for a list of them than for
// everything else together.

// complete adds the values of attributes to a state that so far holds the
// configuration.
func complete(ctx context.Context, state *tfsdk.State, values map[string]tftypes.Value) diag.Diagnostics {
	var configured map[string]tftypes.Value
	if err := state.Raw.As(&configured); err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Unexpected Data Source Configuration",
			"The configuration cannot be read: "+err.Error()+". This is a bug of the provider; please report it.")}
	}
	all := maps.Clone(configured)
	maps.Copy(all, values)
	return state.Set(ctx, tftypes.NewValue(state.Raw.Type(), all))
}

// objectValues are the values of a row's attributes, by name, for an object of
// this type.
func objectValues[T any](of tftypes.Type, attributes []attribute[T], row *T) map[string]tftypes.Value {
	object, _ := of.(tftypes.Object)
	values := make(map[string]tftypes.Value, len(attributes))
	for _, a := range attributes {
		values[a.name] = value(object.AttributeTypes[a.name], a.value(row))
	}
	return values
}

// value is what [attribute.value] gives as a value of this type.
func value(of tftypes.Type, given any) tftypes.Value {
	switch given := given.(type) {
	case float64:
		return tftypes.NewValue(of, decimalNumber(given))
	case []string:
		return stringSet(of, given)
	case []zstack.CephMonitor:
		return monitorList(of, given)
	default:
		return tftypes.NewValue(of, given)
	}
}

// decimalNumber is the decimal that the server wrote. The binary number next to
// it is another one, with which Terraform would count while it plans, but not
// when it applies a saved plan, which holds the decimal.
func decimalNumber(given float64) *big.Float {
	decimal, _, err := big.ParseFloat(strconv.FormatFloat(given, 'g', -1, 64), 10, 512, big.ToNearestEven)
	if err != nil {
		return big.NewFloat(given)
	}
	return decimal
}

// stringSet orders the members, so that Terraform always gets the same.
func stringSet(of tftypes.Type, members []string) tftypes.Value {
	if members == nil {
		return tftypes.NewValue(of, nil)
	}
	members = slices.Compact(slices.Sorted(slices.Values(members)))
	elements := make([]tftypes.Value, len(members))
	for i, member := range members {
		elements[i] = tftypes.NewValue(tftypes.String, member)
	}
	return tftypes.NewValue(of, elements)
}

// monitorList orders the monitors by their uuid, and those without one by host:
// the order in which the server sends them changes from one answer to the next.
func monitorList(of tftypes.Type, mons []zstack.CephMonitor) tftypes.Value {
	if mons == nil {
		return tftypes.NewValue(of, nil)
	}
	return objectList(of, monitorAttributes, slices.SortedFunc(slices.Values(mons), func(a, b zstack.CephMonitor) int {
		return cmp.Or(cmp.Compare(deref(a.MonUUID), deref(b.MonUUID)), cmp.Compare(deref(a.Hostname), deref(b.Hostname)))
	}))
}

// objectList is never null: a list without rows is empty.
func objectList[T any](of tftypes.Type, attributes []attribute[T], rows []T) tftypes.Value {
	list, _ := of.(tftypes.List)
	elements := make([]tftypes.Value, len(rows))
	for i := range rows {
		elements[i] = tftypes.NewValue(list.ElementType, objectValues(list.ElementType, attributes, &rows[i]))
	}
	return tftypes.NewValue(of, elements)
}

func deref(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
