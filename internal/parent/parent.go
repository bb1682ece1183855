// SPDX-License-Identifier: MPL-2.0

// Package parent reports the end of the process that started this one.
package parent

// Watch returns a channel that is closed when the process that started this
// one has ended. Call it first thing in main: on Unix, a parent that ends
// before the call is not noticed. An error means that the parent cannot be
// watched; the channel is nil then.
func Watch() (<-chan struct{}, error) { return watch() }
