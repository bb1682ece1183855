// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

var _ datasource.DataSourceWithConfigure = (*listDataSource)(nil)

// NewListDataSource returns the data source zstack_backup_storages.
func NewListDataSource() datasource.DataSource { return &listDataSource{} }

// listDataSource lists the backup storages that match.
type listDataSource struct{ provider *ProviderData }

// Metadata names the data source.
func (*listDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_backup_storages"
}

// Schema is the selectors, the order and the list.
func (*listDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the backup storages that match all selectors, or all there are. The list is complete, or the read fails. " +
			"That nothing matches is no error: the list is empty then.",
		Attributes: map[string]schema.Attribute{
			"uuid": schema.StringAttribute{
				MarkdownDescription: "UUID, 32 lower-case hexadecimal digits. Excludes `name` and `name_pattern`.",
				Optional:            true,
				Validators: []validator.String{
					isUUID(),
					stringvalidator.ConflictsWith(path.MatchRoot("name"), path.MatchRoot("name_pattern")),
				},
			},
			"name": schema.StringAttribute{
				MarkdownDescription: "Name, compared exactly, with upper and lower case apart. Excludes `uuid` and `name_pattern`.",
				Optional:            true,
				Validators:          []validator.String{isNotEmpty()},
			},
			"name_pattern": schema.StringAttribute{
				MarkdownDescription: "SQL `LIKE` pattern that the whole name matches: `%` is any run of characters, `_` any one, and `\\` makes the next " +
					"character stand for itself. Upper and lower case of the letters A to Z are the same. Excludes `uuid` and `name`.",
				Optional:   true,
				Validators: []validator.String{isNotEmpty(), stringvalidator.ConflictsWith(path.MatchRoot("name"))},
			},
			"type": schema.StringAttribute{
				MarkdownDescription: "Type, compared exactly, such as " + typeExamples,
				Optional:            true,
				Validators:          []validator.String{isNotEmpty()},
			},
			"sort_by": schema.StringAttribute{
				MarkdownDescription: "Attribute to sort by, any of those a filter may name but " + quoted(attributeNames(set)) + ". Text is compared by its bytes, " +
					"numbers as numbers, dates as times. Storages without the attribute come last, those with the same value in the order of " +
					"their UUIDs. The default is `uuid`.",
				Optional:   true,
				Validators: []validator.String{stringvalidator.OneOf(attributeNames(sortable...)...)},
			},
			"sort_direction": schema.StringAttribute{
				MarkdownDescription: "`asc`, the default, or `desc`. Needs `sort_by`.",
				Optional:            true,
				Validators: []validator.String{
					stringvalidator.OneOf("asc", "desc"),
					stringvalidator.AlsoRequires(path.MatchRoot("sort_by")),
				},
			},
			"backup_storages": listSchema("The backup storages that match.", attributes),
		},
		Blocks: map[string]schema.Block{"filter": filterBlock(), "timeouts": timeoutsBlock()},
	}
}

// Configure takes what the provider hands over.
func (d *listDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.provider = configured(req, resp)
}

// Read lists the storages.
func (d *listDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var asked selectors
	var timeout timeouts.Value
	var sortAttribute, direction *string
	resp.Diagnostics.Append(arguments(ctx, req.Config, map[string]any{
		"uuid": &asked.UUID, "name": &asked.Name, "name_pattern": &asked.NamePattern, "type": &asked.Type, "filter": &asked.Filter,
		"timeouts": &timeout, "sort_by": &sortAttribute, "sort_direction": &direction,
	})...)
	if resp.Diagnostics.HasError() {
		return
	}
	lookup, diags := d.provider.lookup(ctx, asked, timeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if by, ok := attributeNamed(deref(sortAttribute)); ok {
		sortBy(lookup.found, by, deref(direction) == "desc")
	}
	state, _ := resp.State.Raw.Type().(tftypes.Object)
	resp.Diagnostics.Append(complete(ctx, &resp.State, map[string]tftypes.Value{
		"backup_storages": objectList(state.AttributeTypes["backup_storages"], attributes, lookup.found),
	})...)
}
