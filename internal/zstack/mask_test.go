// SPDX-License-Identifier: MPL-2.0

package zstack

import (
	"bytes"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-log/tflog"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"
)

func TestMaskHidesSecretsInWhateverIsLogged(t *testing.T) {
	var log bytes.Buffer
	ctx := maskSecrets(tflogtest.RootLogger(t.Context(), &log), []string{"", "secret-4711", "secret-4712"})
	tflog.Trace(ctx, "the message holds secret-4711", map[string]any{"field": "and secret-4712 too"})
	if text := log.String(); strings.Contains(text, "secret-471") || !strings.Contains(text, "the message holds ***") || !strings.Contains(text, "and *** too") {
		t.Errorf("the log is %s", text)
	}
}
