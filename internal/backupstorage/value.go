// SPDX-License-Identifier: MPL-2.0

package backupstorage

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/zstackio/terraform-provider-zstack/internal/lazyregexp"
)

// parse reads a value that a condition compares the attribute with. It returns
// the operator to compare with, which for a fraction may be another one. Its
// errors complete the sentence "the attribute must be compared with …".
func (a Attribute[T]) parse(operator, value string) (string, any, error) {
	switch a.kind {
	case kindInteger, kindBytes:
		return a.parseInteger(operator, value)
	case kindDecimal:
		_, err := strconv.ParseFloat(value, 64)
		if err != nil || !decimalPattern().MatchString(value) {
			return "", nil, fmt.Errorf("a decimal number such as 0.85, got %q", value)
		}
		return operator, json.Number(value), nil
	case kindUUID, kindUUIDs:
		return operator, value, checkUUID(value)
	default:
		return operator, value, checkEnumValue(a.Name, value)
	}
}

// decimalPattern is narrower than what Go reads as a float: no hexadecimal
// digits, no Inf, no NaN.
var decimalPattern = lazyregexp.New(`^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$`)

// integerPattern is an integer that may have a fraction.
var integerPattern = lazyregexp.New(`^([+-]?)([0-9]*)(?:\.([0-9]*))?$`)

// parseInteger reads an integer. For an ordering operator it also reads a
// fraction, and returns a comparison with an integer that has the same result:
// "< 2.5" is "<= 2".
func (a Attribute[T]) parseInteger(operator, value string) (string, any, error) {
	parts := integerPattern().FindStringSubmatch(value)
	if parts == nil || parts[2]+parts[3] == "" {
		if a.kind == kindBytes {
			return "", nil, fmt.Errorf("bytes in digits, such as 500 * pow(1024, 3), got %q", value)
		}
		return "", nil, fmt.Errorf("a whole number in digits, got %q", value)
	}
	sign, whole, fraction := parts[1], parts[2], strings.Trim(parts[3], "0")
	if strings.Contains(value, ".") && orderings[operator] == nil {
		return "", nil, fmt.Errorf(`a whole number, got %q; fractions can be used with "<", "<=", ">" and ">="`, value)
	}
	number, err := strconv.ParseInt(sign+"0"+whole, 10, 64) // toward zero
	if err != nil || fraction != "" && (number == math.MaxInt64 || number == math.MinInt64) {
		return "", nil, fmt.Errorf("a number between %d and %d, got %q", int64(math.MinInt64), int64(math.MaxInt64), value)
	}
	if fraction == "" {
		return operator, number, nil
	}
	floor := number
	if sign == "-" {
		floor--
	}
	if operator[0] == '<' {
		return "<=", floor, nil
	}
	return ">=", floor + 1, nil
}

var uuidPattern = lazyregexp.New(`^[0-9a-f]{32}$`)

// checkUUID rejects what cannot be a UUID of ZStack. The error shows the UUID
// as it should be, if the value contains one in another format.
func checkUUID(value string) error {
	if uuidPattern().MatchString(value) {
		return nil
	}
	message := fmt.Sprintf("a ZStack UUID (32 lower-case hexadecimal digits without dashes), got %q", value)
	if uuid, ok := normalizedUUID(value); ok {
		message += fmt.Sprintf("; use %q", uuid)
	}
	return errors.New(message)
}

// normalizedUUID returns the UUID that the value is in any common format, as
// ZStack writes it, and whether the value is a UUID.
func normalizedUUID(value string) (string, bool) {
	digits := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || strings.ContainsRune("-{}\"'\ufeff\u200b", r) {
			return -1
		}
		return unicode.ToLower(r)
	}, value)
	digits = strings.TrimPrefix(digits, "urn:uuid:")
	return digits, uuidPattern().MatchString(digits)
}

// checkEnumValue rejects a value that was most likely meant as one that ZStack
// uses for the attribute, or for the attribute that it is confused with, but that
// matches nothing. Values that later releases may add are accepted.
func checkEnumValue(attribute, value string) error {
	accepted, trimmed := zstackValues[attribute], strings.TrimSpace(value)
	equal := func(accepted string) bool { return strings.EqualFold(accepted, trimmed) }
	if slices.Contains(accepted, value) {
		return nil
	}
	if i := slices.IndexFunc(accepted, equal); i >= 0 {
		return fmt.Errorf("%q exactly, got %q", accepted[i], value)
	}
	switch attribute {
	case "type":
		sameType := func(accepted string) bool { return typeStem(accepted) == typeStem(trimmed) }
		if i := slices.IndexFunc(accepted, sameType); i >= 0 {
			return fmt.Errorf("%q (the server's name of this type), got %q", accepted[i], value)
		}
	case "state", "status":
		other := map[string]string{"state": "status", "status": "state"}[attribute]
		if slices.ContainsFunc(zstackValues[other], equal) {
			return fmt.Errorf("%s, got %q, which is a value of %s", alternatives(accepted), value, other)
		}
	}
	return nil
}

// typeStem returns a type in lower case without the suffix that only some types
// have, and that is easily omitted or added.
func typeStem(name string) string {
	return strings.TrimSuffix(strings.ToLower(name), "backupstorage")
}

// alternatives writes two or more values as in a sentence: "a", "b" or "c".
func alternatives(values []string) string {
	quoted := make([]string, len(values))
	for i, value := range values {
		quoted[i] = strconv.Quote(value)
	}
	last := len(quoted) - 1
	return strings.Join(quoted[:last], ", ") + " or " + quoted[last]
}
