// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode"

	"github.com/zstackio/terraform-provider-zstack/internal/lazyregexp"
)

// MaxBodyBytes limits the body of a response; a longer one is an error.
const MaxBodyBytes = 32 << 20

// Limits of what is kept of a body in memory.
const (
	maxValueBytes  = 2 << 20  // of a member or a row; the schema of a page names every object in it
	maxObjectBytes = 1 << 20  // of a row, an error object, or a response that is not a success
	maxBeginning   = 64 << 10 // of a body that cannot be decoded
)

// Lengths of what an error shows of the server's text, in characters.
const (
	maxExcerpt = 200
	maxDetails = 600
	maxError   = 1500 // of the error as a whole
)

// responseBody is what the body of a successful response is decoded into, except
// for the member "error".
type responseBody interface {
	// reset removes what an earlier attempt has decoded.
	reset()

	// decodeMember decodes one member of the body.
	decodeMember(key string, decoder *json.Decoder) error

	// check returns what is missing in the body, or nil.
	check() error

	// salvage takes what is useful from the beginning of the body of a success
	// that cannot be decoded.
	salvage(beginning []byte)
}

// ignoredBody is a response without content; only an error in it matters.
type ignoredBody struct{}

func (ignoredBody) reset()                                             {}
func (ignoredBody) decodeMember(_ string, decoder *json.Decoder) error { return skipValue(decoder) }
func (ignoredBody) check() error                                       { return nil }
func (ignoredBody) salvage([]byte)                                     {}

// readResponse decodes the body of a successful response into into while it is
// read, and returns how many bytes it has read. The body decides, not the
// status alone, and the Content-Type not at all: the server sends none
// (PROTOCOL.md §1, §6). The caller redacts the error; only the excerpt is
// redacted here, because shortening it could cut a secret in two.
func readResponse(response *http.Response, into responseBody, secrets ...string) (int, error) {
	defer func() { _ = response.Body.Close() }()
	status := response.StatusCode
	if location, err := response.Location(); status/100 == 3 && err == nil {
		location.User, location.RawQuery, location.Fragment = nil, "", ""
		return 0, &RedirectError{HTTPStatus: status, Location: location.String()}
	}
	if status == http.StatusSwitchingProtocols {
		// The body is the connection itself, which no timeout ends.
		return 0, &UnexpectedResponseError{HTTPStatus: status}
	}
	body := &limitedBody{body: response.Body}
	var api *APIError
	var err error
	if status/100 == 2 {
		api, err = decodeSuccess(withoutByteOrderMark(body), into)
		err = jsonError(err, body.length)
	} else {
		api, err = decodeFailure(withoutByteOrderMark(body))
	}
	beginning := bytes.TrimSpace(bytes.TrimPrefix(body.beginning, byteOrderMark))
	if status/100 == 2 && err != nil {
		into.salvage(beginning)
	}
	switch {
	case api != nil:
		api.HTTPStatus = status
		return body.length, api
	case status/100 == 2 && err == nil:
		return body.length, nil
	}
	if tlsError := responseTLSError(status, beginning); tlsError != nil {
		return body.length, tlsError
	}
	if encoding := response.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return body.length, &UnexpectedResponseError{
			HTTPStatus: status,
			Err:        fmt.Errorf("the body has the Content-Encoding %q, which the provider did not request", clean(encoding, maxExcerpt)),
		}
	}
	if status == http.StatusNoContent {
		err = errors.New("the body is empty")
	}
	return body.length, &UnexpectedResponseError{
		HTTPStatus: status,
		Excerpt:    excerpt(beginning, body.length > len(body.beginning), secrets),
		HTML:       bytes.HasPrefix(beginning, []byte("<")),
		Err:        err,
	}
}

// limitedBody reads a body up to the limit, and keeps its beginning.
type limitedBody struct {
	body      io.Reader
	length    int // bytes read
	beginning []byte
	err       error
}

