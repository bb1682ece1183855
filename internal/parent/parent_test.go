// SPDX-License-Identifier: MPL-2.0

package parent_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/parent"
)

// watchdog is far longer than any of these tests takes.
const watchdog = time.Minute

// The test binary starts itself as the parent, which starts it as the child,
// which watches the parent. Both share the standard output.
const (
	role   = "PARENT_TEST_ROLE"
	child  = "child"
	middle = "parent"
)

func TestMain(m *testing.M) {
	switch os.Getenv(role) {
	case child:
		beChild()
	case middle:
		beParent()
	default:
		os.Exit(m.Run())
	}
}

// beChild watches its parent and prints what it notices.
func beChild() {
	ended := make(chan struct{})
	err := parent.Watch(func() { close(ended) })
	if err != nil {
		fmt.Println("error:", err)
		return
	}
	fmt.Println("watching")
	select {
	case <-ended:
		fmt.Println("the parent has ended")
	case <-time.After(watchdog):
		fmt.Println("the parent has not ended")
	}
}

// beParent starts the child and lives until it is killed.
func beParent() {
	command := itself(child)
	command.Stdout = os.Stdout
	if err := command.Start(); err != nil {
		fmt.Println("error:", err)
		return
	}
	time.Sleep(watchdog)
}

// itself is the command that starts the test binary in a role.
func itself(as string) *exec.Cmd {
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), role+"="+as)
	return command
}

func TestEndOfTheParentIsNoticed(t *testing.T) {
	process := itself(middle)
	output, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(output)
	expectLine(t, lines, "watching")
	if err := process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	expectLine(t, lines, "the parent has ended")
	_ = process.Wait() // It was killed.
}

func expectLine(t *testing.T, lines *bufio.Scanner, want string) {
	t.Helper()
	if !lines.Scan() || lines.Text() != want {
		t.Fatalf("the child printed %q, want %q", lines.Text(), want)
	}
}

func TestParentThatLivesIsNotReported(t *testing.T) {
	ended := make(chan struct{})
	err := parent.Watch(func() { close(ended) })
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
		t.Error("the parent is reported as ended while it lives")
	case <-time.After(time.Second):
	}
}
