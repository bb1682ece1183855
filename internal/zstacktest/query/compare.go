// SPDX-License-Identifier: MPL-2.0

package query

import (
	"cmp"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"time"
)

// compare compares a column's value with a literal. All literals are texts in SQL; the column's type decides how the
// database converts them (PROTOCOL.md §4.4).
func compare(value any, literal string, zone *time.Location) int {
	switch v := value.(type) {
	case string:
		return collate(v, literal)
	case int64:
		return new(big.Float).SetInt64(v).Cmp(sqlNumber(literal))
	case float32:
		return big.NewFloat(float64(v)).Cmp(sqlNumber(literal))
	case bool:
		return cmp.Compare(btoi(v), btoi(literal == "true" || literal == "1"))
	case time.Time:
		return wallClock(v.In(zone)).Compare(sqlDate(literal))
	default:
		panic(fmt.Sprintf("a column contains a %T", value))
	}
}

var numberPrefix = regexp.MustCompile(`^[ \t\r\n]*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?)`)

// sqlNumber is the number a text begins with, or 0. 128 bits represent every int64 exactly.
func sqlNumber(literal string) *big.Float {
	match := numberPrefix.FindStringSubmatch(literal)
	if match == nil {
		return new(big.Float)
	}
	number, _, err := big.ParseFloat(match[1], 10, 128, big.ToNearestEven)
	if err != nil {
		return new(big.Float)
	}
	return number
}

// sqlDate reads the database's own date format. Everything else, the format on the wire included, is the zero date,
// which is before every other.
func sqlDate(literal string) time.Time {
	for _, layout := range []string{"2006-1-2 15:4:5", "2006-1-2T15:4:5", "2006-1-2 15:4", "2006-1-2"} {
		if t, err := time.Parse(layout, literal); err == nil {
			return t
		}
	}
	return time.Time{}
}

// wallClock is the date and time that t shows, without its zone.
func wallClock(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// sqlText is the text that LIKE sees.
func sqlText(value any, zone *time.Location) string {
	switch v := value.(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case float32:
		return strconv.FormatFloat(float64(v), 'g', -1, 32)
	case bool:
		return strconv.Itoa(btoi(v))
	case time.Time:
		return v.In(zone).Format(time.DateTime)
	default:
		panic(fmt.Sprintf("a column contains a %T", value))
	}
}

// order compares two values of one column: NULL first, texts by the collation.
func order(a, b any) int {
	if a == nil || b == nil {
		return cmp.Compare(btoi(a != nil), btoi(b != nil))
	}
	switch a := a.(type) {
	case string:
		b, _ := b.(string)
		return collate(a, b)
	case int64:
		b, _ := b.(int64)
		return cmp.Compare(a, b)
	case float32:
		b, _ := b.(float32)
		return cmp.Compare(a, b)
	case bool:
		b, _ := b.(bool)
		return cmp.Compare(btoi(a), btoi(b))
	case time.Time:
		b, _ := b.(time.Time)
		return a.Compare(b)
	default:
		panic(fmt.Sprintf("a column contains a %T", a))
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
