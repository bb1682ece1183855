// SPDX-License-Identifier: MPL-2.0

package main

import (
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zstackio/terraform-provider-zstack/internal/golden"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

func TestDemoPrintsTheInventory(t *testing.T) {
	node := newNode()
	_, environ := private(t, "TF_CLI_ARGS=-nonsense", "TF_CLI_CONFIG_FILE=/missing", "ZSTACK_HOST=unreachable.invalid", "ZSTACK_MAX_RETRIES=many")
	var out strings.Builder
	if err := showFake(t.Context(), &out, environ, node); err != nil {
		t.Fatal(err)
	}

	_, inventory, _ := strings.Cut(out.String(), "\n\n")
	inventory, _, _ = strings.Cut(inventory, "\nWhat the management node was asked")
	golden.Check(t, "inventory.txt", inventory)
	for _, secret := range node.Secrets() {
		if strings.Contains(out.String(), secret) {
			t.Errorf("the demo prints the secret %q", secret)
		}
	}
	if node.Logins() == 0 || len(node.LiveSessions()) > 0 {
		t.Errorf("%d logins, %d sessions left, want at least one and none", node.Logins(), len(node.LiveSessions()))
	}
}

func TestDemoLeavesNothingBehind(t *testing.T) {
	folders, environ := private(t)
	if err := showFake(t.Context(), &strings.Builder{}, environ, newNode()); err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		if left := list(t, folder); len(left) > 0 {
			t.Errorf("left in %s: %v", folder, left)
		}
	}
}

func TestRealDemoReadsTheCloudOfTheEnvironment(t *testing.T) {
	cloud := newNode()
	server := httptest.NewServer(cloud)
	defer server.Close()
	_, environ := private(t,
		"ZSTACK_ENDPOINT="+server.URL, "ZSTACK_ACCOUNT_NAME="+zstacktest.DefaultAccount, "ZSTACK_ACCOUNT_PASSWORD="+zstacktest.DefaultPassword)
	var out strings.Builder
	if err := showCloud(t.Context(), &out, environ); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "4 backup storages") || len(cloud.LiveSessions()) > 0 {
		t.Errorf("%d sessions left after:\n%s", len(cloud.LiveSessions()), &out)
	}
}

func TestRealDemoNamesWhatIsMissing(t *testing.T) {
	for _, test := range []struct {
		name    string
		environ []string
		want    []string
	}{
		{"nothing set", nil, []string{"ZSTACK_ENDPOINT or ZSTACK_HOST", "ZSTACK_ACCOUNT_NAME or ZSTACK_VIRTUAL_ID_NAME or ZSTACK_ACCESS_KEY_ID or ZSTACK_SESSION_UUID"}},
		{"an empty variable is not set", []string{"ZSTACK_HOST=", "ZSTACK_SESSION_UUID=0"}, []string{"ZSTACK_ENDPOINT or ZSTACK_HOST"}},
		{"no credentials", []string{"ZSTACK_HOST=zstack.example"}, []string{"ZSTACK_ACCOUNT_NAME or ZSTACK_VIRTUAL_ID_NAME or ZSTACK_ACCESS_KEY_ID or ZSTACK_SESSION_UUID"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := showCloud(t.Context(), &strings.Builder{}, test.environ)
			if err == nil {
				t.Fatal("no error")
			}
			listed := slices.DeleteFunc(strings.Split(err.Error(), "\n"), func(line string) bool {
				return !strings.HasPrefix(line, "  ZSTACK_")
			})
			for i := range listed {
				listed[i] = strings.TrimSpace(listed[i])
			}
			if diff := cmp.Diff(test.want, listed); diff != "" {
				t.Errorf("listed as missing (-want +got):\n%s", diff)
			}
		})
	}
}

// private gives a test a home and a temporary folder of its own, and returns both with an environment that has them and the
// additions.
func private(t *testing.T, additions ...string) (folders, environ []string) {
	t.Helper()
	home, temporary := t.TempDir(), t.TempDir()
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(name, temporary)
	}
	environ = append(os.Environ(), "HOME="+home, "USERPROFILE="+home, "APPDATA="+home)
	return []string{home, temporary}, append(environ, additions...)
}

func list(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}
