// SPDX-License-Identifier: MPL-2.0

package zstack_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// retried says which requests are retried after a fault.
type retried int

const (
	byNobody retried = iota
	byReads
	byReadsAndLogins
)

// faults are all faults of a response, with the requests that are retried after
// each, and the text of the error.
var faults = []struct {
	zstacktest.Fault
	retried retried
	text    string
}{
	{zstacktest.ResetBeforeResponse, byReads, "the connection was closed before the response began"},
	{zstacktest.ResetWithinBody, byReads, "the server responded with HTTP status 200 OK: the body ended after 38 bytes, before it was complete"},
	{zstacktest.NeverResponds, byReads, "no complete response within 1m0s"},
	{zstacktest.DrippingBody, byReads, "no complete response within 1m0s"},
	{zstacktest.LongContentLength, byReads, "the server responded with HTTP status 200 OK: the body ended after 40 bytes, before it was complete"},
	{zstacktest.ShortContentLength, byReads, "the server responded with HTTP status 200 OK: the body ended after 31 bytes, before it was complete"},
	{zstacktest.NotHTTP, byNobody, `the response is not HTTP: "SSH-2.0-OpenSSH_8.7"`},

	{zstacktest.HTMLPage, byNobody, `the server responded with HTTP status 200 OK and "Sign in": the body is not JSON`},
	{zstacktest.EmptyBody, byReads, "the server responded with HTTP status 200 OK: the body is empty"},
	{zstacktest.TruncatedBody, byReads, "the server responded with HTTP status 200 OK: the body ended after 57 bytes, before it was complete"},
	{zstacktest.DeepJSON, byNobody, "the server responded with HTTP status 200 OK: the body is not JSON"},
	{zstacktest.BinaryBody, byNobody, "the server responded with HTTP status 200 OK and \"� �\": the body is not JSON"},

	{zstacktest.Fails(zstacktest.DeniedByPolicy), byNobody, "SYS.1006: An operation failed " +
		"(默认情况下拒绝操作[API：org.zstack.header.storage.backup.APIQueryBackupStorageMsg]，请与管理员联系以更正)"},
	{zstacktest.Fails(zstacktest.PasswordMustChange), byNobody, "LOGIN_CONTROL.1000: Stale password (Need to change password)"},
	{zstacktest.Fails(zstacktest.InternalError("java.lang.NullPointerException")), byNobody, "SYS.1000: An internal error happened in system " +
		"(java.lang.NullPointerException)"},
	{zstacktest.Fails(zstacktest.Timeout), byReads, "SYS.1001: A message or a operation timeout (the message timed out)"},
	{zstacktest.Fails(zstacktest.NotReady), byReadsAndLogins, "SYS.1010: Management server is not ready to serve " +
		"(management node[uuid:b0c7d8a1f4a34b0b9f3c6d2c0a9d1e11] is not ready yet)"},
	{zstacktest.Fails(zstacktest.NodeUnavailable), byReadsAndLogins, "SYS.1012: The management node is unavailable " +
		"(management node[uuid:b0c7d8a1f4a34b0b9f3c6d2c0a9d1e11] is unavailable)"},
	{zstacktest.ErrorInside(zstacktest.AdminOnly), byNobody, "ID.1002: The user doesn't have permission to perform the operation (request api[name: " +
		"org.zstack.header.storage.backup.APIQueryBackupStorageMsg] is admin only, can not be executed by current user)"},
	{zstacktest.RequestRefused, byNobody, "LOGIN_CONTROL.1004: Request refused (Request from [1.2.3.4] is refused)"},

	{zstacktest.Status(400, zstacktest.PlainText), byNobody, notSuccess(400, "Bad Request")},
	{zstacktest.Status(401, zstacktest.HTML), byNobody, notSuccess(401, "401 Unauthorized")},
	{zstacktest.Status(403, zstacktest.HTML), byNobody, notSuccess(403, "403 Forbidden")},
	{zstacktest.Status(404, zstacktest.PlainText), byNobody, notSuccess(404, "Not Found")},
	{zstacktest.Status(405, zstacktest.HTML), byNobody, notSuccess(405, "405 Method Not Allowed")},
	{zstacktest.Status(500, zstacktest.NoBody), byNobody, notSuccess(500, "")},
	{zstacktest.Status(500, zstacktest.PlainText), byNobody, notSuccess(500, "Internal Server Error")},
	{zstacktest.Status(500, zstacktest.OtherJSON), byNobody, notSuccess(500, "")},
	{zstacktest.Status(429, zstacktest.PlainText), byReadsAndLogins, notSuccess(429, "Rate limit exceeded")},
	{zstacktest.Status(502, zstacktest.HTML), byReadsAndLogins, notSuccess(502, "502 Bad Gateway")},
	{zstacktest.Status(503, zstacktest.HTML), byReadsAndLogins, notSuccess(503, "503 Service Unavailable")},
	{zstacktest.Status(503, zstacktest.OtherJSON), byReadsAndLogins, notSuccess(503, "")},
	{zstacktest.Status(503, zstacktest.NoBody), byReadsAndLogins, notSuccess(503, "")},
	{zstacktest.Status(504, zstacktest.HTML), byReads, notSuccess(504, "504 Gateway Timeout")},

	{
		zstacktest.Redirect(301, "https://zstack.test/zstack/v1/backup-storage?q=a"), byNobody,
		`HTTP status 301 redirects to "https://zstack.test/zstack/v1/backup-storage"`,
	},
	{
		zstacktest.Redirect(302, "https://me:secret@elsewhere.test/login?to=secret#secret"), byNobody,
		`HTTP status 302 redirects to "https://elsewhere.test/login"`,
	},
	{
		zstacktest.Redirect(307, "/zstack/v2/backup-storage"), byNobody,
		`HTTP status 307 redirects to "http://zstack.test:8080/zstack/v2/backup-storage"`,
	},
	{zstacktest.Redirect(308, "http://[::1"), byNobody, notSuccess(308, "")},
}

