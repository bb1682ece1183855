// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// read reads a response to a request for the list.
func read(status int, body string, into responseBody, secrets ...string) (int, error) {
	return readFrom(status, http.Header{}, io.NopCloser(strings.NewReader(body)), into, secrets...)
}

func readFrom(status int, header http.Header, body io.ReadCloser, into responseBody, secrets ...string) (int, error) {
	asked := &url.URL{Scheme: "http", Host: "zstack.test", Path: "/zstack/v1/backup-storage"}
	return readResponse(&http.Response{StatusCode: status, Header: header, Body: body, Request: &http.Request{URL: asked}}, into, secrets...)
}

func TestSuccessfulResponsesAreDecoded(t *testing.T) {
	for name, body := range map[string]string{
		"plain":                 `{"schema":{"inventories[0]":"x.Y"},"total":1,"inventories":[{"uuid":"a"}]}`,
		"vendor's CLI format":   `{ "inventories": [ { "uuid": "a" } ], "success": true, "total": 1 }`,
		"byte order mark":       "\uFEFF{\"total\":1,\"inventories\":[{\"uuid\":\"a\"}]}",
		"duplicate rows":        `{"total":1,"inventories":[{"uuid":"a"},{"uuid":"a","name":"b"}]}`,
		"whitespace around it":  "\r\n\t {\"inventories\":[{\"uuid\":\"a\"}],\"total\":1} \n",
		"error null":            `{"error":null,"inventories":[{"uuid":"a"}],"total":1}`,
		"unknown keys":          `{"new":[{"deep":{}}],"inventories":[{"uuid":"a","more":1e400}],"total":1}`,
		"other things are null": `{"schema":null,"total":1,"inventories":[{"uuid":"a","name":null,"mons":null}]}`,
	} {
		page := newList(backupStorages)
		length, err := read(http.StatusOK, body, page)
		if err != nil || length != len(body) {
			t.Errorf("%s: %d bytes, %v, want %d and no error", name, length, err, len(body))
		}
		expectPage(t, page, new(int64(1)), []BackupStorage{{UUID: new("a")}})
	}
}

