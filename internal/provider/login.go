// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/zstackio/terraform-provider-zstack/internal/diagnosis"
	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
)

// credentials returns what the client logs in with, and who that is.
func (c *configuration) credentials() (credentials zstack.Credentials, identity string) {
	switch {
	case c.accountName != "" && c.userName != "":
		return zstack.Account{Name: c.accountName, Password: c.accountPassword, UserName: c.userName},
			fmt.Sprintf("user %q of account %q", c.userName, c.accountName)
	case c.accountName != "":
		return zstack.Account{Name: c.accountName, Password: c.accountPassword},
			fmt.Sprintf("account %q", c.accountName)
	case c.virtualIDName != "":
		return zstack.VirtualID{Name: c.virtualIDName, Password: c.virtualIDPassword, Project: c.projectName},
			fmt.Sprintf("virtual ID %q", c.virtualIDName)
	case c.accessKeyID != "":
		return zstack.AccessKey{ID: c.accessKeyID, Secret: c.accessKeySecret, Location: c.serverTimeZone},
			fmt.Sprintf("access key %q", c.accessKeyID)
	case c.sessionUUID != "":
		return zstack.Session{UUID: c.sessionUUID}, "a given session"
	}
	return nil, ""
}

// login describes where the credentials are from. The used sets are those of
// all settings.
func (s *sources) login(identity string, used []argumentSet) diagnosis.Login {
	login := diagnosis.Login{Identity: identity}
	var unset []argument
	for _, a := range s.members {
		if a.role == modifier || !slices.Contains(credentialsSetting.sets, a.set) {
			continue
		}
		source, text := s.origins[a.name], s.block[a.name].text
		if source == a.variable() {
			text = s.environment[source]
		} else if s.environment[a.variable()] != "" {
			login.Unused = append(login.Unused, a.variable())
		}
		switch {
		case source != "":
			login.Credentials = append(login.Credentials, diagnosis.Credential{Argument: a.name, Source: source, Hint: hint(text)})
		case slices.Contains(used, a.set):
			unset = append(unset, a)
		}
	}
	login.Misspelt = s.environment.misspelt(s.members, unset)
	return login
}

// unexpanded matches a reference that a shell, a pipeline or a template should
// have replaced by a value.
var unexpanded = regexp.MustCompile(`^(\$\w+|\$\{.*\}|\$\(.*\)|\{\{.*\}\}|%\w+%|<.*>)$`)

// hint says what looks wrong with a credential that ZStack may nevertheless
// accept.
func hint(text string) string {
	if text == "" {
		return ""
	}
	first, last := text[:1], text[len(text)-1:]
	switch {
	case len(text) > 1 && first == last && strings.ContainsAny(first, "\"'`"):
		return "is enclosed in quotes, which are part of the value"
	case strings.TrimSpace(text) != text:
		return "begins or ends with whitespace"
	case unexpanded.MatchString(text):
		return "looks like a reference that was not replaced by its value"
	}
	return ""
}
