// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/provider"
)

func TestSchemaAndArgumentsAgree(t *testing.T) {
	var resp provider.SchemaResponse
	New("test").Schema(t.Context(), provider.SchemaRequest{}, &resp)
	if diags := resp.Schema.ValidateImplementation(t.Context()); diags.HasError() {
		t.Fatal(render(diags))
	}
	for _, a := range arguments {
		attribute, found := resp.Schema.Attributes[a.name]
		if !found {
			t.Errorf("%s is not in the schema", a.name)
			continue
		}
		if !strings.Contains(attribute.GetMarkdownDescription(), "Environment variable: `"+variable(a.name)+"`") {
			t.Errorf("the description of %s does not name its variable", a.name)
		}
		if attribute.IsSensitive() && !a.private {
			t.Errorf("%s is sensitive, but diagnostics would show its source line", a.name)
		}
	}
	if len(arguments) != len(resp.Schema.Attributes) {
		t.Errorf("%d arguments, but %d attributes", len(arguments), len(resp.Schema.Attributes))
	}
}

func TestSecretsAreSensitive(t *testing.T) {
	var resp provider.SchemaResponse
	New("test").Schema(t.Context(), provider.SchemaRequest{}, &resp)
	var sensitive []string
	for name, attribute := range resp.Schema.Attributes {
		if attribute.IsSensitive() {
			sensitive = append(sensitive, name)
		}
	}
	slices.Sort(sensitive)
	want := []string{"access_key_secret", "account_password", "session_uuid", "virtual_id_password"}
	if !slices.Equal(sensitive, want) {
		t.Errorf("got %v, want %v", sensitive, want)
	}
}

func TestEveryArgumentBelongsToOneChoiceOrNone(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range choices {
		for _, w := range c.ways {
			for _, name := range w.members() {
				if seen[name] || !slices.ContainsFunc(arguments, func(a argument) bool { return a.name == name }) {
					t.Errorf("%s is no argument, or in two ways", name)
				}
				seen[name] = true
			}
		}
	}
}
