// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"slices"
	"strings"

	"github.com/zstackio/terraform-provider-zstack/internal/tfcli"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// showFake applies the example to a management node that it stops before it returns.
func showFake(ctx context.Context, out io.Writer, node *zstacktest.Node) error {
	server := httptest.NewServer(node)
	defer server.Close()
	fmt.Fprintf(out, "Started a fake management node at %s.\n", server.URL)

	env := tfcli.CleanEnvironment("TF_", "ZSTACK_")
	for _, variable := range accessVariables(server.URL) {
		env = append(env, variable.name+"="+variable.value)
	}
	if err := apply(ctx, out, env); err != nil {
		return err
	}

	fmt.Fprintln(out, "\nRequests that the management node received:")
	for _, r := range node.Requests() {
		fmt.Fprintf(out, "  %-6s %s -> %d\n", r.Method, target(r.Path, r.RawQuery), r.Status)
	}
	fmt.Fprint(out, "\n"+ownCloud)
	return nil
}

var ownCloud = `To read your own cloud with the same configuration, replace the address and the password, and run:

` + posix.format(accessVariables("http://172.20.1.10:8080")) + `  make demo-real

For other ways to log in, see docs/guides/authentication.md. To try configurations of your own without a cloud, run make node.
`

// showCloud applies the example to the cloud that the environment names.
func showCloud(ctx context.Context, out io.Writer) error {
	if missing := missingVariables(); len(missing) > 0 {
		return errors.New("Your cloud is not configured. Missing variables:\n\n  " + strings.Join(missing, "\n  ") + "\n\n" + ownCloud)
	}
	return apply(ctx, out, tfcli.CleanEnvironment("TF_"))
}

// requiredVariables are the variables that the demo requires: one of each line. The provider checks whether the credentials
// are complete.
var requiredVariables = [][]string{
	{"ZSTACK_ENDPOINT", "ZSTACK_HOST"},
	{"ZSTACK_ACCOUNT_NAME", "ZSTACK_VIRTUAL_ID_NAME", "ZSTACK_ACCESS_KEY_ID", "ZSTACK_SESSION_UUID"},
}

func missingVariables() (missing []string) {
	for _, alternatives := range requiredVariables {
		if !slices.ContainsFunc(alternatives, func(name string) bool { return os.Getenv(name) != "" }) {
			missing = append(missing, strings.Join(alternatives, " or "))
		}
	}
	return missing
}
