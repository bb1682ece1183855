// SPDX-License-Identifier: MPL-2.0

// Command terraform-provider-noop is a minimal provider: its cost is that of
// Terraform, the plugin protocol and the framework. Its one data source returns
// the requested number of constant rows, in the shape of
// zstack_backup_storages.
package main

import (
	"context"
	"errors"
	"log"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/zstackio/terraform-provider-zstack/internal/bench/numbers"
)

const address = "registry.terraform.io/zstackio/noop"

func main() {
	if err := serve(os.Getenv("NOOP_LOG")); err != nil {
		log.Fatal(err)
	}
}

// serve serves as most providers do if readLog is "".
func serve(readLog string) error {
	if readLog == "" {
		return providerserver.Serve(context.Background(), func() provider.Provider { return noop{} }, providerserver.ServeOpts{Address: address})
	}
	return tf6server.Serve(address, func() tfprotov6.ProviderServer { return timed{providerserver.NewProtocol6(noop{})(), readLog} })
}

// timed appends the time of each read, in microseconds, to a file.
type timed struct {
	tfprotov6.ProviderServer
	readLog string
}

func (t timed) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	began := time.Now()
	resp, err := t.ProviderServer.ReadDataSource(ctx, req)
	return resp, errors.Join(err, numbers.Append(t.readLog, time.Since(began).Microseconds()))
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

// list sets its custom types: that saves the framework more work than anything
// else a provider can do.
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
	constantRows := constantRows(rows.ElementType.(tftypes.Object))
	elements := make([]tftypes.Value, number)
	for i := range elements {
		elements[i] = constantRows[i%len(constantRows)].Copy() // The rows of a real provider share no memory either.
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, tftypes.NewValue(state, map[string]tftypes.Value{
		"number": tftypes.NewValue(tftypes.Number, number),
		"rows":   tftypes.NewValue(rows, elements),
	}))...)
}

// constantRows is nine image stores and a Ceph storage with three monitors.
func constantRows(storage tftypes.Object) []tftypes.Value {
	mons := storage.AttributeTypes["mons"].(tftypes.List)
	mon := object(mons.ElementType.(tftypes.Object), "mon_uuid backup_storage_uuid hostname mon_addr mon_port ssh_port ssh_username status create_date last_op_date", nil)
	zones := tftypes.NewValue(storage.AttributeTypes["attached_zone_uuids"], []tftypes.Value{sampleString})

	const common = "uuid name description url type state status total_capacity available_capacity create_date last_op_date "
	imageStore := object(storage, common+"hostname username ssh_port", map[string]tftypes.Value{"attached_zone_uuids": zones})
	ceph := object(storage,
		common+"fsid pool_name pool_security_policy pool_available_capacity pool_used_capacity pool_replicated_size pool_disk_utilization",
		map[string]tftypes.Value{"attached_zone_uuids": zones, "mons": tftypes.NewValue(mons, []tftypes.Value{mon, mon, mon})})
	return append(slices.Repeat([]tftypes.Value{imageStore}, 9), ceph)
}

var (
	sampleString = tftypes.NewValue(tftypes.String, "a string of typical length")
	sampleNumber = tftypes.NewValue(tftypes.Number, int64(1)<<40)
)

// object is an object with a string or a number for each of the names, the
// given others, and nulls for the rest.
func object(of tftypes.Object, names string, others map[string]tftypes.Value) tftypes.Value {
	all := map[string]tftypes.Value{}
	for name, kind := range of.AttributeTypes {
		all[name] = tftypes.NewValue(kind, nil)
	}
	for _, name := range strings.Fields(names) {
		all[name] = sampleString
		if of.AttributeTypes[name].Is(tftypes.Number) {
			all[name] = sampleNumber
		}
	}
	maps.Copy(all, others)
	return tftypes.NewValue(of, all)
}
