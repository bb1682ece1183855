// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"cmp"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// The types of the objects in lists. Computed once, since the framework asks
// for them at every value of a list.
var (
	monitorType = objectType(monitorAttributes)
	storageType = objectType(attributes)
)

func objectType[T any](attributes []attribute[T]) types.ObjectType {
	result := types.ObjectType{AttrTypes: make(map[string]attr.Type, len(attributes))}
	for _, a := range attributes {
		result.AttrTypes[a.name] = a.kind.attrType()
	}
	return result
}

// attrType is the type of an attribute of this kind.
func (k kind) attrType() attr.Type {
	switch k {
	case integer:
		return types.Int64Type
	case decimal:
		return types.Float64Type
	case set:
		return types.SetType{ElemType: types.StringType}
	case monitors:
		return types.ListType{ElemType: objectType(monitorAttributes)}
	default:
		return types.StringType
	}
}

// object is a row as Terraform shows it. The framework could make one of a
// struct, but takes as long for it as for everything else together.
func object[T any](attributes []attribute[T], of types.ObjectType, row *T) attr.Value {
	return types.ObjectValueMust(of.AttrTypes, values(attributes, row))
}

// values are the attributes of a row by name.
func values[T any](attributes []attribute[T], row *T) map[string]attr.Value {
	result := make(map[string]attr.Value, len(attributes))
	for _, a := range attributes {
		result[a.name] = a.kind.attrValue(a.value(row))
	}
	return result
}

// attrValue is a value of this kind as Terraform shows it.
func (k kind) attrValue(value any) attr.Value {
	switch value := value.(type) {
	case string:
		return types.StringValue(value)
	case int64:
		return types.Int64Value(value)
	case float64:
		return types.Float64Value(value)
	case []string:
		return stringSet(value)
	case []zstack.CephMonitor:
		return monitorList(value)
	default:
		return k.null()
	}
}

func (k kind) null() attr.Value {
	switch k {
	case integer:
		return types.Int64Null()
	case decimal:
		return types.Float64Null()
	default:
		return types.StringNull()
	}
}

// stringSet orders the members, so that Terraform always gets the same.
func stringSet(members []string) attr.Value {
	if members == nil {
		return types.SetNull(types.StringType)
	}
	members = slices.Compact(slices.Sorted(slices.Values(members)))
	elements := make([]attr.Value, len(members))
	for i, member := range members {
		elements[i] = types.StringValue(member)
	}
	return types.SetValueMust(types.StringType, elements)
}

// monitorList orders the monitors by their uuid: the order in which the server
// sends them changes from one answer to the next.
func monitorList(mons []zstack.CephMonitor) attr.Value {
	if mons == nil {
		return types.ListNull(monitorType)
	}
	mons = slices.SortedFunc(slices.Values(mons), func(a, b zstack.CephMonitor) int {
		return cmp.Compare(deref(a.MonUUID), deref(b.MonUUID))
	})
	elements := make([]attr.Value, len(mons))
	for i := range mons {
		elements[i] = object(monitorAttributes, monitorType, &mons[i])
	}
	return types.ListValueMust(monitorType, elements)
}

// storageList is never null: a list without storages is empty.
func storageList(storages []zstack.BackupStorage) types.List {
	elements := make([]attr.Value, len(storages))
	for i := range storages {
		elements[i] = object(attributes, storageType, &storages[i])
	}
	return types.ListValueMust(storageType, elements)
}

func deref(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
