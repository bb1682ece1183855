// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
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

// Schema has the selectors, the order and the list.
func (*listDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the backup storages that match all selectors; without selectors, all that are visible. " +
			"It returns the complete list or fails. If nothing matches, the list is empty.",
		Attributes: map[string]schema.Attribute{
			"uuid": selectorAttribute("UUID, 32 lower-case hexadecimal digits. Conflicts with `name` and `name_pattern`.",
				false, validUUID, conflictsWith("name", "name_pattern")),
			"name": selectorAttribute("Name, exact and case-sensitive. Conflicts with `uuid` and `name_pattern`.", false, notEmpty),
			"name_pattern": selectorAttribute("SQL `LIKE` pattern for the whole name: `%` is any sequence of characters, `_` any single character; `\\` "+
				"escapes the next character. The case of the letters A to Z is ignored. Conflicts with `uuid` and `name`.",
				false, notEmpty, conflictsWith("name")),
			"type": selectorAttribute("Type, exact and case-sensitive, such as "+typeExamples, false, notEmpty, validType),
			"sort_by": schema.StringAttribute{
				MarkdownDescription: "Attribute to sort by: any filterable attribute except " + markdownCode(attributeNames(kindUUIDs)) + ". Text is compared by its bytes, " +
					"numbers as numbers, dates as times. Storages without the attribute come last; those with the same value are ordered by " +
					"UUID. The default is `uuid`.",
				Optional:   true,
				Validators: []validator.String{validName(sortable)},
			},
			"sort_direction": schema.StringAttribute{
				MarkdownDescription: "`asc` (the default) or `desc`. Requires `sort_by`.",
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
	maps.Copy(resp.Schema.Attributes, zoneSelectors())
}

// Configure receives the provider's data.
func (d *listDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.provider = providerData(req, resp)
}

// Read lists the storages.
func (d *listDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var s selectors
	var timeout timeouts.Value
	var sortBy, sortDirection types.String
	resp.Diagnostics.Append(readArguments(ctx, req.Config, map[string]any{
		"uuid": &s.UUID, "name": &s.Name, "name_pattern": &s.NamePattern, "type": &s.Type,
		"zone_uuid": &s.ZoneUUID, "zone_name": &s.ZoneName, "filter": &s.Filter, "timeouts": &timeout, "sort_by": &sortBy, "sort_direction": &sortDirection,
	})...)
	ctx, cancel, diags := withTimeout(ctx, timeout)
	defer cancel()
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	conditions, diags := d.provider.conditions(ctx, s)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	attribute, _ := attributeNamed(sortBy.ValueString())
	rows := newListRows(ctx, &resp.State, "backup_storages", attribute)
	err := d.provider.Client.ReadBackupStorages(ctx, clientConditions(conditions), func(page zstack.ListPage[zstack.BackupStorage]) {
		if page.First {
			rows.rows = nil
		}
		for _, storage := range matching(page.Rows, conditions) {
			rows.add(&storage)
		}
	})
	if err != nil {
		resp.Diagnostics.Append(d.provider.diagnose(err))
		return
	}
	if len(rows.rows) == 0 {
		resp.Diagnostics.Append(emptyList(conditions)...)
	}
	rows.sort(sortDirection.ValueString() == "desc")
	resp.Diagnostics.Append(rows.set(ctx, &resp.State)...)
}