// Read fails with [ErrBodyTooLarge] at the limit. It returns the first error
// again, because a later one would not say why the body ended.
func (b *limitedBody) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.body.Read(p[:min(len(p), MaxBodyBytes+1-b.length)])
	b.length += n
	b.beginning = append(b.beginning, p[:min(n, maxBeginning-len(b.beginning))]...)
	switch {
	case b.length > MaxBodyBytes:
		n, err = 0, ErrBodyTooLarge
	case err == nil || err == io.EOF: //nolint:errorlint // Only a bare EOF is the end.
	case isConnectionEnd(err):
		err = &IncompleteResponseError{Began: true, Bytes: b.length, Err: err}
	default:
		err = fmt.Errorf("the body cannot be read: %w", err)
	}
	b.err = err
	return n, err
}

var byteOrderMark = []byte("\uFEFF")

func withoutByteOrderMark(body io.Reader) io.Reader {
	buffered := bufio.NewReader(body)
	if beginning, _ := buffered.Peek(len(byteOrderMark)); bytes.Equal(beginning, byteOrderMark) {
		_, _ = buffered.Discard(len(byteOrderMark))
	}
	return buffered
}

// singleSpaces shortens every run of whitespace outside the strings of JSON to
// its first byte. [json.Decoder] keeps an entire run and scans it again after
// every read, so that the time for a long run would grow with the square of its
// length.
type singleSpaces struct {
	body              io.Reader
	inString, escaped bool // whether the next byte is
	afterSpace        bool
}

// Read returns no byte only at the end, or as body does.
func (s *singleSpaces) Read(p []byte) (int, error) {
	for {
		n, err := s.body.Read(p)
		if kept := s.shorten(p[:n]); kept > 0 || n == 0 || err != nil {
			return kept, err
		}
	}
}

// shorten moves the bytes that stay to the beginning of text, and returns their
// number.
func (s *singleSpaces) shorten(text []byte) (kept int) {
	for _, b := range text {
		isSpace := !s.inString && (b == ' ' || b == '\n' || b == '\t' || b == '\r')
		if isSpace && s.afterSpace {
			continue
		}
		s.afterSpace = isSpace
		switch {
		case s.escaped:
			s.escaped = false
		case b == '\\':
			s.escaped = s.inString
		case b == '"':
			s.inString = !s.inString
		}
		text[kept] = b
		kept++
	}
	return kept
}

// valueLimit ends a body within a value that is longer than the limit:
// [json.Decoder] keeps a value in memory until it has read all of it.
type valueLimit struct {
	body    io.Reader
	decoder *json.Decoder // that reads from this
	length  int           // bytes read
}

// Read is called while the decoder's current value is incomplete: what was read
// after the decoder's offset belongs to that value.
func (l *valueLimit) Read(p []byte) (int, error) {
	left := maxValueBytes - (l.length - int(l.decoder.InputOffset()))
	if left == 0 {
		return 0, fmt.Errorf("a value in the JSON is longer than %d MiB", maxValueBytes>>20)
	}
	n, err := l.body.Read(p[:min(len(p), left)])
	l.length += n
	return n, err
}

// decodeSuccess decodes a body into into, member by member. It returns the
// error object in the body, if there is one, or what is wrong with the body.
func decodeSuccess(body io.Reader, into responseBody) (api *APIError, err error) {
	into.reset()
	limited := &valueLimit{body: &singleSpaces{body: body}}
	decoder := json.NewDecoder(limited)
	decoder.UseNumber()
	limited.decoder = decoder
	switch start, err := decoder.Token(); {
	case err == io.EOF: // Errors of the body are wrapped.
		return nil, &IncompleteResponseError{Began: true, Err: err}
	case err == io.ErrUnexpectedEOF: //nolint:errorlint // Those of the body are wrapped.
		return nil, errNotJSON
	case err != nil:
		return nil, err
	case start != json.Delim('{'):
		return nil, errors.New("the JSON is not an object")
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return api, err
		}
		if name, _ := key.(string); name == "error" {
			api, err = decodeError(decoder)
		} else {
			err = into.decodeMember(name, decoder)
		}
		if err != nil {
			return api, err
		}
	}
	if _, err := decoder.Token(); err != nil { // The closing brace.
		return api, err
	}
	switch _, err := decoder.Token(); {
	case err == nil:
		return api, errNotJSON
	case err != io.EOF:
		return api, err
	}
	return api, into.check()
}

