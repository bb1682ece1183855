// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"maps"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// given is a provider block, by argument, or an environment, by variable.
type given map[string]string

// pending stands for a value that is not known yet.
const pending = "\x00"

func (g given) and(more given) given {
	sum := maps.Clone(more)
	maps.Copy(sum, g)
	return sum
}

func (g given) block() map[string]value {
	block := map[string]value{}
	for name, text := range g {
		block[name] = value{text: text, unknown: text == pending}
	}
	return block
}

func (g given) getenv(variable string) string { return g[variable] }

var (
	anEndpoint   = given{"endpoint": "https://zstack.example"}
	credential   = given{"session_uuid": "5e55"}
	inEnv        = given{"ZSTACK_ENDPOINT": "https://env.example", "ZSTACK_SESSION_UUID": "e5e5"}
	compareTexts = cmp.Options{
		cmp.Transformer("URL", func(u *url.URL) string { return u.String() }),
		cmp.Transformer("Location", func(l *time.Location) string { return l.String() }),
	}
)

// render writes diagnostics as a person reads them, and where they point.
func render(diags diag.Diagnostics) string {
	var text string
	for _, d := range diags {
		text += fmt.Sprintf("%s: %s\n%s\n", d.Severity(), d.Summary(), d.Detail())
		if located, ok := d.(diag.DiagnosticWithPath); ok {
			text += "at " + located.Path().String() + "\n"
		}
	}
	return text
}

func TestEndpointIsTheArgumentOrElseTheVariableInEitherSpelling(t *testing.T) {
	for name, test := range map[string]struct {
		block, env given
		want       string
	}{
		"https has port 443":                 {block: given{"endpoint": "https://a"}, want: "https://a:443/zstack"},
		"http has ZStack's port":             {block: given{"endpoint": "http://a"}, want: "http://a:8080/zstack"},
		"port and path stay":                 {block: given{"endpoint": "http://a:81/b/c/"}, want: "http://a:81/b/c"},
		"host has ZStack's port":             {block: given{"host": "a"}, want: "http://a:8080/zstack"},
		"host with port":                     {block: given{"host": "a", "port": "81"}, want: "http://a:81/zstack"},
		"host is IPv6":                       {block: given{"host": "fd00::1"}, want: "http://[fd00::1]:8080/zstack"},
		"host is IPv6 in brackets":           {block: given{"host": "[fd00::1]", "port": "81"}, want: "http://[fd00::1]:81/zstack"},
		"endpoint is IPv6":                   {block: given{"endpoint": "https://[fd00::1]"}, want: "https://[fd00::1]:443/zstack"},
		"variable":                           {env: given{"ZSTACK_ENDPOINT": "http://e"}, want: "http://e:8080/zstack"},
		"variables host and port":            {env: given{"ZSTACK_HOST": "e", "ZSTACK_PORT": "82"}, want: "http://e:82/zstack"},
		"empty variables are unset":          {env: given{"ZSTACK_ENDPOINT": "", "ZSTACK_HOST": "e", "ZSTACK_PORT": ""}, want: "http://e:8080/zstack"},
		"argument beats its variable":        {block: given{"host": "a"}, env: given{"ZSTACK_HOST": "e"}, want: "http://a:8080/zstack"},
		"host takes the port's variable":     {block: given{"host": "a"}, env: given{"ZSTACK_PORT": "82"}, want: "http://a:82/zstack"},
		"port takes the host's variable":     {block: given{"port": "81"}, env: given{"ZSTACK_HOST": "e", "ZSTACK_PORT": "82"}, want: "http://e:81/zstack"},
		"endpoint hides host and port":       {block: given{"endpoint": "http://a"}, env: given{"ZSTACK_HOST": "e", "ZSTACK_PORT": "x"}, want: "http://a:8080/zstack"},
		"host hides the variable endpoint":   {block: given{"host": "a"}, env: given{"ZSTACK_ENDPOINT": "nonsense"}, want: "http://a:8080/zstack"},
		"port alone hides the variable, too": {block: given{"port": "81"}, env: given{"ZSTACK_ENDPOINT": "http://e", "ZSTACK_HOST": "e"}, want: "http://e:81/zstack"},
	} {
		t.Run(name, func(t *testing.T) {
			config, _, diags := resolve(test.block.and(credential).block(), test.env.getenv)
			if text := render(diags); text != "" {
				t.Fatal(text)
			}
			if config.Endpoint.String() != test.want {
				t.Errorf("got %s, want %s", config.Endpoint, test.want)
			}
		})
	}
}

