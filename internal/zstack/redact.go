// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/zstackio/terraform-provider-zstack/internal/lazyregexp"
)

// maskSecrets returns a context whose log lines do not contain any of secrets.
// No log line should contain one anyway: this is a second safeguard.
func maskSecrets(ctx context.Context, secrets []string) context.Context {
	if secrets = slices.DeleteFunc(secrets, isEmpty); len(secrets) == 0 {
		return ctx
	}
	return tflog.MaskLogStrings(ctx, secrets...)
}

// redacted replaces a secret.
const redacted = "***"

func isEmpty(text string) bool { return text == "" }

// hexadecimal matches a secret that a server may write in another way: a session
// or a hash.
var hexadecimal = lazyregexp.New(`^[0-9A-Fa-f]{16,}$`)

// secretPattern matches secrets. Those of hexadecimal digits are matched in
// either case, and with dashes and whitespace between the digits.
func secretPattern(secrets []string) *regexp.Regexp {
	var patterns []string
	for _, secret := range slices.DeleteFunc(slices.Clone(secrets), isEmpty) {
		pattern := regexp.QuoteMeta(secret)
		if hexadecimal().MatchString(secret) {
			pattern = "(?i:" + strings.Join(strings.Split(secret, ""), `[\s-]*`) + ")"
		}
		patterns = append(patterns, pattern)
	}
	if len(patterns) == 0 {
		patterns = []string{`[^\s\S]`} // It matches nothing.
	}
	return regexp.MustCompile(strings.Join(patterns, "|"))
}

// redact returns err as it may be shown: text of the server in it becomes short
// lines without secrets. A page that echoes the request contains its credential,
// so redaction comes first: truncation could leave a part of a secret.
func redact(err error, secrets []string) error {
	if err == nil {
		return nil
	}
	pattern := secretPattern(secrets)
	show := func(text string, length int) string { return clean(pattern.ReplaceAllString(text, redacted), length) }

	if api, ok := errors.AsType[*APIError](err); ok {
		return &APIError{
			Code: show(api.Code, maxExcerpt), Description: show(api.Description, maxDetails), Details: show(api.Details, maxDetails),
			HTTPStatus: api.HTTPStatus,
		}
	}
	if unexpected, ok := errors.AsType[*UnexpectedResponseError](err); ok {
		shown := *unexpected
		shown.Excerpt = show(shown.Excerpt, maxExcerpt)
		err = &shown
	}
	if redirect, ok := errors.AsType[*RedirectError](err); ok {
		return &RedirectError{
			HTTPStatus: redirect.HTTPStatus, Location: show(redirect.Location, maxExcerpt), Endpoint: show(redirect.Endpoint, maxExcerpt),
		}
	}
	if notHTTP, ok := errors.AsType[*NotHTTPError](err); ok {
		shown := &NotHTTPError{Begin: show(notHTTP.Begin, maxExcerpt)}
		if proxy, ok := errors.AsType[*ProxyError](err); ok {
			return &ProxyError{Proxy: proxy.Proxy, Err: shown}
		}
		return shown
	}
	if text := show(err.Error(), maxError); text != err.Error() {
		return &shownError{text, err} // net/http quotes the server too.
	}
	return err
}

// secretsOf are the secrets in a request, and in a response that echoes it.
// An echo may escape the signature's punctuation, so its alphanumeric runs are
// redacted too.
func (t *transport) secretsOf(request *http.Request) []string {
	header := request.Header.Get("Authorization")
	credential := header[strings.LastIndexAny(header, " :")+1:]
	secrets := append(t.secrets(), credential, t.proxySecret)
	for _, run := range strings.FieldsFunc(credential+" "+t.proxySecret, isPunctuation) {
		if len(run) >= 8 {
			secrets = append(secrets, run)
		}
	}
	return secrets
}

func isPunctuation(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// shownError is an error whose own text must not be shown.
type shownError struct {
	text string
	err  error
}

func (e *shownError) Error() string { return e.text }
func (e *shownError) Unwrap() error { return e.err }
