// SPDX-License-Identifier: MPL-2.0

// Package passthrough passes the rows of a long list from a data source to
// Terraform, bypassing terraform-plugin-framework.
//
// A data source normally sets its whole state in the framework's response. The
// framework then walks every value of it several times (plan modifiers,
// semantic equality, null blocks, copies) and encodes it as MessagePack. For a
// list of objects with nested lists that is most of the time and memory of a
// read, and it changes nothing: a computed list of built-in types has no plan
// modifiers, no semantic equality and no defaults.
//
// So the data source encodes its rows with the [List] of its read, sets them
// there, and sets an empty list in the framework's response. [NewServer] wraps
// the framework's protocol server: when the framework has encoded the state,
// the wrapper replaces the empty list by the encoded rows.
//
// This is correct because terraform-plugin-go encodes the same values in the same
// way, which tests check, and because Terraform sees the response only after the
// wrapper has completed it. It would no longer be correct if a state were not a
// MessagePack map of attributes, or if an attribute in the list had a custom
// type, a default or a plan modifier. If no such server wraps the framework's,
// [ListOf] returns nil, and the data source sets its state through the framework.
package passthrough

import (
	"bytes"
	"context"
	"fmt"
	"math/big"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/vmihailenco/msgpack/v5"
)

// NewServer wraps the framework's protocol server.
func NewServer(framework tfprotov6.ProviderServer) tfprotov6.ProviderServer {
	return &server{framework}
}

type server struct{ tfprotov6.ProviderServer }

// ReadDataSource completes the framework's response with the rows that the data
// source has set.
func (s *server) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	list := newList()
	resp, err := s.ProviderServer.ReadDataSource(context.WithValue(ctx, contextKey{}, list), req)
	if err != nil || resp.State == nil || list.attribute == "" {
		return resp, err
	}
	resp.State.MsgPack, err = list.insertInto(resp.State.MsgPack)
	return resp, err
}

type contextKey struct{}

// ListOf returns the list of the read that ctx belongs to. It is nil if no
// server of this package handles the read.
func ListOf(ctx context.Context) *List {
	list, _ := ctx.Value(contextKey{}).(*List)
	return list
}

// List is an attribute of a data source: a list of objects.
type List struct {
	attribute string
	rows      []Row

	buffer  bytes.Buffer // of the encoder
	encoder *msgpack.Encoder
}

func newList() *List {
	list := &List{}
	list.encoder = msgpack.NewEncoder(&list.buffer)
	return list
}

// Row is an encoded object.
type Row []byte

// Object is the values of an object's attributes, in the order of their names.
type Object []AttributeValue

// AttributeValue is the value of one attribute: nil, a string, an int64, a
// *[big.Float], a []string or a []Object.
type AttributeValue struct {
	Name  string
	Value any
}

// Encode returns the object as a row, but does not add it to the list: a data
// source that sorts its rows can encode each row as soon as it has read it. Like
// tftypes.NewValue, it panics if the type of a value is not supported.
func (l *List) Encode(object Object) Row {
	l.buffer.Reset()
	if err := l.encode(object); err != nil {
		panic(err)
	}
	return bytes.Clone(l.buffer.Bytes())
}

// Set makes rows the value of the attribute.
func (l *List) Set(attribute string, rows []Row) {
	l.attribute, l.rows = attribute, rows
}

func (l *List) encode(value any) error {
	switch value := value.(type) {
	case nil:
		return l.encoder.EncodeNil()
	case string:
		return l.encoder.EncodeString(value)
	case int64:
		return l.encoder.EncodeInt(value)
	case *big.Float:
		return l.encodeNumber(value)
	case []string:
		return encodeElements(l, value)
	case []Object:
		return encodeElements(l, value)
	case Object:
		return l.encodeObject(value)
	default:
		return fmt.Errorf("a value of type %T cannot be encoded", value)
	}
}

// encodeNumber writes an integer if that is exact, or else a float64 if that is
// exact, or else decimal text.
func (l *List) encodeNumber(number *big.Float) error {
	if integer, accuracy := number.Int64(); accuracy == big.Exact {
		return l.encoder.EncodeInt(integer)
	}
	if float, accuracy := number.Float64(); accuracy == big.Exact && !number.IsInt() {
		return l.encoder.EncodeFloat64(float)
	}
	return l.encoder.EncodeString(number.Text('f', -1))
}

func encodeElements[T any](l *List, elements []T) error {
	if err := l.encoder.EncodeArrayLen(len(elements)); err != nil {
		return err
	}
	for _, element := range elements {
		if err := l.encode(element); err != nil {
			return err
		}
	}
	return nil
}

func (l *List) encodeObject(object Object) error {
	if err := l.encoder.EncodeMapLen(len(object)); err != nil {
		return err
	}
	for _, attribute := range object {
		if err := l.encoder.EncodeString(attribute.Name); err != nil {
			return err
		}
		if err := l.encode(attribute.Value); err != nil {
			return err
		}
	}
	return nil
}

// emptyList is an encoded list without elements.
var emptyList = []byte{0x90}

// insertInto returns state, an encoded object, with the list instead of the empty
// list in its attribute.
func (l *List) insertInto(state []byte) ([]byte, error) {
	decoder := msgpack.NewDecoder(bytes.NewReader(state))
	size := len(state) + maxArrayHeader
	for _, row := range l.rows {
		size += len(row)
	}
	var completed bytes.Buffer
	completed.Grow(size)
	encoder := msgpack.NewEncoder(&completed)

	length, err := decoder.DecodeMapLen()
	if err != nil {
		return nil, fmt.Errorf("the state cannot be decoded: %w", err)
	}
	if err := encoder.EncodeMapLen(length); err != nil {
		return nil, err
	}
	for range length {
		name, err := decoder.DecodeString()
		if err != nil {
			return nil, fmt.Errorf("an attribute of the state cannot be decoded: %w", err)
		}
		value, err := decoder.DecodeRaw()
		if err != nil {
			return nil, fmt.Errorf("the attribute %s of the state cannot be decoded: %w", name, err)
		}
		if err := encoder.EncodeString(name); err != nil {
			return nil, err
		}
		if name != l.attribute || !bytes.Equal(value, emptyList) {
			completed.Write(value)
			continue
		}
		if err := encoder.EncodeArrayLen(len(l.rows)); err != nil {
			return nil, err
		}
		for _, row := range l.rows {
			completed.Write(row)
		}
	}
	return completed.Bytes(), nil
}

// maxArrayHeader is the length of an encoded array's longest header, in bytes.
const maxArrayHeader = 5
