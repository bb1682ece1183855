// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"context"
	"encoding/json"
	"maps"
	"math/big"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// The values of the state are built as the protocol has them. The framework
// could build them from structs, but needs more time for a list of them than
// everything else together.

// setComputed adds the values of computed attributes to a state that so far
// contains the configuration.
func setComputed(ctx context.Context, state *tfsdk.State, computed map[string]tftypes.Value) diag.Diagnostics {
	var configured map[string]tftypes.Value
	if err := state.Raw.As(&configured); err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Unexpected Data Source Configuration",
			"The configuration cannot be read: "+err.Error()+". This is a bug of the provider; please report it.")}
	}
	all := maps.Clone(configured)
	maps.Copy(all, computed)
	return state.Set(ctx, tftypes.NewValue(state.Raw.Type(), all))
}

// objectValues returns the values of a row's attributes, by name, for an object
// of this type.
func objectValues[T any](objectType tftypes.Type, attributes []Attribute[T], row *T) map[string]tftypes.Value {
	object, _ := objectType.(tftypes.Object)
	values := make(map[string]tftypes.Value, len(attributes))
	for _, a := range attributes {
		values[a.Name] = stateValue(object.AttributeTypes[a.Name], a.value(row))
	}
	return values
}

// stateValue returns what [Attribute.value] returns as a value of this type.
func stateValue(valueType tftypes.Type, value any) tftypes.Value {
	switch value := value.(type) {
	case json.Number:
		return tftypes.NewValue(valueType, decimalNumber(value))
	case []string:
		return stringSet(valueType, value)
	case []zstack.CephMonitor:
		return monitorList(valueType, value)
	default:
		return tftypes.NewValue(valueType, value)
	}
}

// decimalNumber is the decimal that the server sent. The nearest binary number
// differs from it: Terraform would calculate with that one during a plan, but
// not when it applies a saved plan, which contains the decimal.
func decimalNumber(value json.Number) *big.Float {
	decimal, _, err := big.ParseFloat(value.String(), 10, 512, big.ToNearestEven)
	if err != nil {
		return new(big.Float) // The client accepts decimals only.
	}
	return decimal
}

// stringSet sorts the members and removes duplicates, so that Terraform always
// receives the same value.
func stringSet(setType tftypes.Type, members []string) tftypes.Value {
	if members == nil {
		return tftypes.NewValue(setType, nil)
	}
	members = slices.Compact(slices.Sorted(slices.Values(members)))
	elements := make([]tftypes.Value, len(members))
	for i, member := range members {
		elements[i] = tftypes.NewValue(tftypes.String, member)
	}
	return tftypes.NewValue(setType, elements)
}

// monitorList sorts the monitors: their order changes from one response of the
// server to the next.
func monitorList(listType tftypes.Type, mons []zstack.CephMonitor) tftypes.Value {
	if mons == nil {
		return tftypes.NewValue(listType, nil)
	}
	return objectList(listType, monitorAttributes, slices.SortedFunc(slices.Values(mons), compareMonitors))
}

// compareMonitors is a total order: by mon_uuid, then by every other attribute,
// null first. Monitors that are equal in all of them cannot be told apart.
func compareMonitors(a, b zstack.CephMonitor) int {
	for _, attribute := range monitorAttributes {
		valueA, valueB := attribute.value(&a), attribute.value(&b)
		order := 0
		switch {
		case valueA != nil && valueB != nil:
			order = compare(valueA, valueB)
		case valueA != nil:
			order = 1
		case valueB != nil:
			order = -1
		}
		if order != 0 {
			return order
		}
	}
	return 0
}

// objectList is never null: a list without rows is empty.
func objectList[T any](listType tftypes.Type, attributes []Attribute[T], rows []T) tftypes.Value {
	list, _ := listType.(tftypes.List)
	elements := make([]tftypes.Value, len(rows))
	for i := range rows {
		elements[i] = tftypes.NewValue(list.ElementType, objectValues(list.ElementType, attributes, &rows[i]))
	}
	return tftypes.NewValue(listType, elements)
}
