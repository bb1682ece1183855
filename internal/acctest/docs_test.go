// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Titles that other modules use for diagnostics about our schema.
var frameworkTitles = []string{"Missing Attribute Configuration", "Invalid Attribute Combination", "Invalid Attribute Value Match"}

func TestTheGuideExplainsEveryDiagnostic(t *testing.T) {
	explained := explainedTitles(t)
	for _, title := range append(diagnosticTitles(t), frameworkTitles...) {
		if !slices.ContainsFunc(explained, func(s string) bool { return isTitled(s, title) }) {
			t.Errorf("the troubleshooting guide has no %q", title)
		}
	}
}

func TestTheGuideExplainsOnlyDiagnosticsThatExist(t *testing.T) {
	titles := append(diagnosticTitles(t), frameworkTitles...)
	for _, explained := range explainedTitles(t) {
		if !slices.ContainsFunc(titles, func(title string) bool { return isTitled(explained, title) }) {
			t.Errorf("no diagnostic is titled %q", explained)
		}
	}
}

// isTitled reports whether full is the title in the source, or begins with it: the source may contain only the beginning.
func isTitled(full, source string) bool {
	return full == source || strings.HasSuffix(source, " ") && strings.HasPrefix(full, source)
}

// explainedTitles are the titles in the tables of the troubleshooting guide. Its second half has other tables.
func explainedTitles(t *testing.T) (titles []string) {
	t.Helper()
	titlesOnly, _, found := strings.Cut(readFile(t, filepath.Join(templatesDir, "guides", "troubleshooting.md.tmpl")), "\n## Find the cause\n")
	if !found {
		t.Fatal("the troubleshooting guide has no second half")
	}
	for _, row := range rows(titlesOnly) {
		titles = append(titles, strings.Split(row[0], ", ")...)
	}
	return titles
}

// titleCase matches the titles of diagnostics and no other text in our source: at
// least two words, the first and the last of which begin with a capital; or only
// words that begin with a capital, to which the source adds the last word.
var titleCase = regexp.MustCompile(`^[A-Z][A-Za-z]+( [A-Za-z]+)* [A-Z][A-Za-z]*$|^([A-Z][A-Za-z]+ )+$`)

// diagnosticTitles finds the titles of our diagnostics in the source.
func diagnosticTitles(t *testing.T) (titles []string) {
	t.Helper()
	for _, dir := range []string{"../provider", "../backupstorage", "../diagnosis"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if !strings.HasSuffix(file, "_test.go") {
				titles = append(titles, titlesIn(t, file)...)
			}
		}
	}
	if len(titles) < 40 {
		t.Fatalf("only %d titles were found: %q", len(titles), titles)
	}
	return titles
}

func titlesIn(t *testing.T, file string) (titles []string) {
	t.Helper()
	source, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(source, func(node ast.Node) bool {
		if isNoun(node) {
			return false
		}
		literal, ok := node.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return true
		}
		if text, err := strconv.Unquote(literal.Value); err == nil && titleCase.MatchString(text) {
			titles = append(titles, text)
		}
		return true
	})
	return titles
}

// isNoun reports whether a node of the source is the end of several titles.
func isNoun(node ast.Node) bool {
	pair, ok := node.(*ast.KeyValueExpr)
	if !ok {
		return false
	}
	key, ok := pair.Key.(*ast.Ident)
	return ok && key.Name == "noun"
}

// registryPages is where the registry shows docs/.
const registryPages = "https://registry.terraform.io/providers/" + Source + "/latest/docs"

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
)

// TestEveryLinkOfThePagesHasATarget follows the links of the documentation, the README and CONTRIBUTING, as a reader of the
// repository does.
func TestEveryLinkOfThePagesHasATarget(t *testing.T) {
	tested := 0
	for _, page := range pagesIn(t, "docs/*.md", "docs/*/*.md", "*.md", ".github/*.md") {
		for _, match := range link.FindAllStringSubmatch(readFile(t, page), -1) {
			target, err := url.Parse(match[1])
			if err != nil || target.IsAbs() {
				continue
			}
			tested++
			file := page
			if target.Path != "" {
				file = filepath.Join(filepath.Dir(page), filepath.FromSlash(target.Path))
			}
			expectTarget(t, page, match[1], file, target.Fragment)
		}
	}
	if tested == 0 {
		t.Error("no link was found")
	}
}

// TestEveryLinkHasATargetInTheRegistry follows the links of docs/ as a reader of the registry does. There, a page has the
// path of its file without the extension, and index.md is the folder itself, without a slash at the end.
func TestEveryLinkHasATargetInTheRegistry(t *testing.T) {
	tested := 0
	for _, page := range pagesIn(t, "docs/*.md", "docs/*/*.md") {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.ToSlash(page), "../../docs"), ".md")
		shown, err := url.Parse(registryPages + strings.TrimSuffix(name, "/index"))
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range link.FindAllStringSubmatch(readFile(t, page), -1) {
			target, err := shown.Parse(match[1])
			if err != nil || target.Host != shown.Host {
				continue
			}
			tested++
			path, isPage := strings.CutPrefix(strings.TrimSuffix(target.Scheme+"://"+target.Host+target.Path, ".md"), registryPages)
			if !isPage {
				if strings.HasPrefix(target.Path, "/providers/"+Source+"/") {
					t.Errorf("in the registry, %s links to %s, which is not a page of the provider", page, target)
				}
				continue
			}
			if path == "" {
				path = "/index"
			}
			expectTarget(t, page, match[1], "../../docs"+filepath.FromSlash(path)+".md", target.Fragment)
		}
	}
	if tested == 0 {
		t.Error("no link was found")
	}
}

// pagesIn are the files of the repository that match the patterns.
func pagesIn(t *testing.T, patterns ...string) (pages []string) {
	t.Helper()
	for _, pattern := range patterns {
		found, err := filepath.Glob(filepath.Join("../..", pattern))
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, found...)
	}
	return pages
}

// expectTarget expects that the file of a link exists, and that it has the heading if the link names one.
func expectTarget(t *testing.T, page, link, file, fragment string) {
	t.Helper()
	if found, err := filepath.Glob(file); err != nil || len(found) == 0 {
		t.Errorf("%s links to %s, but there is no %s", page, link, file)
		return
	}
	if fragment == "" {
		return
	}
	text := readFile(t, file)
	if strings.Contains(text, `<a id="`+fragment+`">`) {
		return
	}
	for _, match := range heading.FindAllStringSubmatch(text, -1) {
		if anchor(match[1]) == fragment {
			return
		}
	}
	t.Errorf("%s links to %s, but %s has no such heading", page, link, file)
}

// anchor is the URL fragment of a heading.
func anchor(heading string) string {
	kept := regexp.MustCompile(`[^\p{L}\p{N}\s_-]`).ReplaceAllString(strings.ToLower(heading), "")
	return strings.ReplaceAll(kept, " ", "-")
}