func TestCredentialsAreOneSet(t *testing.T) {
	account := given{"ZSTACK_ACCOUNT_NAME": "acct", "ZSTACK_ACCOUNT_PASSWORD": "pw"}
	virtualID := given{"ZSTACK_VIRTUAL_ID_NAME": "vid", "ZSTACK_VIRTUAL_ID_PASSWORD": "pw"}
	key := given{"ZSTACK_ACCESS_KEY_ID": "id", "ZSTACK_ACCESS_KEY_SECRET": "shh"}
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		block, env given
		want       zstack.Credentials
	}{
		"account":                   {block: given{"account_name": "a", "account_password": "p"}, want: zstack.Account{Name: "a", Password: "p"}},
		"user":                      {block: given{"account_name": "a", "account_password": "p", "user_name": "u"}, want: zstack.Account{Name: "a", Password: "p", UserName: "u"}},
		"virtual ID":                {block: given{"virtual_id_name": "v", "virtual_id_password": "p"}, want: zstack.VirtualID{Name: "v", Password: "p"}},
		"virtual ID with project":   {block: given{"virtual_id_name": "v", "virtual_id_password": "p", "project_name": "j"}, want: zstack.VirtualID{Name: "v", Password: "p", Project: "j"}},
		"access key":                {block: given{"access_key_id": "i", "access_key_secret": "s"}, want: zstack.AccessKey{ID: "i", Secret: "s"}},
		"access key with time zone": {block: given{"access_key_id": "i", "access_key_secret": "s", "server_time_zone": "Asia/Shanghai"}, want: zstack.AccessKey{ID: "i", Secret: "s", Location: shanghai}},
		"session":                   {block: given{"session_uuid": "5e55"}, want: zstack.Session{UUID: "5e55"}},

		"account from the environment":    {env: account, want: zstack.Account{Name: "acct", Password: "pw"}},
		"user from the environment":       {env: account.and(given{"ZSTACK_USER_NAME": "usr"}), want: zstack.Account{Name: "acct", Password: "pw", UserName: "usr"}},
		"virtual ID from the environment": {env: virtualID, want: zstack.VirtualID{Name: "vid", Password: "pw"}},
		"project from the environment":    {env: virtualID.and(given{"ZSTACK_PROJECT_NAME": "prj"}), want: zstack.VirtualID{Name: "vid", Password: "pw", Project: "prj"}},
		"access key from the environment": {env: key, want: zstack.AccessKey{ID: "id", Secret: "shh"}},
		"time zone from the environment":  {env: key.and(given{"ZSTACK_SERVER_TIME_ZONE": "Asia/Shanghai"}), want: zstack.AccessKey{ID: "id", Secret: "shh", Location: shanghai}},
		"session from the environment":    {env: given{"ZSTACK_SESSION_UUID": "e5e5"}, want: zstack.Session{UUID: "e5e5"}},

		"empty variables are unset":              {env: account.and(given{"ZSTACK_ACCESS_KEY_ID": "", "ZSTACK_ACCESS_KEY_SECRET": "", "ZSTACK_USER_NAME": ""}), want: zstack.Account{Name: "acct", Password: "pw"}},
		"arguments beat their variables":         {block: given{"account_name": "a", "account_password": "p"}, env: account, want: zstack.Account{Name: "a", Password: "p"}},
		"name takes the password's variable":     {block: given{"account_name": "a"}, env: account, want: zstack.Account{Name: "a", Password: "pw"}},
		"password takes the name's variable":     {block: given{"account_password": "p"}, env: account, want: zstack.Account{Name: "acct", Password: "p"}},
		"user takes both variables":              {block: given{"user_name": "u"}, env: account, want: zstack.Account{Name: "acct", Password: "pw", UserName: "u"}},
		"an argument hides whole other sets":     {block: given{"access_key_id": "i"}, env: key.and(account).and(inEnv), want: zstack.AccessKey{ID: "i", Secret: "shh"}},
		"user's variable joins no argument":      {block: given{"account_name": "a"}, env: account.and(given{"ZSTACK_USER_NAME": "usr"}), want: zstack.Account{Name: "a", Password: "pw"}},
		"project's variable joins no argument":   {block: given{"virtual_id_name": "v"}, env: virtualID.and(given{"ZSTACK_PROJECT_NAME": "prj"}), want: zstack.VirtualID{Name: "v", Password: "pw"}},
		"a set in part counts for nothing":       {env: account.and(given{"ZSTACK_ACCESS_KEY_ID": "id", "ZSTACK_PROJECT_NAME": "prj"}), want: zstack.Account{Name: "acct", Password: "pw"}},
		"time zone's variable joins an argument": {block: given{"access_key_id": "i"}, env: key.and(given{"ZSTACK_SERVER_TIME_ZONE": "Asia/Shanghai"}), want: zstack.AccessKey{ID: "i", Secret: "shh", Location: shanghai}},
		"time zone is for access keys alone":     {block: given{"session_uuid": "5e55"}, env: given{"ZSTACK_SERVER_TIME_ZONE": "nowhere"}, want: zstack.Session{UUID: "5e55"}},
	} {
		t.Run(name, func(t *testing.T) {
			config, _, diags := resolve(test.block.and(anEndpoint).block(), test.env.getenv)
			if text := render(diags); text != "" {
				t.Fatal(text)
			}
			if diff := cmp.Diff(test.want, config.Credentials, compareTexts); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestArgumentsBeatVariablesAndDefaultsAlsoWhenFalseOrZero(t *testing.T) {
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	certificate := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, []byte(certificate), 0o600); err != nil {
		t.Fatal(err)
	}
	plain := zstack.Config{RequestTimeout: time.Minute, MaxRetries: 4}
	trusting := plain
	trusting.CACertificates = []*x509.Certificate{server.Certificate()}

	for name, test := range map[string]struct {
		block, env given
		want       zstack.Config
	}{
		"defaults":           {want: plain},
		"arguments":          {block: given{"request_timeout": "30s", "max_retries": "7", "insecure_skip_verify": "true"}, want: zstack.Config{RequestTimeout: 30 * time.Second, MaxRetries: 7, InsecureSkipVerify: true}},
		"variables":          {env: given{"ZSTACK_REQUEST_TIMEOUT": "1m30s", "ZSTACK_MAX_RETRIES": "0", "ZSTACK_INSECURE_SKIP_VERIFY": "TRUE"}, want: zstack.Config{RequestTimeout: 90 * time.Second, InsecureSkipVerify: true}},
		"false beats true":   {block: given{"insecure_skip_verify": "false"}, env: given{"ZSTACK_INSECURE_SKIP_VERIFY": "true"}, want: plain},
		"zero beats seven":   {block: given{"max_retries": "0"}, env: given{"ZSTACK_MAX_RETRIES": "7"}, want: zstack.Config{RequestTimeout: time.Minute}},
		"empty is unset":     {env: given{"ZSTACK_REQUEST_TIMEOUT": "", "ZSTACK_MAX_RETRIES": "", "ZSTACK_INSECURE_SKIP_VERIFY": "", "ZSTACK_CA_CERTIFICATE": ""}, want: plain},
		"CA":                 {block: given{"ca_certificate": certificate}, want: trusting},
		"CA file":            {block: given{"ca_certificate_file": file}, want: trusting},
		"CA variable":        {env: given{"ZSTACK_CA_CERTIFICATE": certificate}, want: trusting},
		"CA file variable":   {env: given{"ZSTACK_CA_CERTIFICATE_FILE": file}, want: trusting},
		"CA hides the file":  {block: given{"ca_certificate": certificate}, env: given{"ZSTACK_CA_CERTIFICATE_FILE": "/nowhere"}, want: trusting},
		"CA file hides text": {block: given{"ca_certificate_file": file}, env: given{"ZSTACK_CA_CERTIFICATE": "nonsense"}, want: trusting},
	} {
		t.Run(name, func(t *testing.T) {
			config, _, diags := resolve(test.block.and(anEndpoint).and(credential).block(), test.env.getenv)
			if diags.HasError() {
				t.Fatal(render(diags))
			}
			config.Endpoint, config.Credentials = nil, nil
			if diff := cmp.Diff(test.want, config); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNeededValuesThatAreNotKnownYetAreNamed(t *testing.T) {
	account := given{"account_name": "a", "account_password": "p"}
	for name, test := range map[string]struct {
		block, env given
		want       []string
	}{
		"password":                        {block: anEndpoint.and(given{"account_name": "a", "account_password": pending}), want: []string{"account_password"}},
		"endpoint":                        {block: account.and(given{"endpoint": pending}), want: []string{"endpoint"}},
		"host and port":                   {block: account.and(given{"host": pending, "port": pending}), want: []string{"host", "port"}},
		"port, and the host may come":     {block: account.and(given{"port": pending}), want: []string{"port"}},
		"the only member of its set":      {block: anEndpoint.and(given{"access_key_id": pending}), want: []string{"access_key_id"}},
		"the variable does not step in":   {block: anEndpoint.and(given{"session_uuid": pending}), env: inEnv, want: []string{"session_uuid"}},
		"the optional member":             {block: anEndpoint.and(account).and(given{"user_name": pending}), want: []string{"user_name"}},
		"the rest":                        {block: anEndpoint.and(account).and(given{"ca_certificate": pending, "insecure_skip_verify": pending, "request_timeout": pending, "max_retries": pending}), want: []string{"ca_certificate", "insecure_skip_verify", "request_timeout", "max_retries"}},
		"what may yet conflict":           {block: account.and(given{"endpoint": "http://a", "host": pending, "session_uuid": pending}), want: []string{"host", "session_uuid"}},
		"all of what may yet conflict":    {block: anEndpoint.and(given{"account_name": pending, "access_key_id": pending}), want: []string{"account_name", "access_key_id"}},
		"time zone with an access key":    {block: anEndpoint.and(given{"access_key_id": "i", "access_key_secret": "s", "server_time_zone": pending}), want: []string{"server_time_zone"}},
		"time zone without an access key": {block: anEndpoint.and(account).and(given{"server_time_zone": pending})},
	} {
		t.Run(name, func(t *testing.T) {
			_, unknown, diags := resolve(test.block.block(), test.env.getenv)
			if text := render(diags); text != "" {
				t.Fatal(text)
			}
			if diff := cmp.Diff(test.want, unknown); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNotKnownYetSaysTheWayOut(t *testing.T) {
	want := `Error: Provider Configuration Not Known Yet
This data source is read while planning, but the provider cannot log in yet: the value of host, port in the provider block comes from something that is not applied.

Give it a value that is known while planning, or apply what it comes from first, with apply -target=ADDRESS.
`
	if diff := cmp.Diff(want, render(notKnownYet([]string{"host", "port"}))); diff != "" {
		t.Error(diff)
	}
}
