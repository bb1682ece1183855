// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEveryMistakeIsReportedInFull(t *testing.T) {
	for name, test := range map[string]struct {
		block, env given
		want       string
	}{
		"an empty argument": {
			block: given{"account_name": ""},
			want: `Error: Invalid Provider Argument
The argument account_name is empty. Give it a value, or leave it out (or null) to take it from the environment variable ZSTACK_ACCOUNT_NAME.
at account_name
`,
		},
		"an empty secret": {
			block: given{"account_password": ""},
			want: `Error: Invalid Provider Argument
The argument account_password is empty. Give it a value, or leave it out (or null) to take it from the environment variable ZSTACK_ACCOUNT_PASSWORD.
`,
		},
		"an endpoint without scheme": {
			block: given{"endpoint": "zstack.example/zstack"},
			want: `Error: Invalid Provider Argument
The argument endpoint cannot be used: it must begin with http:// or https://.
`,
		},
		"an endpoint with a password in it": {
			block: given{"endpoint": "http://root:secret@10.0.0.1"},
			want: `Error: Invalid Provider Argument
The argument endpoint cannot be used: it must not hold a user name or a password: credentials have arguments of their own.
`,
		},
		"a host that is a URL": {
			block: given{"host": "http://10.0.0.1"},
			want: `Error: Invalid Provider Argument
The argument host cannot be used: it must be a host name or an address alone. A URL belongs in the argument endpoint.
`,
		},
		"a host with a port": {
			block: given{"host": "10.0.0.1:8080"},
			want: `Error: Invalid Provider Argument
The argument host cannot be used: it must be a host name or an address alone. A port belongs in the argument port.
`,
		},
		"a host with a blank": {
			block: given{"host": "a b"},
			want: `Error: Invalid Provider Argument
The argument host cannot be used: it must be a host name or an address alone.
`,
		},
		"a port out of range": {
			block: given{"host": "a", "port": "70000"},
			want: `Error: Invalid Provider Argument
The argument port cannot be used: it must be a port number from 1 to 65535, not "70000".
at port
`,
		},
		"a port with a fraction": {
			block: given{"port": "80.5"},
			want: `Error: Invalid Provider Argument
The argument port cannot be used: it must be a port number from 1 to 65535, not "80.5".
at port
`,
		},
		"a session with a line end": {
			block: given{"session_uuid": "5e55\n"},
			want: `Error: Invalid Provider Argument
The argument session_uuid cannot be used: it must be printable ASCII without blanks, line ends and colons.
`,
		},
		"a time zone that is none": {
			block: given{"server_time_zone": "Shanghai"},
			want: `Error: Invalid Provider Argument
The argument server_time_zone cannot be used: it must be the IANA name of a time zone, such as Asia/Shanghai, not "Shanghai".
at server_time_zone
`,
		},
		"a certificate that is none": {
			block: given{"ca_certificate": "nope"},
			want: `Error: Invalid Provider Argument
The argument ca_certificate cannot be used: it contains no certificate in PEM format (-----BEGIN CERTIFICATE-----).
`,
		},
		"a certificate file that is missing": {
			block: given{"ca_certificate_file": "/nowhere/ca.pem"},
			env:   given{"ZSTACK_ENDPOINT": "https://env.example", "ZSTACK_SESSION_UUID": "e5e5"},
			want: `Error: Invalid Provider Argument
The argument ca_certificate_file cannot be used: the file cannot be read: open /nowhere/ca.pem: no such file or directory.
`,
		},
		"a timeout without a unit": {
			block: given{"request_timeout": "30"},
			want: `Error: Invalid Provider Argument
The argument request_timeout cannot be used: it must be a duration greater than zero with its unit, such as 30s or 2m, not "30".
at request_timeout
`,
		},
		"a negative timeout": {
			block: given{"request_timeout": "-1s"},
			want: `Error: Invalid Provider Argument
The argument request_timeout cannot be used: it must be a duration greater than zero with its unit, such as 30s or 2m, not "-1s".
at request_timeout
`,
		},
		"a negative number of retries": {
			block: given{"max_retries": "-1"},
			want: `Error: Invalid Provider Argument
The argument max_retries cannot be used: it must be a whole number, 0 or greater, not "-1".
at max_retries
`,
		},
		"two endpoints": {
			block: given{"endpoint": "http://a", "host": "a", "port": "1"},
			want: `Error: Ambiguous Endpoint
The provider block says in 2 ways where the management node is:

  found endpoint
  found host, port

Keep one of them.
`,
		},
		"two certificates": {
			block: given{"ca_certificate": "a", "ca_certificate_file": "ca.pem"},
			want: `Error: Invalid Provider Argument
The argument ca_certificate cannot be used: it contains no certificate in PEM format (-----BEGIN CERTIFICATE-----).
Error: Ambiguous CA Certificates
The provider block says in 2 ways which authorities to trust:

  found ca_certificate
  found ca_certificate_file

Keep one of them.
`,
		},
		"three sets of credentials": {
			block: given{"access_key_id": "x", "account_name": "a", "account_password": "a", "session_uuid": "x"},
			want: `Error: Ambiguous Credentials
The provider block says in 3 ways how to log in:

  found account_name, account_password
  found access_key_id
  found session_uuid

Keep one of them.
`,
		},
		"a port without a host": {
			block: given{"port": "80", "session_uuid": "5e55"},
			want: `Error: Incomplete Endpoint
The provider block says only in part where the management node is:

  found port; missing host

Set what is missing there, or in the environment as ZSTACK_HOST.
`,
		},
		"half a set": {
			block: given{"endpoint": "https://zstack.example", "virtual_id_name": "a"},
			want: `Error: Incomplete Credentials
The provider block says only in part how to log in:

  found virtual_id_name; missing virtual_id_password

Set what is missing there, or in the environment as ZSTACK_VIRTUAL_ID_PASSWORD.
`,
		},
		"a set with nothing but its optional member": {
			block: given{"endpoint": "https://zstack.example", "user_name": "a"},
			env:   given{"ZSTACK_ACCOUNT_NAME": "e"},
			want: `Error: Incomplete Credentials
The provider block says only in part how to log in:

  found ZSTACK_ACCOUNT_NAME, user_name; missing account_password

Set what is missing there, or in the environment as ZSTACK_ACCOUNT_PASSWORD.
`,
		},
		"no endpoint": {
			block: given{"session_uuid": "5e55"},
			want: `Error: Missing Endpoint
Neither the provider block nor the environment says completely where the management node is:

  missing ZSTACK_ENDPOINT
  missing ZSTACK_HOST

Complete one of these lines, with the variables or with the arguments that they stand in for, as ZSTACK_ENDPOINT does for endpoint.
`,
		},
		"only a port in the environment": {
			block: given{"session_uuid": "5e55"},
			env:   given{"ZSTACK_PORT": "80"},
			want: `Error: Missing Endpoint
Neither the provider block nor the environment says completely where the management node is:

  missing ZSTACK_ENDPOINT
  found ZSTACK_PORT; missing ZSTACK_HOST

Complete one of these lines, with the variables or with the arguments that they stand in for, as ZSTACK_ENDPOINT does for endpoint.
`,
		},
		"two endpoints in the environment": {
			block: given{"session_uuid": "5e55"},
			env:   given{"ZSTACK_ENDPOINT": "http://e", "ZSTACK_PORT": "80"},
			want: `Error: Ambiguous Endpoint
The environment says in 2 ways where the management node is:

  found ZSTACK_ENDPOINT
  found ZSTACK_PORT

Unset the variables of all but one, or say it in the provider block, which hides them.
`,
		},
		"no credentials": {
			block: given{"endpoint": "https://zstack.example"},
			want: `Error: Missing Credentials
Neither the provider block nor the environment says completely how to log in:

  missing ZSTACK_ACCOUNT_NAME, ZSTACK_ACCOUNT_PASSWORD
  missing ZSTACK_VIRTUAL_ID_NAME, ZSTACK_VIRTUAL_ID_PASSWORD
  missing ZSTACK_ACCESS_KEY_ID, ZSTACK_ACCESS_KEY_SECRET
  missing ZSTACK_SESSION_UUID

Complete one of these lines, with the variables or with the arguments that they stand in for, as ZSTACK_ACCOUNT_NAME does for account_name.
`,
		},
		"two half sets in the environment": {
			block: given{"endpoint": "https://zstack.example"},
			env:   given{"ZSTACK_ACCOUNT_NAME": "e", "ZSTACK_PROJECT_NAME": "e"},
			want: `Error: Missing Credentials
Neither the provider block nor the environment says completely how to log in:

  found ZSTACK_ACCOUNT_NAME; missing ZSTACK_ACCOUNT_PASSWORD
  found ZSTACK_PROJECT_NAME; missing ZSTACK_VIRTUAL_ID_NAME, ZSTACK_VIRTUAL_ID_PASSWORD
  missing ZSTACK_ACCESS_KEY_ID, ZSTACK_ACCESS_KEY_SECRET
  missing ZSTACK_SESSION_UUID

Complete one of these lines, with the variables or with the arguments that they stand in for, as ZSTACK_ACCOUNT_NAME does for account_name.
`,
		},
		"two sets in the environment": {
			block: given{"endpoint": "https://zstack.example"},
			env:   given{"ZSTACK_ACCOUNT_NAME": "e", "ZSTACK_ACCOUNT_PASSWORD": "e", "ZSTACK_SESSION_UUID": "e", "ZSTACK_USER_NAME": "e"},
			want: `Error: Ambiguous Credentials
The environment says in 2 ways how to log in:

  found ZSTACK_ACCOUNT_NAME, ZSTACK_ACCOUNT_PASSWORD, ZSTACK_USER_NAME
  found ZSTACK_SESSION_UUID

Unset the variables of all but one, or say it in the provider block, which hides them.
`,
		},
		"two certificates in the environment": {
			env: given{"ZSTACK_CA_CERTIFICATE": "e", "ZSTACK_CA_CERTIFICATE_FILE": "e", "ZSTACK_ENDPOINT": "https://env.example", "ZSTACK_SESSION_UUID": "e5e5"},
			want: `Error: Ambiguous CA Certificates
The environment says in 2 ways which authorities to trust:

  found ZSTACK_CA_CERTIFICATE
  found ZSTACK_CA_CERTIFICATE_FILE

Unset the variables of all but one, or say it in the provider block, which hides them.
`,
		},
		"an endpoint in the environment that is none": {
			block: given{"session_uuid": "5e55"},
			env:   given{"ZSTACK_ENDPOINT": "ftp://root:secret@e"},
			want: `Error: Invalid Environment Variable
The environment variable ZSTACK_ENDPOINT cannot be used: it must begin with http:// or https://.
`,
		},
		"a host in the environment that is a URL": {
			block: given{"session_uuid": "5e55"},
			env:   given{"ZSTACK_HOST": "http://e"},
			want: `Error: Invalid Environment Variable
The environment variable ZSTACK_HOST cannot be used: it must be a host name or an address alone. A URL belongs in the argument endpoint.
`,
		},
		"a port in the environment that is none": {
			block: given{"session_uuid": "5e55"},
			env:   given{"ZSTACK_HOST": "e", "ZSTACK_PORT": "abc"},
			want: `Error: Invalid Environment Variable
The environment variable ZSTACK_PORT cannot be used: it must be a port number from 1 to 65535, not "abc".
`,
		},
		"malformed variables": {
			env: given{"ZSTACK_CA_CERTIFICATE_FILE": "/nowhere/ca.pem", "ZSTACK_ENDPOINT": "https://env.example", "ZSTACK_INSECURE_SKIP_VERIFY": "yes", "ZSTACK_MAX_RETRIES": "many", "ZSTACK_REQUEST_TIMEOUT": "0s", "ZSTACK_SESSION_UUID": "e5e5"},
			want: `Error: Invalid Environment Variable
The environment variable ZSTACK_CA_CERTIFICATE_FILE cannot be used: the file cannot be read: open /nowhere/ca.pem: no such file or directory.
Error: Invalid Environment Variable
The environment variable ZSTACK_INSECURE_SKIP_VERIFY cannot be used: it must be true or false, not "yes".
Error: Invalid Environment Variable
The environment variable ZSTACK_REQUEST_TIMEOUT cannot be used: it must be a duration greater than zero with its unit, such as 30s or 2m, not "0s".
Error: Invalid Environment Variable
The environment variable ZSTACK_MAX_RETRIES cannot be used: it must be a whole number, 0 or greater, not "many".
`,
		},
		"a malformed access key": {
			block: given{"endpoint": "https://zstack.example"},
			env:   given{"ZSTACK_ACCESS_KEY_ID": "a:b", "ZSTACK_ACCESS_KEY_SECRET": "s", "ZSTACK_SERVER_TIME_ZONE": "GMT+8"},
			want: `Error: Invalid Environment Variable
The environment variable ZSTACK_ACCESS_KEY_ID cannot be used: it must be printable ASCII without blanks, line ends and colons.
Error: Invalid Environment Variable
The environment variable ZSTACK_SERVER_TIME_ZONE cannot be used: it must be the IANA name of a time zone, such as Asia/Shanghai, not "GMT+8".
`,
		},
		"a malformed session": {
			block: given{"endpoint": "https://zstack.example"},
			env:   given{"ZSTACK_SESSION_UUID": "e5e5\n"},
			want: `Error: Invalid Environment Variable
The environment variable ZSTACK_SESSION_UUID cannot be used: it must be printable ASCII without blanks, line ends and colons.
`,
		},
		"certificates unverified by the argument": {
			block: given{"insecure_skip_verify": "true"},
			env:   given{"ZSTACK_ENDPOINT": "https://env.example", "ZSTACK_SESSION_UUID": "e5e5"},
			want: `Warning: TLS Certificates Are Not Verified
insecure_skip_verify is true, so anyone on the way to the management node can pose as it and learn the credentials. Better have its certificate verified: name the authority that signed it with ca_certificate or ca_certificate_file.
`,
		},
		"certificates unverified by the variable": {
			env: given{"ZSTACK_ENDPOINT": "https://env.example", "ZSTACK_INSECURE_SKIP_VERIFY": "1", "ZSTACK_SESSION_UUID": "e5e5"},
			want: `Warning: TLS Certificates Are Not Verified
ZSTACK_INSECURE_SKIP_VERIFY is true, so anyone on the way to the management node can pose as it and learn the credentials. Better have its certificate verified: name the authority that signed it with ca_certificate or ca_certificate_file.
`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, diags := resolve(test.block.block(), test.env.getenv)
			if diff := cmp.Diff(test.want, render(diags)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
