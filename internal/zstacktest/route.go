// SPDX-License-Identifier: MPL-2.0

package zstacktest

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest/query"
)

// call is one request that the node serves.
type call struct {
	node     *Node
	settings Settings
	w        http.ResponseWriter
	r        *http.Request
	// path is decoded and without the context path, as the server routes it and as access keys sign it.
	path      string
	api       *api
	uuid      string
	params    []query.Param
	paramsErr error
	body      []byte
}

// maxBody limits the body that the node reads; no client sends more than a few hundred bytes.
const maxBody = 1 << 20

func (n *Node) newCall(w http.ResponseWriter, r *http.Request) *call {
	body, _ := io.ReadAll(io.LimitReader(r.Body, maxBody))
	c := &call{
		node:     n,
		settings: n.currentSettings(),
		r:        r,
		w:        &recordingWriter{w, n, n.record(r, body)},
		body:     body,
	}
	c.params, c.paramsErr = query.ParseParams(r.URL.RawQuery)
	path, _ := url.QueryUnescape(r.URL.EscapedPath())
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	if rest, ok := strings.CutPrefix(path, c.settings.ContextPath); ok {
		c.path = rest
		c.api, c.uuid = route(rest, c.settings)
	}
	return c
}

// serve is what an API does.
type serve func(*call) (response, error)

// api is one path of the server and what serves it.
type api struct {
	// path may contain {uuid}, which matches one segment.
	path  string
	stage func(*call) Stage
	serve serve
	// exists reports whether a node with these settings has the path; nil: every node has it.
	exists func(Settings) bool
}

// apis are in the order in which they are tried: fixed paths before patterns (PROTOCOL.md §7).
var apis = []api{
	{"/v1/accounts/login", atStage(AtLogin), (*call).logInByAccount, nil},
	{"/v1/accounts/users/login", atStage(AtLogin), (*call).logInByUser, nil},
	{"/v1/ldap/login", atStage(AtLogin), (*call).logInByLDAP, nil},
	{"/v1/iam2/virtual-ids/login", atStage(AtLogin), (*call).logInByVirtualID, hasIAM2},
	{"/v1/iam2/projects/login", atStage(AtLogin), (*call).logInToProject, hasIAM2},
	{"/v1/accounts/sessions/{uuid}/valid", atStage(elsewhere), (*call).sessionValid, nil},
	{"/v1/accounts/sessions/{uuid}", atStage(AtLogout), (*call).logOut, nil},
	{"/v1/zones", atStage(AtZones), byMethod{"GET": queryAPI(QueryZone, zones), "POST": startJob}.serve, nil},
	{"/v1/zones/{uuid}", atStage(AtZones), byMethod{"GET": queryAPI(QueryZone, zones), "DELETE": startJob}.serve, nil},
	{"/v1/management-nodes", atStage(elsewhere), admins(queryNodes, queryAPI(queryNodes, managementNodes)), nil},
	{"/v1/management-nodes/ready", atStage(elsewhere), ready, nil},
	{"/v1/management-nodes/actions", atStage(elsewhere), byMethod{"PUT": managementNodeAction}.serve, nil},
	{"/v1/management-nodes/platform-timezone", atStage(elsewhere), platformTimeZone, since(4, 1)},
	{"/v1/backup-storage", pageStage, queryAPI(QueryBackupStorage, backupStorages), nil},
	{"/v1/backup-storage/types", atStage(elsewhere), admins(getTypes, backupStorageTypes), nil},
	{"/v1/backup-storage/capacities", atStage(elsewhere), admins(getCapacity, backupStorageCapacities), nil},
	{"/v1/backup-storage/addon", atStage(elsewhere), startJob, since(5, 1)},
	{"/v1/backup-storage/image-store", pageStage, queryAPI(QueryBackupStorage, ofType(ImageStore{})), hasImageStore},
	{"/v1/backup-storage/image-store/{uuid}", pageStage, queryAPI(QueryBackupStorage, ofType(ImageStore{})), hasImageStore},
	{"/v1/backup-storage/ceph", pageStage, queryAPI(QueryBackupStorage, ofType(Ceph{})), nil},
	{"/v1/backup-storage/ceph/{uuid}", pageStage, queryAPI(QueryBackupStorage, ofType(Ceph{})), nil},
	{"/v1/backup-storage/sftp", pageStage, queryAPI(QueryBackupStorage, ofType(SFTP{})), nil},
	{"/v1/backup-storage/sftp/{uuid}", pageStage, queryAPI(QueryBackupStorage, ofType(SFTP{})), nil},
	{"/v1/backup-storage/aliyun/ebs", pageStage, queryAPI(QueryBackupStorage, ofType(AliyunEBS{})), nil},
	{"/v1/vcenters/backup-storage", pageStage, queryAPI(QueryBackupStorage, ofType(VCenter{})), nil},
	{"/v1/backup-storage/{uuid}", pageStage, byMethod{
		"GET": queryAPI(QueryBackupStorage, backupStorages), "DELETE": deleteStorage,
	}.serve, nil},
}

func hasIAM2(s Settings) bool       { return !s.NoIAM2Plugin }
func hasImageStore(s Settings) bool { return !s.NoImageStorePlugin }

func since(major, minor int) func(Settings) bool {
	return func(s Settings) bool { return !s.Version.Before(major, minor) }
}

