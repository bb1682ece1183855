// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
)

func providerSchema(t *testing.T) schema.Schema {
	t.Helper()
	var resp provider.SchemaResponse
	New("test").Schema(t.Context(), provider.SchemaRequest{}, &resp)
	if diags := resp.Schema.ValidateImplementation(t.Context()); diags.HasError() {
		t.Fatal(render(diags))
	}
	return resp.Schema
}

func TestSchemaIsDerivedFromTheTable(t *testing.T) {
	got := map[string]string{}
	for name, attribute := range providerSchema(t).Attributes {
		got[name] = attribute.GetType().String()
		if attribute.IsSensitive() {
			got[name] += " sensitive"
		}
		if !attribute.IsOptional() {
			t.Errorf("%s is not optional, so its variable could not replace it", name)
		}
		if end := " Environment variable: `ZSTACK_" + strings.ToUpper(name) + "`."; !strings.HasSuffix(attribute.GetMarkdownDescription(), end) {
			t.Errorf("the description of %s does not end with%s", name, end)
		}
	}
	want := map[string]string{
		"endpoint": "basetypes.StringType", "host": "basetypes.StringType", "port": "basetypes.NumberType",
		"account_name": "basetypes.StringType", "account_password": "basetypes.StringType sensitive", "user_name": "basetypes.StringType",
		"virtual_id_name": "basetypes.StringType", "virtual_id_password": "basetypes.StringType sensitive", "project_name": "basetypes.StringType",
		"access_key_id": "basetypes.StringType", "access_key_secret": "basetypes.StringType sensitive", "server_time_zone": "basetypes.StringType",
		"session_uuid":   "basetypes.StringType sensitive",
		"ca_certificate": "basetypes.StringType", "ca_certificate_file": "basetypes.StringType", "insecure_skip_verify": "basetypes.BoolType",
		"request_timeout": "basetypes.StringType", "max_retries": "basetypes.NumberType",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSourceLinesOfSensitiveArgumentsArePrivate(t *testing.T) {
	for _, a := range new(configuration).arguments() {
		if a.sensitive && !a.private {
			t.Errorf("%s is sensitive, but diagnostics would show its source line", a.name)
		}
	}
}

func TestDefaultsAreDocumentedAsTheyAreUsed(t *testing.T) {
	attributes := providerSchema(t).Attributes
	for name, want := range map[string]string{
		"port": "8080", "insecure_skip_verify": "false", "request_timeout": "1m", "max_retries": "4",
	} {
		if text := attributes[name].GetMarkdownDescription(); !strings.Contains(text, " Default: `"+want+"`.") {
			t.Errorf("%s has no default %s: %s", name, want, text)
		}
	}
}
