// SPDX-License-Identifier: MPL-2.0

package zstack_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

// cloud is 2500 storages, ordered by uuid as the pages are.
var cloud = func() []zstacktest.BackupStorage {
	storages := make([]zstacktest.BackupStorage, 2500)
	for i := range storages {
		storages[i].UUID = fmt.Sprintf("%032x", i)
	}
	return storages
}()

// nodeWith returns a node with the first n storages of [cloud].
func nodeWith(n int) *zstacktest.Node {
	node := zstacktest.NewNode()
	node.SetBackupStorages(cloud[:n]...)
	return node
}

// capped serves the node's lists in pages of at most limit rows, whatever the
// client requests.
func capped(node *zstacktest.Node, limit int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if query := r.URL.Query(); query.Has("limit") {
			query.Set("limit", strconv.Itoa(limit))
			r.URL.RawQuery = query.Encode()
		}
		node.ServeHTTP(w, r)
	})
}

func uuidsOf(storages []zstacktest.BackupStorage) []string {
	var uuids []string
	for _, storage := range storages {
		uuids = append(uuids, storage.UUID)
	}
	return uuids
}

func expectRows(t *testing.T, got []string, want []zstacktest.BackupStorage) {
	t.Helper()
	if !slices.Equal(got, uuidsOf(want)) {
		t.Errorf("%d rows, want %d in the order of their uuids", len(got), len(want))
	}
}

func TestAListOfAnyLengthIsComplete(t *testing.T) {
	t.Parallel()
	for rows, wantPages := range map[int]int{0: 1, 1: 1, 999: 1, 1000: 1, 1001: 2, 1999: 2, 2000: 3, 2500: 3} {
		t.Run(fmt.Sprint(rows), func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				node := nodeWith(rows)
				got, err := list(t.Context(), newClient(t, node, admin))
				if err != nil {
					t.Fatal(err)
				}
				expectRows(t, got, cloud[:rows])
				expectCount(t, node, storagesPath, wantPages)
			})
		})
	}
}

