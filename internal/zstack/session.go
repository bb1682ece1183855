// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
)

// sessions is the authorizer of credentials that log in. It logs in at the
// first request, shares the session and a login in login between all calls,
// and remembers every session until it is logged out (PROTOCOL.md §2).
type sessions struct {
	transport *transport
	logIn     loginFunc

	mu           sync.Mutex
	current      string   // the session in use; empty: none
	open         []string // every session that is not logged out, the latest last
	secretValues []string // what the login sends, and every session there ever was
	login        *login   // the login in progress; nil: none
	refusal      error    // the server's final word on the credentials; nil: none
	closed       bool
}

// loginFunc logs in and returns the session to use. It tells opened of every
// session as soon as its uuid is known.
type loginFunc func(ctx context.Context, t *transport, opened func(uuid string)) (string, error)

// login is a login that any number of calls wait for.
type login struct {
	done chan struct{}
	err  error // set before done is closed
}

func newSessions(t *transport, logIn loginFunc, hash string) *sessions {
	return &sessions{transport: t, logIn: logIn, secretValues: []string{hash}}
}

func (s *sessions) authorization() authorization { return &sessionAuthorization{sessions: s} }

func (s *sessions) secrets() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.secretValues)
}

// session returns the session in use, after a login if there is none.
func (s *sessions) session(ctx context.Context) (string, error) {
	for {
		if ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
		s.mu.Lock()
		if err := s.unusable(); err != nil || s.current != "" {
			defer s.mu.Unlock()
			return s.current, err
		}
		if s.login == nil {
			s.login = &login{done: make(chan struct{})}
			go s.runLogin(context.WithoutCancel(ctx), s.login)
		}
		login := s.login
		s.mu.Unlock()

		select {
		case <-ctx.Done():
			return "", context.Cause(ctx)
		case <-login.done:
			if login.err != nil {
				return "", login.err
			}
		}
	}
}

// unusable says why no session is to be had. The caller holds the lock.
func (s *sessions) unusable() error {
	if s.closed {
		return ErrClosed
	}
	return s.refusal
}

// runLogin logs in on behalf of every call that waits, so none of them can cancel
// it: a login that the server has answered must not get lost.
func (s *sessions) runLogin(ctx context.Context, login *login) {
	timeout := s.transport.http.Timeout
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, &TimeoutError{After: timeout})
	defer cancel()
	uuid, err := s.logIn(ctx, s.transport, s.opened)

	s.mu.Lock()
	s.login, login.err = nil, err
	if err == nil {
		s.current = uuid
	} else if isFinal(err) {
		s.refusal = err
	}
	closed := s.closed
	s.mu.Unlock()
	if closed { // Perhaps nobody waits any more.
		s.logout(context.WithoutCancel(ctx))
	}
	close(login.done)
}

// isFinal says whether logging in again with the same credentials is of no
// use. Repeating a wrong password would lock the account.
func isFinal(err error) bool {
	var api *APIError
	return errors.As(err, &api) && api.Code != CodeInvalidSession && !mayRetryRead(err)
}

func (s *sessions) opened(uuid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open = append(s.open, uuid)
	s.secretValues = append(s.secretValues, uuid)
}

// expired drops uuid, unless another call has already replaced it. It stays
// among the open sessions: only a logout proves that nothing of it is left.
func (s *sessions) expired(uuid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == uuid {
		s.current = ""
	}
}

func (s *sessions) close(ctx context.Context) {
	s.mu.Lock()
	s.closed = true
	login := s.login
	s.mu.Unlock()

	s.logout(ctx)
	if login == nil {
		return
	}
	select { // It logs out what it still makes.
	case <-login.done:
	case <-ctx.Done():
	}
}

// logout ends every open session, the latest first: a project's session
// belongs to the virtual ID's session before it.
func (s *sessions) logout(ctx context.Context) {
	s.mu.Lock()
	open := s.open
	s.open, s.current = nil, ""
	s.mu.Unlock()
	for _, uuid := range slices.Backward(open) {
		s.transport.logout(ctx, uuid)
	}
}

// logout ends a session. It is sent once, and its error is only logged: the
// server forgets a session by itself in the end (PROTOCOL.md §2.5).
func (t *transport) logout(ctx context.Context, uuid string) {
	_ = t.send(ctx, request{
		method:   http.MethodDelete,
		path:     sessionsPath + uuid,
		mayRetry: func(error) bool { return false },
		into:     &errorResponse{},
	})
}

// sessionAuthorization puts the shared session on one call, and replaces it
// once if the server no longer knows it.
type sessionAuthorization struct {
	sessions *sessions
	uuid     string
	renewed  bool
}

func (a *sessionAuthorization) prepare(ctx context.Context) (err error) {
	a.uuid, err = a.sessions.session(ctx)
	return err
}

func (a *sessionAuthorization) sign(request *http.Request) { signSession(request, a.uuid) }

func (a *sessionAuthorization) refused(err error) error {
	if a.renewed || !hasCode(err, CodeInvalidSession) {
		return err
	}
	a.renewed = true
	a.sessions.expired(a.uuid)
	return nil
}
