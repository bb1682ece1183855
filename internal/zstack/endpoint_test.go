// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"net/http"
	"strings"
	"testing"
)

func TestParseEndpointCompletesPortAndPath(t *testing.T) {
	for text, want := range map[string]string{
		"http://zstack":                     "http://zstack:8080/zstack",
		"http://zstack/":                    "http://zstack:8080/zstack",
		"http://zstack:":                    "http://zstack:8080/zstack",
		"HTTP://ZStack.Example":             "http://ZStack.Example:8080/zstack",
		"https://zstack.example":            "https://zstack.example:443/zstack",
		"https://zstack.example//":          "https://zstack.example:443/zstack",
		"https://zstack.example/.":          "https://zstack.example:443/zstack",
		"https://zstack.example/a/..":       "https://zstack.example:443/zstack",
		"https://zstack.example:8443":       "https://zstack.example:8443/zstack",
		"https://zstack.example:65535/":     "https://zstack.example:65535/zstack",
		"https://zstack.example/cloud":      "https://zstack.example:443/cloud",
		"https://zstack.example/cloud/":     "https://zstack.example:443/cloud",
		"https://zstack.example/a/../b/":    "https://zstack.example:443/b",
		"https://zstack.example/a%2Fb/c%20": "https://zstack.example:443/a%2Fb/c%20",
		"http://172.20.1.10":                "http://172.20.1.10:8080/zstack",
		"http://[::1]":                      "http://[::1]:8080/zstack",
		"http://[2001:db8::1]:80/z":         "http://[2001:db8::1]:80/z",
		"http://[fe80::1%25eth0]":           "http://[fe80::1%25eth0]:8080/zstack",
		"http://zstack_node-1":              "http://zstack_node-1:8080/zstack",
		"http://镜像.example":                 "http://%E9%95%9C%E5%83%8F.example:8080/zstack",
	} {
		got, err := ParseEndpoint(text)
		if err != nil {
			t.Errorf("ParseEndpoint(%q): %v", text, err)
		} else if got.String() != want {
			t.Errorf("ParseEndpoint(%q) = %s, want %s", text, got, want)
		}
	}
}

