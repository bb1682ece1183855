// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"maps"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// given is a provider block, by argument, or an environment, by variable.
type given map[string]string

const (
	unknown = "\x00" // represents an unknown value
	session = "0123456789abcdef0123456789ABCDEF"
)

func (g given) and(more given) given {
	sum := maps.Clone(more)
	maps.Copy(sum, g)
	return sum
}

func (g given) block() block {
	block := block{}
	for name, text := range g {
		block[name] = blockValue{text: text, unknown: text == unknown}
	}
	return block
}

func (g given) environment() environment { return environment(g) }

var (
	anEndpoint   = given{"endpoint": "https://zstack.example"}
	credential   = given{"session_uuid": session}
	inEnv        = given{"ZSTACK_ENDPOINT": "https://env.example", "ZSTACK_SESSION_UUID": session}
	compareTexts = cmp.Options{
		cmp.Transformer("URL", func(u *url.URL) string { return u.String() }),
		cmp.Transformer("Location", func(l *time.Location) string { return l.String() }),
	}
)

// render formats diagnostics as Terraform shows them, with their paths.
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

func TestEndpointComesFromTheArgumentsOrElseFromTheVariables(t *testing.T) {
	for name, test := range map[string]struct {
		block, env given
		want       string
	}{
		"https has port 443":                     {block: given{"endpoint": "https://a"}, want: "https://a:443/zstack"},
		"http has ZStack's port":                 {block: given{"endpoint": "http://a"}, want: "http://a:8080/zstack"},
		"port and path are kept":                 {block: given{"endpoint": "http://a:81/b/c/"}, want: "http://a:81/b/c"},
		"host has ZStack's port":                 {block: given{"host": "a"}, want: "http://a:8080/zstack"},
		"host with port":                         {block: given{"host": "a", "port": "81"}, want: "http://a:81/zstack"},
		"host is IPv6":                           {block: given{"host": "fd00::1"}, want: "http://[fd00::1]:8080/zstack"},
		"host is IPv6 in brackets":               {block: given{"host": "[fd00::1]", "port": "81"}, want: "http://[fd00::1]:81/zstack"},
		"endpoint is IPv6":                       {block: given{"endpoint": "https://[fd00::1]"}, want: "https://[fd00::1]:443/zstack"},
		"variable":                               {env: given{"ZSTACK_ENDPOINT": "http://e"}, want: "http://e:8080/zstack"},
		"variables host and port":                {env: given{"ZSTACK_HOST": "e", "ZSTACK_PORT": "82"}, want: "http://e:82/zstack"},
		"empty variables are unset":              {env: given{"ZSTACK_ENDPOINT": "", "ZSTACK_HOST": "e", "ZSTACK_PORT": ""}, want: "http://e:8080/zstack"},
		"argument beats its variable":            {block: given{"host": "a"}, env: given{"ZSTACK_HOST": "e"}, want: "http://a:8080/zstack"},
		"host takes the port's variable":         {block: given{"host": "a"}, env: given{"ZSTACK_PORT": "82"}, want: "http://a:82/zstack"},
		"port takes the host's variable":         {block: given{"port": "81"}, env: given{"ZSTACK_HOST": "e", "ZSTACK_PORT": "82"}, want: "http://e:81/zstack"},
		"endpoint overrides host and port":       {block: given{"endpoint": "http://a"}, env: given{"ZSTACK_HOST": "e", "ZSTACK_PORT": "x"}, want: "http://a:8080/zstack"},
		"host overrides the variable endpoint":   {block: given{"host": "a"}, env: given{"ZSTACK_ENDPOINT": "nonsense"}, want: "http://a:8080/zstack"},
		"port without a host is ignored":         {env: given{"ZSTACK_ENDPOINT": "http://e", "ZSTACK_PORT": "tcp://10.96.0.12:8080"}, want: "http://e:8080/zstack"},
		"port alone overrides the variable, too": {block: given{"port": "81"}, env: given{"ZSTACK_ENDPOINT": "http://e", "ZSTACK_HOST": "e"}, want: "http://e:81/zstack"},
	} {
		t.Run(name, func(t *testing.T) {
			resolved, diags := resolve(test.block.and(credential).block(), test.env.environment())
			if text := render(diags); text != "" {
				t.Fatal(text)
			}
			if got := resolved.config.Endpoint.String(); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestOneSetOfCredentialsIsUsed(t *testing.T) {
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
		"session":                   {block: given{"session_uuid": session}, want: zstack.Session{UUID: session}},

		"account from the environment":    {env: account, want: zstack.Account{Name: "acct", Password: "pw"}},
		"user from the environment":       {env: account.and(given{"ZSTACK_USER_NAME": "usr"}), want: zstack.Account{Name: "acct", Password: "pw", UserName: "usr"}},
		"virtual ID from the environment": {env: virtualID, want: zstack.VirtualID{Name: "vid", Password: "pw"}},
		"project from the environment":    {env: virtualID.and(given{"ZSTACK_PROJECT_NAME": "prj"}), want: zstack.VirtualID{Name: "vid", Password: "pw", Project: "prj"}},
		"access key from the environment": {env: key, want: zstack.AccessKey{ID: "id", Secret: "shh"}},
		"time zone from the environment":  {env: key.and(given{"ZSTACK_SERVER_TIME_ZONE": "Asia/Shanghai"}), want: zstack.AccessKey{ID: "id", Secret: "shh", Location: shanghai}},
		"session from the environment":    {env: given{"ZSTACK_SESSION_UUID": session}, want: zstack.Session{UUID: session}},

		"empty variables are unset":                  {env: account.and(given{"ZSTACK_ACCESS_KEY_ID": "", "ZSTACK_ACCESS_KEY_SECRET": "", "ZSTACK_USER_NAME": ""}), want: zstack.Account{Name: "acct", Password: "pw"}},
		"arguments beat their variables":             {block: given{"account_name": "a", "account_password": "p"}, env: account, want: zstack.Account{Name: "a", Password: "p"}},
		"name takes the password's variable":         {block: given{"account_name": "a"}, env: account, want: zstack.Account{Name: "a", Password: "pw"}},
		"password takes the name's variable":         {block: given{"account_password": "p"}, env: account, want: zstack.Account{Name: "acct", Password: "p"}},
		"user takes both variables":                  {block: given{"user_name": "u"}, env: account, want: zstack.Account{Name: "acct", Password: "pw", UserName: "u"}},
		"an argument overrides all other sets":       {block: given{"access_key_id": "i"}, env: key.and(account).and(inEnv), want: zstack.AccessKey{ID: "i", Secret: "shh"}},
		"user's variable joins no argument":          {block: given{"account_name": "a"}, env: account.and(given{"ZSTACK_USER_NAME": "usr"}), want: zstack.Account{Name: "a", Password: "pw"}},
		"project's variable joins no argument":       {block: given{"virtual_id_name": "v"}, env: virtualID.and(given{"ZSTACK_PROJECT_NAME": "prj"}), want: zstack.VirtualID{Name: "v", Password: "pw"}},
		"an incomplete set is ignored":               {env: account.and(given{"ZSTACK_ACCESS_KEY_ID": "id", "ZSTACK_PROJECT_NAME": "prj"}), want: zstack.Account{Name: "acct", Password: "pw"}},
		"time zone's variable joins an argument":     {block: given{"access_key_id": "i"}, env: key.and(given{"ZSTACK_SERVER_TIME_ZONE": "Asia/Shanghai"}), want: zstack.AccessKey{ID: "i", Secret: "shh", Location: shanghai}},
		"time zone is ignored without an access key": {block: given{"session_uuid": session}, env: given{"ZSTACK_SERVER_TIME_ZONE": "nowhere"}, want: zstack.Session{UUID: session}},
	} {
		t.Run(name, func(t *testing.T) {
			resolved, diags := resolve(test.block.and(anEndpoint).block(), test.env.environment())
			if text := render(diags); text != "" {
				t.Fatal(text)
			}
			if diff := cmp.Diff(test.want, resolved.config.Credentials, compareTexts); diff != "" {
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
		"defaults":               {want: plain},
		"arguments":              {block: given{"request_timeout": "30s", "max_retries": "7", "insecure_skip_verify": "true"}, want: zstack.Config{RequestTimeout: 30 * time.Second, MaxRetries: 7, InsecureSkipVerify: true}},
		"variables":              {env: given{"ZSTACK_REQUEST_TIMEOUT": "1m30s", "ZSTACK_MAX_RETRIES": "0", "ZSTACK_INSECURE_SKIP_VERIFY": "TRUE"}, want: zstack.Config{RequestTimeout: 90 * time.Second, InsecureSkipVerify: true}},
		"false beats true":       {block: given{"insecure_skip_verify": "false"}, env: given{"ZSTACK_INSECURE_SKIP_VERIFY": "true"}, want: plain},
		"zero beats seven":       {block: given{"max_retries": "0"}, env: given{"ZSTACK_MAX_RETRIES": "7"}, want: zstack.Config{RequestTimeout: time.Minute}},
		"empty is unset":         {env: given{"ZSTACK_REQUEST_TIMEOUT": "", "ZSTACK_MAX_RETRIES": "", "ZSTACK_INSECURE_SKIP_VERIFY": "", "ZSTACK_CA_CERTIFICATE": ""}, want: plain},
		"CA":                     {block: given{"ca_certificate": certificate}, want: trusting},
		"CA file":                {block: given{"ca_certificate_file": file}, want: trusting},
		"CA variable":            {env: given{"ZSTACK_CA_CERTIFICATE": certificate}, want: trusting},
		"CA file variable":       {env: given{"ZSTACK_CA_CERTIFICATE_FILE": file}, want: trusting},
		"CA overrides the file":  {block: given{"ca_certificate": certificate}, env: given{"ZSTACK_CA_CERTIFICATE_FILE": "/nowhere"}, want: trusting},
		"CA file overrides text": {block: given{"ca_certificate_file": file}, env: given{"ZSTACK_CA_CERTIFICATE": "nonsense"}, want: trusting},
	} {
		t.Run(name, func(t *testing.T) {
			resolved, diags := resolve(test.block.and(anEndpoint).and(credential).block(), test.env.environment())
			if diags.HasError() {
				t.Fatal(render(diags))
			}
			config := resolved.config
			config.Endpoint, config.Credentials = nil, nil
			if diff := cmp.Diff(test.want, config); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCertificateFileThatCannotBeUsedIsNamedByItsAbsolutePath(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for name, content := range map[string]string{
		"ca.pem": "nope", "link.pem": "../certs/ca.pem", "page.pem": "<!DOCTYPE html>\n<html></html>", "large.pem": strings.Repeat("\n", 4<<20+1),
	} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	base, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	device, err := filepath.Abs(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ file, want string }{
		"missing":         {"certs/ca.pem", "the file " + filepath.Join(base, "certs", "ca.pem") + " cannot be read: file does not exist"},
		"no PEM":          {"ca.pem", "the file " + filepath.Join(base, "ca.pem") + " was read, but it contains no certificate in PEM format (-----BEGIN CERTIFICATE-----)"},
		"in the home":     {"~/ca.pem", "the file " + filepath.Join(base, "~", "ca.pem") + " cannot be read: file does not exist. The ~ is not expanded: use pathexpand() in Terraform or $HOME in a shell"},
		"a directory":     {".", "the file " + base + " cannot be read: it is not a regular file"},
		"a device":        {os.DevNull, "the file " + device + " cannot be read: it is not a regular file"},
		"a large file":    {"large.pem", "the file " + filepath.Join(base, "large.pem") + " cannot be read: it is longer than 4 MiB"},
		"a path in it":    {"link.pem", "the file " + filepath.Join(base, "link.pem") + " was read, but it contains the path of a file, not a certificate. It is probably a symbolic link that was checked out as text"},
		"an HTML page":    {"page.pem", "the file " + filepath.Join(base, "page.pem") + " was read, but it is an HTML page"},
		"with line break": {"ca.pem\n", "it ends with a line break. Remove it, for instance with chomp(file(...)) in Terraform or with $(cat FILE) in a shell"},
	} {
		t.Run(name, func(t *testing.T) {
			_, diags := resolve(given{"ca_certificate_file": test.file}.block(), inEnv.environment())
			want := "Error: Invalid Provider Argument\nThe argument ca_certificate_file cannot be used: " + test.want + ".\n"
			if diff := cmp.Diff(want, render(diags)); diff != "" {
				t.Error(diff)
			}
			_, diags = resolve(block{}, inEnv.and(given{"ZSTACK_CA_CERTIFICATE_FILE": test.file}).environment())
			want = "Error: Invalid Environment Variable\nThe environment variable ZSTACK_CA_CERTIFICATE_FILE cannot be used: " + test.want + ".\n"
			if diff := cmp.Diff(want, render(diags)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCertificateFileThatMayBeASecretIsNotShown(t *testing.T) {
	const isPEM = "it is PEM text, not a path. PEM text belongs in ca_certificate (ZSTACK_CA_CERTIFICATE)"
	key := "-----BEGIN PRIVATE KEY-----\nSecret\n-----END PRIVATE KEY-----"
	for name, test := range map[string]struct{ file, want string }{
		"a key":                  {key, isPEM},
		"a key and a line break": {key + "\n", isPEM},
		"a key in Base64":        {base64.StdEncoding.EncodeToString([]byte(key)), isPEM},
		"several lines":          {"Secret\nSecret", "the file cannot be read: "},
		"a long text":            {strings.Repeat("Secret", 50), "the file cannot be read: "},
	} {
		t.Run(name, func(t *testing.T) {
			_, diags := resolve(given{"ca_certificate_file": test.file}.block(), inEnv.environment())
			want := "Error: Invalid Provider Argument\nThe argument ca_certificate_file cannot be used: " + test.want
			if got := render(diags); !strings.HasPrefix(got, want) || strings.Contains(got, "Secret") || strings.Contains(got, "\nat ") {
				t.Errorf("got\n%s\nwant no secret, no source line, and\n%s", got, want)
			}
		})
	}
}

func TestProviderBlockIsReadAsTextOfEveryType(t *testing.T) {
	types, values := map[string]tftypes.Type{}, map[string]tftypes.Value{}
	for name, v := range map[string]tftypes.Value{
		"endpoint":             tftypes.NewValue(tftypes.String, "http://a"),
		"account_name":         tftypes.NewValue(tftypes.String, ""),
		"account_password":     tftypes.NewValue(tftypes.String, tftypes.UnknownValue),
		"host":                 tftypes.NewValue(tftypes.String, nil),
		"port":                 tftypes.NewValue(tftypes.Number, 80.5),
		"max_retries":          tftypes.NewValue(tftypes.Number, int64(12345678901)),
		"insecure_skip_verify": tftypes.NewValue(tftypes.Bool, false),
	} {
		types[name], values[name] = v.Type(), v
	}
	got, diags := readBlock(tfsdk.Config{Raw: tftypes.NewValue(tftypes.Object{AttributeTypes: types}, values)})
	if diags.HasError() {
		t.Fatal(render(diags))
	}
	want := given{
		"endpoint": "http://a", "account_name": "", "port": "80.5", "max_retries": "12345678901", "insecure_skip_verify": "false",
	}.block()
	want["account_password"] = blockValue{unknown: true}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(blockValue{})); diff != "" {
		t.Error(diff)
	}
}

func TestConfigFromEnvironmentNeedsNoTerraform(t *testing.T) {
	got, login, err := ConfigFromEnvironment([]string{
		"ZSTACK_ENDPOINT=https://e", "ZSTACK_ACCOUNT_NAME=admin", "ZSTACK_ACCOUNT_PASSWORD=a=b", "ZSTACK_MAX_RETRIES=0", "ZSTACK_HOST=", "PATH=/bin",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := zstack.Config{
		Endpoint:       &url.URL{Scheme: "https", Host: "e:443", Path: "/zstack"},
		Credentials:    zstack.Account{Name: "admin", Password: "a=b"},
		RequestTimeout: time.Minute,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if login.Identity != `account "admin"` {
		t.Errorf("%s logs in", login.Identity)
	}
}

func TestErrorOfConfigFromEnvironmentMentionsOnlyVariables(t *testing.T) {
	_, _, err := ConfigFromEnvironment([]string{
		"ZSTACK_ENDPOINT=", "ZSTACK_REQUEST_TIMEOUT=1", "ZSTACK_ACCOUNT_NAME=a", "ZSTACK_ACCOUNT_PASSWORD=b", "ZSTACK_ACCESS_KEY_ID=c", "ZSTACK_ACCESS_KEY_SECRET=d",
	})
	want := `No complete endpoint is configured in the environment:

  missing ZSTACK_ENDPOINT
  missing ZSTACK_HOST

Set the missing variables of one of these lines. The line to write first:

  export ZSTACK_ENDPOINT=http://<address>:8080

ZSTACK_ENDPOINT is set but empty (a CI secret that this job may not read?).

The environment configures 2 conflicting sets of credentials:

  found ZSTACK_ACCOUNT_NAME, ZSTACK_ACCOUNT_PASSWORD
  found ZSTACK_ACCESS_KEY_ID, ZSTACK_ACCESS_KEY_SECRET

Unset the variables of all but one.

The environment variable ZSTACK_REQUEST_TIMEOUT cannot be used: it must be a duration greater than zero with its unit, such as 30s or 2m, not "1".`
	if diff := cmp.Diff(want, fmt.Sprint(err)); diff != "" {
		t.Error(diff)
	}
}

func TestConfigFromEnvironmentReportsASingleProblem(t *testing.T) {
	_, _, err := ConfigFromEnvironment([]string{"ZSTACK_HOST=a", "ZSTACK_PORT=x", "ZSTACK_SESSION_UUID=" + session})
	want := `The environment variable ZSTACK_PORT cannot be used: it must be a port number from 1 to 65535, not "x".`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestVariableNamesAreCaseSensitiveExceptOnWindows(t *testing.T) {
	_, _, err := ConfigFromEnvironment([]string{"zstack_endpoint=http://a", "ZSTACK_SESSION_UUID=" + session})
	if used := err == nil; used != (runtime.GOOS == "windows") {
		t.Errorf("zstack_endpoint is used: %t", used)
	}
}

func TestUnknownArgumentsThatAreNeededAreNamed(t *testing.T) {
	account := given{"account_name": "a", "account_password": "p"}
	for name, test := range map[string]struct {
		block, env given
		want       []string
	}{
		"password":                         {block: anEndpoint.and(given{"account_name": "a", "account_password": unknown}), want: []string{"account_password"}},
		"endpoint":                         {block: account.and(given{"endpoint": unknown}), want: []string{"endpoint"}},
		"host and port":                    {block: account.and(given{"host": unknown, "port": unknown}), want: []string{"host", "port"}},
		"port without host":                {block: account.and(given{"port": unknown}), want: []string{"port"}},
		"the only member of its set":       {block: anEndpoint.and(given{"access_key_id": unknown}), want: []string{"access_key_id"}},
		"the variable does not replace it": {block: anEndpoint.and(given{"session_uuid": unknown}), env: inEnv, want: []string{"session_uuid"}},
		"the optional member":              {block: anEndpoint.and(account).and(given{"user_name": unknown}), want: []string{"user_name"}},
		"the rest":                         {block: anEndpoint.and(account).and(given{"ca_certificate": unknown, "insecure_skip_verify": unknown, "request_timeout": unknown, "max_retries": unknown}), want: []string{"ca_certificate", "insecure_skip_verify", "request_timeout", "max_retries"}},
		"arguments that may conflict":      {block: account.and(given{"endpoint": "http://a", "host": unknown, "session_uuid": unknown}), want: []string{"host", "session_uuid"}},
		"all arguments that may conflict":  {block: anEndpoint.and(given{"account_name": unknown, "access_key_id": unknown}), want: []string{"account_name", "access_key_id"}},
		"time zone with an access key":     {block: anEndpoint.and(given{"access_key_id": "i", "access_key_secret": "s", "server_time_zone": unknown}), want: []string{"server_time_zone"}},
		"time zone without an access key":  {block: anEndpoint.and(account).and(given{"server_time_zone": unknown})},
	} {
		t.Run(name, func(t *testing.T) {
			resolved, diags := resolve(test.block.block(), test.env.environment())
			if text := render(diags); text != "" {
				t.Fatal(text)
			}
			if diff := cmp.Diff(test.want, resolved.unknown); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestErrorAboutUnknownArgumentsSaysWhatToDo(t *testing.T) {
	want := `Error: Provider Configuration Not Known Yet
Terraform reads this data source during the plan, but the provider cannot log in yet: the value of host, port in the provider block depends on a resource that is not applied yet.

Set it to a value that is known during the plan, or apply that resource first, with terraform apply -target=ADDRESS.
`
	if diff := cmp.Diff(want, render(unknownArguments([]string{"host", "port"}))); diff != "" {
		t.Error(diff)
	}
}
