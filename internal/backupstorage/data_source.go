// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

var (
	_ datasource.DataSourceWithConfigure        = (*dataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*dataSource)(nil)
)

// NewDataSource returns the data source zstack_backup_storage.
func NewDataSource() datasource.DataSource { return &dataSource{} }

// dataSource finds exactly one backup storage.
type dataSource struct{ provider *ProviderData }

// Metadata names the data source.
func (*dataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_backup_storage"
}

// Schema is the result, three attributes of which may also be given to select
// the storage.
func (*dataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	result := resultAttributes(attributes)
	result["uuid"] = schema.StringAttribute{
		MarkdownDescription: "UUID of the backup storage, 32 lower-case hexadecimal digits. To select by it, give nothing else.",
		Optional:            true,
		Computed:            true,
		Validators: []validator.String{
			isUUID(),
			stringvalidator.ConflictsWith(path.MatchRoot("name"), path.MatchRoot("type"), path.MatchRoot("filter")),
		},
	}
	result["name"] = schema.StringAttribute{
		MarkdownDescription: "Name, compared exactly, with upper and lower case apart. ZStack does not keep names unique.",
		Optional:            true,
		Computed:            true,
		Validators:          []validator.String{isNotEmpty()},
	}
	result["type"] = schema.StringAttribute{
		MarkdownDescription: "Type, compared exactly, such as " + typeExamples,
		Optional:            true,
		Computed:            true,
		Validators:          []validator.String{isNotEmpty()},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Finds exactly one backup storage, by `uuid`, or by any of `name`, `type` and `filter`, all of which must match. " +
			"That none or several match is an error which says what was found.",
		Attributes: result,
		Blocks:     map[string]schema.Block{"filter": filterBlock(), "timeouts": timeoutsBlock()},
	}
}

// ConfigValidators asks for something to select the storage by.
func (*dataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{datasourcevalidator.AtLeastOneOf(
		path.MatchRoot("uuid"), path.MatchRoot("name"), path.MatchRoot("type"), path.MatchRoot("filter"),
	)}
}

// Configure takes what the provider hands over.
func (d *dataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.provider = configured(req, resp)
}

// Read finds the storage.
func (d *dataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var asked selectors
	var timeout timeouts.Value
	resp.Diagnostics.Append(arguments(ctx, req.Config, map[string]any{
		"uuid": &asked.UUID, "name": &asked.Name, "type": &asked.Type, "filter": &asked.Filter, "timeouts": &timeout,
	})...)
	if resp.Diagnostics.HasError() {
		return
	}
	lookup, diags := d.provider.lookup(ctx, asked, timeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	switch len(lookup.found) {
	case 0:
		resp.Diagnostics.Append(notFound(lookup))
	case 1:
		resp.Diagnostics.Append(complete(ctx, &resp.State, objectValues(resp.State.Raw.Type(), attributes, &lookup.found[0]))...)
	default:
		resp.Diagnostics.Append(ambiguous(lookup))
	}
}
