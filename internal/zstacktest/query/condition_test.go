// SPDX-License-Identifier: MPL-2.0

package query

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var (
	storages = &Class{Name: "org.zstack.header.storage.backup.BackupStorageInventory", Fields: []Column{{"name", ""}}}
	current  = Dialect{Version: Version{5, 2, 1}, TimeZone: time.UTC}
)

func TestConditionIsSplitAtTheFirstOperatorOfTheFixedOrder(t *testing.T) {
	t.Parallel()
	tests := map[string]condition{
		"name=a":                  {"name", "=", "a"},
		"name!=a":                 {"name", "!=", "a"},
		"name>a":                  {"name", ">", "a"},
		"name>=a":                 {"name", ">=", "a"},
		"name<a":                  {"name", "<", "a"},
		"name<=a":                 {"name", "<=", "a"},
		"name~=a":                 {"name", "like", "a"},
		"name!~=a":                {"name", "not like", "a"},
		"name?=a,b":               {"name", "in", "a,b"},
		"name!?=a,b":              {"name", "not in", "a,b"},
		"name is null":            {"name", "is null", ""},
		"name not null":           {"name", "is not null", ""},
		"name = a":                {"name", "=", " a"},
		" name =a ":               {"name", "=", "a "},
		"name=":                   {"name", "=", ""},
		"name==":                  {"name", "=", ""},
		"name==x":                 {"name", "=", "x"},
		"name===x":                {"name", "=", "x"},
		"name~=~=x":               {"name", "like", "x"},
		"name=a=b":                {"name", "=", "a=b"},
		"name=a==b":               {"name", "=", "a==b"},
		"name=>5":                 {"name", "=", ">5"},
		"name=<5":                 {"name", "=", "<5"},
		"name=is null":            {"name", "=", "is null"},
		"name=not null x":         {"name", "=", "not null x"},
		"name=a!=b":               {"name=a", "!=", "b"},
		"name=x>=1":               {"name=x", ">=", "1"},
		"name=a<=b":               {"name=a", "<=", "b"},
		"name=a~=b":               {"name=a", "like", "b"},
		"name=a?=b":               {"name=a", "in", "b"},
		"name~=a_=b":              {"name", "like", "a_=b"},
		"name is nullfoo":         {"name", "is null", ""},
		"description is not null": {"description is", "is not null", ""},
		" is null":                {"", "is null", ""},
		"=name=x":                 {"name", "=", "x"},
	}
	for q, want := range tests {
		got, err := parseCondition(q)
		if err != nil {
			t.Errorf("%q: %v", q, err)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(condition{})); diff != "" {
			t.Errorf("%q (-want +got):\n%s", q, diff)
		}
	}
}

func TestConditionWithoutOperatorOrFieldIsABadRequest(t *testing.T) {
	t.Parallel()
	for _, q := range []string{"", "name", "name LIKE x", "=x", "=", "?=x", ">x"} {
		_, err := parseCondition(q)
		if _, ok := errors.AsType[BadRequest](err); !ok {
			t.Errorf("%q: %v, want a bad request", q, err)
		}
	}
}

func TestEveryQuoteInAValueIsASyntaxError(t *testing.T) {
	t.Parallel()
	const (
		unfinished = "java.lang.StringIndexOutOfBoundsException: "
		unknown    = "org.antlr.v4.runtime.misc.ParseCancellationException: error token recognition error at: "
	)
	tests := map[string]string{
		"it's": unfinished + `offset 39, count 13, length 51`,
		"a'":   unfinished + `offset 37, count 13, length 49`,
		"'":    unfinished + `offset 36, count 13, length 48`,
		"'a'":  unknown + `'\' at line 1:37, ame = '\'a\'' limit `,
		"a''b": unknown + `'\' at line 1:37, ame = 'a\'\'b' limit`,
	}
	for value, want := range tests {
		q := Query{class: storages, limit: 1000, conditions: []condition{{"name", "=", value}}}
		if e, ok := errors.AsType[Failure](q.Check(current)); !ok || e.Details.English != want {
			t.Errorf("%q:\n got %s\nwant %s", value, e.Details.English, want)
		}
	}
}

func TestEveryQuoteInAListIsASyntaxError(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"a',b", "a,b'", "a',b'", "','", "''", "x,'y',z"} {
		q := Query{class: storages, limit: 1000, conditions: []condition{{"name", "in", value}}}
		if _, ok := errors.AsType[Failure](q.Check(current)); !ok {
			t.Errorf("%q passes the lexer: %s", value, q.zql(current))
		}
	}
}
