// SPDX-License-Identifier: MPL-2.0

package zstacktest

import (
	"context"
	"net/http"
	"net/url"
	"slices"
)

// Request is one request as it arrived at the node.
type Request struct {
	Method string
	// Path is the decoded path, context path included.
	Path     string
	RawQuery string
	Query    url.Values
	Header   http.Header
	Body     []byte
	// Status is the status of the response; 0 if none was sent yet, or if a fault closed the connection.
	Status int
}

// Requests returns all requests so far in the order of their arrival.
func (n *Node) Requests() []Request {
	n.mu.Lock()
	defer n.mu.Unlock()
	requests := make([]Request, len(n.requests))
	for i, r := range n.requests {
		requests[i] = *r
	}
	return requests
}

// WaitFor returns as soon as a request that matches has arrived, or with an error when ctx ends. A test that interrupts a
// waiting client uses it to know that the client waits.
func (n *Node) WaitFor(ctx context.Context, matches func(Request) bool) error {
	for {
		n.mu.Lock()
		next := n.arrival
		n.mu.Unlock()
		if slices.ContainsFunc(n.Requests(), matches) {
			return nil
		}
		select {
		case <-next:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Secrets returns every secret that the node has sent, accepted or received: passwords and their SHA-512, session UUIDs,
// access key secrets, signatures, SSH passwords of monitors. Nothing that is shown to a user may contain one of them.
func (n *Node) Secrets() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	secrets := make([]string, 0, len(n.secrets))
	for s := range n.secrets {
		secrets = append(secrets, s)
	}
	slices.Sort(secrets)
	return secrets
}

// addSecret records secrets; the caller holds the lock.
func (n *Node) addSecret(secrets ...string) {
	for _, s := range secrets {
		if s != "" {
			n.secrets[s] = true
		}
	}
}

func (n *Node) record(r *http.Request, body []byte) *Request {
	request := &Request{
		Method:   r.Method,
		Path:     r.URL.Path,
		RawQuery: r.URL.RawQuery,
		Query:    r.URL.Query(),
		Header:   r.Header.Clone(),
		Body:     body,
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.requests = append(n.requests, request)
	close(n.arrival)
	n.arrival = make(chan struct{})
	return request
}

// recordingWriter records the status of the response.
type recordingWriter struct {
	http.ResponseWriter
	node    *Node
	request *Request
}

func (w *recordingWriter) WriteHeader(status int) {
	w.node.mu.Lock()
	w.request.Status = status
	w.node.mu.Unlock()
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets [http.ResponseController] reach the connection.
func (w *recordingWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
