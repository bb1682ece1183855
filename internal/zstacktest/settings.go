// SPDX-License-Identifier: MPL-2.0

package zstacktest

import "time"

// Settings are what makes one node differ from the next: what its administrator configured, what its Java prints, and
// what a broken release does to lists.
type Settings struct {
	// ContextPath is where the web application is deployed.
	ContextPath string
	// Locale is the language of error details (PROTOCOL.md §6.1).
	Locale Locale
	// TimeZone is the zone of the node's Java virtual machine: dates carry no zone, so it shows in every one of them.
	TimeZone *time.Location
	// DateText is the spelling of dates (PROTOCOL.md §5.4).
	DateText DateText
	// VendorForm answers queries as the vendor's page prints them: keys in alphabetical order, "success": true, no schema.
	VendorForm bool

	// SessionTimeout is how long a session lives without being used (PROTOCOL.md §2.4).
	SessionTimeout time.Duration
	// MaxSessions is how many live sessions one user may have; a login beyond it is answered [TooManySessions].
	MaxSessions int
	// UniqueSession ends all earlier sessions of a user when the user logs in.
	UniqueSession bool

	// CheckTimeZone compares the Date of signed requests as an instant, not by its digits (PROTOCOL.md §3.2).
	CheckTimeZone bool
	// NoAccessKeyPlugin is a node without the premium plug-in that knows access keys.
	NoAccessKeyPlugin bool

	// IgnoreLimit answers the whole rest of the list instead of one page.
	IgnoreLimit bool
	// IgnoreStart answers the first page to every page asked for.
	IgnoreStart bool
	// IgnoreSort answers rows in any order, although a sort was asked for.
	IgnoreSort bool
	// RepeatRows ends every page with its first row once more.
	RepeatRows bool
	// NoTotal leaves out the total, although replyWithCount asked for it.
	NoTotal bool
}

// Locale is the language a node writes error details in.
type Locale string

// The two languages ZStack is shipped with.
const (
	Chinese Locale = "zh_CN"
	English Locale = "en_US"
)

// DateText is a Java release's spelling of a date, as a [time.Layout].
type DateText string

// The three spellings there are.
const (
	JDK8  DateText = "Jan 2, 2006 3:04:05 PM"
	JDK9  DateText = "Jan 2, 2006, 3:04:05 PM"
	JDK20 DateText = "Jan 2, 2006, 3:04:05\u202fPM"
)

// DefaultSettings are those of a node fresh from the installer, in Shanghai.
func DefaultSettings() Settings {
	return Settings{
		ContextPath:    "/zstack",
		Locale:         Chinese,
		TimeZone:       shanghai,
		DateText:       JDK8,
		SessionTimeout: 7200 * time.Second,
		MaxSessions:    500,
	}
}

var shanghai = mustLoadLocation("Asia/Shanghai")

func mustLoadLocation(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return zone
}

// Configure changes the node's settings; it may be called while the node is serving.
func (n *Node) Configure(change func(*Settings)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	change(&n.settings)
}

func (n *Node) currentSettings() Settings {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.settings
}
