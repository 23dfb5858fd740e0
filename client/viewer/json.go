package viewer

import (
	"context"
	"encoding/json"
	"io"
	"net/url"
	"reflect"

	"github.com/runicorn-mcp/runicorn-mcp/client/storage"
)

// getJSON decodes a JSON answer into target, which must be a pointer to a zero value.
func (v *Viewer) getJSON(ctx context.Context, path string, query url.Values, target any) error {
	return v.do(ctx, request{path: path, query: query, json: true, read: jsonInto(target)})
}

// jsonInto reads a JSON body into target, which must be a pointer to a zero value. A bare NaN or
// infinity, which some servers in Python write, is read as a [number] reads it.
func jsonInto(target any) func(io.Reader) error {
	zero := reflect.ValueOf(target).Elem()
	return func(body io.Reader) error {
		zero.SetZero() // of an attempt that broke off
		return json.NewDecoder(storage.NewLooseReader(body)).Decode(target)
	}
}

// A number is a float64 in JSON, where NaN and infinities may stand as texts.
type number float64

// UnmarshalJSON implements [json.Unmarshaler].
func (n *number) UnmarshalJSON(text []byte) error {
	value, err := storage.LooseNumber(text)
	*n = number(value)
	return err
}
