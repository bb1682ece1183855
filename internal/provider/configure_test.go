// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/zstackio/terraform-provider-zstack/internal/acctest"
	"github.com/zstackio/terraform-provider-zstack/internal/backupstorage"
	"github.com/zstackio/terraform-provider-zstack/internal/diagnosis"
	sut "github.com/zstackio/terraform-provider-zstack/internal/provider"
	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

func TestNothingIsSentUnlessADataSourceIsRead(t *testing.T) {
	cloud := acctest.Start(t)
	withRead := cloud.CLI(t, required+list)
	withRead.Run("validate")
	without := cloud.CLI(t, required+block("")+"output \"x\" { value = 1 }\n")
	without.Run("validate")
	without.Run("plan")
	without.Run("apply", "-auto-approve")
	if requests := cloud.Requests(); len(requests) > 0 {
		t.Errorf("%d requests, the first is %s %s", len(requests), requests[0].Method, requests[0].Path)
	}
}

func TestMistakesInTheProviderBlockFailValidate(t *testing.T) {
	cloud := acctest.Start(t)
	for name, test := range map[string]struct{ block, want string }{
		"empty":    {`account_name = ""`, "The argument account_name is empty."},
		"port":     {`port = 0`, "The argument port cannot be used: it must be a port number from 1 to 65535,"},
		"timeout":  {`request_timeout = "0s"`, "The argument request_timeout cannot be used: it must be a duration greater"},
		"retries":  {`max_retries = 1.5`, "The argument max_retries cannot be used: it must be a whole number, 0 or"},
		"two sets": {"account_name = \"a\"\naccess_key_id = \"b\"", "The provider block configures 2 conflicting sets of credentials:"},
	} {
		t.Run(name, func(t *testing.T) {
			output, err := cloud.CLI(t, required+block(test.block)+list).Try("validate")
			if err == nil || !strings.Contains(output, test.want) {
				t.Errorf("want %q in:\n%s", test.want, output)
			}
		})
	}
	if requests := cloud.Requests(); len(requests) > 0 {
		t.Errorf("%d requests were sent", len(requests))
	}
}

func TestSourceLinesOfSecretArgumentsAreNotShown(t *testing.T) {
	cloud := acctest.Start(t)
	for name, arguments := range map[string]string{
		"session":           `session_uuid = "Secret line"`,
		"endpoint":          `endpoint = "http://root:Secret@10.0.0.1"`,
		"host":              `host = "root:Secret@10.0.0.1"`,
		"private key as CA": `ca_certificate = "-----BEGIN PRIVATE KEY----- Secret"`,
		"empty password":    `account_password = "" # Secret`,
		"line break":        `account_name = "Secret\n"`,
		"byte order mark":   `access_key_id = "\ufeffSecret"`,
	} {
		t.Run(name, func(t *testing.T) {
			output, err := cloud.CLI(t, required+block(arguments)+list).Try("plan")
			if err == nil || strings.Contains(output, "Secret") {
				t.Errorf("no error, or the line is in it:\n%s", output)
			}
		})
	}
}

func TestUnknownArgumentFailsTheReadThatNeedsIt(t *testing.T) {
	cloud := acctest.Start(t)
	cloud.Run(t, resource.TestStep{
		Config: fmt.Sprintf(`
resource "terraform_data" "node" { input = %q }
provider "zstack" { endpoint = terraform_data.node.output }
`, cloud.URL) + list,
		ExpectError: regexp.MustCompile(`Error: Provider Configuration Not Known Yet(.|\n)*the value of\s+endpoint(.|\n)*apply\s+-target=ADDRESS`),
	})
	if requests := cloud.Requests(); len(requests) > 0 {
		t.Errorf("%d requests were sent", len(requests))
	}
}

func TestUnknownArgumentDoesNotBlockDeferredReads(t *testing.T) {
	cloud := acctest.Start(t)
	t.Setenv("ZSTACK_ENDPOINT", "http://zstack.invalid")
	cloud.Run(t, resource.TestStep{
		Config: fmt.Sprintf(`
resource "terraform_data" "node" { input = %q }
provider "zstack" { endpoint = terraform_data.node.output }
data "zstack_backup_storages" "all" { depends_on = [terraform_data.node] }
`, cloud.URL),
		ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(
			"data.zstack_backup_storages.all", tfjsonpath.New("backup_storages"), knownvalue.ListSizeExact(0))},
	})
}

// configure configures the provider from the environment and returns the
// client that its data sources get.
func configure(t *testing.T, p *sut.Provider) *zstack.Client {
	t.Helper()
	return providerData(t, p).Client
}

// providerData configures the provider from the environment and returns what
// its data sources get.
func providerData(t *testing.T, p *sut.Provider) *backupstorage.ProviderData {
	t.Helper()
	var schema provider.SchemaResponse
	p.Schema(t.Context(), provider.SchemaRequest{}, &schema)
	config := tfsdk.Config{Schema: schema.Schema, Raw: tftypes.NewValue(schema.Schema.Type().TerraformType(t.Context()), nil)}
	var resp provider.ConfigureResponse
	p.Configure(t.Context(), provider.ConfigureRequest{Config: config}, &resp)
	if resp.Diagnostics.HasError() {
		t.Fatal(resp.Diagnostics)
	}
	data, ok := resp.DataSourceData.(*backupstorage.ProviderData)
	if !ok {
		t.Fatalf("got %T", resp.DataSourceData)
	}
	return data
}

func TestDataSourcesReceiveWhoLogsIn(t *testing.T) {
	cloud := acctest.Start(t)
	p := sut.New("test")
	defer p.Close(t.Context())
	got := providerData(t, p).Login
	want := diagnosis.Login{
		Identity: `account "` + zstacktest.DefaultAccount + `"`,
		Credentials: []diagnosis.Credential{
			{Argument: "account_name", Source: "ZSTACK_ACCOUNT_NAME"},
			{Argument: "account_password", Source: "ZSTACK_ACCOUNT_PASSWORD"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if requests := cloud.Requests(); len(requests) > 0 {
		t.Errorf("Configure sent %d requests", len(requests))
	}
}

func TestSecondConfigureLetsRunningReadsFinishAndLeavesNoSession(t *testing.T) {
	cloud := acctest.Start(t)
	cloud.SetBackupStorages(zstacktest.Inventory()...)
	reached, release := make(chan struct{}), make(chan struct{})
	cloud.BeforeQuery(func(query int) {
		if query == 1 {
			close(reached)
			<-release
		}
	})
	p := sut.New("test")
	first := configure(t, p)
	outcome := make(chan error, 1)
	go func() {
		_, err := first.ListBackupStorages(t.Context(), nil)
		outcome <- err
	}()
	<-reached

	second := configure(t, p)
	if _, err := second.ListBackupStorages(t.Context(), nil); err != nil {
		t.Error(err)
	}
	if live := len(cloud.LiveSessions()); live != 2 {
		t.Errorf("%d sessions live while the first read runs, want 2", live)
	}
	close(release)
	if err := <-outcome; err != nil {
		t.Errorf("the running read failed: %v", err)
	}

	p.Close(t.Context())
	if live := cloud.LiveSessions(); len(live) > 0 || cloud.Logins() != 2 || cloud.Logouts() != 2 {
		t.Errorf("%d logins, %d logouts, %d sessions left", cloud.Logins(), cloud.Logouts(), len(live))
	}
}
