// SPDX-License-Identifier: MPL-2.0

package tfcli

import "syscall"

// ownProcessGroup keeps the Ctrl-C of the console away from a command.
var ownProcessGroup = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
