// SPDX-License-Identifier: MPL-2.0

// Package parent reports the end of the process that started this one.
package parent

// Watch calls ended when the process that started this one has ended. Call it
// early in main: on Unix, a parent that ends before the call is not noticed. An
// error means that the parent cannot be watched.
func Watch(ended func()) error { return watch(ended) }
