// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bufio"
	"context"
	"crypto/sha512"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/zstackio/terraform-provider-zstack/internal/golden"
)

// Saved responses as curl saves them.
const (
	savedStorages = `{"inventories":[{"uuid":"435e61f882cf431bb4ae48246489a988","name":"ceph","url":"not used","totalCapacity":9,
"availableCapacity":4,"type":"Ceph","state":"Enabled","status":"Connected","poolName":"p","attachedZoneUuids":["140ebc2fbdb74ae197323a69d432f25e"],
"createDate":"Apr 11, 2018 2:50:54 PM","lastOpDate":"Apr 11, 2018 2:50:54 PM","mons":[{"hostname":"172.20.1.21","monPort":6789,
"createDate":"Apr 11, 2018 2:50:54 PM","lastOpDate":"Apr 11, 2018 2:50:54 PM","backupStorageUuid":"435e61f882cf431bb4ae48246489a988",
"sshPort":22,"status":"Connected","sshUsername":"root","sshPassword":"saved-Ssh-Pw-1","monUuid":"6a1c9e4d0b5c4f0f8b0a3a6a4d7f1e21"}]}]}`
	savedZones = `{"inventories":[{"uuid":"140ebc2fbdb74ae197323a69d432f25e","name":"saved-zone","state":"Enabled","type":"zstack",
"createDate":"Apr 11, 2018 2:50:54 PM","lastOpDate":"Apr 11, 2018 2:50:54 PM"}]}`
)

func TestNodePrintsHowToReachItAndEachRequest(t *testing.T) {
	node := startNode(t)
	session := node.login(t)
	all := node.get(t, "/v1/zones?sort=name", session) + node.get(t, "/v1/backup-storage?sort=name&q=status=Connected", session)
	for _, name := range []string{"east", "lab", "west", "image-store", "ceph-backup", "vsan-images"} {
		if !strings.Contains(all, `"name":"`+name+`"`) {
			t.Errorf("no %s in\n%s", name, all)
		}
	}
	golden.Check(t, "node.txt", strings.ReplaceAll(node.stop(t), strings.TrimPrefix(node.endpoint, "http://"), "127.0.0.1:8080"))
}

func TestNodeServesSavedResponses(t *testing.T) {
	folder := t.TempDir()
	storages, zones := filepath.Join(folder, "storages.json"), filepath.Join(folder, "zones.json")
	for file, content := range map[string]string{storages: savedStorages, zones: savedZones} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	node := startNode(t, "-inventory", storages, "-zones", zones)
	session := node.login(t)
	all := node.get(t, "/v1/zones", session) + node.get(t, "/v1/backup-storage", session)
	if !strings.Contains(all, "saved-zone") || !strings.Contains(all, "172.20.1.21") || strings.Contains(all, "image-store") {
		t.Errorf("the node responds with\n%s", all)
	}
	if printed := node.stop(t); strings.Contains(all+printed, "saved-Ssh-Pw-1") {
		t.Errorf("the SSH password of the file is in the responses\n%s\nor in the output\n%s", all, printed)
	}

	options, err := parseNodeOptions([]string{"-inventory", zones + ".missing"})
	if err != nil {
		t.Fatal(err)
	}
	if err := serveNode(t.Context(), io.Discard, options); err == nil {
		t.Error("a missing file is no error")
	}
}

func TestNodeServesTLSAndPrintsThePathOfItsCA(t *testing.T) {
	node := startNode(t, "-tls")
	file := regexp.MustCompile(`export ZSTACK_CA_CERTIFICATE_FILE='(.*)'`).FindStringSubmatch(node.printed.String())
	if file == nil || !strings.HasPrefix(node.endpoint, "https://") {
		t.Fatalf("the node printed\n%s", &node.printed)
	}
	pem, err := os.ReadFile(file[1])
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	node.client.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, DisableKeepAlives: true}
	node.login(t)
	node.stop(t)
	if _, err := os.Stat(file[1]); err == nil {
		t.Error("the CA's file is left")
	}
}