func expectPage(t *testing.T, page *list[BackupStorage], total *int64, rows []BackupStorage) {
	t.Helper()
	if diff := cmp.Diff(total, page.page.total); diff != "" {
		t.Errorf("the total (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(rows, page.rows); diff != "" {
		t.Errorf("the rows (-want +got):\n%s", diff)
	}
}

func TestFieldsOfAnEarlierAttemptAreCleared(t *testing.T) {
	page := newList(backupStorages)
	for _, body := range []string{
		`{"total":3,"error":{"code":"SYS.1001"},"inventories":[{"uuid":"a","name":"b"}]}`,
		`{"total":3,"inventories":[{"uuid":"a","name":"b"},{"uuid":"c"},{"uuid":"d`,
	} {
		if _, err := read(200, body, page); err == nil {
			t.Fatalf("%s is accepted, want an error", body)
		}
	}
	if _, err := read(200, `{"inventories":[{"uuid":"c"}]}`, page); err != nil {
		t.Fatal(err)
	}
	expectPage(t, page, nil, []BackupStorage{{UUID: new("c")}})
}

func TestAnErrorObjectIsAnErrorWhateverTheStatus(t *testing.T) {
	for _, test := range []struct {
		name   string
		status int
		body   string
		want   APIError
	}{
		{
			"the usual one", 503,
			`{"error":{"code":"ID.1000","description":"Unable to authenticate a user","details":"错误信息: 错误的帐号或密码","elaboration":"x",` +
				`"location":"process-login (location:2/2)","messages":{"code":"1000","distance":0.0},"cost":"1ms","cause":{"code":"SYS.1"}}}`,
			APIError{"ID.1000", "Unable to authenticate a user", "错误信息: 错误的帐号或密码", 503},
		},
		{
			"of a later release", 503,
			`{"error":{"code":"ID.1001","description":"The session is invalid","globalErrorCode":"ORG_ZSTACK_IDENTITY_10018","retryable":false,"httpStatus":0}}`,
			APIError{"ID.1001", "The session is invalid", "", 503},
		},
		{
			"with details that are an object", 503, `{"error":{"code":"ID.1000","description":null,"details":{"a": [1]},"cause":7}}`,
			APIError{"ID.1000", "", `{"a": [1]}`, 503},
		},
		{"with details that are a number", 503, `{"error":{"code":"ID.1000","description":["x"],"details":7}}`, APIError{"ID.1000", `["x"]`, "7", 503}},
		{"with members of wrong types", 200, `{"error":{"code":"ID.1001"},"inventories":"x","total":"y"}`, APIError{"ID.1001", "", "", 200}},
		{"inside a 200", 200, `{"error":{"code":"SYS.1006"},"inventories":[]}`, APIError{"SYS.1006", "", "", 200}},
		{"with a 500", 500, `{"error":{"code":"SYS.1000","details":"x"}}`, APIError{"SYS.1000", "", "x", 500}},
		{"without the wrapper", 403, `{"code":"LOGIN_CONTROL.1004","description":"Request refused"}`, APIError{"LOGIN_CONTROL.1004", "Request refused", "", 403}},
		{"with a redirect's status", 302, `{"error":{"code":"SYS.1000"}}`, APIError{"SYS.1000", "", "", 302}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := read(test.status, test.body, newList(backupStorages))
			var got *APIError
			if !errors.As(err, &got) {
				t.Fatalf("the error is %v, want an APIError", err)
			}
			if diff := cmp.Diff(test.want, *got); diff != "" {
				t.Errorf("the error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEveryOtherResponseIsUnexpected(t *testing.T) {
	const notJSON = "the body is not JSON"
	const noSuccess = "" // The status says so.
	oneMiB, twoMiB := strings.Repeat("a", 1<<20), strings.Repeat("a", 2<<20)
	for _, test := range []struct {
		name    string
		status  int
		body    string
		html    bool
		excerpt string
		err     string
	}{
		{"HTML", 200, "<!doctype html>\n<html><head><TITLE lang=en>\n Sign  in\n</TITLE>", true, "Sign in", notJSON},
		{"HTML without a title", 502, " <html><h1>Bad Gateway</h1>", true, "<html><h1>Bad Gateway</h1>", noSuccess},
		{"empty", 200, "", false, "", "the body is empty"},
		{"whitespace", 200, " \n", false, "", "the body is empty"},
		{"empty error", 500, "", false, "", noSuccess},
		{"no content", 204, "", false, "", "the body is empty"},
		{"truncated", 200, `{"inventories":[{"uuid":"a"`, false, "", "the body ended after 27 bytes, before it was complete"},
		{"truncated after whitespace", 200, "{\"inventories\": \n", false, "", "the body ended after 17 bytes, before it was complete"},
		{"wrong bracket at the end", 200, `{"inventories":[}`, false, "", notJSON},
		{"word that begins like JSON", 200, "nu", false, "nu", notJSON},
		{"array that broke off", 200, `[{"uuid":"a"`, false, "", "the JSON is not an object"},
		{"text after it", 200, `{"inventories":[]}}`, false, "", notJSON},
		{"null", 200, "null", false, "null", "the JSON is not an object"},
		{"array", 200, `[{"uuid":"a"}]`, false, "", "the JSON is not an object"},
		{"text", 200, `"ok"`, false, `"ok"`, "the JSON is not an object"},
		{"number", 200, "7", false, "7", "the JSON is not an object"},
		{"no list", 200, `{"total":3}`, false, "", "the JSON has no list of inventories"},
		{"null list", 200, `{"inventories":null}`, false, "", "the JSON has no list of inventories"},
		{"null row", 200, `{"inventories":[{"uuid":"a"},null]}`, false, "", "the inventory at index 1 is null instead of an object"},
		{"row without uuid", 200, `{"inventories":[{"name":"a"}]}`, false, "", "the inventory at index 0 has no uuid"},
		{"row with empty uuid", 200, `{"inventories":[{"uuid":""}]}`, false, "", "the inventory at index 0 has no uuid"},
		{"list is an object", 200, `{"inventories":{}}`, false, "", `the JSON value of "inventories" must be a list, not an object`},
		{"total is text", 200, `{"inventories":[],"total":"1"}`, false, "", `the JSON value of "total" must be a 64-bit integer, not a string`},
		{"total is a fraction", 200, `{"inventories":[],"total":1.5}`, false, "", `the JSON value of "total" must be a 64-bit integer, not the number 1.5`},
		{"error is text", 200, `{"error":"no"}`, false, "", `the JSON value of "error" must be an object, not a string`},
		{"error without a code", 200, `{"error":{"description":"no"},"inventories":[]}`, false, "", "the JSON contains an error without a code"},
		{"error without a code", 503, `{"error":{"description":"no"}}`, false, "", noSuccess},
		{"error is text", 503, `{"error":"no"}`, false, "", noSuccess},
		{"code is a number", 503, `{"code":503}`, false, "", noSuccess},
		{"deeply nested", 200, strings.Repeat(`{"inventories":[`, 1e5), false, "", notJSON},
		{"deeply nested unknown value", 200, `{"schema":` + strings.Repeat("[", 1e5), false, "", notJSON},
		{"long row", 200, `{"inventories":[{"uuid":"a"},{"uuid":"` + oneMiB + `"}]}`, false, "", "the inventory at index 1 is longer than 1 MiB"},
		{"longer row", 200, `{"inventories":[{"uuid":"` + twoMiB + `"}]}`, false, "", "a value in the JSON is longer than 2 MiB"},
		{"long error", 200, `{"error":{"code":"SYS.1000","details":"` + oneMiB + `"}}`, false, "", "the error object is longer than 1 MiB"},
		{"longer unknown value", 200, `{"schema":{"a":"` + twoMiB + `"},"inventories":[]}`, false, "", "a value in the JSON is longer than 2 MiB"},
		{"deeply nested error", 503, strings.Repeat(`{"error":`, 1e5), false, "", noSuccess},
		{"plain text", 404, "no api mapping to /v1/x", false, "no api mapping to /v1/x", noSuccess},
		{"several lines", 500, "a\tb\r\n\x00\x1b[31m c\u2028d\u202ee", false, "a b [31m c d e", noSuccess},
		{"no UTF-8", 500, "a\xff\xfeb", false, "a\uFFFDb", noSuccess},
		{"row without uuid after a byte order mark", 200, "\uFEFF" + `{"inventories":[{"sshPassword":"mon-Ssh-4711"}]}`, false, "", "the inventory at index 0 has no uuid"},
		{"text after a byte order mark", 200, "\uFEFFno", false, "no", notJSON},
		{"key in another case", 503, `{"Error":{"code":"SYS.1000"}}`, false, "", noSuccess},
		{"redirect to nowhere", 302, "Moved", false, "Moved", noSuccess},
		{"not modified", 304, "", false, "", noSuccess},
		{"another protocol", 101, "bare connection", false, "", ""},
		{"status of no class", 999, "x", false, "x", noSuccess},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := read(test.status, test.body, newList(backupStorages))
			var got *UnexpectedResponseError
			if !errors.As(err, &got) {
				t.Fatalf("the error is %v, want an UnexpectedResponseError", err)
			}
			if got.HTTPStatus != test.status || got.HTML != test.html || got.Excerpt != test.excerpt {
				t.Errorf("status %d, HTML %t, excerpt %q, want %d, %t, %q", got.HTTPStatus, got.HTML, got.Excerpt, test.status, test.html, test.excerpt)
			}
			if reason := textOf(got.Err); reason != test.err {
				t.Errorf("the reason is %q, want %q", reason, test.err)
			}
		})
	}
}

func textOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestARedirectShowsItsLocationWithoutSecrets(t *testing.T) {
	for location, want := range map[string]string{
		"https://zstack.test/zstack/v1/backup-storage":         "https://zstack.test/zstack/v1/backup-storage",
		"https://me:hunter2@elsewhere.test/a?token=b#fragment": "https://elsewhere.test/a",
		"/login?back=/zstack":                                  "http://zstack.test/login",
		"../other":                                             "http://zstack.test/zstack/other",
		"//elsewhere.test":                                     "http://elsewhere.test",
	} {
		_, err := readFrom(http.StatusFound, http.Header{"Location": {location}}, http.NoBody, newList(backupStorages))
		var got *RedirectError
		if !errors.As(err, &got) || got.Location != want || got.HTTPStatus != http.StatusFound {
			t.Errorf("a redirect to %s is %v, want one to %s", location, err, want)
		}
	}
}

// endless is a body of JSON that never ends.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	if e.read == 0 {
		p[0] = '{'
	}
	e.read += len(p)
	return len(p), nil
}

func (*endless) Close() error { return nil }

func TestABodyIsReadUpToTheLimit(t *testing.T) {
	body := &endless{}
	if _, err := readFrom(http.StatusOK, http.Header{}, body, newList(backupStorages)); !errors.Is(err, ErrBodyTooLarge) {
		t.Errorf("the error is %v, want ErrBodyTooLarge", err)
	}
	if body.read > MaxBodyBytes+1 {
		t.Errorf("%d bytes were read of a body without end", body.read)
	}
	longest := `{"inventories":[]` + strings.Repeat(" ", MaxBodyBytes-18) + "}"
	if n, err := read(http.StatusOK, longest, newList(backupStorages)); n != MaxBodyBytes || err != nil {
		t.Errorf("of a body of the greatest length %d bytes are read: %v", n, err)
	}
}

func TestLongRowsAndSchemasAreRead(t *testing.T) {
	name := strings.Repeat("a", 1<<20-100)
	schema := strings.Repeat(`{"inventories[0]":"org.zstack.header.storage.backup.BackupStorageInventory"},`, 25_000)
	page := newList(backupStorages)
	if _, err := read(200, `{"schema":[`+schema+`{}],"inventories":[{"uuid":"a"},{"uuid":"b","name":"`+name+`"}]}`, page); err != nil {
		t.Fatal(err)
	}
	expectPage(t, page, nil, []BackupStorage{{UUID: new("a")}, {UUID: new("b"), Name: &name}})
}

func TestOnlyWhitespaceBetweenTokensIsShortened(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "",
		" \r\n\t ":                       " ",
		"1  2":                           "1 2",
		"{ \n\"a  b\" :\t\t[1,  2 ] }  ": "{ \"a  b\" :\t[1, 2 ] } ",
		`["\"  ","\\"  ,"  \\\"  "  ]`:   `["\"  ","\\" ,"  \\\"  " ]`,
		"\"  ":                           "\"  ",
		"\u00a0\u00a0":                   "\u00a0\u00a0",
	} {
		for _, split := range []func(io.Reader) io.Reader{iotest.OneByteReader, iotest.HalfReader, iotest.DataErrReader} {
			got, err := io.ReadAll(&singleSpaces{body: split(strings.NewReader(text))})
			if err != nil || string(got) != want {
				t.Errorf("%q becomes %q, want %q (%v)", text, got, want, err)
			}
		}
	}
}