func TestParseEndpointSaysWhatIsWrongAndShowsTheEndpointAsItShouldBe(t *testing.T) {
	const (
		placeholder = "it contains the placeholder <address>: replace it with the host name or IP address of the management node"
		noScheme    = "it must begin with http://, or with https:// if a reverse proxy serves TLS"
		userinfo    = "it must not contain a user name or a password (anything before an @): credentials have their own arguments"
		query       = "it must not contain a query (the part from ? on)"
		fragment    = "it must not contain a fragment (the part from # on), as an address of ZStack's web interface does"
		space       = "it begins or ends with whitespace"
		quotation   = "it begins or ends with a quotation mark, which is part of the value"
		wide        = "it contains full-width punctuation"
		host        = "it contains no valid host"
		port        = "its port is not a number from 1 to 65535"
	)
	for text, want := range map[string]struct{ problem, corrected string }{
		"":                             {noScheme, ""},
		"zstack.example":               {noScheme, "http://zstack.example:8080"},
		"zstack.example.com/":          {noScheme, "http://zstack.example.com:8080"},
		"zstack.example.com/cloud/":    {noScheme, "http://zstack.example.com:8080/cloud"},
		"zstack.example.com:443":       {noScheme, "https://zstack.example.com:443"},
		"zstack.example.com:8443/z":    {noScheme, "https://zstack.example.com:8443/z"},
		"172.20.1.10":                  {noScheme, "http://172.20.1.10:8080"},
		"172.20.1.10:8080":             {noScheme, "http://172.20.1.10:8080"},
		"[fd00::1]:8080":               {noScheme, "http://[fd00::1]:8080"},
		"fd00::1":                      {noScheme, "http://[fd00::1]:8080"},
		"localhost":                    {noScheme, "http://localhost:8080"},
		"zstack:8080":                  {noScheme, ""}, // It could also be a user name and a password.
		"hunter2":                      {noScheme, ""},
		"//zstack.example":             {noScheme, ""},
		"ftp://zstack.example":         {noScheme, ""},
		"tcp://10.96.0.12:8080":        {noScheme, ""},
		"http:zstack":                  {noScheme, "http://zstack"},
		"http:/zstack":                 {noScheme, "http://zstack"},
		"https//zstack/z":              {noScheme, "https://zstack/z"},
		`http:\\zstack`:                {noScheme, "http://zstack"},
		"http://http://zstack":         {"it contains :// twice", "http://zstack"},
		"http://https://zstack":        {"it contains :// twice", "https://zstack"},
		"http：//zstack:8080":           {wide, "http://zstack:8080"},
		"http://10.0.0.5：8080":         {wide, "http://10.0.0.5:8080"},
		"http://zstack。example":        {wide, "http://zstack.example"},
		" http://zstack":               {space, "http://zstack"},
		"http://zstack:8080/z \t":      {space, "http://zstack:8080/z"},
		"http://zstack\n":              {space, "http://zstack"},
		"\u00a0http://zstack\u200b":    {space, "http://zstack"},
		" 10.0.0.5:5000/#/login ":      {space, "http://10.0.0.5:8080"},
		"http:// zstack":               {"its host contains whitespace", "http://zstack"},
		"http://zst ack":               {"its host contains whitespace", ""},
		`"http://zstack"`:              {quotation, "http://zstack"},
		"'10.0.0.5:8080'":              {quotation, "http://10.0.0.5:8080"},
		"<http://zstack>":              {quotation, "http://zstack"},
		"http://zstack:abc":            {port, ""},
		"http://zstack:0":              {port, ""},
		"http://zstack:65536":          {port, ""},
		"http://zstack:80 80":          {"its host contains whitespace", ""},
		"http://[::1":                  {"it is not a valid URL", ""},
		"http://zstack/%zz":            {"it is not a valid URL", ""},
		"http://zst\x7fack":            {"it is not a valid URL", ""},
		"http://[zstack]":              {"it is not a valid URL", ""},
		"http://fd00::1":               {"an IPv6 address in it must be in brackets", "http://[fd00::1]"},
		"http://fd00::1/z":             {"an IPv6 address in it must be in brackets", "http://[fd00::1]/z"},
		"http://::1:8080":              {"an IPv6 address in it must be in brackets", "http://[::1]:8080"},
		"http://fd00::a:8443/z":        {"an IPv6 address in it must be in brackets", "http://[fd00::a]:8443/z"},
		"http://fd00::a:b":             {"an IPv6 address in it must be in brackets", "http://[fd00::a:b]"},
		"http://1:2:3:4:5:6:7:8080":    {"an IPv6 address in it must be in brackets", "http://[1:2:3:4:5:6:7:8080]"},
		"fd00::1:18080":                {noScheme, "http://[fd00::1]:18080"},
		"http://<address>:8080":        {placeholder, ""},
		"https://<address>":            {placeholder, ""},
		"<address>":                    {placeholder, ""},
		"http://":                      {host, ""},
		"http:///zstack":               {host, "http://zstack"},
		"http://:8080":                 {host, ""},
		"http://zst\"ack":              {host, ""},
		"http://zstack?a=b":            {query, "http://zstack"},
		"http://zstack:80/z/?token=x":  {query, "http://zstack:80/z"},
		"http://zstack/?":              {query, "http://zstack"},
		"http://zstack#top":            {fragment, "http://zstack"},
		"http://zstack/#":              {fragment, "http://zstack"},
		"https://zstack/cloud/?a#/b":   {fragment, "https://zstack/cloud"},
		"http://10.0.0.5:5000/#/login": {fragment, "http://10.0.0.5:8080"},
		"https://10.0.0.5:5443/ui/#/x": {fragment, "http://10.0.0.5:8080"},
		"https://[fd00::1]:5443/#/x":   {fragment, "http://[fd00::1]:8080"},
		"10.0.0.5:5000/#/login":        {noScheme, "http://10.0.0.5:8080"},

		"http://admin:hunter2@zstack":          {userinfo, "http://zstack"},
		"https://admin@zstack:8443/z":          {userinfo, "https://zstack:8443/z"},
		"http://admin:hunter@2@zstack":         {userinfo, "http://zstack"},
		"http://admin:12345/hunter2@zstack":    {userinfo, ""},
		"http://admin:12345#hunter2@zstack":    {userinfo, ""},
		"http://zstack?mail=hunter2@a.example": {userinfo, ""},
		"admin:hunter2@zstack.example:8080":    {userinfo, "http://zstack.example:8080"},
		"admin:hunter2@zstack":                 {userinfo, ""},

		"http://" + strings.Repeat("a", 254): {host, ""},
	} {
		full := want.problem
		if want.corrected != "" {
			full += `. Write "` + want.corrected + `"`
			if _, err := ParseEndpoint(want.corrected); err != nil {
				t.Errorf("%q: the corrected endpoint is not accepted: %v", text, err)
			}
		}
		got, err := ParseEndpoint(text)
		if err == nil {
			t.Errorf("ParseEndpoint(%q) = %s, want an error", text, got)
		} else if err.Error() != full {
			t.Errorf("ParseEndpoint(%q):\n got %s\nwant %s", text, err, full)
		}
	}
}

