// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/zstackio/terraform-provider-zstack/internal/passthrough"
)

// NewServer returns the server that Terraform calls. The framework's server
// ends the running reads when Terraform asks to stop. This one also ends them
// when the provider is closed, and it ends the reads that arrive later, since
// Terraform asks only once.
func NewServer(p *Provider) tfprotov6.ProviderServer {
	s := &server{ProviderServer: passthrough.NewServer(providerserver.NewProtocol6(p)()), lifetime: p.lifetime}
	s.beginRun()
	return s
}

type server struct {
	tfprotov6.ProviderServer

	lifetime context.Context // of the provider

	mu      sync.Mutex
	stopped <-chan struct{} // closed when Terraform asks to stop, and with the provider
	stop    context.CancelFunc
}

func (s *server) beginRun() {
	s.mu.Lock()
	defer s.mu.Unlock()
	run, stop := context.WithCancel(s.lifetime)
	s.stopped, s.stop = run.Done(), stop
}

// ConfigureProvider also begins another run of Terraform: a process that serves
// a debugger is configured again for each run.
func (s *server) ConfigureProvider(ctx context.Context, req *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	s.beginRun()
	return s.ProviderServer.ConfigureProvider(ctx, req)
}

// StopProvider also ends the reads that arrive later.
func (s *server) StopProvider(ctx context.Context, req *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	s.mu.Lock()
	s.stop()
	s.mu.Unlock()
	return s.ProviderServer.StopProvider(ctx, req)
}

// ReadDataSource ends when Terraform asks to stop, or immediately if it has
// already asked.
func (s *server) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	s.mu.Lock()
	stopped := s.stopped
	s.mu.Unlock()

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-stopped:
			cancel()
		case <-ctx.Done():
		}
	}()
	return s.ProviderServer.ReadDataSource(ctx, req)
}
