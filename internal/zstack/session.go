// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"
)

// sessions is the authorizer of credentials that log in. It logs in at the
// first request, shares the session and a login in progress between all calls,
// and remembers every session until it is logged out (PROTOCOL.md §2).
type sessions struct {
	transport *transport
	logIn     loginFunc

	mu      sync.Mutex
	current string   // the session in use; empty: none
	logins  []*login // every login with sessions that are not logged out
	running *login   // the login in progress; nil: none
	sent    []string // secrets: the password's hash, and every session so far
	refusal error    // the server's final refusal of the credentials; nil: none
	closed  bool
}

// loginFunc sends the requests of a login through l and returns the session to
// use.
type loginFunc func(ctx context.Context, l *login) (uuid string, err error)

// Sessions returns the sessions that the client has logged in and not logged
// out. It is for checking that the server rejects them after [Client.Close]. Like
// a password, a session must not be shown. Credentials that do not log in have
// none.
func (c *Client) Sessions() []Session {
	s, logsIn := c.authorizer.(*sessions)
	if !logsIn {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var open []Session
	for _, login := range s.logins {
		for _, uuid := range login.open {
			open = append(open, Session{UUID: uuid})
		}
	}
	return open
}

// login is one login, which any number of calls wait for.
type login struct {
	sessions *sessions
	values   context.Context // of the call that began it: they have the logger
	done     chan struct{}
	err      error // set before done is closed

	// Protected by sessions.mu.
	request RequestError // the request in progress, with the error of its previous attempt
	pending *connection  // of its attempt in progress; nil: none
	open    []string     // sessions that are not logged out; each depends on the one before it
}

func newSessions(t *transport, logIn loginFunc, passwordHash string) *sessions {
	return &sessions{transport: t, logIn: logIn, sent: []string{passwordHash}}
}

func (s *sessions) authorization() authorization { return &sessionAuthorization{sessions: s} }

func (s *sessions) secrets() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sent)
}

// session returns the session in use, after a login if there is none.
func (s *sessions) session(ctx context.Context) (string, error) {
	for {
		if err := contextError(ctx); err != nil {
			return "", err
		}
		s.mu.Lock()
		if err := s.unusable(); err != nil || s.current != "" {
			defer s.mu.Unlock()
			return s.current, err
		}
		if s.running == nil {
			values := context.WithoutCancel(ctx)
			s.running = &login{sessions: s, values: values, done: make(chan struct{})}
			s.logins = append(s.logins, s.running)
			go s.running.run(values)
		}
		login := s.running
		s.mu.Unlock()

		select {
		case <-ctx.Done():
			return "", login.interrupted(ctx)
		case <-login.done:
			if login.err != nil {
				return "", login.err
			}
		}
	}
}

// unusable returns why there can be no session, or nil. The caller holds the lock.
func (s *sessions) unusable() error {
	if s.closed {
		return ErrClosed
	}
	return s.refusal
}

// run logs in on behalf of every call that waits, so none of them can cancel
// it: a session that the server has created must not be lost.
func (l *login) run(ctx context.Context) {
	s := l.sessions
	timeout := s.transport.requestTimeout
	limited, cancel := context.WithTimeoutCause(ctx, timeout, &TimeoutError{After: timeout})
	defer cancel()
	uuid, err := s.logIn(limited, l)

	s.mu.Lock()
	s.running, l.err = nil, err
	if err == nil {
		s.current = uuid
	} else if isFinal(err) {
		s.refusal = err
	}
	closed := s.closed
	s.mu.Unlock()
	if closed { // No call may be waiting any more.
		l.logOut(ctx)
	}
	close(l.done)
}

// isFinal reports whether another login with the same credentials is useless.
// Repeating a wrong password would lock the account.
func isFinal(err error) bool {
	api, ok := errors.AsType[*APIError](err)
	return ok && api.Code != CodeInvalidSession && !mayRetryRead(err)
}

// send sends one login request, authorized by sign if that is not nil, and
// returns the new session. It remembers every session in the response, even if
// the response is not valid otherwise.
func (l *login) send(ctx context.Context, path string, body any, sign func(*http.Request)) (string, error) {
	var response loginResponse
	err := l.sessions.transport.send(ctx, request{
		method:   http.MethodPut,
		path:     path,
		body:     body,
		sign:     sign,
		mayRetry: mayRetryLogin,
		into:     &response,
		progress: l.progress,
	})
	uuid := response.session
	if sessionPattern().MatchString(uuid) {
		l.remember(uuid)
	}
	if err != nil {
		return "", err
	}
	return uuid, nil
}

func (l *login) progress(request RequestError, pending *connection) {
	l.sessions.mu.Lock()
	defer l.sessions.mu.Unlock()
	l.request, l.pending = request, pending
}

// remember records a session that must be logged out and not be shown.
func (l *login) remember(uuid string) {
	l.sessions.mu.Lock()
	defer l.sessions.mu.Unlock()
	l.open = append(l.open, uuid)
	l.sessions.sent = append(l.sessions.sent, uuid)
}

// interrupted is the error of a call that ended while it waited for the login:
// it names the request that it waited for.
func (l *login) interrupted(ctx context.Context) error {
	err := contextError(ctx)
	l.sessions.mu.Lock()
	defer l.sessions.mu.Unlock()
	if l.request.Attempts == 0 {
		return err
	}
	request := l.request
	request.Err = l.sessions.transport.deadlineError(ctx, err, request.Err, l.pending)
	return &request
}

// drop no longer uses uuid, unless another call has already replaced it. It remains
// an open session: only a logout ensures that it is gone.
func (s *sessions) drop(uuid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == uuid {
		s.current = ""
	}
}

// close logs out all sessions and waits for the login in progress, which then
// logs out what it has created.
func (s *sessions) close(ctx context.Context) {
	s.mu.Lock()
	s.closed, s.current = true, ""
	logins := s.logins
	s.logins = nil
	inProgress := s.running
	s.mu.Unlock()

	var logouts sync.WaitGroup
	for _, login := range logins {
		logouts.Go(func() { login.logOut(ctx) })
	}
	logouts.Wait()
	if inProgress == nil {
		return
	}
	select {
	case <-inProgress.done:
	case <-ctx.Done():
	}
}

// logOut ends the open sessions of one login, the latest first: a project's
// session depends on its virtual ID's. Each has its share of the time until ctx
// ends, so that one logout without a response does not prevent the next.
func (l *login) logOut(ctx context.Context) {
	s := l.sessions
	s.mu.Lock()
	open := l.open
	l.open = nil
	s.mu.Unlock()
	for i, uuid := range slices.Backward(open) {
		s.transport.logOut(valuesOf{ctx, l.values}, uuid, i+1) //nolint:contextcheck // It ends with ctx.
	}
}

// valuesOf is a context that ends with the first one and has the values of the
// second one.
type valuesOf struct {
	context.Context
	values context.Context
}

func (c valuesOf) Value(key any) any { return c.values.Value(key) }

// logOut ends a session within a share of the time until ctx ends. It is sent
// once, and its error is only logged: the session expires on the server anyway
// (PROTOCOL.md §2.4).
func (t *transport) logOut(ctx context.Context, uuid string, share int) {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/time.Duration(share))
		defer cancel()
	}
	_ = t.send(ctx, request{
		method:   http.MethodDelete,
		path:     sessionsPath + uuid,
		mayRetry: func(error) bool { return false },
		into:     ignoredBody{},
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
	a.sessions.drop(a.uuid)
	return nil
}