// decodeError decodes the value of the member "error" (PROTOCOL.md §6.1).
func decodeError(decoder *json.Decoder) (api *APIError, err error) {
	err = decodeValue(decoder, func(value []byte) error {
		switch {
		case value[0] == 'n':
			return nil
		case value[0] != '{':
			return &FieldError{Field: "error", Want: "an object", Got: describe(value)}
		case len(value) > maxObjectBytes:
			return fmt.Errorf("the error object is longer than %d MiB", maxObjectBytes>>20)
		}
		api = apiError(value)
		if api == nil {
			return errors.New("the JSON contains an error without a code")
		}
		return nil
	})
	return api, err
}

// decodeFailure returns the error object in the body of a response that is not
// a success, or nil. Access control sends the object without the member "error"
// around it. An error means that the body could not be read.
func decodeFailure(body io.Reader) (*APIError, error) {
	text, err := io.ReadAll(io.LimitReader(body, maxObjectBytes))
	text = bytes.TrimSpace(text)
	if err != nil || !json.Valid(text) || text[0] != '{' {
		return nil, err
	}
	object := text
	for key, value := range members(text) {
		if unquote(key) == "error" {
			object = value
		}
	}
	if object[0] == 'n' {
		object = text
	}
	return apiError(object), nil
}

// apiError decodes an error object. It returns nil if there is no code.
func apiError(object []byte) *APIError {
	api := &APIError{}
	if err := json.Unmarshal(object, api); err == nil && api.hasCode() {
		return api
	}
	return nil
}

// hasCode reports whether the error has a printable code.
func (e *APIError) hasCode() bool { return clean(e.Code, maxExcerpt) != "" }

// decodeValue calls decode with the text of the decoder's next value, which is
// only valid during the call.
func decodeValue(decoder *json.Decoder, decode func(value []byte) error) error {
	return decoder.Decode(&valueDecoder{decode})
}

type valueDecoder struct{ decode func(value []byte) error }

// UnmarshalJSON receives the text of the value.
func (d *valueDecoder) UnmarshalJSON(value []byte) error { return d.decode(value) }

func skipValue(decoder *json.Decoder) error {
	return decodeValue(decoder, func([]byte) error { return nil })
}

var errNotJSON = errors.New("the body is not JSON")

// jsonError explains without Go's terms why a body of this length could not be
// decoded.
func jsonError(err error, length int) error {
	_, wrongSyntax := errors.AsType[*json.SyntaxError](err)
	switch {
	case err == io.EOF, err == io.ErrUnexpectedEOF: //nolint:errorlint // Those of the body are wrapped.
		return &IncompleteResponseError{Began: true, Bytes: length, Err: io.ErrUnexpectedEOF}
	case wrongSyntax:
		return errNotJSON
	}
	return err
}

var titlePattern = lazyregexp.New(`(?is)<title[^>]*>(.*?)</title>`)

// digitsPattern matches sessions and hashes, even unknown ones, such as a session
// in a response that cannot be read.
var digitsPattern = lazyregexp.New(`[0-9A-Fa-f]{20,}`)

// excerpt is the beginning of a body, or the title of an HTML page, without
// secrets. It is empty if the body looks like JSON or contains an SSH password.
// The end of a truncated beginning is removed: it may be a part of a secret.
func excerpt(beginning []byte, cutOff bool, secrets []string) string {
	if bytes.HasPrefix(beginning, []byte("{")) || bytes.HasPrefix(beginning, []byte("[")) || bytes.Contains(beginning, []byte("sshPassword")) {
		return ""
	}
	longest := 0
	for _, secret := range secrets {
		longest = max(longest, len(secret))
	}
	beginning = secretPattern(secrets).ReplaceAll(beginning, []byte(redacted))
	if cutOff {
		beginning = beginning[:max(0, len(beginning)-longest)]
	}
	beginning = beginning[:min(len(beginning), 16*maxExcerpt)]
	beginning = digitsPattern().ReplaceAll(beginning, []byte(redacted))
	if title := titlePattern().FindSubmatch(beginning); title != nil {
		beginning = title[1]
	}
	return clean(string(beginning), len(beginning))
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
