// SPDX-License-Identifier: MPL-2.0

// Package zstacktest is a ZStack management node for tests and demonstrations: an http.Handler that responds as a real
// node does. Recorded exchanges with real nodes are replayed against it (testdata/recorded); where nothing was recorded,
// internal/zstack/PROTOCOL.md names the source.
//
// It keeps state (backup storages, zones, accounts, sessions on a clock that tests move), records every request, and can
// be told to misbehave. Each fault is named after what happens in real life. It shares no code with the client, so that a
// mistake in one is not repeated in the other.
//
// It leaves out what no client of backup storages calls: other resources, ZQL over HTTP, LDAP, captchas. Conditions may
// name tags, images, snapshots and clusters, but there are none.
package zstacktest

import (
	"net/http"
	"sync"
	"time"
	_ "time/tzdata" // the node's time zone does not depend on the machine the test runs on
)

// DefaultAccount is the account that every new node has, and DefaultPassword is its password.
const (
	DefaultAccount  = "admin"
	DefaultPassword = "Nw7-first-light"
)

// Node is a management node. It is safe for concurrent use; the zero value is not ready, see [NewNode].
type Node struct {
	mu       sync.Mutex
	settings Settings
	clock    clock
	storages []BackupStorage
	zones    []Zone
	tables   *tables // made from storages, zones and settings when it is needed; nil after one of them has changed
	accounts accounts
	sessions map[string]*session
	issued   int
	nextUUID string
	logins   int
	logouts  int

	requests    []*Request
	arrival     chan struct{} // closed when the next request arrives
	secrets     map[string]bool
	faults      map[Stage][]Fault
	queries     int // of backup storages
	lists       int // queries of any resource
	beforeQuery func(k int)
}

// NewNode returns a node with [DefaultSettings], no storages and zones, and the one account [DefaultAccount]. Its clock is
// the machine's until [Node.SetTime] stops it.
func NewNode() *Node {
	n := &Node{
		settings: DefaultSettings(),
		sessions: map[string]*session{},
		secrets:  map[string]bool{},
		arrival:  make(chan struct{}),
		faults:   map[Stage][]Fault{},
		accounts: newAccounts(),
	}
	n.AddAccount(DefaultAccount, DefaultPassword)
	return n
}

// ServeHTTP responds to one request, or causes the fault that is due at its stage.
func (n *Node) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := n.newCall(w, r)
	if fault, due := n.nextFault(c.stage()); due {
		fault.happen(c)
		return
	}
	c.write(c.respond())
}

// clock is the machine's clock moved by offset, or a stopped one.
type clock struct {
	stopped time.Time
	offset  time.Duration
}

func (c clock) now() time.Time {
	if c.stopped.IsZero() {
		return time.Now().Add(c.offset)
	}
	return c.stopped.Add(c.offset)
}

// SetTime stops the node's clock at t; only [Node.Advance] moves it from there.
func (n *Node) SetTime(t time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.clock = clock{stopped: t}
}

// Advance moves the node's clock forward; sessions expire by this clock (PROTOCOL.md §2.4).
func (n *Node) Advance(d time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.clock.offset += d
}

func (n *Node) now() time.Time {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.clock.now()
}
