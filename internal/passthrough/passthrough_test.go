// SPDX-License-Identifier: MPL-2.0

package passthrough_test

import (
	"context"
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/zstackio/terraform-provider-zstack/internal/passthrough"
)

var (
	childType = tftypes.Object{AttributeTypes: map[string]tftypes.Type{"name": tftypes.String}}
	rowType   = tftypes.Object{AttributeTypes: map[string]tftypes.Type{
		"children": tftypes.List{ElementType: childType},
		"count":    tftypes.Number,
		"name":     tftypes.String,
		"ratio":    tftypes.Number,
		"tags":     tftypes.Set{ElementType: tftypes.String},
	}}
	stateType = tftypes.Object{AttributeTypes: map[string]tftypes.Type{
		"filter": tftypes.String,
		"rows":   tftypes.List{ElementType: rowType},
	}}
)

// row is the same values for both encoders.
type row struct {
	name     any // string or nil
	count    any // int64 or nil
	ratio    any // *big.Float or nil
	tags     []string
	children []string
}

func (r row) object() passthrough.Object {
	var children, tags any
	if r.children != nil {
		objects := make([]passthrough.Object, len(r.children))
		for i, name := range r.children {
			objects[i] = passthrough.Object{{Name: "name", Value: name}}
		}
		children = objects
	}
	if r.tags != nil {
		tags = r.tags
	}
	return passthrough.Object{
		{Name: "children", Value: children},
		{Name: "count", Value: r.count},
		{Name: "name", Value: r.name},
		{Name: "ratio", Value: r.ratio},
		{Name: "tags", Value: tags},
	}
}

func (r row) value() tftypes.Value {
	values := map[string]tftypes.Value{
		"children": tftypes.NewValue(tftypes.List{ElementType: childType}, nil),
		"count":    tftypes.NewValue(tftypes.Number, r.count),
		"name":     tftypes.NewValue(tftypes.String, r.name),
		"ratio":    tftypes.NewValue(tftypes.Number, r.ratio),
		"tags":     tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, nil),
	}
	if r.children != nil {
		children := []tftypes.Value{}
		for _, name := range r.children {
			children = append(children, tftypes.NewValue(childType, map[string]tftypes.Value{"name": tftypes.NewValue(tftypes.String, name)}))
		}
		values["children"] = tftypes.NewValue(tftypes.List{ElementType: childType}, children)
	}
	if r.tags != nil {
		tags := []tftypes.Value{}
		for _, tag := range r.tags {
			tags = append(tags, tftypes.NewValue(tftypes.String, tag))
		}
		values["tags"] = tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, tags)
	}
	return tftypes.NewValue(rowType, values)
}

// framework is a protocol server whose read returns a given state.
type framework struct {
	tfprotov6.ProviderServer
	read func(ctx context.Context) tftypes.Value
}

func (f *framework) ReadDataSource(ctx context.Context, _ *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	state, err := tfprotov6.NewDynamicValue(stateType, f.read(ctx))
	return &tfprotov6.ReadDataSourceResponse{State: &state}, err
}

func state(rows any) tftypes.Value {
	return tftypes.NewValue(stateType, map[string]tftypes.Value{
		"filter": tftypes.NewValue(tftypes.String, "a filter"),
		"rows":   tftypes.NewValue(tftypes.List{ElementType: rowType}, rows),
	})
}

// response is the state in the response of a wrapped server.
func response(t *testing.T, read func(ctx context.Context) tftypes.Value) *tfprotov6.DynamicValue {
	t.Helper()
	server := passthrough.NewServer(&framework{read: read})
	resp, err := server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return resp.State
}

// set sets the rows of the read that ctx belongs to.
func set(ctx context.Context, rows ...row) {
	list := passthrough.ListOf(ctx)
	encoded := make([]passthrough.Row, len(rows))
	for i, r := range rows {
		encoded[i] = list.Encode(r.object())
	}
	list.Set("rows", encoded)
}

