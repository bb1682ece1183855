// SPDX-License-Identifier: MPL-2.0

package zstacktest

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// call is one request on its way through the node.
type call struct {
	node     *Node
	settings Settings
	w        http.ResponseWriter
	r        *http.Request
	// path is decoded and without the context path, as the server routes it and as access keys sign it.
	path   string
	body   []byte
	api    *api
	uuid   string
	params params
}

// maxBody bounds what the node reads of a request; no client sends more than a few hundred bytes.
const maxBody = 1 << 20

func (n *Node) newCall(w http.ResponseWriter, r *http.Request) *call {
	body, _ := io.ReadAll(io.LimitReader(r.Body, maxBody))
	c := &call{
		node:     n,
		settings: n.currentSettings(),
		r:        r,
		w:        &recordingWriter{w, n, n.record(r, body)},
		body:     body,
		params:   parseParams(r.URL.RawQuery),
	}
	path, _ := url.QueryUnescape(r.URL.EscapedPath())
	if rest, ok := strings.CutPrefix(path, c.settings.ContextPath); ok {
		c.path = rest
		c.api, c.uuid = route(rest)
	}
	return c
}

// api is one path of the server and what serves it.
type api struct {
	// path may hold {uuid}, which matches one segment.
	path  string
	stage func(*call) Stage
	serve func(*call) (answer, error)
}

// apis are in the order they are looked up: fixed paths before patterns (PROTOCOL.md §7).
var apis = []api{
	{"/v1/accounts/login", at(AtLogin), (*call).logInByAccount},
	{"/v1/accounts/users/login", at(AtLogin), (*call).logInByUser},
	{"/v1/iam2/virtual-ids/login", at(AtLogin), (*call).logInByVirtualID},
	{"/v1/iam2/projects/login", at(AtLogin), (*call).logInToProject},
	{"/v1/accounts/sessions/{uuid}/valid", at(elsewhere), (*call).sessionValid},
	{"/v1/accounts/sessions/{uuid}", at(AtLogout), (*call).logOut},
	{"/v1/backup-storage", pageStage, query(nil)},
	{"/v1/backup-storage/image-store", pageStage, query(ImageStore{})},
	{"/v1/backup-storage/image-store/{uuid}", pageStage, query(ImageStore{})},
	{"/v1/backup-storage/ceph", pageStage, query(Ceph{})},
	{"/v1/backup-storage/ceph/{uuid}", pageStage, query(Ceph{})},
	{"/v1/backup-storage/sftp", pageStage, query(SFTP{})},
	{"/v1/backup-storage/sftp/{uuid}", pageStage, query(SFTP{})},
	{"/v1/backup-storage/aliyun/ebs", pageStage, query(AliyunEBS{})},
	{"/v1/vcenters/backup-storage", pageStage, query(VCenter{})},
	{"/v1/backup-storage/{uuid}", pageStage, (*call).oneStorage},
}

func route(path string) (*api, string) {
	for i := range apis {
		if uuid, ok := match(apis[i].path, path); ok {
			return &apis[i], uuid
		}
	}
	return nil, ""
}

func match(pattern, path string) (uuid string, ok bool) {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return "", false
	}
	for i := range want {
		switch {
		case want[i] == "{uuid}" && got[i] != "":
			uuid = got[i]
		case want[i] != got[i]:
			return "", false
		}
	}
	return uuid, true
}

func at(s Stage) func(*call) Stage { return func(*call) Stage { return s } }

func pageStage(c *call) Stage {
	if start := c.params.first("start"); start != "" && start != "0" {
		return AtLaterPage
	}
	return AtFirstPage
}

func (c *call) stage() Stage {
	if c.api == nil {
		return elsewhere
	}
	return c.api.stage(c)
}

// answer is a response that the node sends in earnest.
type answer struct {
	status int
	body   string
	// tomcat is an HTML page that the servlet container made, not ZStack.
	tomcat bool
}

func (a answer) write(c *call) {
	header := c.w.Header()
	if a.tomcat {
		header.Set("Content-Type", "text/html;charset=utf-8")
	} else {
		header["Content-Type"] = nil // the server sets none, and net/http would guess one
		if _, err := c.r.Cookie("JSESSIONID"); err != nil {
			header.Set("Set-Cookie", "JSESSIONID=8A7C2D14E0B94C5A9F36D1B07E52AC48; Path=/zstack; HttpOnly")
		}
	}
	c.w.WriteHeader(a.status)
	_, _ = io.WriteString(c.w, a.body)
}

func (c *call) answer() answer {
	switch {
	case strings.ContainsAny(c.r.RequestURI, "<>\"{}|\\^`") || !isASCII(c.r.RequestURI) || len(c.r.RequestURI) > maxURI:
		return tomcatPage(400, "Bad Request")
	case c.path != "/v1" && !strings.HasPrefix(c.path, "/v1/"):
		return tomcatPage(404, "Not Found")
	case slices.Contains([]string{"PATCH", "OPTIONS", "TRACE"}, c.r.Method):
		return tomcatPage(403, "Forbidden")
	case c.api == nil:
		return answer{status: 404, body: "no api mapping to " + c.path}
	}
	a, err := c.api.serve(c)
	if e, ok := errors.AsType[Error](err); ok {
		return answer{status: http.StatusServiceUnavailable, body: e.body(c.settings.Locale)}
	}
	if r, ok := errors.AsType[refusal](err); ok {
		return answer{status: r.status, body: r.text}
	}
	return a
}

// maxURI is what the installer lets Tomcat read of a request line.
const maxURI = 65536

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func tomcatPage(status int, reason string) answer {
	return answer{status: status, tomcat: true, body: fmt.Sprintf(
		`<!doctype html><html lang="en"><head><title>HTTP Status %[1]d – %[2]s</title></head>`+
			`<body><h1>HTTP Status %[1]d – %[2]s</h1></body></html>`, status, reason)}
}

// params are the parameters of a query string in their order. A raw semicolon is an ordinary character.
type params []param

type param struct{ name, value string }

func parseParams(rawQuery string) params {
	var list params
	for pair := range strings.SplitSeq(rawQuery, "&") {
		rawName, rawValue, _ := strings.Cut(pair, "=")
		name, err1 := url.QueryUnescape(rawName)
		value, err2 := url.QueryUnescape(rawValue)
		if pair != "" && err1 == nil && err2 == nil {
			list = append(list, param{validText(name), validText(value)})
		}
	}
	return list
}

// first returns the first value of name, or "".
func (p params) first(name string) string {
	for _, q := range p {
		if trim(q.name) == name {
			return trim(q.value)
		}
	}
	return ""
}

// trim is Java's String.trim.
func trim(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
}
