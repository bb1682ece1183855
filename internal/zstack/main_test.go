// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"io"
	"log"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	log.SetOutput(io.Discard) // net/http logs bytes after the end of a response.
	goleak.VerifyTestMain(m)
}