func TestTheFirstRowThatIsNotAStorageEndsTheRead(t *testing.T) {
	for row, want := range map[string]string{
		"{}":                       "the inventory at index 1 has no uuid",
		`{"uuid":""}`:              "the inventory at index 1 has no uuid",
		`{"uuid":null}`:            "the inventory at index 1 has no uuid",
		"null":                     "the inventory at index 1 is null instead of an object",
		"0":                        "the inventory at index 1 is the number 0 instead of an object",
		`""`:                       "the inventory at index 1 is a string instead of an object",
		"[]":                       "the inventory at index 1 is a list instead of an object",
		"true":                     "the inventory at index 1 is a boolean instead of an object",
		`{"uuid":"b","mons":true}`: `the JSON value of "mons" must be a list, not a boolean (backup storage at index 1, uuid "b")`,
	} {
		reader, writer := io.Pipe()
		go func() { _, _ = io.WriteString(writer, `{"inventories":[{"uuid":"a"},`+row+" ") }() // And no more.
		_, err := readFrom(http.StatusOK, http.Header{}, reader, newList(backupStorages))
		var got *UnexpectedResponseError
		if !errors.As(err, &got) || textOf(got.Err) != want {
			t.Errorf("%s: the error is %v, want %s", row, err, want)
		}
	}
}

