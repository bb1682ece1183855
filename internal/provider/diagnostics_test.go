// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/zstackio/terraform-provider-zstack/internal/golden"
)

// TestEveryMistakeIsReportedInFull compares whole diagnostics with
// testdata/diagnostics.txt.
func TestEveryMistakeIsReportedInFull(t *testing.T) {
	var report strings.Builder
	for _, test := range []struct {
		name       string
		block, env given
	}{
		{
			name:  "an empty argument",
			block: given{"account_name": ""},
		},
		{
			name:  "an empty secret",
			block: given{"account_password": ""},
		},
		{
			name:  "an endpoint without scheme",
			block: given{"endpoint": "zstack.example/zstack"},
		},
		{
			name:  "an endpoint with a password in it",
			block: given{"endpoint": "http://root:secret@10.0.0.1"},
		},
		{
			name:  "a host that is a URL",
			block: given{"host": "http://10.0.0.1"},
		},
		{
			name:  "a host with a port",
			block: given{"host": "10.0.0.1:8080"},
		},
		{
			name:  "a host with a space",
			block: given{"host": "a b"},
		},
		{
			name:  "a port out of range",
			block: given{"host": "a", "port": "70000"},
		},
		{
			name:  "a port with a fraction",
			block: given{"port": "80.5"},
		},
		{
			name:  "a session with a line break",
			block: given{"session_uuid": "5e55\n"},
		},
		{
			name:  "a time zone that is not valid",
			block: given{"server_time_zone": "Shanghai"},
		},
		{
			name:  "a certificate that is not valid",
			block: given{"ca_certificate": "nope"},
		},
		{
			name:  "the path of a certificate",
			block: given{"ca_certificate": "~/ca.pem"},
		},
		{
			name:  "a timeout without a unit",
			block: given{"request_timeout": "30"},
		},
		{
			name:  "a negative timeout",
			block: given{"request_timeout": "-1s"},
		},
		{
			name:  "a negative number of retries",
			block: given{"max_retries": "-1"},
		},
		{
			name:  "two endpoints",
			block: given{"endpoint": "http://a", "host": "a", "port": "1"},
		},
		{
			name:  "two certificates",
			block: given{"ca_certificate": "a", "ca_certificate_file": "ca.pem"},
		},
		{
			name:  "three sets of credentials",
			block: given{"access_key_id": "x", "account_name": "a", "account_password": "a", "session_uuid": "x"},
		},
		{
			name:  "a port without a host",
			block: given{"port": "80", "session_uuid": session},
		},
		{
			name:  "a port without a host, with an endpoint in the environment",
			block: given{"port": "80", "session_uuid": session},
			env:   given{"ZSTACK_ENDPOINT": "http://e"},
		},
		{
			name:  "half a set",
			block: given{"endpoint": "https://zstack.example", "virtual_id_name": "a"},
		},
		{
			name:  "a set with nothing but its optional member",
			block: given{"endpoint": "https://zstack.example", "user_name": "a"},
			env:   given{"ZSTACK_ACCOUNT_NAME": "e"},
		},
		{
			name:  "no endpoint",
			block: given{"session_uuid": session},
		},
		{
			name:  "only a port in the environment",
			block: given{"session_uuid": session},
			env:   given{"ZSTACK_PORT": "80"},
		},
		{
			name:  "two endpoints in the environment",
			block: given{"session_uuid": session},
			env:   given{"ZSTACK_ENDPOINT": "http://e", "ZSTACK_HOST": "e", "ZSTACK_PORT": "80"},
		},
		{
			name:  "no credentials",
			block: given{"endpoint": "https://zstack.example"},
		},
		{
			name:  "two half sets in the environment",
			block: given{"endpoint": "https://zstack.example"},
			env:   given{"ZSTACK_ACCOUNT_NAME": "e", "ZSTACK_PROJECT_NAME": "e"},
		},
		{
			name:  "two sets in the environment",
			block: given{"endpoint": "https://zstack.example"},
			env:   given{"ZSTACK_ACCOUNT_NAME": "e", "ZSTACK_ACCOUNT_PASSWORD": "e", "ZSTACK_SESSION_UUID": "e", "ZSTACK_USER_NAME": "e"},
		},
		{
			name: "two certificates in the environment",
			env:  given{"ZSTACK_CA_CERTIFICATE": "e", "ZSTACK_CA_CERTIFICATE_FILE": "e", "ZSTACK_ENDPOINT": "https://env.example", "ZSTACK_SESSION_UUID": session},
		},
		{
			name:  "an endpoint in the environment that is not valid",
			block: given{"session_uuid": session},
			env:   given{"ZSTACK_ENDPOINT": "ftp://root:secret@e"},
		},
		{
			name:  "a host in the environment that is a URL",
			block: given{"session_uuid": session},
			env:   given{"ZSTACK_HOST": "http://e"},
		},
		{
			name:  "a port in the environment that is not valid",
			block: given{"session_uuid": session},
			env:   given{"ZSTACK_HOST": "e", "ZSTACK_PORT": "abc"},
		},
		{
			name: "malformed variables",
			env:  given{"ZSTACK_ENDPOINT": "https://env.example", "ZSTACK_INSECURE_SKIP_VERIFY": "yes", "ZSTACK_MAX_RETRIES": "many", "ZSTACK_REQUEST_TIMEOUT": "0s", "ZSTACK_SESSION_UUID": session},
		},
		{
			name:  "a malformed access key",
			block: given{"endpoint": "https://zstack.example"},
			env:   given{"ZSTACK_ACCESS_KEY_ID": "a:b", "ZSTACK_ACCESS_KEY_SECRET": "s", "ZSTACK_SERVER_TIME_ZONE": "GMT+8"},
		},
		{
			name:  "a malformed session",
			block: given{"endpoint": "https://zstack.example"},
			env:   given{"ZSTACK_SESSION_UUID": "e5e5\n"},
		},
		{
			name:  "certificates unverified by the argument",
			block: given{"insecure_skip_verify": "true"},
			env:   given{"ZSTACK_ENDPOINT": "https://env.example", "ZSTACK_SESSION_UUID": session},
		},
		{
			name: "certificates unverified by the variable",
			env:  given{"ZSTACK_ENDPOINT": "https://env.example", "ZSTACK_INSECURE_SKIP_VERIFY": "1", "ZSTACK_SESSION_UUID": session},
		},
		{
			name:  "a host in quotes",
			block: given{"host": `"10.0.0.5"`},
		},
		{
			name:  "an endpoint with a space",
			block: given{"endpoint": " http://10.0.0.5:8080"},
		},
		{
			name:  "an address of the web interface",
			block: given{"session_uuid": session},
			env:   given{"ZSTACK_ENDPOINT": "http://10.0.0.5:5000/#/dashboard?token=secret"},
		},
		{
			name:  "an endpoint with a query",
			block: given{"endpoint": "https://zstack.example/zstack?token=secret"},
		},
		{
			name:  "an access key with a space",
			block: given{"access_key_id": "a b"},
		},
		{
			name:  "an access key that is not ASCII",
			block: given{"access_key_id": "ä"},
		},
		{
			name:  "a session with dashes",
			block: given{"session_uuid": "01234567-89ab-cdef-0123-456789abcdef"},
		},
		{
			name:  "text that ends with a line break",
			block: given{"endpoint": "http://a\n", "account_name": "a\n", "account_password": "secret\r\n", "user_name": "u\r", "server_time_zone": "UTC\n", "request_timeout": "1m\n"},
		},
		{
			name:  "text that begins with a byte order mark",
			block: given{"host": "\uFEFFa", "virtual_id_name": "\uFEFFv", "virtual_id_password": "\uFEFFsecret", "project_name": "\uFEFFp"},
		},
		{
			name:  "variables that end with a line break or begin with a byte order mark",
			block: given{"host": "a"},
			env:   given{"ZSTACK_PORT": "80\n", "ZSTACK_ACCESS_KEY_ID": "id\r\n", "ZSTACK_ACCESS_KEY_SECRET": "\uFEFFsecret"},
		},
		{
			name: "the port of a Kubernetes Service",
			env:  given{"ZSTACK_HOST": "a", "ZSTACK_PORT": "tcp://10.96.0.12:8080", "ZSTACK_SESSION_UUID": session},
		},
		{
			name: "nothing but the variables of Kubernetes Services",
			env: given{
				"ZSTACK_SERVICE_HOST": "10.96.0.12", "ZSTACK_SERVICE_PORT": "8080", "ZSTACK_SERVICE_PORT_HTTP": "8080", "ZSTACK_PORT": "tcp://10.96.0.12:8080",
				"ZSTACK_PORT_8080_TCP": "tcp://10.96.0.12:8080", "ZSTACK_PORT_8080_TCP_PROTO": "tcp",
				"ZSTACK_PORT_8080_TCP_PORT": "8080", "ZSTACK_PORT_8080_TCP_ADDR": "10.96.0.12",
				"ZSTACK_API_SERVICE_HOST": "10.96.0.13", "ZSTACK_API_PORT": "tcp://10.96.0.13:80", "ZSTACK_MN_SERVICE_HOST": "10.96.0.14",
				"ZSTACK_MN_PORT": "tcp://10.96.0.14:80", "ZSTACK_UI_SERVICE_HOST": "10.96.0.15", "ZSTACK_UI_PORT": "tcp://10.96.0.15:80",
			},
		},
		{
			name: "empty variables",
			env:  given{"ZSTACK_ENDPOINT": "", "ZSTACK_ACCOUNT_NAME": "admin", "ZSTACK_ACCOUNT_PASSWORD": "", "ZSTACK_USER_NAME": ""},
		},
		{
			name: "misspelt variables",
			env: given{
				"ZSTACK_URL": "http://a", "ZSTACK_USERNAME": "admin", "ZSTACK_PASSWORD": "secret", "ZSTACK_ACCESS_KEY": "id", "ZSTACK_SECRET_KEY": "secret",
				"zstack_session_uuid": session, "ZSTACK_VERSION": "5.2.1", "ZSTACK_LOG": "on", "PASSWORD": "secret", "URL": "http://a",
			},
		},
		{
			name: "variables with typing mistakes",
			env:  given{"ZSTACK_ENDPIONT": "http://a", "ZSTACK_ACOUNT_NAME": "admin", "ZSTACK_ACCOUNT_PASSWROD": "secret"},
		},
		{
			name:  "an argument with a misspelt and an empty variable",
			block: given{"endpoint": "http://a", "account_name": "admin"},
			env:   given{"ZSTACK_PASSWORD": "secret", "ZSTACK_USERNAME": "jo", "ZSTACK_ACCOUNT_PASSWORD": ""},
		},
		{
			name:  "an empty argument and a set of credentials",
			block: given{"session_uuid": session, "account_name": ""},
		},
	} {
		_, diags := resolve(test.block.block(), test.env.environment())
		fmt.Fprintf(&report, "# %s\n\n", test.name)
		for _, variables := range []given{test.block, test.env} {
			for _, name := range slices.Sorted(maps.Keys(variables)) {
				fmt.Fprintf(&report, "    %s = %q\n", name, variables[name])
			}
		}
		fmt.Fprintf(&report, "\n%s\n\n", render(diags))
	}
	golden.Check(t, "diagnostics.txt", report.String())
}
