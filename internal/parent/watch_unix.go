// SPDX-License-Identifier: MPL-2.0

//go:build unix

package parent

import (
	"os"
	"time"
)

// interval is the time between two checks of the parent's id: short compared
// with the two seconds in which the process must end, and long enough to cost
// almost nothing.
const interval = 200 * time.Millisecond

// watch waits for the parent's id to change, since a process whose parent ends
// gets another one. No special id is the sign of that: in a container the
// parent may be process 1. The kernel's parent-death signal cannot be used: it is
// sent when the thread that started this process ends. A timer waits, because a
// goroutine would start a thread, which delays the start of the process.
func watch(ended func()) error {
	parent := os.Getppid()
	var check func()
	check = func() {
		if os.Getppid() != parent {
			ended()
			return
		}
		time.AfterFunc(interval, check)
	}
	check()
	return nil
}
