// SPDX-License-Identifier: MPL-2.0

package zstacktest

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest/query"
)

// session is a session that is not logged out yet.
type session struct {
	uuid    string
	user    *principal
	created time.Time
	expires time.Time
}

// uuidOf makes a UUID in the server's format that is the same in every run.
func uuidOf(parts ...string) string {
	sum := md5.Sum([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}

// LiveSessions returns the UUIDs of the sessions that would be accepted now, sorted.
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

// Logins returns how many sessions logins have created; entering a project creates one more.
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

// AddSession creates a session of [DefaultAccount] that no login of the client has created, and returns its UUID.
func (n *Node) AddSession() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.newSession(n.accounts.byName[query.Fold(DefaultAccount)]).uuid
}

// EndSessions ends every session without a logout, as an administrator or a restart of the database does.
func (n *Node) EndSessions() {
	n.mu.Lock()
	defer n.mu.Unlock()
	clear(n.sessions)
}

// SetNextSession decides the UUID of the next session.
func (n *Node) SetNextSession(uuid string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.nextUUID = uuid
}

// newSession creates a session; the caller holds the lock.
func (n *Node) newSession(user *principal) *session {
	n.issued++
	uuid := n.nextUUID
	n.nextUUID = ""
	if uuid == "" {
		uuid = uuidOf("session", fmt.Sprint(n.issued))
	}
	now := n.clock.now()
	s := &session{uuid: uuid, user: user, created: now, expires: now.Add(n.settings.SessionTimeout)}
	n.sessions[uuid] = s
	n.addSecret(uuid)
	return s
}

// expire deletes the expired sessions; the caller holds the lock.
func (n *Node) expire() {
	now := n.clock.now()
	for uuid, s := range n.sessions {
		if !now.Before(s.expires) {
			delete(n.sessions, uuid)
		}
	}
}

// useSession checks a session and renews it, as every authorized call does (PROTOCOL.md §2.4). A UUID in capitals is the
// same session.
func (n *Node) useSession(uuid string) (*session, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.expire()
	s, ok := n.sessions[strings.ToLower(uuid)]
	switch {
	case ok:
		s.expires = n.clock.now().Add(n.settings.SessionTimeout)
		return s, nil
	case n.settings.UnknownSession != nil:
		return nil, *n.settings.UnknownSession
	default:
		return nil, SessionExpired
	}
}

// logIn creates a session unless the user has too many already; in single-session mode it ends all the others instead.
func (n *Node) logIn(user *principal) (*session, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.expire()
	live := 0
	for uuid, s := range n.sessions {
		switch {
		case s.user.uuid != user.uuid:
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
	return n.newSession(user), nil
}

// sessionValid reports whether a session would be accepted, without renewing it.
func (c *call) sessionValid() (response, error) {
	valid := slices.Contains(c.node.LiveSessions(), c.uuid)
	return response{status: 200, body: fmt.Sprintf(`{"valid":%t}`, valid)}, nil
}

// logOut responds with 200 whether there is such a session or not (PROTOCOL.md §2.5). A UUID in capitals ends no session.
func (c *call) logOut() (response, error) {
	n := c.node
	n.mu.Lock()
	defer n.mu.Unlock()
	n.expire()
	if _, ok := n.sessions[c.uuid]; ok && !n.settings.LogoutKeepsSession {
		delete(n.sessions, c.uuid)
		n.logouts++
	}
	return response{status: 200, body: n.settings.emptyResponse()}, nil
}
