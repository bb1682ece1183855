// SPDX-License-Identifier: MPL-2.0

package zstacktest

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
)

// session is one login that nobody has logged out yet.
type session struct {
	uuid    string
	who     *principal
	created time.Time
	expires time.Time
}

// uuidOf makes a uuid of the server's form that is the same in every run.
func uuidOf(parts ...string) string {
	sum := md5.Sum([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}

// LiveSessions returns the uuids of the sessions that would be accepted now, sorted.
func (n *Node) LiveSessions() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.expire()
	uuids := make([]string, 0, len(n.sessions))
	for uuid := range n.sessions {
		uuids = append(uuids, uuid)
	}
	slices.Sort(uuids)
	return uuids
}

// Logins returns how many sessions logins have made; entering a project makes one more.
func (n *Node) Logins() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.logins
}

// Logouts returns how many live sessions logouts have ended.
func (n *Node) Logouts() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.logouts
}

// AddSession makes a session of [DefaultAccount] that somebody else logged in, and returns its uuid.
func (n *Node) AddSession() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.newSession(n.people.accounts[fold(DefaultAccount)]).uuid
}

// EndSessions ends every session behind the clients' backs, as an administrator or a restart of the database does.
func (n *Node) EndSessions() {
	n.mu.Lock()
	defer n.mu.Unlock()
	clear(n.sessions)
}

// SetNextSession decides the uuid of the next session.
func (n *Node) SetNextSession(uuid string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.nextUUID = uuid
}

// newSession makes a session; the caller holds the lock.
func (n *Node) newSession(who *principal) *session {
	n.issued++
	uuid := n.nextUUID
	n.nextUUID = ""
	if uuid == "" {
		uuid = uuidOf("session", fmt.Sprint(n.issued))
	}
	now := n.clock.now()
	s := &session{uuid: uuid, who: who, created: now, expires: now.Add(n.settings.SessionTimeout)}
	n.sessions[uuid] = s
	n.addSecret(uuid)
	return s
}

// expire forgets the sessions whose time is over; the caller holds the lock.
func (n *Node) expire() {
	now := n.clock.now()
	for uuid, s := range n.sessions {
		if !now.Before(s.expires) {
			delete(n.sessions, uuid)
		}
	}
}

// useSession checks a session and prolongs it, as every authorized call does (PROTOCOL.md §2.4).
func (n *Node) useSession(uuid string) (*session, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.expire()
	s, ok := n.sessions[uuid]
	if !ok {
		return nil, SessionExpired
	}
	s.expires = n.clock.now().Add(n.settings.SessionTimeout)
	return s, nil
}

// logIn makes a session unless the user has too many already; in single-session mode it ends all the others instead.
func (n *Node) logIn(who *principal) (*session, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.expire()
	live := 0
	for uuid, s := range n.sessions {
		switch {
		case s.who.uuid != who.uuid:
		case n.settings.UniqueSession:
			delete(n.sessions, uuid)
		default:
			live++
		}
	}
	if live >= n.settings.MaxSessions {
		return nil, TooManySessions
	}
	n.logins++
	return n.newSession(who), nil
}

// sessionValid answers whether a session would be accepted, without prolonging it.
func (c *call) sessionValid() (answer, error) {
	valid := slices.Contains(c.node.LiveSessions(), c.uuid)
	return answer{status: 200, body: fmt.Sprintf(`{"valid":%t}`, valid)}, nil
}

// logOut answers 200 whether there is such a session or not (PROTOCOL.md §2.5).
func (c *call) logOut() (answer, error) {
	n := c.node
	n.mu.Lock()
	defer n.mu.Unlock()
	n.expire()
	if _, ok := n.sessions[c.uuid]; ok {
		delete(n.sessions, c.uuid)
		n.logouts++
	}
	return answer{status: 200, body: "{}"}, nil
}
