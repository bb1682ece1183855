// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// bodyWith is the body with which a node lists count storages in one page.
func bodyWith(b testing.TB, count int) []byte {
	b.Helper()
	node := zstacktest.NewNode()
	node.SetBackupStorages(zstacktest.Storages(count)...)
	session := node.AddSession()
	request := httptest.NewRequest("GET", fmt.Sprintf("/zstack/v1/backup-storage?replyWithCount=true&limit=%d", count), nil)
	signSession(request, session)
	recorder := httptest.NewRecorder()
	node.ServeHTTP(recorder, request)
	return recorder.Body.Bytes()
}

func BenchmarkDecode(b *testing.B) {
	for _, count := range []int{1, 1_000, 10_000} {
		b.Run(fmt.Sprint(count), func(b *testing.B) {
			body := bodyWith(b, count)
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if rows, err := decodePage(body); err != nil || len(rows) != count {
					b.Fatalf("%d rows, %v", len(rows), err)
				}
			}
		})
	}
}

func BenchmarkSign(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		sign("wPvRjKnq3VqzbcRBBhQxXwW7Dg0dKyxVp0xNVc8M", "GET", "Mon, 02 Jan 2023 15:04:05 GMT", "/v1/backup-storage")
	}
}

func BenchmarkEncodeCondition(b *testing.B) {
	condition := Condition{Field: "name", Operator: "=", Values: []string{"image-store-0042", "it is 镜像服务器"}}
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := condition.Encode(); !ok {
			b.Fatal("the condition is not sent")
		}
	}
}
