// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"math/big"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/zstackio/terraform-provider-zstack/internal/passthrough"
	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// setComputed adds the values of computed attributes to a state that contains
// only the configuration.
func setComputed(ctx context.Context, state *tfsdk.State, computed map[string]tftypes.Value) diag.Diagnostics {
	var configured map[string]tftypes.Value
	if err := state.Raw.As(&configured); err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Unexpected Data Source Configuration",
			"The configuration cannot be read: "+err.Error()+". This is a bug in the provider; please report it.")}
	}
	all := maps.Clone(configured)
	maps.Copy(all, computed)
	return state.Set(ctx, tftypes.NewValue(state.Raw.Type(), all))
}

// listRows are the rows of a list while it is read. A row is kept in the form of
// the state, so that the storages of earlier pages need no memory. The rows of a
// long list cost less if they bypass the framework.
type listRows struct {
	attribute string // name of the list in the state
	listType  tftypes.List
	sortBy    storageAttribute  // the zero value: only by UUID
	bypass    *passthrough.List // around the framework; nil: the rows go through it
	rows      []listRow
}

// listRow is a row with its sort key.
type listRow struct {
	uuid    string
	sortKey any             // nil is null
	encoded passthrough.Row // if it bypasses the framework
	value   tftypes.Value   // if it goes through the framework
}

// newListRows returns an empty list for this attribute of the state.
func newListRows(ctx context.Context, state *tfsdk.State, attribute string, sortBy storageAttribute) *listRows {
	stateType, _ := state.Raw.Type().(tftypes.Object)
	listType, _ := stateType.AttributeTypes[attribute].(tftypes.List)
	return &listRows{attribute: attribute, listType: listType, sortBy: sortBy, bypass: passthrough.ListOf(ctx)}
}

// add adds a row for the storage.
func (l *listRows) add(storage *zstack.BackupStorage) {
	row := listRow{uuid: orEmpty(storage.UUID)}
	if l.sortBy.value != nil {
		row.sortKey = sortKey(l.sortBy, storage)
	}
	if object := stateObject(attributes, storage); l.bypass != nil {
		row.encoded = l.bypass.Encode(object)
	} else {
		row.value = protocolValue(l.listType.ElementType, object)
	}
	l.rows = append(l.rows, row)
}

// set makes the rows the value of their attribute. A list without rows is
// empty, not null.
func (l *listRows) set(ctx context.Context, state *tfsdk.State) diag.Diagnostics {
	encoded, values := make([]passthrough.Row, len(l.rows)), make([]tftypes.Value, len(l.rows))
	for i, row := range l.rows {
		encoded[i], values[i] = row.encoded, row.value
	}
	if l.bypass != nil {
		l.bypass.Set(l.attribute, encoded)
		values = []tftypes.Value{}
	}
	return setComputed(ctx, state, map[string]tftypes.Value{l.attribute: tftypes.NewValue(l.listType, values)})
}

// stateObject returns the values of a row's attributes as the state contains
// them.
func stateObject[T any](attributes []Attribute[T], row *T) passthrough.Object {
	object := make(passthrough.Object, len(attributes))
	for i, a := range attributes {
		object[i] = passthrough.AttributeValue{Name: a.Name, Value: stateValue(a.value(row))}
	}
	slices.SortFunc(object, func(a, b passthrough.AttributeValue) int { return cmp.Compare(a.Name, b.Name) })
	return object
}

// stateValue converts a value of [Attribute.value] for the state. It sorts sets
// and monitors, because the server sends them in any order and Terraform must
// always receive the same value.
func stateValue(value any) any {
	switch value := value.(type) {
	case json.Number:
		return decimalNumber(value)
	case []string:
		if value == nil {
			return nil
		}
		return slices.Compact(slices.Sorted(slices.Values(value)))
	case []zstack.CephMonitor:
		if value == nil {
			return nil
		}
		objects := []passthrough.Object{}
		for _, mon := range slices.SortedFunc(slices.Values(value), compareMonitors) {
			objects = append(objects, stateObject(monitorAttributes, &mon))
		}
		return objects
	default:
		return value
	}
}

// decimalNumber is the decimal that the server sent, not the nearest float64.
// With that, Terraform would calculate another result during a plan than when
// it applies the saved plan, which contains the decimal.
func decimalNumber(value json.Number) *big.Float {
	decimal, _, err := big.ParseFloat(value.String(), 10, 512, big.ToNearestEven)
	if err != nil {
		return new(big.Float) // The client accepts decimals only.
	}
	return decimal
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

// protocolValue converts a value of stateValue or stateObject for the plugin
// protocol.
func protocolValue(valueType tftypes.Type, value any) tftypes.Value {
	switch value := value.(type) {
	case []string:
		elements := make([]tftypes.Value, len(value))
		for i, member := range value {
			elements[i] = tftypes.NewValue(tftypes.String, member)
		}
		return tftypes.NewValue(valueType, elements)
	case []passthrough.Object:
		list, _ := valueType.(tftypes.List)
		elements := make([]tftypes.Value, len(value))
		for i, object := range value {
			elements[i] = protocolValue(list.ElementType, object)
		}
		return tftypes.NewValue(valueType, elements)
	case passthrough.Object:
		return tftypes.NewValue(valueType, protocolValues(valueType, value))
	default:
		return tftypes.NewValue(valueType, value)
	}
}

// protocolValues returns the values of an object's attributes by name.
func protocolValues(objectType tftypes.Type, object passthrough.Object) map[string]tftypes.Value {
	of, _ := objectType.(tftypes.Object)
	values := make(map[string]tftypes.Value, len(object))
	for _, a := range object {
		values[a.Name] = protocolValue(of.AttributeTypes[a.Name], a.Value)
	}
	return values
}
