// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/zstackio/terraform-provider-zstack/internal/diagnosis"
)

// prefix begins the name of every environment variable of the provider.
const prefix = "ZSTACK_"

// environment is the environment variables by name.
type environment map[string]string

func newEnvironment(environ []string) environment {
	variables := environment{}
	for _, entry := range environ {
		name, text, _ := strings.Cut(entry, "=")
		if runtime.GOOS == "windows" { // Names have no case there.
			name = strings.ToUpper(name)
		}
		variables[name] = text
	}
	return variables
}

// explainMissing names the variables that are the likely reason why arguments
// are missing: empty ones and misspelt ones. The text begins with an empty line.
func (e environment) explainMissing(all members, missing []argument) string {
	var lines []string
	for _, a := range missing {
		if text, isSet := e[a.variable()]; isSet && text == "" {
			lines = append(lines, a.variable()+" is set but empty (a CI secret that this job may not read?).")
		}
	}
	if lines = append(lines, e.misspelt(all, missing)...); len(lines) == 0 {
		return ""
	}
	return "\n\n" + strings.Join(lines, "\n")
}

// misspelt returns a sentence for each variable that was most likely meant to
// set one of the missing arguments.
func (e environment) misspelt(all members, missing []argument) (sentences []string) {
	for _, name := range slices.Sorted(maps.Keys(e)) {
		meant := all.meantBy(name)
		if slices.ContainsFunc(meant, func(a argument) bool { return slices.Contains(names(missing, byName), a.name) }) {
			sentences = append(sentences, fmt.Sprintf("%s is not a variable of this provider. Did you mean %s?",
				name, strings.Join(names(meant, argument.variable), " or ")))
		}
	}
	return sentences
}

// ofKubernetes matches the variables that Kubernetes sets in a pod for a
// Service whose name begins with zstack.
var ofKubernetes = regexp.MustCompile(`^ZSTACK_(\w+_)?(SERVICE_(HOST|PORT)|PORT_\d+_(TCP|UDP|SCTP))(_\w+)?$`)

// meantBy returns the arguments whose variable somebody most likely meant who
// set the variable name, which is none of the provider's.
func (m members) meantBy(name string) (meant []argument) {
	upper := strings.ToUpper(name)
	if !strings.HasPrefix(upper, prefix) || ofKubernetes.MatchString(upper) ||
		slices.ContainsFunc(m, func(a argument) bool { return a.variable() == name }) {
		return nil
	}
	guess := letters(strings.TrimPrefix(upper, prefix))
	nearest := max(1, len(guess)/4) // more typing mistakes are no mistakes
	for _, a := range m {
		distance := diagnosis.Distance(guess, letters(a.name))
		for _, other := range a.alsoCalled {
			distance = min(distance, diagnosis.Distance(guess, letters(other)))
		}
		if distance < nearest {
			nearest, meant = distance, nil
		}
		if distance == nearest {
			meant = append(meant, a)
		}
	}
	return meant
}

// letters returns a name without what only separates its words, and without
// case.
func letters(name string) string {
	return strings.ToLower(strings.ReplaceAll(name, "_", ""))
}
