// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/zstackio/terraform-provider-zstack/internal/diagnosis"
	"github.com/zstackio/terraform-provider-zstack/internal/golden"
	"github.com/zstackio/terraform-provider-zstack/internal/provider"
	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recordedNode is a fake node with the inventory of the recorded nodes.
func recordedNode(t *testing.T) *zstacktest.Node {
	t.Helper()
	return nodeWithEvery(t, 1)
}

// smallNode has every fourth row of that inventory: enough for all checks to
// apply, with far fewer requests.
func smallNode(t *testing.T) *zstacktest.Node {
	t.Helper()
	return nodeWithEvery(t, 4)
}

// nodeWithEvery is a fake node with every nth row of the recorded inventory.
func nodeWithEvery(t *testing.T, nth int) *zstacktest.Node {
	t.Helper()
	node := zstacktest.NewNode()
	node.Configure((*zstacktest.Settings).OpenSource)
	for file, load := range map[string]func([]byte) error{"storages.json": node.LoadBackupStorages, "zones.json": node.LoadZones} {
		content, err := os.ReadFile("../zstacktest/testdata/recorded/" + file)
		if err != nil {
			t.Fatal(err)
		}
		var list struct{ Inventories []json.RawMessage }
		if err := json.Unmarshal(content, &list); err != nil {
			t.Fatal(err)
		}
		var some []json.RawMessage
		for i := 0; i < len(list.Inventories); i += nth {
			some = append(some, list.Inventories[i])
		}
		list.Inventories = some
		if content, err = json.Marshal(list); err != nil {
			t.Fatal(err)
		}
		if err := load(content); err != nil {
			t.Fatal(err)
		}
	}
	return node
}

var login = []string{
	"ZSTACK_ACCOUNT_NAME=" + zstacktest.DefaultAccount,
	"ZSTACK_ACCOUNT_PASSWORD=" + zstacktest.DefaultPassword,
}

