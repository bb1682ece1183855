// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/zstackio/terraform-provider-zstack/internal/provider"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// newCloud starts a node as Start does, but leaves the environment alone, so
// that the test may run in parallel.
func newCloud(t testing.TB) *Cloud {
	t.Helper()
	node := zstacktest.NewNode()
	node.Configure(func(s *zstacktest.Settings) { s.Locale = zstacktest.English })
	return &Cloud{Node: node, URL: node.Serve(t)}
}

// arguments are those of a block, by name.
type arguments map[string]any

// account are the arguments of a provider block for this node.
func (c *Cloud) account(more arguments) arguments {
	all := arguments{
		"endpoint":         c.URL,
		"account_name":     zstacktest.DefaultAccount,
		"account_password": zstacktest.DefaultPassword,
		"max_retries":      1,
	}
	for name, value := range more {
		all[name] = value
	}
	return all
}

// server is the provider in this process, called as Terraform calls it.
type server struct {
	tfprotov6.ProviderServer

	t           testing.TB
	provider    *provider.Provider
	schemas     *tfprotov6.GetProviderSchemaResponse
	ctx         context.Context // ends with the test, and carries the log
	log         string          // path of the log at level TRACE
	diagnostics *os.File
}

// serve configures a provider with the arguments of a provider block. What it
// logs and all diagnostics are searched for secrets of the node at the end of
// the test.
func (c *Cloud) serve(t *testing.T, block arguments) *server {
	t.Helper()
	dir := t.TempDir()
	t.Cleanup(func() { c.scan(t, dir) })
	return newServer(t, dir, block)
}

func newServer(t testing.TB, dir string, block arguments) *server {
	t.Helper()
	log, diagnostics := create(t, dir, "log.txt"), create(t, dir, "diagnostics.txt")
	s := &server{t: t, provider: provider.New("test"), log: log.Name(), diagnostics: diagnostics}
	s.ctx = tflogtest.RootLogger(t.Context(), log)

	t.Cleanup(func() { s.provider.Close(context.Background()) })
	s.ProviderServer = provider.NewServer(s.provider)
	var err error
	if s.schemas, err = s.GetProviderSchema(s.ctx, &tfprotov6.GetProviderSchemaRequest{}); err != nil {
		t.Fatal(err)
	}
	s.configure(block)
	return s
}

// configure configures the provider, as every run of Terraform does.
func (s *server) configure(block arguments) {
	s.t.Helper()
	configured, err := s.ConfigureProvider(s.ctx, &tfprotov6.ConfigureProviderRequest{Config: s.encode(block, s.schemas.Provider)})
	if err != nil || len(configured.Diagnostics) > 0 {
		s.t.Fatalf("the provider was not configured: %v %s", err, render(configured.Diagnostics))
	}
}

func create(t testing.TB, dir, name string) *os.File {
	t.Helper()
	file, err := os.Create(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return file
}

// encode makes a block of a schema. Arguments that are left out are null.
func (s *server) encode(block arguments, schema *tfprotov6.Schema) *tfprotov6.DynamicValue {
	if block == nil {
		block = arguments{}
	}
	text, err := json.Marshal(block)
	if err != nil {
		s.t.Fatal(err)
	}
	value, err := tftypes.ValueFromJSON(text, schema.ValueType()) //nolint:staticcheck // It is meant for tests like this.
	if err != nil {
		s.t.Fatal(err)
	}
	dynamic, err := tfprotov6.NewDynamicValue(schema.ValueType(), value)
	if err != nil {
		s.t.Fatal(err)
	}
	return &dynamic
}

// read reads a data source and returns its diagnostics as a user sees them,
// "" if all went well.
func (s *server) read(name string, block arguments) string {
	s.t.Helper()
	watchdog := time.AfterFunc(time.Minute, func() { panic("a read hangs") })
	defer watchdog.Stop()
	response, err := s.ReadDataSource(s.ctx, &tfprotov6.ReadDataSourceRequest{
		TypeName: name,
		Config:   s.encode(block, s.schemas.DataSourceSchemas[name]),
	})
	if err != nil {
		s.t.Error(err)
		return ""
	}
	text := render(response.Diagnostics)
	if _, err := s.diagnostics.WriteString(text); err != nil {
		s.t.Error(err)
	}
	return text
}

func render(diagnostics []*tfprotov6.Diagnostic) string {
	var text strings.Builder
	for _, d := range diagnostics {
		fmt.Fprintf(&text, "%s: %s\n%s\n", d.Severity, d.Summary, d.Detail)
	}
	return text.String()
}

// close ends the provider, as its process does.
func (s *server) close() {
	ctx, cancel := context.WithTimeout(s.ctx, time.Second)
	defer cancel()
	s.provider.Close(ctx)
}

// listAll is a configuration that reads all storages with the real binary.
const listAll = `
terraform {
  required_providers {
    zstack = { source = "` + Source + `" }
  }
}

data "zstack_backup_storages" "all" {}

output "storages" {
  value = data.zstack_backup_storages.all.backup_storages
}
`
