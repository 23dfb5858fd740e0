// Package schema stands between Go structs and the JSON that a model writes and reads: [For]
// makes a JSON Schema of a struct, [Decode] reads arguments into one with errors that say how
// to mend the call, [Encode] writes an answer and cannot fail.
package schema

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/invopop/jsonschema"
)

// For returns the JSON Schema of the struct T, for use as a tool's input or output schema: an
// object without $schema, $id, $ref or $defs, with "properties" even when there are none, and
// additionalProperties false. Field texts come from `jsonschema_description` tags, bounds and
// enums from `jsonschema` tags; a field without omitempty is required.
// It panics, naming T, when T is no struct: that is a mistake of the program.
func For[T any]() json.RawMessage {
	t := reflect.TypeFor[T]()
	if t.Kind() != reflect.Struct {
		panic(fmt.Sprintf("schema.For: %v is no struct", t))
	}
	reflector := jsonschema.Reflector{Anonymous: true, DoNotReference: true, ExpandedStruct: true}
	s := reflector.ReflectFromType(t)
	s.Version = ""
	text, err := json.Marshal(s)
	if err != nil {
		panic(fmt.Sprintf("schema.For: %v: %v", t, err))
	}
	return text
}

// Any is a field of an answer that may hold any JSON value, such as a cell of a table: a type
// that JSON Schema describes by giving no type.
type Any struct{ Value any }

// JSONSchema describes Any to the reflector by words alone: an empty schema would be written as
// the boolean true, which trips some hosts.
func (Any) JSONSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Description: "Any JSON value."}
}
