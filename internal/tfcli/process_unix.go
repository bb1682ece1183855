// SPDX-License-Identifier: MPL-2.0

//go:build unix

package tfcli

import "syscall"

// ownProcessGroup keeps the signals of the terminal away from a command: after
// a second interrupt, the engine would not wait for its providers.
var ownProcessGroup = &syscall.SysProcAttr{Setpgid: true}
