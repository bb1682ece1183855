// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// parallelReads is how many data sources Terraform reads at the same time.
const parallelReads = 10

// TestPlanSendsNoRequestThatItDoesNotNeed plans with 25 data sources that find
// one storage in one page, and 25 that list 1,500 in two pages each.
func TestPlanSendsNoRequestThatItDoesNotNeed(t *testing.T) {
	cloud := Start(t)
	cloud.SetBackupStorages(zstacktest.Storages(1_500)...)
	var connections atomic.Int32
	server := httptest.NewUnstartedServer(cloud.Node)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	t.Setenv("ZSTACK_ENDPOINT", server.URL)

	cloud.CLI(t, `
terraform {
  required_providers {
    zstack = { source = "`+Source+`" }
  }
}

data "zstack_backup_storage" "one" {
  count = 25
  name  = "image-store-0000"
}

data "zstack_backup_storages" "all" {
  count = 25
}
`).Run("plan")

	sent := map[string]int{}
	for _, request := range cloud.Requests() {
		path, _, _ := strings.Cut(request.Path, "/sessions/")
		sent[request.Method+" "+path]++
	}
	want := map[string]int{"PUT /zstack/v1/accounts/login": 1, "GET /zstack/v1/backup-storage": 25 + 25*2, "DELETE /zstack/v1/accounts": 1}
	if diff := cmp.Diff(want, sent); diff != "" {
		t.Errorf("the requests differ (-want +got):\n%s", diff)
	}
	// net/http may open a connection for a request, and then send it on one that has become free.
	if opened := connections.Load(); opened > 2*parallelReads {
		t.Errorf("%d connections were opened, want at most %d", opened, 2*parallelReads)
	}
}