func TestNodeSendsErrorsInTheConfiguredLanguage(t *testing.T) {
	node := startNode(t, "-locale", "zh_CN")
	if page := node.get(t, "/v1/zones", "0"); !regexp.MustCompile(`\p{Han}`).MatchString(page) {
		t.Errorf("the node responds with %s", page)
	}
}

func TestOptionsThatAreNotValidAreErrorsThatSayWhatToWrite(t *testing.T) {
	for args, want := range map[string]string{
		"node -locale de_DE":     `-locale must be en_US or zh_CN, got "de_DE"`,
		"node inventory file":    `unexpected argument "inventory"; -help lists the options`,
		"node -listen 9000":      `-listen must be an address and a port, got "9000"; write -listen 127.0.0.1:9000`,
		"node -listen localhost": `-listen must be an address and a port, got "localhost"; write -listen 127.0.0.1:8080`,
		"real":                   `unexpected argument "real"; -help lists the options`,
		"-real node":             `unexpected argument "node"; -help lists the options`,
	} {
		if err := run(t.Context(), strings.Fields(args)); err == nil || err.Error() != want {
			t.Errorf("%s: got %v", args, err)
		}
	}
}

// servedNode is serveNode in this process.
type servedNode struct {
	endpoint string
	client   http.Client
	cancel   context.CancelFunc
	output   io.Reader
	printed  strings.Builder
	ended    chan error
}

// startNode starts a node on a free port and waits until it has printed how to reach it.
func startNode(t *testing.T, args ...string) *servedNode {
	t.Helper()
	options, err := parseNodeOptions(append([]string{"-listen", "127.0.0.1:0"}, args...))
	if err != nil {
		t.Fatal(err)
	}
	reader, writer, err := os.Pipe() // its buffer has room for what no test reads
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	node := &servedNode{cancel: cancel, ended: make(chan error, 1)}
	go func() {
		err := serveNode(ctx, writer, options)
		_ = writer.Close()
		node.ended <- err
	}()
	buffered := bufio.NewReader(reader)
	node.output = buffered
	for !strings.HasSuffix(node.printed.String(), "\nRequests:\n") {
		line, err := buffered.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		node.printed.WriteString(line)
		if match := regexp.MustCompile(`export ZSTACK_ENDPOINT='(.*)'`).FindStringSubmatch(line); match != nil {
			node.endpoint = match[1]
		}
	}
	node.client.Transport = &http.Transport{DisableKeepAlives: true}
	return node
}

// stop interrupts the node and returns all that it printed.
func (n *servedNode) stop(t *testing.T) string {
	t.Helper()
	n.cancel()
	rest, err := io.ReadAll(n.output)
	if err != nil {
		t.Error(err)
	}
	if err := <-n.ended; err != nil {
		t.Errorf("the node ended with %v", err)
	}
	return n.printed.String() + string(rest)
}

func (n *servedNode) login(t *testing.T) (session string) {
	t.Helper()
	body := fmt.Sprintf(`{"logInByAccount":{"accountName":"admin","password":"%x"}}`, sha512.Sum512([]byte("password")))
	var response struct{ Inventory struct{ UUID string } }
	text := n.do(t, http.MethodPut, "/v1/accounts/login", "", body)
	if err := json.Unmarshal([]byte(text), &response); err != nil || response.Inventory.UUID == "" {
		t.Fatalf("the login's response is %s, error %v", text, err)
	}
	return response.Inventory.UUID
}

func (n *servedNode) get(t *testing.T, path, session string) string {
	t.Helper()
	return n.do(t, http.MethodGet, path, session, "")
}

func (n *servedNode) do(t *testing.T, method, path, session, body string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, n.endpoint+"/zstack"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if session != "" {
		request.Header.Set("Authorization", "OAuth "+session)
	}
	response, err := n.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
