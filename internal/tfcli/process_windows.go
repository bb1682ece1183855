// SPDX-License-Identifier: MPL-2.0

package tfcli

import "syscall"

// ownProcessGroup keeps a command from the Ctrl-C of the console.
var ownProcessGroup = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
