// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	fake "github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// TestReadThatArrivesAfterTheStopFailsImmediately is needed because Terraform asks a provider to
// stop only once, and a read may arrive later. A provider started with -debug is
// configured again for the next run.
func TestReadThatArrivesAfterTheStopFailsImmediately(t *testing.T) {
	cloud := newCloud(t)
	cloud.Misbehave(fake.AtLogin, fake.Always(fake.NeverResponds))
	server := cloud.serve(t, cloud.account(nil))

	if _, err := server.StopProvider(server.ctx, &tfprotov6.StopProviderRequest{}); err != nil {
		t.Fatal(err)
	}
	if text := server.read("zstack_backup_storages", nil); !strings.HasPrefix(text, "ERROR: Read Interrupted\n") {
		t.Errorf("after the stop: %q", text)
	}

	cloud.Behave()
	server.configure(cloud.account(nil))
	if text := server.read("zstack_backup_storages", nil); text != "" {
		t.Errorf("in the next run: %s", text)
	}
}