func TestAListIsRequestedInSortedPagesWithATotal(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		_, err := newClient(t, node, zstack.Session{UUID: node.AddSession()}).ListBackupStorages(t.Context(), []zstack.Condition{
			{Field: "name", Operator: "=", Values: []string{"a b"}},
			{Field: "name", Operator: "!=", Values: []string{"c"}},
			{Field: "type", Operator: "=", Values: []string{"Ceph", "SftpBackupStorage"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		want := "limit=1000&q=name%3Da+b&q=type%3F%3DCeph%2CSftpBackupStorage&replyWithCount=true&sort=uuid&start=0"
		expectEqual(t, "the query string", node.Requests()[0].RawQuery, want)
	})
}

func TestAListThatChangesBetweenPagesIsReadAgain(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]struct {
		before, after []zstacktest.BackupStorage
	}{
		"a row of the first page goes":   {cloud[:12], slices.Delete(slices.Clone(cloud[:12]), 4, 5)},
		"a row of the first page comes":  {slices.Delete(slices.Clone(cloud[:12]), 4, 5), cloud[:12]},
		"the last row of the page goes":  {cloud[:12], slices.Delete(slices.Clone(cloud[:12]), 9, 10)},
		"a row of a later page goes":     {cloud[:12], slices.Delete(slices.Clone(cloud[:12]), 11, 12)},
		"a row of a later page comes":    {slices.Delete(slices.Clone(cloud[:12]), 11, 12), cloud[:12]},
		"all rows of the later pages go": {cloud[:12], cloud[:5]},
		"all rows go":                    {cloud[:12], nil},
	} {
		for _, noTotal := range []bool{false, true} {
			t.Run(fmt.Sprint(name, ", no total: ", noTotal), func(t *testing.T) {
				inBubble(t, func(t *testing.T) {
					node := zstacktest.NewNode()
					node.Configure(func(s *zstacktest.Settings) { s.NoTotal = noTotal })
					node.SetBackupStorages(change.before...)
					node.BeforeQuery(func(k int) {
						if k == 2 {
							node.SetBackupStorages(change.after...)
						}
					})
					got, err := list(t.Context(), newClient(t, capped(node, 10), admin))
					if err != nil {
						t.Fatal(err)
					}
					expectRows(t, got, change.after)
				})
			})
		}
	}
}

func TestAListThatIsReadAgainBeginsWithAnotherFirstPage(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := nodeWith(25)
		node.BeforeQuery(func(k int) {
			if k == 3 {
				node.SetBackupStorages(cloud[1:25]...)
			}
		})
		var pages, rows []string
		err := newClient(t, capped(node, 10), admin).ReadBackupStorages(t.Context(), nil, func(page zstack.ListPage[zstack.BackupStorage]) {
			pages = append(pages, fmt.Sprint(page.First, " ", len(page.Rows)))
			if page.First {
				rows = nil
			}
			for _, storage := range page.Rows {
				rows = append(rows, *storage.UUID)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		expectRows(t, rows, cloud[1:25])
		expectEqual(t, "the pages", pages, []string{"true 10", "false 9", "true 10", "false 9", "false 5"})
	})
}

func TestAWrongTotalIsAnErrorAfterASecondRead(t *testing.T) {
	for name, server := range map[string]struct {
		total, rows, repeat string
		distinct            int
	}{
		"smaller":                {"1", `{"uuid":"a"},{"uuid":"b"}`, `{"uuid":"b"}`, 2},
		"zero":                   {"0", `{"uuid":"a"}`, `{"uuid":"a"}`, 1},
		"negative":               {"-1", `{"uuid":"a"}`, `{"uuid":"a"}`, 1},
		"larger":                 {"3", `{"uuid":"a"},{"uuid":"b"}`, `{"uuid":"b"}`, 2},
		"larger, start ignored":  {"3", `{"uuid":"a"},{"uuid":"b"}`, `{"uuid":"a"},{"uuid":"b"}`, 2},
		"larger, no later rows":  {"3", `{"uuid":"a"},{"uuid":"b"}`, ``, 2},
		"larger, one row":        {"2", `{"uuid":"a"}`, `{"uuid":"a"}`, 1},
		"no rows":                {"5", ``, ``, 0},
		"a row more than once":   {"3", `{"uuid":"a"},{"uuid":"b"},{"uuid":"b"}`, `{"uuid":"b"}`, 2},
		"beyond 32-bit integers": {"4294967298", `{"uuid":"a"},{"uuid":"b"}`, `{"uuid":"b"}`, 2},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				firstPages := 0
				handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					rows := server.repeat
					if r.URL.Query().Get("start") == "0" {
						firstPages++
						rows = server.rows
					}
					_, _ = fmt.Fprintf(w, `{"total":%s,"inventories":[%s]}`, server.total, rows)
				})
				_, err := list(t.Context(), newClient(t, handler, zstack.Session{UUID: "5e55"}))
				var got *zstack.TotalError
				if !errors.As(err, &got) {
					t.Fatalf("the error is %v, want a TotalError", err)
				}
				expectEqual(t, "the total", fmt.Sprint(got.Total), server.total)
				expectEqual(t, "the number of rows", got.Rows, server.distinct)
				expectEqual(t, "the number of repeated rows", got.Duplicates, strings.Count(server.rows, "uuid")-server.distinct)
				if errors.Is(err, zstack.ErrListChanged) || firstPages < 2 {
					t.Errorf("the first page was requested %d times, and the error is %v", firstPages, err)
				}
			})
		})
	}
}

// A total that is wrong once does not matter.
func TestATotalThatIsCorrectInTheSecondReadIsAccepted(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		requests := 0
		handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			requests++
			_, _ = fmt.Fprintf(w, `{"total":%d,"inventories":[{"uuid":"b"},{"uuid":"a"}]}`, min(requests, 2))
		})
		got, err := list(t.Context(), newClient(t, handler, zstack.Session{UUID: "5e55"}))
		if err != nil || !slices.Equal(got, []string{"a", "b"}) {
			t.Errorf("the list is %q, error %v, want a and b", got, err)
		}
	})
}