func FuzzParseEndpoint(f *testing.F) {
	for _, seed := range []string{
		"http://zstack", "https://zstack.example:8443/cloud/", "http://[fe80::1%25eth0]:80", "https://h/a/../%2F/.", "http://admin:hunter2@zstack",
		"http://zstack:99999", "http://镜像", "http:///", "http://h?", "http://h#",
	} {
		f.Add(seed)
	}
	f.Add("http://[::%25\xb0]") // The zone of an address is not valid UTF-8.
	f.Fuzz(func(t *testing.T, text string) {
		endpoint, err := ParseEndpoint(text)
		if err != nil {
			for _, secret := range []string{before(text, "@"), after(text, "?"), after(text, "#")} {
				if secret != "" && strings.Contains(err.Error(), secret) {
					t.Errorf("the error on %q contains what may be a secret: %v", text, err)
				}
			}
			return
		}
		again, err := ParseEndpoint(endpoint.String())
		if err != nil || again.String() != endpoint.String() {
			t.Errorf("%s is not read as itself, but as %v, %v", endpoint, again, err)
		}
		if !strings.HasPrefix(endpoint.Path, "/") || strings.HasSuffix(endpoint.EscapedPath(), "/") {
			t.Errorf("%s: the context path is %q", endpoint, endpoint.Path)
		}
		url := endpoint.JoinPath("/v1/backup-storage")
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url.String(), nil)
		if err != nil {
			t.Fatalf("%s is not a URL for a request: %v", url, err)
		}
		if path := strings.TrimPrefix(request.URL.Path, endpoint.Path); path != "/v1/backup-storage" {
			t.Errorf("%s: after the context path %q, the path is %q", url, endpoint.Path, path)
		}
	})
}

// before returns the part of text between a scheme and the last mark, if it is
// too long to be found elsewhere by chance.
func before(text, mark string) string {
	secret := text[:max(0, strings.LastIndex(text, mark))]
	if _, rest, found := strings.Cut(secret, "://"); found {
		secret = rest
	}
	return atLeast12(secret)
}

func after(text, mark string) string {
	_, secret, _ := strings.Cut(text, mark)
	return atLeast12(secret)
}

func atLeast12(text string) string {
	if len(text) < 12 {
		return ""
	}
	return text
}
