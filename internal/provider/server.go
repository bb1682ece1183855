// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// NewServer returns the provider as Terraform speaks to it. The framework's
// server ends the reads that are running when Terraform asks to stop; this one
// also ends those that were still on their way to it, since Terraform asks once.
func NewServer(p *Provider) tfprotov6.ProviderServer {
	return &server{ProviderServer: providerserver.NewProtocol6(p)(), stopped: make(chan struct{})}
}

type server struct {
	tfprotov6.ProviderServer

	mu      sync.Mutex
	stopped chan struct{} // closed when Terraform asks to stop
}

// ConfigureProvider also begins another run of Terraform: a process that serves
// a debugger is configured for each anew.
func (s *server) ConfigureProvider(ctx context.Context, req *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	s.mu.Lock()
	s.stopped = make(chan struct{})
	s.mu.Unlock()
	return s.ProviderServer.ConfigureProvider(ctx, req)
}

// StopProvider also ends the reads that are still to come.
func (s *server) StopProvider(ctx context.Context, req *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	s.mu.Lock()
	select {
	case <-s.stopped:
	default:
		close(s.stopped)
	}
	s.mu.Unlock()
	return s.ProviderServer.StopProvider(ctx, req)
}

// ReadDataSource ends when Terraform asks to stop, or has asked before.
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