func TestAListThatChangesInBothReadsIsAnError(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := nodeWith(12)
		node.BeforeQuery(func(k int) { node.SetBackupStorages(cloud[k:12]...) })
		if _, err := list(t.Context(), newClient(t, capped(node, 5), admin)); !errors.Is(err, zstack.ErrListChanged) {
			t.Errorf("the error is %v, want ErrListChanged", err)
		}
		expectCount(t, node, storagesPath, 4) // Two pages, twice.
	})
}

func TestAListIsCompleteOrAnErrorIfTheServerIgnoresParameters(t *testing.T) {
	t.Parallel()
	faults := []struct {
		name string
		set  func(*zstacktest.Settings)
	}{
		{"start", func(s *zstacktest.Settings) { s.IgnoreStart = true }},
		{"sort", func(s *zstacktest.Settings) { s.IgnoreSort = true }},
		{"repeats", func(s *zstacktest.Settings) { s.RepeatRows = true }},
		{"total", func(s *zstacktest.Settings) { s.NoTotal = true }},
	}
	for _, rows := range []int{1, 11} {
		for set := range 1 << len(faults) {
			var names []string
			node := nodeWith(rows)
			for i, fault := range faults {
				if set&(1<<i) != 0 {
					names = append(names, fault.name)
					node.Configure(fault.set)
				}
			}
			t.Run(fmt.Sprint(rows, names), func(t *testing.T) {
				inBubble(t, func(t *testing.T) {
					got, err := list(t.Context(), newClient(t, capped(node, 10), admin))
					switch {
					case err == nil:
						expectRows(t, got, cloud[:rows])
					case !errors.Is(err, zstack.ErrListChanged) && !errors.As(err, new(*zstack.TotalError)):
						t.Errorf("the error is %v, want ErrListChanged, a TotalError or none", err)
					}
				})
			})
		}
	}
}

func TestAListIsCompleteWhenTheServerIgnoresTheLimitOrSendsNoTotal(t *testing.T) {
	for name, fault := range map[string]func(*zstacktest.Settings){
		"no limit": func(s *zstacktest.Settings) { s.IgnoreLimit = true },
		"no total": func(s *zstacktest.Settings) { s.NoTotal = true },
		"neither":  func(s *zstacktest.Settings) { s.IgnoreLimit, s.NoTotal = true, true },
	} {
		for _, rows := range []int{0, 1, 1000, 1001} {
			t.Run(fmt.Sprint(name, " ", rows), func(t *testing.T) {
				inBubble(t, func(t *testing.T) {
					node := nodeWith(rows)
					node.Configure(fault)
					got, err := list(t.Context(), newClient(t, node, admin))
					if err != nil {
						t.Fatal(err)
					}
					expectRows(t, got, cloud[:rows])
				})
			})
		}
	}
}

func TestAListIsCompleteWhenTheServerSendsShorterPages(t *testing.T) {
	for _, noTotal := range []bool{false, true} {
		t.Run(fmt.Sprint("no total: ", noTotal), func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				node := nodeWith(23)
				node.Configure(func(s *zstacktest.Settings) { s.NoTotal = noTotal })
				got, err := list(t.Context(), newClient(t, capped(node, 10), admin))
				if err != nil {
					t.Fatal(err)
				}
				expectRows(t, got, cloud[:23])
			})
		})
	}
}

func TestAFaultInALaterPageFailsTheWholeList(t *testing.T) {
	for _, fault := range []zstacktest.Fault{zstacktest.HTMLPage, zstacktest.Fails(zstacktest.DeniedByPolicy), zstacktest.EmptyBody} {
		t.Run(fault.Name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				node := nodeWith(11)
				node.Misbehave(zstacktest.AtLaterPage, zstacktest.Always(fault))
				got, err := list(t.Context(), newClient(t, capped(node, 10), admin, retries(1)))
				if err == nil || got != nil {
					t.Errorf("%d rows and error %v, want none and an error", len(got), err)
				}
			})
		})
	}
}

func TestAnEndlessListIsAnError(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		pages := 0
		endless := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			pages++
			start, _ := strconv.Atoi(r.URL.Query().Get("start"))
			_, _ = fmt.Fprintf(w, `{"inventories":[{"uuid":"%032x"},{"uuid":"%032x"}],"total":1000000000}`, start, start+1)
		})
		_, err := list(t.Context(), newClient(t, endless, zstack.Session{UUID: "5e55"}))
		if err == nil || err.Error() != "the list continues after 1000 pages of 1000 rows" {
			t.Errorf("the error is %v, want one that says how much was read", err)
		}
		if pages != 1000 {
			t.Errorf("%d pages were read, want 1000", pages)
		}
	})
}

