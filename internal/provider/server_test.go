// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/zstackio/terraform-provider-zstack/internal/acctest"
	sut "github.com/zstackio/terraform-provider-zstack/internal/provider"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// running is a provider that was configured from the environment.
type running struct {
	t *testing.T
	tfprotov6.ProviderServer
	schemas *tfprotov6.GetProviderSchemaResponse
}

func run(t *testing.T, p *sut.Provider) *running {
	t.Helper()
	server := sut.NewServer(p)
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	r := &running{t: t, ProviderServer: server, schemas: schemas}
	r.configure()
	return r
}

// empty is a block of a schema without any argument.
func (r *running) empty(schema *tfprotov6.Schema) *tfprotov6.DynamicValue {
	r.t.Helper()
	value, err := tftypes.ValueFromJSON([]byte("{}"), schema.ValueType()) //nolint:staticcheck // It is meant for tests like this.
	if err != nil {
		r.t.Fatal(err)
	}
	dynamic, err := tfprotov6.NewDynamicValue(schema.ValueType(), value)
	if err != nil {
		r.t.Fatal(err)
	}
	return &dynamic
}

func (r *running) configure() {
	r.t.Helper()
	request := &tfprotov6.ConfigureProviderRequest{Config: r.empty(r.schemas.Provider)}
	if response, err := r.ConfigureProvider(r.t.Context(), request); err != nil || len(response.Diagnostics) > 0 {
		r.t.Fatal(err, response)
	}
}

// read reads all backup storages and returns the title of its error, or "".
func (r *running) read() string {
	const name = "zstack_backup_storages"
	response, err := r.ReadDataSource(r.t.Context(), &tfprotov6.ReadDataSourceRequest{
		TypeName: name, Config: r.empty(r.schemas.DataSourceSchemas[name]),
	})
	if err != nil {
		return err.Error()
	}
	for _, diagnostic := range response.Diagnostics {
		return diagnostic.Summary
	}
	return ""
}

func TestCloseEndsRunningReadsAndLogsOut(t *testing.T) {
	cloud := acctest.Start(t)
	cloud.Misbehave(zstacktest.AtFirstPage, zstacktest.Always(zstacktest.NeverResponds))
	p := sut.New("test")
	server := run(t, p)
	ended := make(chan string, 1)
	go func() { ended <- server.read() }()
	if err := cloud.WaitFor(t.Context(), func(r zstacktest.Request) bool { return r.Method == "GET" }); err != nil {
		t.Fatal(err)
	}

	p.Close(t.Context())
	select {
	case got := <-ended:
		if got != "Read Interrupted" {
			t.Errorf("the read ended with %q, want it interrupted", got)
		}
	case <-time.After(time.Minute):
		t.Error("the read has not ended")
	}
	if live := cloud.LiveSessions(); len(live) > 0 || cloud.Logouts() != 1 {
		t.Errorf("%d logouts, %d sessions left", cloud.Logouts(), len(live))
	}
}

// A provider that was closed because of a signal may still get requests, and
// may even be configured after the signal.
func TestReadsAfterCloseFail(t *testing.T) {
	cloud := acctest.Start(t)
	p := sut.New("test")
	server := run(t, p)
	p.Close(t.Context())
	if server.read() == "" {
		t.Error("a read after Close succeeds")
	}
	if requests := cloud.Requests(); len(requests) > 0 {
		t.Errorf("%d requests were sent", len(requests))
	}
	server.configure()
	if server.read() == "" {
		t.Error("a read after Close and another configuration succeeds")
	}
}