func TestLongTextsAreShortened(t *testing.T) {
	long := strings.Repeat("镜", 3000)
	_, err := read(http.StatusServiceUnavailable, `{"error":{"code":"`+long+`","description":"`+long+`","details":"`+long+`"}}`, ignoredBody{})
	var api *APIError
	if !errors.As(redact(err, nil), &api) {
		t.Fatalf("the error is %v, want an APIError", err)
	}
	for text, want := range map[string]int{api.Code: maxExcerpt, api.Description: maxDetails, api.Details: maxDetails} {
		if text != strings.Repeat("镜", want)+"…" {
			t.Errorf("%d characters are shown, want %d", len([]rune(text)), want)
		}
	}
	_, err = read(http.StatusBadGateway, long, ignoredBody{})
	var unexpected *UnexpectedResponseError
	if !errors.As(redact(err, nil), &unexpected) || len([]rune(unexpected.Excerpt)) != maxExcerpt+1 {
		t.Errorf("the error is %v, want one with %d characters of the body", err, maxExcerpt)
	}
}

// bodies are the seeds of the fuzz targets.
var bodies = []string{
	`{"schema":{},"total":1,"inventories":[{"uuid":"a","totalCapacity":9223372036854775807,"attachedZoneUuids":["b"]}]}`,
	`{"schema":{},"inventories":[]}`,
	`{"inventories":[{"uuid":"a","mons":[{"monUuid":"b","sshPassword":"mon-Ssh-4711","monPort":6789}],"poolDiskUtilization":1.0E-5}],"success":true}`,
	`{"inventory":{"uuid":"34cbfddd470a47d8bdb0727cd2182618","noSessionEvaluation":false}}`,
	`{"error":{"code":"ID.1001","description":"The session is invalid","details":"Session expired","messages":{"distance":0.0}}}`,
	`{"code":"LOGIN_CONTROL.1004","description":"Request refused","details":"Request from [1.2.3.4] is refused","cost":"1ms"}`,
	`{"error":{"code":"SYS.1000","details":"error token recognition error at: '' limit 1000' at line 1:39, e = 'it\\'s' limit 10"}}`,
	"<html><head><title>502 Bad Gateway</title></head></html>", "requestTimeTooSkewed", "", "null", "[]", "7", `{"inventories":[`, "\xff\xfe", "\uFEFF{}",
}

