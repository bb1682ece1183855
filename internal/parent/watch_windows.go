// SPDX-License-Identifier: MPL-2.0

package parent

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

const (
	processQueryLimitedInformation = 0x1000

	// errorInvalidParameter is what opening a process returns if none has the id.
	errorInvalidParameter = syscall.Errno(87)
)

// watch waits for a handle of the parent, which stays the parent's even when
// its id is given to another process.
func watch(ended func()) error {
	id := os.Getppid()
	if id <= 0 {
		return errors.New("the id of the parent process is unknown")
	}
	handle, err := syscall.OpenProcess(syscall.SYNCHRONIZE|processQueryLimitedInformation, false, uint32(id))
	if errors.Is(err, errorInvalidParameter) {
		go ended()
		return nil
	}
	if err != nil {
		return fmt.Errorf("opening the parent process %d: %w", id, err)
	}
	if err := mustBeOlder(handle); err != nil {
		_ = syscall.CloseHandle(handle)
		return fmt.Errorf("process %d: %w", id, err)
	}
	go func() {
		defer func() { _ = syscall.CloseHandle(handle) }()
		if event, err := syscall.WaitForSingleObject(handle, syscall.INFINITE); err == nil && event == syscall.WAIT_OBJECT_0 {
			ended()
		}
	}()
	return nil
}

// mustBeOlder fails unless a process was started before this one. A younger one
// has received the parent's id after the parent's end.
func mustBeOlder(handle syscall.Handle) error {
	created, err := creationTime(handle)
	if err != nil {
		return err
	}
	self, err := syscall.GetCurrentProcess()
	if err != nil {
		return err
	}
	ours, err := creationTime(self)
	if err == nil && created > ours {
		err = errors.New("it was started after this process, so it is not the parent")
	}
	return err
}

// creationTime returns when a process was created, in nanoseconds since 1970.
func creationTime(handle syscall.Handle) (int64, error) {
	var created, exited, kernel, user syscall.Filetime
	err := syscall.GetProcessTimes(handle, &created, &exited, &kernel, &user)
	return created.Nanoseconds(), err
}
