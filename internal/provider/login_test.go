// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/zstackio/terraform-provider-zstack/internal/diagnosis"
)

func TestLoginSaysWhoLogsInAndWhereTheCredentialsAreFrom(t *testing.T) {
	account := given{"ZSTACK_ACCOUNT_NAME": "admin", "ZSTACK_ACCOUNT_PASSWORD": "s3cr3t"}
	fromEnvironment := []diagnosis.Credential{
		{Argument: "account_name", Source: "ZSTACK_ACCOUNT_NAME"},
		{Argument: "account_password", Source: "ZSTACK_ACCOUNT_PASSWORD"},
	}
	for name, test := range map[string]struct {
		block, env given
		want       diagnosis.Login
	}{
		"account": {
			env:  account,
			want: diagnosis.Login{Identity: `account "admin"`, Credentials: fromEnvironment},
		},
		"user": {
			block: given{"account_name": "ops", "user_name": "jo"},
			env:   account,
			want: diagnosis.Login{
				Identity: `user "jo" of account "ops"`,
				Credentials: []diagnosis.Credential{
					{Argument: "account_name", Source: "account_name"},
					{Argument: "account_password", Source: "ZSTACK_ACCOUNT_PASSWORD"},
					{Argument: "user_name", Source: "user_name"},
				},
				Unused: []string{"ZSTACK_ACCOUNT_NAME"},
			},
		},
		"user in the environment, account in the provider block": {
			block: given{"account_name": "ops"},
			env:   account.and(given{"ZSTACK_USER_NAME": "jo"}),
			want: diagnosis.Login{
				Identity: `account "ops"`,
				Credentials: []diagnosis.Credential{
					{Argument: "account_name", Source: "account_name"},
					{Argument: "account_password", Source: "ZSTACK_ACCOUNT_PASSWORD"},
				},
				Unused: []string{"ZSTACK_ACCOUNT_NAME", "ZSTACK_USER_NAME"},
			},
		},
		"virtual ID": {
			env: given{"ZSTACK_VIRTUAL_ID_NAME": "vera", "ZSTACK_VIRTUAL_ID_PASSWORD": "s3cr3t", "ZSTACK_PROJECT_NAME": "blue", "ZSTACK_USER_NAME": "jo"},
			want: diagnosis.Login{
				Identity: `virtual ID "vera"`,
				Credentials: []diagnosis.Credential{
					{Argument: "virtual_id_name", Source: "ZSTACK_VIRTUAL_ID_NAME"},
					{Argument: "virtual_id_password", Source: "ZSTACK_VIRTUAL_ID_PASSWORD"},
					{Argument: "project_name", Source: "ZSTACK_PROJECT_NAME"},
				},
				Unused: []string{"ZSTACK_USER_NAME"},
			},
		},
		"access key": {
			block: given{"access_key_id": "AK", "access_key_secret": "s3cr3t", "server_time_zone": "UTC"},
			want: diagnosis.Login{
				Identity:    `access key "AK"`,
				Credentials: []diagnosis.Credential{{Argument: "access_key_id", Source: "access_key_id"}, {Argument: "access_key_secret", Source: "access_key_secret"}},
			},
		},
		"session": {
			block: given{"session_uuid": session},
			want:  diagnosis.Login{Identity: "an existing session", Credentials: []diagnosis.Credential{{Argument: "session_uuid", Source: "session_uuid"}}},
		},
		"misspelt variable of the set in use": {
			env: account.and(given{"ZSTACK_USERNAME": "jo", "ZSTACK_SECRET_KEY": "s3cr3t"}),
			want: diagnosis.Login{
				Identity:    `account "admin"`,
				Credentials: fromEnvironment,
				Misspelt:    []string{"ZSTACK_USERNAME is not a variable of this provider. Did you mean ZSTACK_ACCOUNT_NAME or ZSTACK_USER_NAME?"},
			},
		},
		"unknown credentials": {
			block: given{"account_name": unknown, "account_password": "s3cr3t"},
			want: diagnosis.Login{Credentials: []diagnosis.Credential{
				{Argument: "account_name", Source: "account_name"},
				{Argument: "account_password", Source: "account_password"},
			}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			resolved, diags := resolve(test.block.and(anEndpoint).block(), test.env.environment())
			if diags.HasError() {
				t.Fatal(render(diags))
			}
			if diff := cmp.Diff(test.want, resolved.login); diff != "" {
				t.Error(diff)
			}
			if strings.Contains(fmt.Sprint(resolved.login), "s3cr3t") {
				t.Errorf("a secret is in %+v", resolved.login)
			}
		})
	}
}

func TestHintsNameWhatLooksWrongWithACredential(t *testing.T) {
	const (
		quotes    = "is enclosed in quotes, which are part of the value"
		space     = "begins or ends with whitespace"
		reference = "looks like a reference that was not replaced by its value"
	)
	for text, want := range map[string]string{
		`secret`: "", `se"cret`: "", `"`: "", `"secret`: "", `se cret`: "", `$ecret!`: "", `密码`: "",
		`""`: quotes, `"secret"`: quotes, `'secret'`: quotes, "`secret`": quotes,
		"sec\nret": "contains a line break", ` secret`: space, "secret\t": space,
		`$PASSWORD`: reference, `${PASSWORD}`: reference, `$(cat pw.txt)`: reference, `%PASSWORD%`: reference, `{{ password }}`: reference, `<password>`: reference,
	} {
		for source, settings := range map[string][2]given{
			"account_password":        {given{"account_name": "a", "account_password": text}},
			"ZSTACK_ACCOUNT_PASSWORD": {given{"account_name": "a"}, given{"ZSTACK_ACCOUNT_PASSWORD": text}},
		} {
			resolved, diags := resolve(settings[0].and(anEndpoint).block(), settings[1].environment())
			if diags.HasError() {
				t.Fatal(render(diags))
			}
			want := diagnosis.Credential{Argument: "account_password", Source: source, Hint: want}
			if diff := cmp.Diff(want, resolved.login.Credentials[1]); diff != "" {
				t.Errorf("%s: %s", text, diff)
			}
		}
	}
}
