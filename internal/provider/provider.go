// SPDX-License-Identifier: MPL-2.0

// Package provider is the provider block: it creates the client that the data
// sources use, from the block's arguments and the ZSTACK_* environment
// variables.
package provider

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/zstackio/terraform-provider-zstack/internal/backupstorage"
	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

var (
	_ provider.Provider                   = (*Provider)(nil)
	_ provider.ProviderWithValidateConfig = (*Provider)(nil)
)

// New returns the provider. The version goes into the User-Agent header.
func New(version string) *Provider {
	p := &Provider{version: version}
	p.lifetime, p.end = context.WithCancel(context.Background())
	return p
}

// Provider is the zstack provider. Close it when it is no longer served.
type Provider struct {
	version  string
	clients  clients
	lifetime context.Context // ends when the provider is closed
	end      context.CancelFunc
}

// Metadata names the provider.
func (p *Provider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "zstack"
	resp.Version = p.version
}

// Schema describes the provider block.
func (p *Provider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Looks up the backup storages of a ZStack Cloud. It is read-only: it logs in, lists and logs out.",
		Attributes:          map[string]schema.Attribute{},
	}
	for _, a := range new(configuration).arguments() {
		resp.Schema.Attributes[a.name] = a.attribute()
	}
}

// ValidateConfig reports what is wrong with the provider block, whatever the
// environment contains.
func (p *Provider) ValidateConfig(_ context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	block, diags := readBlock(req.Config)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(validate(block)...)
}

// Configure passes the data sources a client, or the reason why there is none
// yet. It makes no request.
func (p *Provider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	block, diags := readBlock(req.Config)
	resp.Diagnostics.Append(diags...)
	resolved, diags := resolve(block, newEnvironment(os.Environ()))
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if len(resolved.unknown) > 0 {
		resp.DataSourceData = &backupstorage.ProviderData{Unknown: unknownArguments(resolved.unknown)}
		return
	}

	config := resolved.config
	config.UserAgent = fmt.Sprintf("terraform-provider-zstack/%s (%s; %s)", p.version, runtime.GOOS, runtime.GOARCH)
	client := zstack.NewClient(config)
	p.clients.replace(ctx, client)
	resp.DataSourceData = &backupstorage.ProviderData{Client: client, Login: resolved.login}
}

// unknownArguments is the error of a read that needs these arguments.
func unknownArguments(names []string) diag.Diagnostics {
	return diag.Diagnostics{diag.NewErrorDiagnostic("Provider Configuration Not Known Yet", fmt.Sprintf(
		"Terraform reads this data source during the plan, but the provider cannot log in yet: the value of %s in the provider block "+
			"depends on a resource that is not applied yet.\n\n"+
			"Set it to a value that is known during the plan, or apply that resource first, with terraform apply -target=ADDRESS.",
		strings.Join(names, ", ")))}
}

// DataSources lists what the provider can look up.
func (p *Provider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{backupstorage.NewDataSource, backupstorage.NewListDataSource}
}

// Resources returns none: the provider only reads.
func (p *Provider) Resources(context.Context) []func() resource.Resource { return nil }

// Close ends the running reads and those that arrive later, and logs out all
// sessions of the provider. It takes at most a second. It may be called again.
func (p *Provider) Close(ctx context.Context) {
	p.end()
	p.clients.close(ctx)
}
