// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"io"
	"log"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	log.SetOutput(io.Discard) // net/http logs what comes behind the end of an answer.
	goleak.VerifyTestMain(m)
}
