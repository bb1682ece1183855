// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/zstackio/terraform-provider-zstack/internal/tfcli"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// showFake applies the example to a management node that lives as long as the call.
func showFake(ctx context.Context, out io.Writer, node *zstacktest.Node) error {
	server := httptest.NewServer(node)
	defer server.Close()
	fmt.Fprintf(out, "Started a fake management node at %s.\n", server.URL)

	env := append(tfcli.CleanEnvironment("TF_", "ZSTACK_"),
		"ZSTACK_ENDPOINT="+server.URL,
		"ZSTACK_ACCOUNT_NAME="+zstacktest.DefaultAccount,
		"ZSTACK_ACCOUNT_PASSWORD="+zstacktest.DefaultPassword,
	)
	if err := apply(ctx, out, env); err != nil {
		return err
	}

	fmt.Fprintln(out, "\nWhat the management node was asked:")
	for _, r := range node.Requests() {
		fmt.Fprintf(out, "  %-6s %s -> %d\n", r.Method, target(r), r.Status)
	}
	fmt.Fprint(out, realHint)
	return nil
}

// target is what a request asked for, readable, and without the session's uuid in a logout: even a fake one is a secret.
func target(r zstacktest.Request) string {
	path, _, logout := strings.Cut(r.Path, "/sessions/")
	if logout {
		return path + "/sessions/…"
	}
	query, err := url.QueryUnescape(r.RawQuery)
	if err != nil || query == "" {
		return path
	}
	return path + "?" + query
}

const realHint = `
The same configuration reads your own cloud:

  export ZSTACK_ENDPOINT=http://<management node>:8080
  export ZSTACK_ACCOUNT_NAME=admin
  export ZSTACK_ACCOUNT_PASSWORD=<password>
  make demo-real

The other ways to log in are described in docs/guides/authentication.md.
`

// showCloud applies the example to the cloud that the environment names.
func showCloud(ctx context.Context, out io.Writer) error {
	if missing := missingVariables(); len(missing) > 0 {
		return errors.New("The demo does not know your cloud yet. Not set:\n\n  " + strings.Join(missing, "\n  ") + "\n" + realHint)
	}
	return apply(ctx, out, tfcli.CleanEnvironment("TF_"))
}

// needed are the variables that the demo cannot do without: one of each line. Whether a login is complete is for the provider
// to say.
var needed = [][]string{
	{"ZSTACK_ENDPOINT", "ZSTACK_HOST"},
	{"ZSTACK_ACCOUNT_NAME", "ZSTACK_VIRTUAL_ID_NAME", "ZSTACK_ACCESS_KEY_ID", "ZSTACK_SESSION_UUID"},
}

func missingVariables() (missing []string) {
	for _, alternatives := range needed {
		if !slices.ContainsFunc(alternatives, func(name string) bool { return os.Getenv(name) != "" }) {
			missing = append(missing, strings.Join(alternatives, " or "))
		}
	}
	return missing
}