// configFor serves the node and returns the configuration of a client for it.
func configFor(t *testing.T, node *zstacktest.Node, credentials ...string) zstack.Config {
	t.Helper()
	config, _, err := provider.ConfigFromEnvironment(slices.Concat(credentials, []string{"ZSTACK_ENDPOINT=" + node.Serve(t), "ZSTACK_MAX_RETRIES=0"}))
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// checkNode runs the checks against a node, and returns the table, the report
// and the error.
func checkNode(ctx context.Context, t *testing.T, node *zstacktest.Node, config zstack.Config) (out, report string, err error) {
	t.Helper()
	var outText, reportText strings.Builder
	err = run(ctx, config, diagnosis.Login{}, &outText, &reportText)
	for _, secret := range node.Secrets() {
		if strings.Contains(outText.String()+reportText.String(), secret) {
			t.Errorf("the output contains the secret %q", secret)
		}
	}
	return outText.String(), reportText.String(), err
}

// unstable is what differs between two runs.
var unstable = regexp.MustCompile(`; go[^)]*| in [0-9.]+ s`)

func TestNodeWithTheRecordedInventoryPasses(t *testing.T) {
	t.Parallel()
	node := recordedNode(t)
	_, report, err := checkNode(t.Context(), t, node, configFor(t, node, login...))
	if err != nil {
		t.Error(err)
	}
	golden.Check(t, "recorded.txt", unstable.ReplaceAllString(report, ""))
}

func TestOnlyRequestsOfTheProviderAreSentAndNoSessionIsLeft(t *testing.T) {
	t.Parallel()
	node := smallNode(t)
	_, _, err := checkNode(t.Context(), t, node, configFor(t, node, login...))
	if err != nil {
		t.Error(err)
	}
	sent := map[string]bool{}
	for _, r := range node.Requests() {
		path, _, _ := strings.Cut(r.Path, "/sessions/")
		sent[r.Method+" "+path] = true
	}
	want := map[string]bool{
		"PUT /zstack/v1/accounts/login": true, "GET /zstack/v1/backup-storage": true, "GET /zstack/v1/zones": true,
		"DELETE /zstack/v1/accounts": true,
	}
	if diff := cmp.Diff(want, sent); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	if node.Logins() != 2 || node.Logouts() != 2 || len(node.LiveSessions()) > 0 {
		t.Errorf("%d logins, %d logouts, %d sessions left, want two, two and none", node.Logins(), node.Logouts(), len(node.LiveSessions()))
	}
}

// sabotage is a misbehavior of the fake, with the checks that notice it.
type sabotage struct {
	name    string
	apply   func(*zstacktest.Node)
	noticed []string
}

var sabotages = []sabotage{
	{
		"RepeatRows", configure(func(s *zstacktest.Settings) { s.RepeatRows = true }),
		[]string{"pages of 1000 rows", "pages of 7 rows", "pages of 1 row", "total with conditions"},
	},
	{
		"LoseRows", configure(func(s *zstacktest.Settings) { s.LoseRows = true }),
		[]string{
			"pages of 7 rows", "pages of 1 row", "total", "total with conditions", "conditions: = with one value",
			"conditions: = with several values", "conditions: < <= > >=", "conditions: name_pattern",
		},
	},
	{
		"IgnoreStart", configure(func(s *zstacktest.Settings) { s.IgnoreStart = true }),
		[]string{"pages of 7 rows", "pages of 1 row"},
	},
	{
		"IgnoreLimit", configure(func(s *zstacktest.Settings) { s.IgnoreLimit = true }),
		[]string{"pages of 7 rows", "pages of 1 row"},
	},
	{
		"IgnoreSort", configure(func(s *zstacktest.Settings) { s.IgnoreSort = true }),
		[]string{"pages of 7 rows", "pages of 1 row"},
	},
	{
		"NoTotal", configure(func(s *zstacktest.Settings) { s.NoTotal = true }),
		[]string{"total", "total with conditions"},
	},
	{
		"WrongTotal", configure(func(s *zstacktest.Settings) { s.WrongTotal = true }),
		[]string{"total", "total with conditions"},
	},
	{
		"BinaryTexts", configure(func(s *zstacktest.Settings) { s.BinaryTexts = true }),
		[]string{
			"conditions: = with one value", "conditions: = with several values", "conditions: name_pattern", "zones by name",
		},
	},
	{
		"TextNumbers", configure(func(s *zstacktest.Settings) { s.TextNumbers = true }),
		[]string{"conditions: < <= > >="},
	},
	{
		"a state in lower case", add(zstacktest.BackupStorage{UUID: unused, State: "enabled"}),
		[]string{"filters accept every value"},
	},
	{
		"a number for a text", add(zstacktest.BackupStorage{
			UUID: unused, Subtype: zstacktest.Other{Type: "New", Keys: []zstacktest.Key{{Name: "hostname", JSON: "7"}}},
		}),
		[]string{"JSON keys and types"},
	},
	{
		"rows that are no objects", func(n *zstacktest.Node) {
			n.Misbehave(zstacktest.AtZones, zstacktest.Body("", `{"total":2,"inventories":[null,[7]]}`))
		},
		[]string{"total", "JSON keys and types", "UUIDs"},
	},
	{
		"a UUID with dashes", add(zstacktest.BackupStorage{UUID: "ffffffff-ffff-ffff-ffff-ffffffffffff"}),
		[]string{"filters accept every value", "UUIDs"},
	},
	{
		"ISO dates", configure(func(s *zstacktest.Settings) { s.DateText = time.RFC3339 }),
		[]string{"dates"},
	},
	{
		"LogoutKeepsSession", configure(func(s *zstacktest.Settings) { s.LogoutKeepsSession = true }),
		[]string{"logout"},
	},
	{
		"UnknownSession", configure(func(s *zstacktest.Settings) { s.UnknownSession = new(zstacktest.InternalError("no session")) }),
		[]string{"logout", "unknown session"},
	},
	{
		"a storage is removed", func(n *zstacktest.Node) {
			n.BeforeQuery(func(k int) {
				if k == 20 { // After the pages.
					n.SetBackupStorages()
				}
			})
		},
		[]string{"no change during the run"},
	},
}

const unused = "ffffffffffffffffffffffffffffffff"

func configure(change func(*zstacktest.Settings)) func(*zstacktest.Node) {
	return func(n *zstacktest.Node) { n.Configure(change) }
}

func add(storage zstacktest.BackupStorage) func(*zstacktest.Node) {
	return func(n *zstacktest.Node) { n.AddBackupStorages(storage) }
}

func TestEverySabotageIsNoticed(t *testing.T) {
	t.Parallel()
	for _, sabotage := range sabotages {
		t.Run(sabotage.name, func(t *testing.T) {
			t.Parallel()
			node := smallNode(t)
			sabotage.apply(node)
			out, _, err := checkNode(t.Context(), t, node, configFor(t, node, login...))
			if err == nil {
				t.Error("no error")
			}
			if diff := cmp.Diff(sabotage.noticed, checksWith(outcomeDiffers, out)); diff != "" {
				t.Errorf("checks that differ (-want +got):\n%s\n%s", diff, out)
			}
		})
	}
}

func TestEveryCheckNoticesASabotage(t *testing.T) {
	t.Parallel()
	for _, c := range checks {
		if !slices.ContainsFunc(sabotages, func(s sabotage) bool { return slices.Contains(s.noticed, c.name) }) {
			t.Errorf("no sabotage breaks %q", c.name)
		}
	}
}

// checksWith returns the names of the checks with an outcome.
func checksWith(wanted outcome, out string) (names []string) {
	for line := range strings.Lines(out) {
		for _, c := range checks {
			if strings.HasPrefix(line, string(wanted)+" ") && strings.Contains(line, " "+c.name+"  ") {
				names = append(names, c.name)
			}
		}
	}
	return names
}

func TestInterruptedRunLogsOut(t *testing.T) {
	t.Parallel()
	node := recordedNode(t)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	node.BeforeQuery(func(k int) {
		if k == 20 {
			interrupt()
		}
	})
	_, _, err := checkNode(ctx, t, node, configFor(t, node, login...))
	if !errors.Is(err, errInterrupted) {
		t.Errorf("error %v", err)
	}
	if node.Logins() != 1 || len(node.LiveSessions()) > 0 {
		t.Errorf("%d logins, %d sessions left, want one and none", node.Logins(), len(node.LiveSessions()))
	}
}

func TestOnlySessionsOfTheRunAreChecked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		credentials   func(*zstacktest.Node) []string
		notApplicable []string
		logouts       int // also that of the run itself
	}{
		"virtual ID in a project": {func(n *zstacktest.Node) []string {
			n.AddVirtualID("jo", "jo-password", "web")
			return []string{"ZSTACK_VIRTUAL_ID_NAME=jo", "ZSTACK_VIRTUAL_ID_PASSWORD=jo-password", "ZSTACK_PROJECT_NAME=web"}
		}, nil, 4},
		"access key": {func(n *zstacktest.Node) []string {
			n.AddAccessKey("key", "key-secret")
			return []string{"ZSTACK_ACCESS_KEY_ID=key", "ZSTACK_ACCESS_KEY_SECRET=key-secret", "ZSTACK_SERVER_TIME_ZONE=Asia/Shanghai"}
		}, []string{"logout", "unknown session"}, 0},
		"existing session": {func(n *zstacktest.Node) []string {
			return []string{"ZSTACK_SESSION_UUID=" + n.AddSession()}
		}, []string{"logout"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			node := smallNode(t)
			node.Configure(func(s *zstacktest.Settings) { s.NoIAM2Plugin, s.NoAccessKeyPlugin = false, false })
			config := configFor(t, node, c.credentials(node)...)
			given := len(node.LiveSessions())
			out, _, err := checkNode(t.Context(), t, node, config)
			if err != nil {
				t.Errorf("%v\n%s", err, out)
			}
			if diff := cmp.Diff(c.notApplicable, checksWith(outcomeNotApplicable, out)); diff != "" {
				t.Errorf("not applicable (-want +got):\n%s", diff)
			}
			if node.Logouts() != c.logouts || len(node.LiveSessions()) != given {
				t.Errorf("%d logouts, %d sessions left, want %d and %d", node.Logouts(), len(node.LiveSessions()), c.logouts, given)
			}
		})
	}
}

