// SPDX-License-Identifier: MPL-2.0

package zstack_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// forwarder is a proxy that knows where one host really is.
type forwarder struct {
	node *zstacktest.Node // plain requests go here
	to   string           // tunnels end here, whoever was asked for

	mu    sync.Mutex
	asked []string // method and host of each request
}

func (f *forwarder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.asked = append(f.asked, r.Method+" "+r.Host)
	f.mu.Unlock()
	if r.Method != http.MethodConnect {
		r.RequestURI = r.URL.RequestURI()
		f.node.ServeHTTP(w, r)
		return
	}
	there, err := (&net.Dialer{}).DialContext(r.Context(), "tcp", f.to)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	here, _, err := http.NewResponseController(w).Hijack() // Before the client may go on, or its first bytes would be lost.
	if err != nil {
		panic(err)
	}
	_, _ = io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
	go func() {
		_, _ = io.Copy(there, here)
		_ = there.Close()
	}()
	_, _ = io.Copy(here, there)
	_ = here.Close()
}

func TestProxyOfTheEnvironmentIsUsed(t *testing.T) {
	ca := zstacktest.NewCA()
	for name, test := range map[string]struct {
		variable, endpoint string
		want               string
	}{
		"http":  {"HTTP_PROXY", "http://zstack.test", "GET zstack.test:8080"},
		"https": {"HTTPS_PROXY", "https://zstack.test", "CONNECT zstack.test:443"},
	} {
		t.Run(name, func(t *testing.T) {
			node := newNode()
			to, _ := strings.CutPrefix(node.ServeTLS(t, ca.Certificate("zstack.test")), "https://")
			forwarder := &forwarder{node: node, to: to}
			proxy := httptest.NewServer(forwarder)
			t.Cleanup(proxy.Close)
			t.Setenv(test.variable, proxy.URL)
			t.Setenv("NO_PROXY", "")

			client := newNetworkClient(t, test.endpoint, func(c *zstack.Config) {
				c.Credentials = zstack.Session{UUID: node.AddSession()}
				c.CACertificates = certificates(ca)
			})
			mustList(t, client)
			expectEqual(t, "what the proxy was asked for", forwarder.asked, []string{test.want})
		})
	}
}

func TestProxyIsPassedByWhereTheEnvironmentSaysSo(t *testing.T) {
	forwarder := &forwarder{}
	proxy := httptest.NewServer(forwarder)
	t.Cleanup(proxy.Close)
	t.Setenv("HTTP_PROXY", proxy.URL)
	t.Setenv("NO_PROXY", "zstack.test")
	client := newNetworkClient(t, "http://zstack.test", nil)
	server := strings.TrimPrefix(newNode().Serve(t), "http://")
	client.DialWith(func(ctx context.Context, network, address string) (net.Conn, error) {
		if address != "zstack.test:8080" {
			t.Errorf("%s is dialled", address)
		}
		return (&net.Dialer{}).DialContext(ctx, network, server)
	})
	mustList(t, client)
	expectEqual(t, "what the proxy was asked for", forwarder.asked, []string(nil))
}

func TestPasswordOfTheProxyIsNotShown(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	t.Setenv("HTTP_PROXY", "http://me:hunter2@"+listener.Addr().String())
	t.Setenv("NO_PROXY", "")
	ctx, log := logged(t.Context())
	_, err = list(ctx, newNetworkClient(t, "http://zstack.test", nil))
	expectAttempts(t, err, 2)
	if text := err.Error() + log.String(); strings.Contains(text, "hunter2") || strings.Contains(text, "aHVudGVyMg") {
		t.Errorf("the proxy's password is shown: %s", text)
	}
}
