// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"flag"
	"io"
	"log"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	log.SetOutput(io.Discard)           // net/http logs bytes after the end of a response.
	_ = flag.Set("test.parallel", "16") // Parallel tests wait most of the time. The flag of go test takes precedence.
	goleak.VerifyTestMain(m)
}
