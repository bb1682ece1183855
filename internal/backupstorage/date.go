// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"strings"
	"time"
)

// plainBlanks puts a blank for the narrow and the plain no-break space, which
// newer Java runtimes write before AM and PM.
var plainBlanks = strings.NewReplacer("\u202f", " ", "\u00a0", " ")

// dateLayouts are the spellings of Java 8, and of Java 9 and newer
// (PROTOCOL.md §5.4).
var dateLayouts = []string{"Jan 2, 2006 3:04:05 PM", "Jan 2, 2006, 3:04:05 PM"}

// parseDate reads a date of the server and says whether it could. The text
// names no time zone, so that the result is good for comparing dates of one
// server only.
func parseDate(text string) (time.Time, bool) {
	text = plainBlanks.Replace(text)
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
