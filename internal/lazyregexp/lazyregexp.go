// SPDX-License-Identifier: MPL-2.0

// Package lazyregexp compiles a regular expression at its first use. Terraform
// starts the provider several times for one plan, and most plans use few of its
// expressions.
package lazyregexp

import (
	"regexp"
	"sync"
)

// New returns a function that returns the compiled expression. It panics if
// the expression is not valid.
func New(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
