// SPDX-License-Identifier: MPL-2.0

// Command terraform-provider-noop is the least that a provider can be: what it
// costs is what Terraform, the plugin protocol and the framework cost. Its one
// data source returns as many rows as it is told to, in the shape of
// zstack_backup_storages, all ready-made.
package main

import (
	"context"
	"log"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func main() {
	options := providerserver.ServeOpts{Address: "registry.terraform.io/zstackio/noop"}
	if err := providerserver.Serve(context.Background(), func() provider.Provider { return noop{} }, options); err != nil {
		log.Fatal(err)
	}
}

type noop struct{}

func (noop) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "noop"
}

func (noop) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse)          {}
func (noop) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}
func (noop) Resources(context.Context) []func() resource.Resource                              { return nil }

func (noop) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{func() datasource.DataSource { return rows{} }}
}

// rows is the data source noop_rows.
type rows struct{}

func (rows) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "noop_rows"
}

func (rows) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	storage := attributes(
		"uuid name description url type state status create_date last_op_date hostname username "+
			"fsid pool_name pool_security_policy identity oss_bucket_uuid vcenter_uuid datastore",
		"total_capacity available_capacity ssh_port pool_available_capacity pool_used_capacity pool_replicated_size pool_disk_utilization")
	storage["attached_zone_uuids"] = schema.SetAttribute{Computed: true, ElementType: types.StringType}
	storage["mons"] = list(attributes("mon_uuid backup_storage_uuid hostname mon_addr ssh_username status create_date last_op_date", "mon_port ssh_port"))
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"number": schema.Int64Attribute{Required: true},
		"rows":   list(storage),
	}}
}

func attributes(texts, numbers string) map[string]schema.Attribute {
	all := map[string]schema.Attribute{}
	for _, name := range strings.Fields(texts) {
		all[name] = schema.StringAttribute{Computed: true}
	}
	for _, name := range strings.Fields(numbers) {
		all[name] = schema.Float64Attribute{Computed: true}
	}
	return all
}

// list names its types, which spares the framework more work than anything
// else that a provider can do.
func list(attributes map[string]schema.Attribute) schema.Attribute {
	object := schema.NestedAttributeObject{Attributes: attributes}
	object.CustomType = object.Type()
	return schema.ListNestedAttribute{Computed: true, CustomType: types.ListType{ElemType: object.CustomType}, NestedObject: object}
}

func (rows) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var number int64
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("number"), &number)...)
	state := resp.State.Raw.Type().(tftypes.Object)
	rows := state.AttributeTypes["rows"].(tftypes.List)
	readyMade := readyMade(rows.ElementType.(tftypes.Object))
	elements := make([]tftypes.Value, number)
	for i := range elements {
		elements[i] = readyMade[i%len(readyMade)].Copy() // The rows of a real provider share no memory either.
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, tftypes.NewValue(state, map[string]tftypes.Value{
		"number": tftypes.NewValue(tftypes.Number, number),
		"rows":   tftypes.NewValue(rows, elements),
	}))...)
}

// readyMade is nine image stores and a Ceph storage with three monitors.
func readyMade(storage tftypes.Object) []tftypes.Value {
	mons := storage.AttributeTypes["mons"].(tftypes.List)
	mon := object(mons.ElementType.(tftypes.Object), "mon_uuid backup_storage_uuid hostname mon_addr mon_port ssh_port ssh_username status create_date last_op_date", nil)
	zones := tftypes.NewValue(storage.AttributeTypes["attached_zone_uuids"], []tftypes.Value{text})

	const common = "uuid name description url type state status total_capacity available_capacity create_date last_op_date "
	imageStore := object(storage, common+"hostname username ssh_port", map[string]tftypes.Value{"attached_zone_uuids": zones})
	ceph := object(storage,
		common+"fsid pool_name pool_security_policy pool_available_capacity pool_used_capacity pool_replicated_size pool_disk_utilization",
		map[string]tftypes.Value{"attached_zone_uuids": zones, "mons": tftypes.NewValue(mons, []tftypes.Value{mon, mon, mon})})
	return append(slices.Repeat([]tftypes.Value{imageStore}, 9), ceph)
}

var (
	text   = tftypes.NewValue(tftypes.String, "text of a usual length")
	number = tftypes.NewValue(tftypes.Number, 1<<40)
)

// object is an object with a text or a number under each of the names, with
// other values and, for the rest, nulls.
func object(of tftypes.Object, names string, others map[string]tftypes.Value) tftypes.Value {
	all := map[string]tftypes.Value{}
	for name, kind := range of.AttributeTypes {
		all[name] = tftypes.NewValue(kind, nil)
	}
	for _, name := range strings.Fields(names) {
		all[name] = text
		if of.AttributeTypes[name].Is(tftypes.Number) {
			all[name] = number
		}
	}
	maps.Copy(all, others)
	return tftypes.NewValue(of, all)
}
