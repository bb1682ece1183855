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

func TestParseEndpointSaysWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"":                                   "it must begin with http:// or https://",
		"zstack.example":                     "it must begin with http:// or https://",
		"//zstack.example":                   "it must begin with http:// or https://",
		"ftp://zstack.example":               "it must begin with http:// or https://",
		"172.20.1.10:8080":                   "it must begin with http:// or https://",
		"http://zstack:abc":                  "it is not a URL",
		"http://[::1":                        "it is not a URL",
		"http://zstack/%zz":                  "it is not a URL",
		"http://zst\x7fack":                  "it is not a URL",
		"http:zstack":                        "it must begin with http:// or https://",
		"http://":                            "it names no valid host",
		"http:///zstack":                     "it names no valid host",
		"http://:8080":                       "it names no valid host",
		"http://[zstack]":                    "it is not a URL",
		"http://zst\"ack":                    "it names no valid host",
		"http://admin:hunter2@zstack":        "it must not hold a user name or a password: credentials have arguments of their own",
		"http://admin@zstack":                "it must not hold a user name or a password: credentials have arguments of their own",
		"http://admin:12345/hunter2@zstack":  "it must not hold a user name or a password: credentials have arguments of their own",
		"http://zstack?a=b":                  "it must not hold a query (a part that begins with ?)",
		"http://zstack/?":                    "it must not hold a query (a part that begins with ?)",
		"http://zstack#top":                  "it must not hold a fragment (a part that begins with #)",
		"http://zstack/#":                    "it must not hold a fragment (a part that begins with #)",
		"http://zstack:0":                    "its port is not between 1 and 65535",
		"http://zstack:65536":                "its port is not between 1 and 65535",
		"http://" + strings.Repeat("a", 254): "it names no valid host",
	} {
		got, err := ParseEndpoint(text)
		if err == nil {
			t.Errorf("ParseEndpoint(%q) = %s, want an error", text, got)
		} else if err.Error() != want {
			t.Errorf("ParseEndpoint(%q): %q, want %q", text, err, want)
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
			if len(text) > 12 && strings.Contains(err.Error(), text) {
				t.Errorf("the error repeats the text: %v", err)
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
			t.Errorf("%s: behind the context path %q stands %q", url, endpoint.Path, path)
		}
	})
}
