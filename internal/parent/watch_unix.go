// SPDX-License-Identifier: MPL-2.0

//go:build unix

package parent

import (
	"os"
	"time"
)

// interval is the time between two looks at the parent's id: short beside the
// two seconds in which the process is to end, and long enough to cost nothing.
const interval = 200 * time.Millisecond

// watch waits for the parent's id to change, since a process whose parent ends
// gets another one. No id has a meaning by itself: in a container the parent
// may well be process 1. The kernel's parent-death signal is of no use, because
// it comes when the thread ends that started this process.
func watch() (<-chan struct{}, error) {
	parent := os.Getppid()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for os.Getppid() == parent {
			time.Sleep(interval)
		}
	}()
	return ended, nil
}
