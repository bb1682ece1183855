// SPDX-License-Identifier: MPL-2.0

//go:build unix

package tfcli

import "syscall"

// ownProcessGroup keeps a command from the signals of the terminal: a second
// interrupt would make the engine leave without waiting for its providers.
var ownProcessGroup = &syscall.SysProcAttr{Setpgid: true}
