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
)

func TestDemoPrintsTheInventoryAndLeavesNothingBehind(t *testing.T) {
	needTerraform(t)
	node := newNode()
	t.Setenv("TF_CLI_ARGS", "-nonsense")
	t.Setenv("TF_CLI_CONFIG_FILE", "/missing")
	t.Setenv("ZSTACK_HOST", "unreachable.invalid")
	t.Setenv("ZSTACK_MAX_RETRIES", "many")
	temporary := ownTemporaryFolder(t)
	var out strings.Builder
	if err := showFake(t.Context(), &out, node); err != nil {
		t.Fatal(err)
	}

	_, inventory, _ := strings.Cut(out.String(), "\n\n")
	inventory, _, _ = strings.Cut(inventory, "\nRequests that the management node")
	golden.Check(t, "inventory.txt", inventory)
	report, found := strings.CutSuffix(out.String(), ownCloud) // It shows the default password of ZStack.
	if !found {
		t.Errorf("the demo ends with\n%s", report)
	}
	for _, secret := range node.Secrets() {
		if strings.Contains(report, secret) {
			t.Errorf("the demo prints the secret %q", secret)
		}
	}
	if node.Logins() == 0 || len(node.LiveSessions()) > 0 {
		t.Errorf("%d logins, %d sessions left, want at least one and none", node.Logins(), len(node.LiveSessions()))
	}
	expectEmpty(t, temporary)
}

func TestRealDemoReadsTheCloudOfTheEnvironment(t *testing.T) {
	needTerraform(t)
	cloud := newNode()
	server := httptest.NewServer(cloud)
	defer server.Close()
	unsetRequired(t)
	t.Setenv("ZSTACK_ENDPOINT", server.URL)
	t.Setenv("ZSTACK_ACCOUNT_NAME", account)
	t.Setenv("ZSTACK_ACCOUNT_PASSWORD", password)
	var out strings.Builder
	if err := showCloud(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "7 backup storages") || len(cloud.LiveSessions()) > 0 {
		t.Errorf("%d sessions left after:\n%s", len(cloud.LiveSessions()), &out)
	}
}

func TestRealDemoNamesWhatIsMissing(t *testing.T) {
	const endpoint = "ZSTACK_ENDPOINT or ZSTACK_HOST"
	const credentials = "ZSTACK_ACCOUNT_NAME or ZSTACK_VIRTUAL_ID_NAME or ZSTACK_ACCESS_KEY_ID or ZSTACK_SESSION_UUID"
	for _, test := range []struct {
		name, variable string
		want           []string
	}{
		{"nothing set", "", []string{endpoint, credentials}},
		{"an endpoint", "ZSTACK_HOST", []string{credentials}},
		{"credentials", "ZSTACK_SESSION_UUID", []string{endpoint}},
	} {
		t.Run(test.name, func(t *testing.T) {
			unsetRequired(t)
			if test.variable != "" {
				t.Setenv(test.variable, "zstack.example")
			}
			err := showCloud(t.Context(), &strings.Builder{})
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

// needTerraform skips a test that starts terraform when go test runs with -short, which make quick does.
func needTerraform(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts terraform")
	}
}

// unsetRequired sets all variables that name a cloud to "", which means the same as unset.
func unsetRequired(t *testing.T) {
	t.Helper()
	for _, name := range slices.Concat(requiredVariables...) {
		t.Setenv(name, "")
	}
}

// ownTemporaryFolder makes a new folder the temporary folder of a test, and returns it.
func ownTemporaryFolder(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for _, name := range []string{"TMPDIR", "TMP", "TEMP"} {
		t.Setenv(name, folder)
	}
	return folder
}

func expectEmpty(t *testing.T, folder string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) > 0 {
		t.Errorf("left in %s: %v, error %v", folder, entries, err)
	}
}