// check compares the encoded rows with the encoding of terraform-plugin-go.
func check(t *testing.T, rows []row) {
	t.Helper()
	got := response(t, func(ctx context.Context) tftypes.Value {
		set(ctx, rows...)
		return state([]tftypes.Value{})
	})
	values := []tftypes.Value{}
	for _, r := range rows {
		values = append(values, r.value())
	}
	want, err := tfprotov6.NewDynamicValue(stateType, state(values))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.MsgPack, got.MsgPack); diff != "" {
		t.Errorf("the encoded state differs (-want +got):\n%s", diff)
	}
}

func decimal(text string) *big.Float {
	number, _, err := big.ParseFloat(text, 10, 512, big.ToNearestEven)
	if err != nil {
		panic(err)
	}
	return number
}

func TestRowsAreEncodedAsTheFrameworkEncodesThem(t *testing.T) {
	for name, rows := range map[string][]row{
		"no row":   {},
		"all null": {{}},
		"all set":  {{name: "a", count: int64(1), ratio: decimal("0.333"), tags: []string{"x", "y"}, children: []string{"c"}}},
		"empty":    {{name: "", count: int64(0), ratio: decimal("0"), tags: []string{}, children: []string{}}},
		"numbers": {
			{count: int64(-1), ratio: decimal("1")},
			{count: int64(1) << 62, ratio: decimal("0.5")},
			{count: int64(-1) << 63, ratio: decimal("1e300")},
			{count: int64(200), ratio: decimal("-0.1")},
		},
		"1000 rows": make([]row, 1000),
	} {
		t.Run(name, func(t *testing.T) { check(t, rows) })
	}
}

func TestRowsThatAreSetLaterReplaceTheOthers(t *testing.T) {
	got := response(t, func(ctx context.Context) tftypes.Value {
		set(ctx, row{name: "a"})
		set(ctx)
		return state([]tftypes.Value{})
	})
	unchanged(t, got, state([]tftypes.Value{}))
}

func TestStateOfAReadThatDidNotSetTheEmptyListIsUnchanged(t *testing.T) {
	got := response(t, func(ctx context.Context) tftypes.Value {
		set(ctx, row{name: "a"})
		return state(nil)
	})
	unchanged(t, got, state(nil))
}

func TestStateOfAReadThatUsesNoListIsUnchanged(t *testing.T) {
	want := state([]tftypes.Value{row{name: "a"}.value()})
	unchanged(t, response(t, func(context.Context) tftypes.Value { return want }), want)
}

func unchanged(t *testing.T, got *tfprotov6.DynamicValue, want tftypes.Value) {
	t.Helper()
	value, err := got.Unmarshal(stateType)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.String(), value.String()); diff != "" {
		t.Errorf("the state differs (-want +got):\n%s", diff)
	}
}

func TestThereIsNoListWithoutTheServer(t *testing.T) {
	if passthrough.ListOf(t.Context()) != nil {
		t.Error("a read that no server of this package handles has a list")
	}
}

func TestValueOfAnotherTypeIsABug(t *testing.T) {
	response(t, func(ctx context.Context) tftypes.Value {
		defer func() {
			if recover() == nil {
				t.Error("a float64 is encoded")
			}
		}()
		passthrough.ListOf(ctx).Encode(passthrough.Object{{Name: "name", Value: 1.5}})
		return state(nil)
	})
}

func FuzzRow(f *testing.F) {
	f.Add("name", int64(1), int64(333), int64(3), "tag", "child")
	f.Add("", int64(-1)<<63, int64(1), int64(0), "\xff", "")
	f.Fuzz(func(t *testing.T, name string, count, digits, scale int64, tag, child string) {
		ratio := new(big.Float).SetPrec(512).SetInt64(digits)
		for range min(max(scale, 0), 30) {
			ratio.Quo(ratio, big.NewFloat(10))
		}
		check(t, []row{{name: name, count: count, ratio: ratio, tags: []string{tag}, children: []string{child}}, {name: child}})
	})
}
