// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/zstackio/terraform-provider-zstack/internal/acctest"
	sut "github.com/zstackio/terraform-provider-zstack/internal/provider"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

const (
	// list reads all backup storages.
	list = `
data "zstack_backup_storages" "all" {}
`
	// required requires the provider by its source, by which Terraform finds the
	// real binary.
	required = `
terraform {
  required_providers {
    zstack = { source = "` + acctest.Source + `" }
  }
}
`
)

// block is a provider block with these arguments.
func block(arguments string) string { return "provider \"zstack\" {\n" + arguments + "\n}\n" }

// authorizations says how each request was authorized: by name for a login,
// by scheme and key for the rest. Duplicates are left out.
func authorizations(cloud *acctest.Cloud) (all []string) {
	seen := map[string]bool{}
	for _, request := range cloud.Requests() {
		text, _, _ := strings.Cut(request.Header.Get("Authorization"), ":")
		if strings.HasPrefix(text, "OAuth ") {
			text = "OAuth"
		}
		if request.Method == http.MethodPut {
			text = strings.TrimPrefix(request.Path, "/zstack/v1/") + who(request.Body)
		}
		if request.Method != http.MethodDelete && !seen[text] {
			all = append(all, text)
		}
		seen[text] = true
	}
	return all
}

// who returns the names in a login's body.
func who(body []byte) (names string) {
	var message map[string]map[string]any
	if err := json.Unmarshal(body, &message); err != nil {
		return err.Error()
	}
	for _, fields := range message {
		for _, key := range []string{"accountName", "userName", "name", "projectName"} {
			if name, given := fields[key]; given {
				names += fmt.Sprintf(" %v", name)
			}
		}
	}
	return names
}

func TestOnlyTheUsedCredentialIsSent(t *testing.T) {
	const account, virtualID = "accounts/login admin", "iam2/virtual-ids/login vera"
	for name, test := range map[string]struct {
		block string
		env   map[string]string
		want  []string
	}{
		"account":                             {want: []string{account, "OAuth"}},
		"argument beats variable":             {block: `account_name = "ops"`, want: []string{"accounts/login ops", "OAuth"}},
		"user":                                {block: `user_name = "jo"`, want: []string{"accounts/users/login admin jo", "OAuth"}},
		"user stays in the environment":       {block: `account_name = "ops"`, env: map[string]string{"ZSTACK_USER_NAME": "jo"}, want: []string{"accounts/login ops", "OAuth"}},
		"project":                             {block: "virtual_id_name = \"vera\"\nproject_name = \"blue\"", env: map[string]string{"ZSTACK_VIRTUAL_ID_PASSWORD": "vera-Pw-1"}, want: []string{virtualID, "iam2/projects/login blue", "OAuth"}},
		"access key overrides the account":    {block: `access_key_id = "AK-1"`, env: map[string]string{"ZSTACK_ACCESS_KEY_SECRET": "ak-1-Secret"}, want: []string{"ZStack AK-1"}},
		"argument false overrides true":       {block: `insecure_skip_verify = false`, env: map[string]string{"ZSTACK_INSECURE_SKIP_VERIFY": "true"}, want: []string{account, "OAuth"}},
		"variables of other sets are ignored": {block: `account_name = "ops"`, env: map[string]string{"ZSTACK_PORT": "", "ZSTACK_SESSION_UUID": "not a session"}, want: []string{"accounts/login ops", "OAuth"}},
		"null is the same as left out":        {block: "account_name = null\nmax_retries = 0", want: []string{account, "OAuth"}},
	} {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.Start(t)
			cloud.AddAccount("ops", zstacktest.DefaultPassword)
			cloud.AddUser(zstacktest.DefaultAccount, "jo", zstacktest.DefaultPassword)
			cloud.AddVirtualID("vera", "vera-Pw-1", "blue")
			cloud.AddAccessKey("AK-1", "ak-1-Secret")
			for variable, text := range test.env {
				t.Setenv(variable, text)
			}
			cloud.Run(t, resource.TestStep{Config: block(test.block) + list, PlanOnly: true})
			if diff := cmp.Diff(test.want, authorizations(cloud)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestGivenSessionIsUsedAndNotLoggedOut(t *testing.T) {
	cloud := acctest.Start(t)
	session := cloud.AddSession()
	t.Setenv("ZSTACK_ACCOUNT_NAME", "")
	t.Setenv("ZSTACK_SESSION_UUID", session)

	cloud.CLI(t, required+list).Run("plan")

	if diff := cmp.Diff([]string{"OAuth"}, authorizations(cloud)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{session}, cloud.LiveSessions()); diff != "" {
		t.Error(diff)
	}
}

func TestUserAgentNamesTheProviderAndItsVersion(t *testing.T) {
	cloud := acctest.Start(t)
	client := configure(t, sut.New("1.2.3"))
	defer client.Close(t.Context())
	if _, err := client.ListBackupStorages(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("terraform-provider-zstack/1.2.3 (%s; %s)", runtime.GOOS, runtime.GOARCH)
	for _, request := range cloud.Requests() {
		if got := request.Header.Get("User-Agent"); got != want {
			t.Errorf("%s %s: User-Agent %q, want %q", request.Method, request.Path, got, want)
		}
	}
}