func notSuccess(status int, excerpt string) string {
	text := fmt.Sprintf("the server responded with HTTP status %d %s", status, http.StatusText(status))
	if excerpt != "" {
		text += fmt.Sprintf(" and %q", excerpt)
	}
	return text
}

// bodiesOfOtherKinds are valid JSON, but not a list of storages.
var bodiesOfOtherKinds = map[string]struct {
	zstacktest.Fault
	text string
}{
	"null":               {zstacktest.NullBody, ` and "null": the JSON is not an object`},
	"array":              {zstacktest.ArrayBody, ": the JSON is not an object"},
	"wrong types":        {zstacktest.WrongTypes, `: the JSON value of "total" must be a 64-bit integer, not a string`},
	"wrong types in row": {zstacktest.WrongRowTypes, `: the JSON value of "uuid" must be a string, not a list (backup storage at index 0)`},
}

func TestQueriesAreRetriedOnlyAfterTransientFaults(t *testing.T) {
	t.Parallel()
	for _, fault := range faults {
		for _, maxRetries := range []int{0, 3} {
			t.Run(fmt.Sprintf("%s/%d retries", fault.Name, maxRetries), func(t *testing.T) {
				inBubble(t, func(t *testing.T) {
					node := newNode()
					node.Misbehave(zstacktest.AtFirstPage, zstacktest.Always(fault.Fault))
					client := newClient(t, node, zstack.Session{UUID: node.AddSession()}, retries(maxRetries))
					_, err := list(t.Context(), client)

					want := 1
					if fault.retried >= byReads {
						want += maxRetries
					}
					expectCount(t, node, storagesPath, want)
					expectRequestError(t, err, zstack.RequestError{
						Method: http.MethodGet, Host: "zstack.test:8080", Path: storagesPath, Attempts: want,
					}, fault.text)
				})
			})
		}
	}
}

func TestLoginsAreRetriedOnlyIfNoSessionWasCreated(t *testing.T) {
	for _, fault := range faults {
		t.Run(fault.Name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				node := newNode()
				node.Misbehave(zstacktest.AtLogin, zstacktest.Always(fault.Fault))
				client := newClient(t, node, admin, retries(3))
				_, err := list(t.Context(), client)

				want := 1
				if fault.retried == byReadsAndLogins {
					want += 3
				}
				expectCount(t, node, accountLogin, want)
				expectRequestError(t, err, zstack.RequestError{
					Method: http.MethodPut, Host: "zstack.test:8080", Path: accountLogin, Attempts: want,
				}, "")
			})
		})
	}
}

// expectRequestError compares err with want, and what it wraps with text
// unless that is empty.
func expectRequestError(t *testing.T, err error, want zstack.RequestError, text string) {
	t.Helper()
	var got *zstack.RequestError
	if !errors.As(err, &got) {
		t.Fatalf("the error is %v, want a RequestError", err)
	}
	if text != "" && got.Err.Error() != text {
		t.Errorf("the error says\n%s, want\n%s", got.Err, text)
	}
	want.Endpoint, want.Err = got.Endpoint, got.Err
	if *got != want {
		t.Errorf("the error is %+v, want %+v", *got, want)
	}
}

func TestReadSurvivesEveryFaultThatIsRetried(t *testing.T) {
	for _, fault := range faults {
		if fault.retried == byNobody {
			continue
		}
		t.Run(fault.Name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				node := newNode()
				node.Misbehave(zstacktest.AtFirstPage, fault.Fault, fault.Fault)
				mustList(t, newClient(t, node, admin))
			})
		})
	}
}

