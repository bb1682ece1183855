// SPDX-License-Identifier: MPL-2.0

package zstack_test

import (
	"errors"
	"testing"
	"time"

	"github.com/zstackio/terraform-provider-zstack/internal/zstack"
	"github.com/zstackio/terraform-provider-zstack/internal/zstacktest"
)

func TestAPageIsReturnedAsTheServerSentIt(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := nodeWith(3)
		node.Configure(func(s *zstacktest.Settings) { s.RepeatRows, s.WrongTotal = true, true })
		page, err := newClient(t, node, zstack.Session{UUID: node.AddSession()}).BackupStoragePage(t.Context(), []zstack.Condition{
			{Field: "state", Operator: "=", Values: []string{cloud[0].State}},
			{Field: "uuid", Operator: "=", Values: []string{cloud[1].UUID, cloud[2].UUID}},
		}, 1, 7)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Rows) != 2 || *page.Rows[0].Value.UUID != cloud[2].UUID || *page.Rows[1].Value.UUID != cloud[2].UUID || *page.Total != 3 {
			t.Errorf("%d rows, total %d, want the second row that matches, twice, and total 3", len(page.Rows), *page.Total)
		}
		want := "limit=7&q=uuid%3F%3D" + cloud[1].UUID + "%2C" + cloud[2].UUID + "&replyWithCount=true&sort=uuid&start=1"
		expectEqual(t, "the query string", node.Requests()[0].RawQuery, want)
	})
}

func TestAPageContainsRowsThatTheClientCannotRead(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		const rows = `{"name":7,"uuid":"u"},{"uuid":"v"},5`
		node.Misbehave(zstacktest.AtFirstPage, zstacktest.Body("wrong types", `{"inventories":[`+rows+`]}`))
		page, err := newClient(t, node, admin).BackupStoragePage(t.Context(), nil, 0, 1000)
		if err != nil {
			t.Fatal(err)
		}
		var texts string
		var wrong []bool
		for i, row := range page.Rows {
			if i > 0 {
				texts += ","
			}
			texts += string(row.JSON)
			field, isField := errors.AsType[*zstack.FieldError](row.Err)
			wrong = append(wrong, isField && field != nil)
		}
		expectEqual(t, "the rows", texts, rows)
		expectEqual(t, "the errors", [3]bool(wrong), [3]bool{true, false, true})
		if page.Total != nil {
			t.Errorf("total %d, want none", *page.Total)
		}
	})
}

func TestPagesOfZonesAreRead(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		node.SetZones(zstacktest.Zones()...)
		page, err := newClient(t, node, admin).ZonePage(t.Context(), nil, 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Rows) != 1 || *page.Rows[0].Value.UUID != zstacktest.ZoneOne || *page.Total != 2 {
			t.Errorf("%d rows, total %d, want the second of two zones", len(page.Rows), *page.Total)
		}
	})
}

func TestSessionsReturnsTheSessionsThatAreNotLoggedOut(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		node := newNode()
		client := newClient(t, node, admin)
		expectEqual(t, "sessions before the first read", len(client.Sessions()), 0)
		mustList(t, client)
		if got, want := client.Sessions(), node.LiveSessions(); len(got) != 1 || got[0].UUID != want[0] {
			t.Error("the client does not return the session that it logged in")
		}
		closeWithin(client, time.Second)
		expectEqual(t, "sessions after the logout", len(client.Sessions()), 0)

		given := newClient(t, node, zstack.Session{UUID: node.AddSession()})
		mustList(t, given)
		expectEqual(t, "sessions that the client did not log in", len(given.Sessions()), 0)
	})
}
