// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// rowTime is what a row of a response takes a real management node: a ZStack
// 5.2.1 with 10,040 storages took 0.16 s for 1000 of them.
const rowTime = 160 * time.Microsecond

// slowNode is a management node that is as slow as a real one.
type slowNode struct {
	*zstacktest.Node

	busy atomic.Int64 // time for all responses so far, in nanoseconds
}

// ServeHTTP sends the response of the fake node when a real one would.
func (n *slowNode) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	response := httptest.NewRecorder()
	n.Node.ServeHTTP(response, r)
	var page struct{ Inventories []json.RawMessage }
	_ = json.Unmarshal(response.Body.Bytes(), &page) // Other responses have no rows.
	time.Sleep(time.Until(began.Add(time.Duration(len(page.Inventories)) * rowTime)))
	n.busy.Add(int64(time.Since(began)))

	maps.Copy(w.Header(), response.Header())
	w.WriteHeader(response.Code)
	_, _ = w.Write(response.Body.Bytes()) // The provider says if it did not arrive.
}