func TestTheVendorsCLIFormatIsDecoded(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		node.Configure(func(s *zstacktest.Settings) { s.VendorForm = true })
		mustList(t, newClient(t, node, admin))
	})
}

func TestZonesAreListedInPagesLikeBackupStorages(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var queries []string
		server := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			queries = append(queries, r.Method+" "+r.URL.Path+"?"+r.URL.RawQuery)
			rows := `{"uuid":"b","name":"West","isDefault":true},{"uuid":"a","name":"west"}`
			if r.URL.Query().Get("start") == "1" {
				rows = `{"uuid":"a","name":"west"},{"uuid":"c","Name":"x"}`
			}
			_, _ = fmt.Fprintf(w, `{"total":3,"inventories":[%s]}`, rows)
		})
		got, err := newClient(t, server, zstack.Session{UUID: "5e55"}).ListZones(t.Context(), []zstack.Condition{
			{Field: "name", Operator: "=", Values: []string{"west"}},
			{Field: "url", Operator: "=", Values: []string{"not a field of zones"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		expectEqual(t, "the zones", got, []zstack.Zone{
			{UUID: new("a"), Name: new("west")}, {UUID: new("b"), Name: new("West")}, {UUID: new("c")},
		})
		expectEqual(t, "the requests", queries, []string{
			"GET /zstack/v1/zones?limit=1000&q=name%3Dwest&replyWithCount=true&sort=uuid&start=0",
			"GET /zstack/v1/zones?limit=1000&q=name%3Dwest&replyWithCount=true&sort=uuid&start=1",
		})
	})
}

func TestAValueOfTheWrongTypeNamesTheZone(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		server := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"inventories":[{"uuid":"a","name":7}]}`)
		})
		_, err := newClient(t, server, zstack.Session{UUID: "5e55"}).ListZones(t.Context(), nil)
		var got *zstack.FieldError
		if !errors.As(err, &got) || got.Row.Resource != "zone" || got.Row.UUID != "a" || got.Field != "name" {
			t.Errorf("the error is %v, want one about the name of zone a", err)
		}
	})
}

func TestOnlyBackupStoragesAndZonesAreRead(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var paths []string
		server := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet {
				paths = append(paths, r.URL.Path)
			}
			_, _ = io.WriteString(w, `{"total":0,"inventories":[]}`)
		})
		client := reflect.ValueOf(newClient(t, server, zstack.Session{UUID: "5e55"}))
		for i := range client.NumMethod() {
			if name := client.Type().Method(i).Name; name == "Close" || name == "DialWith" {
				continue
			}
			method := client.Method(i)
			var arguments []reflect.Value
			for j := range method.Type().NumIn() {
				argument := reflect.Zero(method.Type().In(j))
				switch {
				case argument.Type() == reflect.TypeFor[context.Context]():
					argument = reflect.ValueOf(t.Context())
				case argument.Kind() == reflect.Func:
					argument = reflect.MakeFunc(argument.Type(), func([]reflect.Value) []reflect.Value { return nil })
				}
				arguments = append(arguments, argument)
			}
			method.Call(arguments)
		}
		slices.Sort(paths)
		expectEqual(t, "the paths", slices.Compact(paths), []string{"/zstack/v1/backup-storage", "/zstack/v1/zones"})
	})
}

func TestAListOfMoreRowsThanAllowedIsAnError(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		server := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			body := []byte(`{"inventories":[{"uuid":"a"}`)
			for i := range 100_000 {
				body = fmt.Appendf(body, `,{"uuid":"%x"}`, 16+i)
			}
			_, _ = w.Write(append(body, "]}"...))
		})
		_, err := list(t.Context(), newClient(t, server, zstack.Session{UUID: "5e55"}))
		if err == nil || !strings.HasSuffix(err.Error(), "the list has more than 100000 inventories") {
			t.Errorf("the error is %v, want one that names the limit", err)
		}
	})
}