func TestJSONOfAnotherShapeIsAnErrorThatNamesTheField(t *testing.T) {
	for name, test := range bodiesOfOtherKinds {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				node := newNode()
				node.Misbehave(zstacktest.AtFirstPage, zstacktest.Always(test.Fault))
				client := newClient(t, node, zstack.Session{UUID: node.AddSession()})
				_, err := list(t.Context(), client)
				expectRequestError(t, err, zstack.RequestError{
					Method: http.MethodGet, Host: "zstack.test:8080", Path: storagesPath, Attempts: 1,
				}, "the server responded with HTTP status 200 OK"+test.text)
			})
		})
	}
}

func TestJSONOfAnotherShapeIsNotASession(t *testing.T) {
	for name, test := range bodiesOfOtherKinds {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				node := newNode()
				node.Misbehave(zstacktest.AtLogin, test.Fault)
				client := newClient(t, node, admin)
				var unexpected *zstack.UnexpectedResponseError
				if _, err := list(t.Context(), client); !errors.As(err, &unexpected) {
					t.Errorf("the error is %v, want an UnexpectedResponseError", err)
				}
				expectCount(t, node, accountLogin, 1)
			})
		})
	}
}

// It is not a case of another test because 32 MiB take some time.
func TestEndlessBodyIsNotRetried(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T) {
		node := newNode()
		node.Misbehave(zstacktest.AtFirstPage, zstacktest.EndlessBody)
		_, err := list(t.Context(), newClient(t, node, admin))
		if !errors.Is(err, zstack.ErrBodyTooLarge) {
			t.Errorf("the error is %v, want ErrBodyTooLarge", err)
		}
		expectCount(t, node, storagesPath, 1)
	})
}

func TestConcurrentReadsSurviveAServerThatFailsSometimes(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		for i := range 64 {
			fault := faults[i%len(faults)]
			if fault.retried == byNobody {
				continue
			}
			node.Misbehave(zstacktest.AtFirstPage, fault.Fault, zstacktest.NoFault, zstacktest.NoFault, zstacktest.NoFault, zstacktest.NoFault)
		}
		client := newClient(t, node, admin, retries(64))
		expectErrors(t, listAll(t.Context(), client, 64), nil)
		if got := node.Logins(); got != 1 {
			t.Errorf("%d logins, want 1", got)
		}
		closeWithin(client, time.Second)
		expectNoSession(t, node)
	})
}

func TestErrorOfARedirectNamesTheEndpointToSet(t *testing.T) {
	for location, want := range map[string]string{
		"https://zstack.test/zstack/v1/accounts/login":             "https://zstack.test/zstack",
		"https://zstack.test:8443/cloud/zs/v1/accounts/login?a=b":  "https://zstack.test:8443/cloud/zs",
		"http://other.test/zstack/v1/accounts/login":               "http://other.test:80/zstack",
		"http://[::1]/zstack/v1/accounts/login":                    "http://[::1]:80/zstack",
		"http://other.test:8080/zstack/v1/accounts/login":          "http://other.test:8080/zstack",
		"https://me:secret@zstack.test/a%20b/v1/accounts/login#x":  "https://zstack.test/a%20b",
		"/cloud/v1/accounts/login":                                 "http://zstack.test:8080/cloud",
		"https://zstack.test/v1/accounts/login":                    "", // An endpoint without a path means /zstack.
		"https://zstack.test/sign-in":                              "",
		"https://zstack.test/zstack/v1/accounts/login/":            "",
		"http://zstack.test:8080/zstack/v1/accounts/login":         "", // It is the endpoint already.
		"ftp://zstack.test/zstack/v1/accounts/login":               "",
		"https://zstack.test/sign-in?to=/zstack/v1/accounts/login": "",
	} {
		inBubble(t, func(t *testing.T) {
			node := newNode()
			node.Misbehave(zstacktest.AtLogin, zstacktest.Redirect(302, location))
			_, err := list(t.Context(), newClient(t, node, admin))
			redirect, ok := errors.AsType[*zstack.RedirectError](err)
			if !ok || redirect.Endpoint != want {
				t.Errorf("a redirect to %s gives %+v, want the endpoint %q", location, redirect, want)
			}
		})
	}
}

func TestPathThatTheServerDoesNotHaveHasItsOwnError(t *testing.T) {
	vid := zstack.VirtualID{Name: "vid", Password: "secret-4711"}
	for body, want := range map[string]bool{
		"no api mapping to /v1/iam2/virtual-ids/login":       true,
		"no api mapping to /v1/v1/iam2/virtual-ids/login":    false, // The endpoint's path is wrong.
		"<html>no api mapping to /v1/iam2/virtual-ids/login": false,
	} {
		inBubble(t, func(t *testing.T) {
			notFound := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusNotFound)
				_, _ = io.WriteString(w, body)
			})
			_, err := list(t.Context(), newClient(t, notFound, vid))
			unknown, ok := errors.AsType[*zstack.UnknownAPIError](err)
			if ok != want || ok && unknown.Path != "/v1/iam2/virtual-ids/login" {
				t.Errorf("404 with %q is %v", body, err)
			}
		})
	}
}