func TestNodesOfEveryReleasePass(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*zstacktest.Settings){
		"3.1.0":             func(s *zstacktest.Settings) { s.Version = zstacktest.Version{3, 1, 0} },
		"3.10.38":           func(s *zstacktest.Settings) { s.Version = zstacktest.Version{3, 10, 38} },
		"4.3.0":             func(s *zstacktest.Settings) { s.Version = zstacktest.Version{4, 3, 0} },
		"Java 20":           func(s *zstacktest.Settings) { s.DateText = zstacktest.JDK20 },
		"the vendor's page": func(s *zstacktest.Settings) { s.VendorForm = true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			node := recordedNode(t)
			node.Configure(change)
			if out, _, err := checkNode(t.Context(), t, node, configFor(t, node, login...)); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

func TestEmptyCloudPasses(t *testing.T) {
	t.Parallel()
	node := zstacktest.NewNode()
	out, _, err := checkNode(t.Context(), t, node, configFor(t, node, login...))
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	want := []string{"total", "logout", "unknown session", "no change during the run"}
	if diff := cmp.Diff(want, checksWith(outcomeOK, out)); diff != "" {
		t.Errorf("checks that apply (-want +got):\n%s", diff)
	}
}

func TestChangedCapacitiesAreNotADifference(t *testing.T) {
	t.Parallel()
	node := zstacktest.NewNode()
	node.BeforeQuery(func(k int) {
		node.SetBackupStorages()
		manyStorages(node, 10, int64(k)<<20)
	})
	if out, _, err := checkNode(t.Context(), t, node, configFor(t, node, login...)); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestAWrongPasswordNamesWhoLogsInAndWhereTheCredentialsAreFrom(t *testing.T) {
	t.Parallel()
	err := checkEnvironment(t.Context(), []string{
		"ZSTACK_ENDPOINT=" + zstacktest.NewNode().Serve(t), "ZSTACK_ACCOUNT_NAME=" + zstacktest.DefaultAccount, "ZSTACK_ACCOUNT_PASSWORD=wrong",
	}, "")
	if err == nil || !strings.Contains(err.Error(), `The credentials are those of account "`+zstacktest.DefaultAccount+`"`) ||
		!strings.Contains(err.Error(), "ZSTACK_ACCOUNT_PASSWORD") {
		t.Errorf("got %v", err)
	}
}

func TestAnArgumentThatIsNotAnOptionIsAnError(t *testing.T) {
	t.Parallel()
	if _, err := reportFile([]string{"report", "r.md"}); err == nil || !strings.HasPrefix(err.Error(), `unexpected argument "report"`) {
		t.Errorf("got %v", err)
	}
	if file, err := reportFile([]string{"-report", "r.md"}); err != nil || file != "r.md" {
		t.Errorf("the report is written to %q, error %v", file, err)
	}
}

// failingWriter is a pipe whose reader has ended.
type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestRunWithoutReaderLogsOut(t *testing.T) {
	t.Parallel()
	node := recordedNode(t)
	if err := run(t.Context(), configFor(t, node, login...), diagnosis.Login{}, failingWriter{}, io.Discard); err == nil {
		t.Error("no error")
	}
	if node.Logins() != 1 || len(node.LiveSessions()) > 0 {
		t.Errorf("%d logins, %d sessions left, want one and none", node.Logins(), len(node.LiveSessions()))
	}
}

// manyStorages adds storages, whose capacities differ by step bytes.
func manyStorages(node *zstacktest.Node, number int, step int64) {
	for i := range number {
		node.AddBackupStorages(zstacktest.BackupStorage{
			UUID: fmt.Sprintf("%032x", i), Name: new(fmt.Sprintf("Store %d", i)), Description: new(fmt.Sprintf("number %d", i)),
			URL: fmt.Sprintf("/store/%d", i), State: "Enabled", Status: "Connected",
			TotalCapacity: int64(i) * step, AvailableCapacity: int64(i) * step,
		})
	}
}

func TestTwoHundredStoragesTakeAFewHundredRequests(t *testing.T) {
	t.Parallel()
	node := recordedNode(t)
	manyStorages(node, 160, 1<<30)
	if out, _, err := checkNode(t.Context(), t, node, configFor(t, node, login...)); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if sent := len(node.Requests()); sent < 300 || sent > 500 {
		t.Errorf("%d requests", sent)
	}
}

func TestListOfSeveralPagesIsCompared(t *testing.T) {
	t.Parallel()
	fake := recordedNode(t)
	manyStorages(fake, pageSize, 0)
	n := newNode(configFor(t, fake, login...))
	defer n.close(t.Context())
	if err := n.read(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		run  func(context.Context, *node) (result, error)
		want string
	}{
		{pagesOf1000, "1040 rows in 2 pages"},
		{pagesOf7, "51 of 149 pages"},
		{totals, "3 responses"},
		{equalities, "103 of 4102 values, 103 conditions"}, // Some responses are longer than a page.
	} {
		if r, err := c.run(t.Context(), n); err != nil || r.counts != c.want || len(r.differences) > 0 {
			t.Errorf("error %v, %s, differences %q; want %s", err, r.counts, r.differences, c.want)
		}
	}
}

// secretive is a cloud in which every text contains the word canary.
func secretive(node *zstacktest.Node) {
	const canary = "CANARY canary"
	node.SetZones(zstacktest.Zone{UUID: canary, Name: canary, Description: new(canary), State: canary})
	node.SetBackupStorages(
		zstacktest.BackupStorage{
			UUID: canary, Name: new(canary), Description: new(canary), URL: canary, State: canary, Status: canary,
			AttachedZoneUUIDs: []string{canary},
			Subtype: zstacktest.Ceph{
				FSID: new(canary), PoolName: canary, PoolSecurityPolicy: new(canary),
				Mons: []zstacktest.Mon{{UUID: canary, Hostname: canary, MonAddr: new(canary), SSHUsername: canary, SSHPassword: canary, Status: canary}},
			},
		},
		zstacktest.BackupStorage{UUID: unused, Name: new("a" + canary), Subtype: zstacktest.Other{Type: canary, Class: canary, Keys: []zstacktest.Key{
			{Name: "new", JSON: `{"canary":"canary"}`},
			{Name: "a canary", JSON: `"canary"`},
			{Name: "hostname", JSON: `["canary"]`},
			{Name: "mons", JSON: `[{"monUuid":"canary","createDate":"canary"}]`},
		}}},
	)
}

func TestReportContainsNothingFromTheCloud(t *testing.T) {
	t.Parallel()
	refusal := zstacktest.Error{Code: "SYS.1006", Description: "canary", Details: zstacktest.Text{Chinese: "canary", English: "canary"}}
	for name, misbehave := range map[string]func(*zstacktest.Node){
		"healthy":        func(*zstacktest.Node) {},
		"BinaryTexts":    configure(func(s *zstacktest.Settings) { s.BinaryTexts, s.IgnoreStart, s.WrongTotal = true, true, true }),
		"a strange date": configure(func(s *zstacktest.Settings) { s.DateText = "canary" }),
		"no storages":    func(n *zstacktest.Node) { n.Misbehave(zstacktest.AtFirstPage, zstacktest.Fails(refusal)) },
		"no zones": func(n *zstacktest.Node) {
			n.Misbehave(zstacktest.AtZones, zstacktest.Always(zstacktest.Fails(refusal)))
		},
		"a page": func(n *zstacktest.Node) {
			n.Misbehave(zstacktest.AtFirstPage, zstacktest.NoFault, zstacktest.Body("", "<title>canary</title>"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			node := recordedNode(t)
			secretive(node)
			misbehave(node)
			out, report, err := checkNode(t.Context(), t, node, configFor(t, node, login...))
			if err == nil {
				t.Error("no error")
			}
			for _, text := range []string{"canary", "127.0.0.1"} {
				if strings.Contains(strings.ToLower(report), text) {
					t.Errorf("the report contains %q:\n%s", text, report)
				}
			}
			if name == "no zones" && (!strings.Contains(report, "SYS.1006") || !strings.Contains(out, "SYS.1006")) {
				t.Errorf("the report does not contain the code of the error:\n%s", report)
			}
		})
	}
}