func route(path string, s Settings) (*api, string) {
	for i := range apis {
		if uuid, ok := match(apis[i].path, path); ok && (apis[i].exists == nil || apis[i].exists(s)) {
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

func atStage(s Stage) func(*call) Stage { return func(*call) Stage { return s } }

func pageStage(c *call) Stage {
	if start := query.First(c.params, "start"); start != "" && start != "0" {
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

// byMethod are the APIs that share a path. The server distinguishes them by the method; for a path with one API it ignores
// the method (PROTOCOL.md §7).
type byMethod map[string]serve

func (m byMethod) serve(c *call) (response, error) {
	if serve, ok := m[c.r.Method]; ok {
		return serve(c)
	}
	path := c.r.URL.EscapedPath()
	switch {
	case c.r.Method == "GET":
		return response{}, refusal{500, fmt.Sprintf("No query API found for the path[%s]", path)}
	case c.r.Method == "POST":
		return response{}, refusal{500, fmt.Sprintf("No creational API found for the path[%s]", path)}
	case c.r.Method == "PUT" && len(c.body) == 0:
		return response{}, refusal{500, ""}
	case c.r.Method == "PUT":
		return response{}, badRequest(fmt.Sprintf("the body doesn't contain action mapping to the URL[%s]", c.path))
	default:
		return response{}, refusal{405, fmt.Sprintf("The method[%s] is not allowed for the path[%s]", c.r.Method, path)}
	}
}

// respond is the node's response, in the order of the server's layers: Tomcat, the REST front end, the message bus.
func (c *call) respond() response {
	switch {
	case strings.ContainsAny(c.r.RequestURI, "<>\"{}|\\^`") || !isASCII(c.r.RequestURI) || len(c.r.RequestURI) > maxURI ||
		strings.Contains(strings.ToUpper(c.r.URL.EscapedPath()), "%2F"):
		return htmlPage(400, "Bad Request")
	case c.r.Header["Expect"] != nil && !strings.EqualFold(c.r.Header.Get("Expect"), "100-continue"):
		return htmlPage(417, "Expectation Failed")
	case c.path != "/v1" && !strings.HasPrefix(c.path, "/v1/"):
		return htmlPage(404, "Not Found")
	}
	if r, refused := c.tomcatMethod(); refused {
		return r
	}
	switch {
	case c.paramsErr != nil:
		return htmlPage(500, "Internal Server Error")
	case c.api == nil:
		return response{status: 404, body: "no api mapping to " + c.path}
	}
	result, err := c.api.serve(c)
	if err != nil {
		return c.errorResponse(err)
	}
	return result
}

// tomcatMethod is Tomcat's and Spring's response to a method that the API does not use.
func (c *call) tomcatMethod() (response, bool) {
	old := c.settings.Version.Before(3, 10)
	switch c.r.Method {
	case "GET", "HEAD", "POST", "PUT", "DELETE":
		return response{}, false
	case "OPTIONS", "PATCH", "TRACE":
		switch {
		case !c.settings.AllMethods:
			return htmlPage(403, "Forbidden"), true
		case c.r.Method == "OPTIONS":
			c.w.Header().Set("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
			return response{status: http.StatusOK, sessionless: true}, true
		case c.r.Method == "PATCH" && old:
			return response{}, false
		}
	}
	if old && c.r.Method != "TRACE" {
		return htmlPage(501, "Not Implemented"), true
	}
	return htmlPage(405, "Method Not Allowed"), true
}

func (c *call) errorResponse(err error) response {
	if r, ok := errors.AsType[refusal](err); ok {
		return response{status: r.status, body: r.text}
	}
	if b, ok := errors.AsType[query.BadRequest](err); ok {
		return response{status: http.StatusBadRequest, body: string(b)}
	}
	e, ok := errors.AsType[Error](err)
	if f, isFailure := errors.AsType[query.Failure](err); isFailure {
		e, ok = internalError(f.Details), true
		if f.InvalidArgument {
			e = invalidArgument(f.Details)
		}
	}
	if !ok {
		panic(err) // a mistake of the fake
	}
	return response{status: http.StatusServiceUnavailable, body: e.body(c.settings)}
}

// maxURI is the longest request line that Tomcat accepts with the installer's settings.
const maxURI = 65536

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// response is what the node sends when no fault happens.
type response struct {
	status int
	body   string
	// html is a page of Tomcat or Spring, and not of ZStack.
	html bool
	// sessionless is a response for which Tomcat makes no HTTP session; pages have none either.
	sessionless bool
}

func htmlPage(status int, reason string) response {
	return response{status: status, html: true, body: fmt.Sprintf(
		`<!doctype html><html lang="en"><head><title>HTTP Status %[1]d – %[2]s</title></head>`+
			`<body><h1>HTTP Status %[1]d – %[2]s</h1></body></html>`, status, reason)}
}

const (
	httpSession = "8A7C2D14E0B94C5A9F36D1B07E52AC48"
	// maxPlainBody is the size of Tomcat's buffer; longer bodies are sent in chunks.
	maxPlainBody = 8192
)

// write sends a response as Tomcat does (PROTOCOL.md §1).
func (c *call) write(r response) {
	header := c.w.Header()
	if r.html {
		header.Set("Content-Type", "text/html;charset=utf-8")
	} else {
		header["Content-Type"] = nil // ZStack sets none, and net/http would guess one
		if cookie, err := c.r.Cookie("JSESSIONID"); !r.sessionless && (err != nil || cookie.Value != httpSession) {
			header.Set("Set-Cookie", "JSESSIONID="+httpSession+"; Path=/zstack; HttpOnly")
		}
	}
	if len(r.body) <= maxPlainBody {
		header.Set("Content-Length", strconv.Itoa(len(r.body)))
	}
	if r.status == 400 || r.status == 500 || r.status == 503 || isLastOfConnection(c.r) {
		header.Set("Connection", "close")
	}
	c.w.WriteHeader(r.status)
	_, _ = io.WriteString(c.w, r.body)
}
