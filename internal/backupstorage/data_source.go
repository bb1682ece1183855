// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
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

// Schema has the attributes of a storage, three of which can also select it, and
// the selectors of its zone.
func (*dataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	result := resultAttributes(attributes)
	result["uuid"] = selectorAttribute("UUID of the backup storage, 32 lower-case hexadecimal digits. Conflicts with all other selectors.",
		true, validUUID, conflictsWith("name", "type", "zone_uuid", "zone_name", "filter"))
	result["name"] = selectorAttribute("Name, exact and case-sensitive. ZStack does not keep names unique.", true, notEmpty)
	result["type"] = selectorAttribute("Type, exact and case-sensitive, such as "+typeExamples, true, notEmpty, validType)
	maps.Copy(result, zoneSelectors())
	resp.Schema = schema.Schema{
		MarkdownDescription: "Finds exactly one backup storage: by `uuid`, or by one or more of `name`, `type`, `zone_uuid`, `zone_name` and `filter`, " +
			"all of which must match. " +
			"It is an error if none or several match; the message lists candidates.",
		Attributes: result,
		Blocks:     map[string]schema.Block{"filter": filterBlock(), "timeouts": timeoutsBlock()},
	}
}

// ConfigValidators requires at least one selector.
func (*dataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{datasourcevalidator.AtLeastOneOf(
		path.MatchRoot("uuid"), path.MatchRoot("name"), path.MatchRoot("type"), path.MatchRoot("zone_uuid"), path.MatchRoot("zone_name"),
		path.MatchRoot("filter"),
	)}
}

// Configure receives the provider's data.
func (d *dataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.provider = providerData(req, resp)
}

// Read finds the storage.
func (d *dataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var s selectors
	var timeout timeouts.Value
	resp.Diagnostics.Append(readArguments(ctx, req.Config, map[string]any{
		"uuid": &s.UUID, "name": &s.Name, "type": &s.Type, "zone_uuid": &s.ZoneUUID, "zone_name": &s.ZoneName, "filter": &s.Filter,
		"timeouts": &timeout,
	})...)
	ctx, cancel, diags := withTimeout(ctx, timeout)
	defer cancel()
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	lookup, diags := d.provider.lookup(ctx, s)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	switch len(lookup.found) {
	case 0:
		resp.Diagnostics.Append(notFound(lookup, d.provider.visibleStorages(ctx)))
	case 1:
		resp.Diagnostics.Append(setComputed(ctx, &resp.State, protocolValues(resp.State.Raw.Type(), stateObject(attributes, &lookup.found[0])))...)
	default:
		resp.Diagnostics.Append(ambiguous(lookup))
	}
}
