// SPDX-License-Identifier: MPL-2.0

package zstacktest

import (
	"slices"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest/query"
)

// Settings are what differs between nodes: the release and its plug-ins, what the administrator configured, how the
// installed Java prints dates, and what a broken release does wrong.
type Settings struct {
	// Version is the release of ZStack (PROTOCOL.md §8).
	Version Version
	// NoAccessKeyPlugin, NoImageStorePlugin and NoIAM2Plugin are nodes without a plug-in of the commercial edition.
	NoAccessKeyPlugin  bool
	NoImageStorePlugin bool
	NoIAM2Plugin       bool

	// AllMethods is a Tomcat without the installer's restriction to the methods of the API (PROTOCOL.md §7).
	AllMethods bool
	// ContextPath is where the web application is deployed.
	ContextPath string
	// Locale is the language of error details (PROTOCOL.md §6.1).
	Locale Locale
	// TimeZone is the zone of the node's Java virtual machine. Dates on the wire are in this zone and do not name it.
	TimeZone *time.Location
	// DateText is the format of dates (PROTOCOL.md §5.4).
	DateText DateText
	// VendorForm responds to queries as the vendor's page prints them: keys in alphabetical order, "success": true, no schema.
	VendorForm bool

	// SessionTimeout is how long an unused session lives (PROTOCOL.md §2.4).
	SessionTimeout time.Duration
	// MaxSessions is how many live sessions one user may have; the next login fails with [TooManySessions].
	MaxSessions int
	// UniqueSession ends all earlier sessions of a user when the user logs in.
	UniqueSession bool
	// CheckTimeZone compares the Date of signed requests as an instant, not by its digits (PROTOCOL.md §3.2).
	CheckTimeZone bool

	// ClosesIdleConnections closes a kept connection as soon as its response is sent, without saying so in a header.
	ClosesIdleConnections bool
	// LogoutKeepsSession responds to logouts as usual, but the session stays valid.
	LogoutKeepsSession bool
	// UnknownSession is the error for an unknown or expired session, if it is not [SessionExpired].
	UnknownSession *Error

	// IgnoreLimit returns the whole rest of the list instead of one page.
	IgnoreLimit bool
	// IgnoreStart returns the first page for every page.
	IgnoreStart bool
	// IgnoreSort returns rows in any order although the query has a sort.
	IgnoreSort bool
	// RepeatRows repeats the first row of every page at its end.
	RepeatRows bool
	// LoseRows leaves out the last row of every page that has more than one.
	LoseRows bool
	// NoTotal leaves out the total although the query has replyWithCount.
	NoTotal bool
	// WrongTotal returns a total that is one too high.
	WrongTotal bool
	// NumbersAsTexts returns integers as JSON strings.
	NumbersAsTexts bool
	// BinaryTexts simulates a table with another collation: conditions miss every text with a capital letter or a space at its end.
	BinaryTexts bool
	// TextNumbers simulates a table with numbers in text columns: conditions such as < compare them as texts.
	TextNumbers bool
}

// Version is a release of ZStack: major, minor and patch number.
type Version = query.Version

// Locale is the language a node writes error details in.
type Locale string

// The two languages ZStack is shipped with.
const (
	Chinese Locale = "zh_CN"
	English Locale = "en_US"
)

// DateText is the date format of a Java release, as a [time.Layout].
type DateText string

// The date formats of Java 8, of 9 to 19, and of 20 and newer.
const (
	JDK8  DateText = "Jan 2, 2006 3:04:05 PM"
	JDK9  DateText = "Jan 2, 2006, 3:04:05 PM"
	JDK20 DateText = "Jan 2, 2006, 3:04:05\u202fPM"
)

// DefaultSettings are those of a newly installed node of the commercial edition, in Shanghai.
func DefaultSettings() Settings {
	return Settings{
		Version:        Version{5, 2, 1},
		ContextPath:    "/zstack",
		Locale:         Chinese,
		TimeZone:       shanghai,
		DateText:       JDK8,
		SessionTimeout: 7200 * time.Second,
		MaxSessions:    500,
	}
}

// OpenSource makes the node one of the open source edition, which has none of the commercial plug-ins.
func (s *Settings) OpenSource() {
	s.NoAccessKeyPlugin, s.NoImageStorePlugin, s.NoIAM2Plugin = true, true, true
}

var shanghai = mustLoadLocation("Asia/Shanghai")

func mustLoadLocation(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return zone
}

func (s Settings) dialect() query.Dialect {
	return query.Dialect{Version: s.Version, TimeZone: s.TimeZone, BinaryTexts: s.BinaryTexts, TextNumbers: s.TextNumbers}
}

// hasPoolSecurity reports whether Ceph storages have poolDiskUtilization and poolSecurityPolicy: from 4.4 on, and in the last
// releases of 3.10.
func (s Settings) hasPoolSecurity() bool {
	backported := s.Version[0] == 3 && !s.Version.Before(3, 10) && s.Version[2] >= 38
	return backported || !s.Version.Before(4, 4)
}

// hasDefaultZone reports whether zones have isDefault.
func (s Settings) hasDefaultZone() bool { return slices.Compare(s.Version[:], []int{4, 6, 31}) >= 0 }

// hasSessionEvaluation reports whether the response to a login has noSessionEvaluation.
func (s Settings) hasSessionEvaluation() bool { return !s.Version.Before(3, 4) }

// emptyResponse is the body of a success without content.
func (s Settings) emptyResponse() string {
	if s.Version.Before(3, 10) {
		return ""
	}
	return "{}"
}

// Configure changes the node's settings, even while it is serving.
func (n *Node) Configure(change func(*Settings)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	change(&n.settings)
	n.tables = nil
}

func (n *Node) currentSettings() Settings {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.settings
}
