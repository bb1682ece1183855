// SPDX-License-Identifier: MPL-2.0

// Package provider is the provider block: what its arguments and the ZSTACK_*
// environment variables come to, and the client of the management node that
// the data sources get for it.
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
func New(version string) *Provider { return &Provider{version: version} }

// Provider is the zstack provider. Whoever serves it closes it afterwards.
type Provider struct {
	version string
	clients clients
}

// Metadata names the provider.
func (p *Provider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "zstack"
	resp.Version = p.version
}

// Schema describes the provider block. Everything is optional, because the
// environment can stand in for it.
func (p *Provider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Looks up the backup storages of a ZStack Cloud. It only reads: it logs in, lists and logs out.",
		Attributes: map[string]schema.Attribute{
			"endpoint": text("URL of the management node, or of the proxy in front of it, with the scheme `http` or `https`. " +
				"Without a port it is 8080 for `http` and 443 for `https`; without a path, `/zstack`. Excludes `host` and `port`. " +
				"Environment variable: `ZSTACK_ENDPOINT`."),
			"host": text("Host name or address of the management node, reached over plain http. " +
				"Environment variable: `ZSTACK_HOST`."),
			"port": schema.NumberAttribute{Optional: true, MarkdownDescription: "Port at `host`. Default: 8080. " +
				"Environment variable: `ZSTACK_PORT`."},

			"account_name": text("Account to log in with. " +
				"Environment variable: `ZSTACK_ACCOUNT_NAME`."),
			"account_password": secret("Password of the account, or of the user that `user_name` names. " +
				"Environment variable: `ZSTACK_ACCOUNT_PASSWORD`."),
			"user_name": text("User of the account to log in as. Default: the account itself. " +
				"Environment variable: `ZSTACK_USER_NAME`, which counts only if the whole account comes from the environment."),

			"virtual_id_name": text("IAM2 virtual ID to log in with. " +
				"Environment variable: `ZSTACK_VIRTUAL_ID_NAME`."),
			"virtual_id_password": secret("Password of the virtual ID. " +
				"Environment variable: `ZSTACK_VIRTUAL_ID_PASSWORD`."),
			"project_name": text("IAM2 project to enter with the virtual ID. Default: none. " +
				"Environment variable: `ZSTACK_PROJECT_NAME`, which counts only if the whole virtual ID comes from the environment."),

			"access_key_id": text("Access key that signs the requests; no session is made. " +
				"Environment variable: `ZSTACK_ACCESS_KEY_ID`."),
			"access_key_secret": secret("Secret of the access key. " +
				"Environment variable: `ZSTACK_ACCESS_KEY_SECRET`."),
			"server_time_zone": text("IANA name of the time zone in which the management node's clock runs, such as `Asia/Shanghai`; an access key's signature is dated in it. " +
				"Default: the local zone, then UTC, then Asia/Shanghai is tried. Without an access key it counts for nothing. " +
				"Environment variable: `ZSTACK_SERVER_TIME_ZONE`."),

			"session_uuid": secret("Session that exists already. It is neither renewed by a login nor logged out. " +
				"Environment variable: `ZSTACK_SESSION_UUID`."),

			"ca_certificate": text("Certificates of authorities to trust besides the system's, as PEM text. Excludes `ca_certificate_file`. " +
				"Environment variable: `ZSTACK_CA_CERTIFICATE`."),
			"ca_certificate_file": text("The same, as the path of a PEM file. " +
				"Environment variable: `ZSTACK_CA_CERTIFICATE_FILE`."),
			"insecure_skip_verify": schema.BoolAttribute{Optional: true, MarkdownDescription: "Accept any TLS certificate. It gives the credentials away to whoever poses as the management node, so it warns. Default: `false`. " +
				"Environment variable: `ZSTACK_INSECURE_SKIP_VERIFY`."},

			"request_timeout": text("Time for one attempt of a request, and for a login as a whole: a duration such as `30s` or `2m`. Default: `1m`. " +
				"Environment variable: `ZSTACK_REQUEST_TIMEOUT`."),
			"max_retries": schema.NumberAttribute{Optional: true, MarkdownDescription: "How often a request is repeated after an attempt that failed in passing; 0 is never. Default: 4. " +
				"Environment variable: `ZSTACK_MAX_RETRIES`."},
		},
	}
}

func text(description string) schema.StringAttribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: description}
}

func secret(description string) schema.StringAttribute {
	return schema.StringAttribute{Optional: true, Sensitive: true, MarkdownDescription: description}
}

// ValidateConfig reports what is wrong with the provider block, whatever the
// environment holds.
func (p *Provider) ValidateConfig(_ context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	block, diags := readBlock(req.Config)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(validate(block)...)
}

// Configure hands the data sources a client, or the reason why there is none
// yet. It makes no request.
func (p *Provider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	block, diags := readBlock(req.Config)
	resp.Diagnostics.Append(diags...)
	config, unknown, diags := resolve(block, os.Getenv)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if len(unknown) > 0 {
		resp.DataSourceData = &backupstorage.ProviderData{Unknown: notKnownYet(unknown)}
		return
	}

	config.UserAgent = fmt.Sprintf("terraform-provider-zstack/%s (%s; %s)", p.version, runtime.GOOS, runtime.GOARCH)
	client := zstack.NewClient(config)
	p.clients.replace(ctx, client)
	resp.DataSourceData = &backupstorage.ProviderData{Client: client}
}

// notKnownYet is what a read answers that needs these arguments.
func notKnownYet(arguments []string) diag.Diagnostics {
	return diag.Diagnostics{diag.NewErrorDiagnostic("Provider Configuration Not Known Yet", fmt.Sprintf(
		"This data source is read while planning, but the provider cannot log in yet: the value of %s in the provider block comes from something that is not applied.\n\n"+
			"Give it a value that is known while planning, or apply what it comes from first, with apply -target=ADDRESS.",
		strings.Join(arguments, ", ")))}
}

// DataSources lists what the provider can look up.
func (p *Provider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{backupstorage.NewDataSource, backupstorage.NewListDataSource}
}

// Resources returns none: the provider only reads.
func (p *Provider) Resources(context.Context) []func() resource.Resource { return nil }

// Close logs out what the provider logged in, until ctx ends.
func (p *Provider) Close(ctx context.Context) { p.clients.close(ctx) }