// FuzzDecode decodes anything: it is a good page, or an error that fits into
// one line and has none of the inventory in it.
func FuzzDecode(f *testing.F) {
	for _, body := range bodies {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		page := newList(backupStorages)
		_, err := read(http.StatusOK, string(body), page)
		if err != nil {
			checkShown(t, redact(err, nil), body)
			return
		}
		for _, row := range page.rows {
			if row.UUID == nil || *row.UUID == "" {
				t.Errorf("%q: a row has no uuid", body)
			}
		}
	})
}

// FuzzDecodePage compares with encoding/json, as far as both have the same rules:
// both must find the same values in a body that is accepted, and reject a body
// whose syntax is not valid.
func FuzzDecodePage(f *testing.F) {
	for _, body := range bodies {
		f.Add([]byte(body))
	}
	for _, body := range []string{
		`{"inventories":[{"uuid":"a","mons":[{"hostname":"\ud83d\ude00\ud800"}],"x":[[{"y":"}"}]]} , {"uuid" : "\u0062\\\"" }],"total":2}`,
		`{"inventories":[{"uuid":"a","HostName":"b","attachedZoneUuids":[]}]}`, `{"inventories":[{"uuid":"a"},{"uuid":"a","name":"b"}]}`,
		`{"inventories":[1,2,]}`, `{"inventories":[}`, `{"a":1,}`, `{"inventories":[]}{}`, `{"inventories":[],"total":1e3}`,
		"{\"inventories\":[{\"uuid\":\"\xff\",\"name\":\"\x7f\"}]}", `{"inventories":[{"uuid":"a","mons":[{},{"monPort":-1}]}],"inventories":[]}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		rows, err := decodePage(body)
		if err == nil && !json.Valid(body) {
			t.Fatalf("%q is accepted", body)
		}
		if err != nil || hasAmbiguousKey(body) {
			return
		}
		var oracle struct{ Inventories []BackupStorage }
		if err := json.Unmarshal(body, &oracle); err != nil {
			t.Fatalf("%q: encoding/json says %v", body, err)
		}
		seen := map[string]bool{}
		want := slices.DeleteFunc(oracle.Inventories, func(row BackupStorage) bool {
			duplicate := seen[*row.UUID]
			seen[*row.UUID] = true
			return duplicate
		})
		if diff := cmp.Diff(want, rows, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%q: encoding/json (-) and decodePage (+) differ:\n%s", body, diff)
		}
	})
}

// hasAmbiguousKey reports whether an object in body has two keys that differ in
// case at most, or a key that is a field's name in another case: encoding/json
// takes both for the same.
func hasAmbiguousKey(body []byte) bool {
	names := map[string]string{"inventories": "inventories"}
	for _, of := range []reflect.Type{reflect.TypeFor[BackupStorage](), reflect.TypeFor[CephMonitor]()} {
		for name := range fieldIndexesOf(of) {
			names[foldCase(name)] = name
		}
	}
	var search func(value []byte) bool
	search = func(value []byte) bool {
		keys := map[string]bool{}
		switch value[0] {
		case '{':
			for quoted, value := range members(value) {
				key := unquote(quoted)
				folded := foldCase(key)
				if name, ok := names[folded]; ok && (name != key || keys[folded]) || search(value) {
					return true
				}
				keys[folded] = true
			}
		case '[':
			for elements := (cursor{value[1:]}); ; {
				element := elements.next()
				if element == nil || search(element) {
					return element != nil
				}
			}
		}
		return false
	}
	return search(bytes.TrimSpace(body))
}

// foldCase maps texts to one that differ in case only, as encoding/json does.
func foldCase(text string) string { return strings.ToLower(strings.ToUpper(text)) }

// FuzzErrorBody reads anything that is not a success: the error has the status,
// fits into one line, and contains no secret.
func FuzzErrorBody(f *testing.F) {
	for i, body := range bodies {
		f.Add(uint16(300+i*31), []byte(body), uint16(i*40))
	}
	const secret = "34cbfddd470a47d8bdb0727cd2182618"
	const beginning = "34cbfddd470a47d8bdb0727c"                       // of a secret that was cut off
	f.Add(uint16(404), []byte(`{"error":{"Code":"\b"}}`), uint16(216)) // A code of control characters is no code.
	f.Fuzz(func(t *testing.T, status uint16, body []byte, at uint16) {
		status = 100 + status%900
		if status/100 == 2 {
			status = http.StatusServiceUnavailable
		}
		echoed := string(body[:min(int(at), len(body))]) + secret + string(body[min(int(at), len(body)):])
		for _, text := range []string{string(body), echoed} {
			_, err := read(int(status), text, &loginResponse{}, secret)
			var api *APIError
			var unexpected *UnexpectedResponseError
			switch err = redact(err, []string{secret}); {
			case errors.As(err, &api):
				if api.Code == "" || api.HTTPStatus != int(status) {
					t.Errorf("%q is the error %+v", text, api)
				}
			case errors.As(err, &unexpected):
				if unexpected.HTTPStatus != int(status) {
					t.Errorf("%q is the error %+v", text, unexpected)
				}
			default:
				t.Fatalf("%q is the error %v", text, err)
			}
			checkShown(t, err, []byte(text))
			if strings.Contains(err.Error(), beginning) && !bytes.Contains(body, []byte(beginning)) {
				t.Errorf("%q is shown with its secret: %v", text, err)
			}
		}
	})
}

// checkShown fails if the text of err is not fit to be displayed.
func checkShown(t *testing.T, err error, body []byte) {
	t.Helper()
	text := err.Error()
	if length := len([]rune(text)); length > maxError+1 {
		t.Errorf("%q: the error has %d characters", body, length)
	}
	if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		t.Errorf("%q: the error has characters that are not printable: %q", body, text)
	}
	if bytes.Contains(body, []byte("sshPassword")) && strings.Contains(text, "mon-Ssh-4711") {
		t.Errorf("%q: the error contains the SSH password: %s", body, text)
	}
}
