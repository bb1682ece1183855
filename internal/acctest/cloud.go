// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/zstackio/terraform-provider-zstack/internal/provider"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// Cloud is a fake management node that Terraform reads.
type Cloud struct {
	*zstacktest.Node

	// URL is where the node serves, without a path.
	URL string
}

// Start starts a node for the test and sets the ZSTACK_* variables for it, so
// that no configuration needs a provider block: Terraform writes the secrets of
// a provider block into the plan, where the search would find them.
func Start(t *testing.T) *Cloud {
	t.Helper()
	node := zstacktest.NewNode()
	cloud := &Cloud{Node: node, URL: node.Serve(t)}
	t.Setenv("ZSTACK_ENDPOINT", cloud.URL)
	t.Setenv("ZSTACK_ACCOUNT_NAME", zstacktest.DefaultAccount)
	t.Setenv("ZSTACK_ACCOUNT_PASSWORD", zstacktest.DefaultPassword)
	return cloud
}

// Run runs the steps of an acceptance test with the provider in this process,
// or with that of a release, and then fails if a secret of the node is in one
// of the files they wrote: logs at level TRACE with all diagnostics in them,
// configurations, plans and states.
func (c *Cloud) Run(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	dir := t.TempDir()
	defer c.scan(t, dir)
	runIn(t, dir, steps)
}

// runIn runs steps and leaves all their files in dir.
func runIn(t *testing.T, dir string, steps []resource.TestStep) {
	t.Helper()
	needEngine(t)
	t.Setenv("TF_ACC_TEMP_DIR", dir)
	t.Setenv("TF_ACC_PERSIST_WORKING_DIR", "1")
	t.Setenv("TF_ACC_LOG_PATH", filepath.Join(dir, "log.txt"))
	test := resource.TestCase{Steps: steps}
	if isReleased() {
		config := filepath.Join(t.TempDir(), "terraformrc")
		if err := os.WriteFile(config, []byte(installation(t, Source)), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv("TF_CLI_CONFIG_FILE", config)
		test.ExternalProviders = map[string]resource.ExternalProvider{"zstack": {Source: Source}}
	} else {
		test.ProtoV6ProviderFactories = providers(t)
	}
	resource.Test(t, test)
}

// providers are the factories of terraform-plugin-testing for the provider in
// this process. Each provider is closed at the end of the test.
func providers(t *testing.T) map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"zstack": func() (tfprotov6.ProviderServer, error) {
			p := provider.New("test")
			t.Cleanup(func() { p.Close(context.Background()) })
			return provider.NewServer(p), nil
		},
	}
}
