// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// maskSecrets returns a context whose log lines do not hold any of secrets.
// Nothing that is logged should: this is the second line of defence.
func maskSecrets(ctx context.Context, secrets []string) context.Context {
	if secrets = slices.DeleteFunc(secrets, isEmpty); len(secrets) == 0 {
		return ctx
	}
	return tflog.MaskLogStrings(ctx, secrets...)
}

// redacted replaces a secret.
const redacted = "***"

func isEmpty(text string) bool { return text == "" }

// redact makes err fit to be shown: what it quotes of the server becomes short
// lines without secrets. A page that echoes the request holds its credential,
// so this comes before anything is cut off, perhaps within a secret.
func redact(err error, secrets []string) error {
	var pairs []string
	for _, secret := range slices.DeleteFunc(secrets, isEmpty) {
		pairs = append(pairs, secret, redacted)
	}
	replacer := strings.NewReplacer(pairs...)
	show := func(text string, length int) string { return clean(replacer.Replace(text), length) }

	var api *APIError
	if errors.As(err, &api) {
		api.Code = show(api.Code, maxExcerpt)
		api.Description = show(api.Description, maxDetails)
		api.Details = show(api.Details, maxDetails)
	}
	var unexpected *UnexpectedResponseError
	if errors.As(err, &unexpected) {
		unexpected.Excerpt = show(unexpected.Excerpt, maxExcerpt)
	}
	var redirect *RedirectError
	if errors.As(err, &redirect) {
		redirect.Location = show(redirect.Location, maxExcerpt)
	}
	if text := show(err.Error(), maxError); text != err.Error() {
		return &shownError{text, err} // net/http quotes the server too.
	}
	return err
}

// shownError is an error whose own text is not fit to be shown.
type shownError struct {
	text string
	err  error
}

func (e *shownError) Error() string { return e.text }
func (e *shownError) Unwrap() error { return e.err }
