// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"unicode"
)

// MaxBodyBytes is how much of one response body is read; more is an error.
const MaxBodyBytes = 32 << 20

// Lengths of what an error shows of the server's text, in characters.
const (
	maxExcerpt = 200
	maxDetails = 600
	maxError   = 1500 // of the error as a whole
)

// responseBody is what the body of a successful response is decoded into.
type responseBody interface {
	// failure returns the error in the response, or nil.
	failure() *APIError

	// check returns what is missing in the response, or nil.
	check() error

	// salvage takes what is of use from the body of a success that cannot be
	// read as one.
	salvage(body []byte)
}

// errorResponse is the error that every response may contain (PROTOCOL.md §6.1).
type errorResponse struct {
	Error *APIError `json:"error"`
}

func (a *errorResponse) failure() *APIError { return a.Error }
func (*errorResponse) check() error         { return nil }
func (*errorResponse) salvage([]byte)       {}

// readResponse reads the whole body, decodes a successful response into into,
// and returns the length of the body. The body decides, not the status alone, and
// the Content-Type not at all: the server sends none (PROTOCOL.md §5.1, §6).
// The caller redacts the error; only the excerpt is redacted here, because
// shortening it could cut a secret in two.
func readResponse(response *http.Response, into responseBody, secrets ...string) (int, error) {
	defer func() { _ = response.Body.Close() }()
	status := response.StatusCode
	if location, err := response.Location(); status/100 == 3 && err == nil {
		location.User, location.RawQuery, location.Fragment = nil, "", ""
		return 0, &RedirectError{HTTPStatus: status, Location: location.String()}
	}
	if status == http.StatusSwitchingProtocols {
		// The body is the bare connection, which no timeout ends.
		return 0, &UnexpectedResponseError{HTTPStatus: status}
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, MaxBodyBytes+1))
	if err == nil && len(body) > MaxBodyBytes {
		err = ErrBodyTooLarge
	} else if err != nil {
		err = &IncompleteResponseError{Began: true, Bytes: len(body), Err: err}
	}
	if err == nil {
		err = decode(status, body, into)
	}
	var api *APIError
	if err == nil || errors.As(err, &api) {
		return len(body), err
	}
	if tlsError := responseTLSError(status, body); tlsError != nil {
		return len(body), tlsError
	}
	if errors.Is(err, errNotSuccessful) {
		err = nil // The status says so already.
	} else if status/100 == 2 {
		into.salvage(body)
	}
	trimmed := bytes.TrimSpace(body)
	return len(body), &UnexpectedResponseError{
		HTTPStatus: status,
		Excerpt:    excerpt(trimmed, secrets),
		HTML:       bytes.HasPrefix(trimmed, []byte("<")),
		Err:        err,
	}
}

// errNotSuccessful means that only the status is wrong.
var errNotSuccessful = errors.New("the status does not mean success")

// decode decodes a successful response into into. The error is an [APIError] or says
// what is wrong with the body.
func decode(status int, body []byte, into responseBody) error {
	if status/100 != 2 {
		var failed errorResponse
		if json.Unmarshal(body, &failed) == nil && failed.Error == nil {
			// A refusal before the API is reached comes without the "error" key.
			failed.Error = &APIError{}
			_ = json.Unmarshal(body, failed.Error)
		}
		if api := failed.Error; api != nil && api.hasCode() {
			api.HTTPStatus = status
			return api
		}
		return errNotSuccessful
	}
	reflect.ValueOf(into).Elem().SetZero() // An earlier attempt may have set fields.
	err := json.Unmarshal(body, into)
	switch api := into.failure(); {
	case api != nil && api.hasCode():
		api.HTTPStatus = status
		return api
	case err != nil:
		return jsonError(body, err)
	case api != nil:
		return errors.New("the JSON contains an error without a code")
	}
	return into.check()
}

// hasCode reports whether the error has a printable code.
func (e *APIError) hasCode() bool { return clean(e.Code, maxExcerpt) != "" }

// jsonError explains without Go's terms why body could not be decoded.
func jsonError(body []byte, err error) error {
	var mismatch *json.UnmarshalTypeError
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return &IncompleteResponseError{Began: true, Err: err}
	case brokeOff(body):
		return &IncompleteResponseError{Began: true, Bytes: len(body), Err: err}
	case errors.As(err, &mismatch) && mismatch.Field != "":
		return fmt.Errorf("the JSON value of %q is of the wrong type, %s", strings.TrimPrefix(mismatch.Field, "errorResponse."), clean(mismatch.Value, maxExcerpt))
	case errors.As(err, &mismatch):
		return fmt.Errorf("the JSON is not an object but of type %s", mismatch.Value)
	}
	return errors.New("the body is not JSON")
}

// brokeOff reports whether body is the beginning of a JSON object.
func brokeOff(body []byte) bool {
	err := json.NewDecoder(bytes.NewReader(body)).Decode(new(json.RawMessage))
	return errors.Is(err, io.ErrUnexpectedEOF) && bytes.HasPrefix(bytes.TrimSpace(body), []byte("{"))
}

var titlePattern = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)

// digitsPattern is the form of sessions and hashes, also of those that are not
// known yet, such as the session in a response that cannot be read.
var digitsPattern = regexp.MustCompile(`[0-9A-Fa-f]{20,}`)

// excerpt is how body begins, or the title of an HTML page, without secrets. It
// is empty for what looks like JSON, and for whatever contains an SSH password.
func excerpt(body []byte, secrets []string) string {
	if bytes.HasPrefix(body, []byte("{")) || bytes.HasPrefix(body, []byte("[")) || bytes.Contains(body, []byte("sshPassword")) {
		return ""
	}
	for _, secret := range secrets {
		if secret != "" && bytes.Contains(body, []byte(secret)) {
			body = bytes.ReplaceAll(body, []byte(secret), []byte(redacted))
		}
	}
	body = body[:min(len(body), 16*maxExcerpt)]
	body = digitsPattern.ReplaceAll(body, []byte(redacted))
	if title := titlePattern.FindSubmatch(body); title != nil {
		body = title[1]
	}
	return clean(string(body), len(body))
}

// clean makes text one line of at most length printable characters.
func clean(text string, length int) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > length {
		text = string(runes[:length]) + "…"
	}
	return text
}
