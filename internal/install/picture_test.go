// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/zstackio/terraform-provider-zstack/internal/golden"
)

// changes matches the part of a plan that is the same with every engine.
var changes = regexp.MustCompile(`(?ms)^Changes to Outputs:\n.*?^    }$`)

// Sizes in the picture, in pixels.
const (
	margin     = 18
	lineHeight = 18
	charWidth  = 8
)

// markup colors the signs of a plan, and escapes the other text.
var markup = strings.NewReplacer("&", "&amp;", "<", "&lt;", "$", green("$"), "+", green("+"))

func green(text string) string { return `<tspan fill="#7ee787">` + text + `</tspan>` }

// checkPicture compares the README's picture of a plan with that of this plan.
func checkPicture(t *testing.T, plan string) {
	t.Helper()
	lines := strings.Split("$ terraform plan\n...\n"+changes.FindString(plan), "\n")
	var texts strings.Builder
	width, height := 0, 2*margin+lineHeight*len(lines)
	for i, line := range lines {
		lineWidth := charWidth * len(line)
		width = max(width, 2*margin+lineWidth)
		fmt.Fprintf(&texts, "<text x=\"%d\" y=\"%d\" textLength=\"%d\" lengthAdjust=\"spacingAndGlyphs\">%s</text>\n", // as wide in every font
			margin, 2*margin+lineHeight*i, lineWidth, markup.Replace(line))
	}
	golden.Check(t, "../../../.github/plan.svg", fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%[1]d" height="%[2]d" viewBox="0 0 %[1]d %[2]d" role="img" aria-label="Output of terraform plan">
<!-- To write this file anew, run go test ./internal/install -update -->
<rect width="100%%" height="100%%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="13" fill="#e6edf3" xml:space="preserve">
%[3]s</g>
</svg>
`, width, height, &texts))
}
