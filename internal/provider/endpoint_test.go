// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/zstackio/terraform-provider-zstack/internal/acctest"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

func TestEndpointMayHaveAnotherContextPath(t *testing.T) {
	cloud := acctest.Start(t)
	cloud.Configure(func(s *zstacktest.Settings) { s.ContextPath = "/cloud/one" })
	t.Setenv("ZSTACK_ENDPOINT", cloud.URL+"/cloud/one/")
	cloud.Run(t, resource.TestStep{Config: list, PlanOnly: true})
}

func TestProxyOfTheEnvironmentReceivesRequestsForTheEndpoint(t *testing.T) {
	for name, test := range map[string]struct {
		env  map[string]string
		want string
	}{
		"name":     {env: map[string]string{"ZSTACK_ENDPOINT": "http://zstack.invalid"}, want: "zstack.invalid:8080"},
		"IPv6":     {env: map[string]string{"ZSTACK_ENDPOINT": "http://[fd00::1]:81/"}, want: "[fd00::1]:81"},
		"host":     {env: map[string]string{"ZSTACK_HOST": "zstack.invalid", "ZSTACK_PORT": "82"}, want: "zstack.invalid:82"},
		"IPv6host": {env: map[string]string{"ZSTACK_HOST": "fd00::1"}, want: "[fd00::1]:8080"},
	} {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.Start(t)
			hosts := make(chan string, 100)
			proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				hosts <- r.URL.Host
				cloud.ServeHTTP(w, r)
			}))
			defer proxy.Close()
			t.Setenv("HTTP_PROXY", proxy.URL)
			t.Setenv("NO_PROXY", "")
			t.Setenv("ZSTACK_ENDPOINT", "")
			for variable, text := range test.env {
				t.Setenv(variable, text)
			}
			cloud.Run(t, resource.TestStep{Config: list, PlanOnly: true})
			if host := <-hosts; host != test.want {
				t.Errorf("the proxy received a request for %s, want %s", host, test.want)
			}
		})
	}
}

func TestTLSCertificatesAreVerified(t *testing.T) {
	ca, other := zstacktest.NewCA(), zstacktest.NewCA()
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, []byte(ca.PEM()), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		serve func(cloud *acctest.Cloud) string
		env   map[string]string
		want  string // summary of the error; empty: none
	}{
		"by the CA's text": {
			serve: func(c *acctest.Cloud) string { return c.ServeTLS(t, ca.Certificate()) },
			env:   map[string]string{"ZSTACK_CA_CERTIFICATE": ca.PEM()},
		},
		"by the CA's file": {
			serve: func(c *acctest.Cloud) string { return c.ServeTLS(t, ca.Certificate()) },
			env:   map[string]string{"ZSTACK_CA_CERTIFICATE_FILE": file},
		},
		"by the CA among others": {
			serve: func(c *acctest.Cloud) string { return c.ServeTLS(t, ca.Certificate()) },
			env:   map[string]string{"ZSTACK_CA_CERTIFICATE": other.PEM() + ca.PEM()},
		},
		"unknown CA": {
			serve: func(c *acctest.Cloud) string { return c.ServeTLS(t, ca.Certificate()) },
			want:  "Unknown Certificate Authority",
		},
		"another CA": {
			serve: func(c *acctest.Cloud) string { return c.ServeTLS(t, ca.Certificate()) },
			env:   map[string]string{"ZSTACK_CA_CERTIFICATE": other.PEM()},
			want:  "Unknown Certificate Authority",
		},
		"wrong host": {
			serve: func(c *acctest.Cloud) string { return c.ServeTLS(t, ca.Certificate("zstack.example")) },
			env:   map[string]string{"ZSTACK_CA_CERTIFICATE": ca.PEM()},
			want:  "Certificate of Another Host",
		},
		"expired": {
			serve: func(c *acctest.Cloud) string { return c.ServeTLS(t, ca.ExpiredCertificate()) },
			env:   map[string]string{"ZSTACK_CA_CERTIFICATE": ca.PEM()},
			want:  "Certificate Expired",
		},
		"not TLS at all": {
			serve: func(c *acctest.Cloud) string { return "https" + c.URL[len("http"):] },
			want:  "No TLS at the Endpoint",
		},
	} {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.Start(t)
			t.Setenv("ZSTACK_ENDPOINT", test.serve(cloud))
			for variable, text := range test.env {
				t.Setenv(variable, text)
			}
			step := resource.TestStep{Config: list, PlanOnly: true}
			if test.want != "" {
				step.ExpectError = regexp.MustCompile("Error: " + test.want)
			}
			cloud.Run(t, step)
			if reached := len(cloud.Requests()) > 0; reached != (test.want == "") {
				t.Errorf("requests reached the node: %t", reached)
			}
		})
	}
}

func TestUnverifiedCertificatesAreAcceptedWithAWarningEachTime(t *testing.T) {
	for name, test := range map[string]struct{ block, variable, source string }{
		"argument": {block: "insecure_skip_verify = true", source: "insecure_skip_verify"},
		"variable": {variable: "true", source: "ZSTACK_INSECURE_SKIP_VERIFY"},
	} {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.Start(t)
			t.Setenv("ZSTACK_ENDPOINT", cloud.ServeTLS(t, zstacktest.NewCA().ExpiredCertificate("zstack.example")))
			t.Setenv("ZSTACK_INSECURE_SKIP_VERIFY", test.variable)
			cli := cloud.CLI(t, required+block(test.block)+list)
			for range 2 {
				output := cli.Run("plan")
				if !strings.Contains(output, "Warning: TLS Certificates Are Not Verified") || !strings.Contains(output, test.source+" is true") {
					t.Errorf("no warning that names %s in:\n%s", test.source, output)
				}
			}
		})
	}
}
