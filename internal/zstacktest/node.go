// SPDX-License-Identifier: MPL-2.0

// Package zstacktest is a ZStack management node for tests and demonstrations: an http.Handler that answers on the wire
// what a real node answers, byte for byte where that is known (internal/zstack/PROTOCOL.md says what is known and how).
//
// It keeps state (storages, accounts, sessions on a clock the test moves), records every request and can be told to
// misbehave, each fault named after what happens in real life. It shares no code with the client, so that a mistake in
// one is not repeated in the other.
//
// It leaves out what nobody asks it for: other resources than backup storages, their capacity and type calls, ZQL over
// HTTP, LDAP, captchas, and conditions through zones, images and snapshots (zone.name and the like are unknown
// expanded names here). User and system tags are known names, but no storage has any.
package zstacktest

import (
	"net/http"
	"sync"
	"time"
	_ "time/tzdata" // the node's zone does not depend on the machine the test runs on
)

// DefaultAccount is the account every new node has, and DefaultPassword its password.
const (
	DefaultAccount  = "admin"
	DefaultPassword = "Nw7-first-light"
)

// Node is a management node. It is safe for concurrent use; the zero value is not ready, see [NewNode].
type Node struct {
	mu       sync.Mutex
	settings Settings
	clock    clock
	rows     []row
	people   directory
	sessions map[string]*session
	issued   int
	nextUUID string
	logins   int
	logouts  int

	requests    []*Request
	arrival     chan struct{} // closed when the next request arrives
	secrets     map[string]bool
	faults      map[Stage][]Fault
	queries     int
	beforeQuery func(k int)
}

// NewNode returns a node with [DefaultSettings], an empty inventory and the one account [DefaultAccount]. Its clock is
// the machine's until [Node.SetTime] stops it.
func NewNode() *Node {
	n := &Node{
		settings: DefaultSettings(),
		sessions: map[string]*session{},
		secrets:  map[string]bool{},
		arrival:  make(chan struct{}),
		faults:   map[Stage][]Fault{},
		people:   newDirectory(),
	}
	n.AddAccount(DefaultAccount, DefaultPassword)
	return n
}

// ServeHTTP answers one request, or plays the fault that is due at its stage.
func (n *Node) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := n.newCall(w, r)
	if fault, due := n.nextFault(c.stage()); due {
		fault.play(c)
		return
	}
	c.answer().write(c)
}

// clock is the machine's clock moved by offset, or one that stands still.
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

// Advance moves the node's clock forward; sessions expire on it (PROTOCOL.md §2.4).
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
