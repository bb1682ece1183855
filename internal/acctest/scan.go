// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// scan fails the test for every file below dir that contains a secret of
// the node.
func (c *Cloud) scan(t *testing.T, dir string) {
	t.Helper()
	leaks, err := findSecrets(dir, c.Secrets())
	if err != nil {
		t.Errorf("the search for secrets failed: %v", err)
	}
	for _, leak := range leaks {
		t.Errorf("%s contains a secret: …%s…", leak.file, leak.text)
	}
}

// leak is a secret in a file, with the text around it.
type leak struct{ file, text string }

// findSecrets looks for secrets in all files below dir, and in the files of
// the archives among them, which plan files are.
func findSecrets(dir string, secrets []string) (leaks []leak, err error) {
	secrets = encodings(secrets)
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		leaks = append(leaks, search(path, content, secrets)...)
		for _, file := range archived(content) {
			content, err := readZipped(file)
			if err != nil {
				return err
			}
			leaks = append(leaks, search(path+": "+file.Name, content, secrets)...)
		}
		return nil
	})
	return leaks, err
}

// minLeak is the length of a secret's beginning that must not be shown either,
// as in a truncated text.
const minLeak = 12

// encodings are the forms in which a secret may appear: plain, in a URL, in
// JSON, and truncated.
func encodings(secrets []string) []string {
	var all []string
	for _, secret := range secrets {
		quoted, _ := json.Marshal(secret)
		all = append(all, secret, url.QueryEscape(secret), strings.Trim(string(quoted), `"`))
		if len(secret) > minLeak {
			all = append(all, secret[:minLeak])
		}
	}
	return all
}

// search returns the first secret in content, with the text around it.
func search(file string, content []byte, secrets []string) []leak {
	for _, secret := range secrets {
		if i := bytes.Index(content, []byte(secret)); i >= 0 {
			return []leak{{file, string(content[max(0, i-80):min(len(content), i+len(secret)+80)])}}
		}
	}
	return nil
}

// archived returns the files in an archive, none if content is not one.
func archived(content []byte) []*zip.File {
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil
	}
	return archive.File
}

func readZipped(file *zip.File) ([]byte, error) {
	reader, err := file.Open()
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(reader)
	return content, errors.Join(err, reader.Close())
}
