// SPDX-License-Identifier: MPL-2.0

package zstack_test

import (
	"context"
	"crypto/sha512"
	"encoding/hex"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// inBubble runs test with a fake clock, which advances only while all goroutines
// wait, and then immediately.
func inBubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, test)
}

// pipes is a listener without a network: the clock of a bubble advances while
// goroutines wait for a pipe, but not while they wait for the network.
type pipes struct {
	connections chan net.Conn
	closed      chan struct{}
	close       sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case connection := <-p.connections:
		return connection, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.close.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.connections <- theirs:
		return ours, nil
	case <-p.closed:
		return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// serve serves handler through pipes until the test ends.
func serve(t *testing.T, handler http.Handler) *pipes {
	t.Helper()
	listener := &pipes{connections: make(chan net.Conn), closed: make(chan struct{})}
	ctx, cancel := context.WithCancel(context.Background()) // It ends the requests that hang.
	var running sync.WaitGroup
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			running.Add(1)
			defer running.Done()
			handler.ServeHTTP(w, r)
		}),
		BaseContext: func(net.Listener) context.Context { return ctx },
		ErrorLog:    log.New(io.Discard, "", 0),
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() {
		cancel()
		_ = server.Close()
		running.Wait()
	})
	return listener
}

// admin is the account that every node has.
var admin = zstack.Account{Name: zstacktest.DefaultAccount, Password: zstacktest.DefaultPassword}

// newClient returns a client of handler, closed when the test ends.
func newClient(t *testing.T, handler http.Handler, credentials zstack.Credentials, changes ...func(*zstack.Config)) *zstack.Client {
	t.Helper()
	endpoint, err := zstack.ParseEndpoint("http://zstack.test")
	if err != nil {
		t.Fatal(err)
	}
	config := zstack.Config{
		Endpoint: endpoint, Credentials: credentials, RequestTimeout: time.Minute, MaxRetries: 4, UserAgent: "terraform-provider-zstack/test",
	}
	for _, change := range changes {
		change(&config)
	}
	client := zstack.NewClient(config)
	client.DialWith(serve(t, handler).dial)
	t.Cleanup(func() { closeWithin(client, time.Second) })
	return client
}

func retries(n int) func(*zstack.Config) {
	return func(c *zstack.Config) { c.MaxRetries = n }
}

func closeWithin(client *zstack.Client, limit time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	client.Close(ctx)
}

// newNode returns a node with a small inventory.
func newNode() *zstacktest.Node {
	node := zstacktest.NewNode()
	node.SetBackupStorages(zstacktest.Inventory()...)
	return node
}

// inProject is a virtual ID in a project; [newProjectNode] has both.
var inProject = zstack.VirtualID{Name: "vid", Password: "secret-4711", Project: "red"}

func newProjectNode() *zstacktest.Node {
	node := newNode()
	node.AddVirtualID(inProject.Name, inProject.Password, inProject.Project)
	return node
}

// list reads all storages and returns their uuids.
func list(ctx context.Context, client *zstack.Client) ([]string, error) {
	storages, err := client.ListBackupStorages(ctx, nil)
	var uuids []string
	for _, storage := range storages {
		uuids = append(uuids, *storage.UUID)
	}
	return uuids, err
}

// mustList is [list] of the inventory of [newNode].
func mustList(t *testing.T, client *zstack.Client) {
	t.Helper()
	uuids, err := list(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, storage := range zstacktest.Inventory() {
		want = append(want, storage.UUID)
	}
	if !slices.Equal(uuids, want) {
		t.Fatalf("the list is %q, want %q", uuids, want)
	}
}

// gate is a handler that delays some requests until it is opened.
type gate struct {
	http.Handler
	delays func(*http.Request) bool
	opened chan struct{}
}

func newGate(handler http.Handler, delays func(*http.Request) bool) *gate {
	return &gate{Handler: handler, delays: delays, opened: make(chan struct{})}
}

func (g *gate) open() { close(g.opened) }

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if g.delays(r) {
		select {
		case <-g.opened:
		case <-r.Context().Done():
			panic(http.ErrAbortHandler)
		}
	}
	g.Handler.ServeHTTP(w, r)
}

const (
	accountLogin   = "/zstack/v1/accounts/login"
	virtualIDLogin = "/zstack/v1/iam2/virtual-ids/login"
	projectLogin   = "/zstack/v1/iam2/projects/login"
	storagesPath   = "/zstack/v1/backup-storage"
	sessionsPath   = "/zstack/v1/accounts/sessions/"
)

func at(path string) func(*http.Request) bool {
	return func(r *http.Request) bool { return r.URL.Path == path }
}

// count returns how many requests for path reached node.
func count(node *zstacktest.Node, path string) int {
	n := 0
	for _, request := range node.Requests() {
		if request.Path == path {
			n++
		}
	}
	return n
}

func expectCount(t *testing.T, node *zstacktest.Node, path string, want int) {
	t.Helper()
	if got := count(node, path); got != want {
		t.Errorf("%d requests for %s, want %d", got, path, want)
	}
}

func expectNoSession(t *testing.T, node *zstacktest.Node) {
	t.Helper()
	if sessions := node.LiveSessions(); len(sessions) > 0 {
		t.Errorf("%d sessions are left behind, want none", len(sessions))
	}
}

func expectEqual(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func sha512Of(text string) string {
	sum := sha512.Sum512([]byte(text))
	return hex.EncodeToString(sum[:])
}
