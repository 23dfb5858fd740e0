package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"
)

// A refusal is the error of a resource or a prompt that is the caller's mistake. The SDK gives all
// of their errors the code of an internal one; a refusal carries its own through the SDK in its
// text, and [mended] puts it in place in the message that the SDK made.
type refusal struct {
	code int
	uri  string // of the resource that is not there
	text string
}

// refusalMark begins the text of a refusal on its way.
const refusalMark = "\x1arefusal:"

// Error implements error: the error object as it is to be sent, behind the mark.
func (r refusal) Error() string {
	object := map[string]any{"code": r.code, "message": r.text}
	if r.uri != "" { // 2025-11-25 and 2026-07-28, "Resources", Error Handling
		object["data"] = map[string]string{"uri": r.uri}
	}
	text, err := json.Marshal(object)
	if err != nil {
		return r.text
	}
	return refusalMark + string(text)
}

// notFound is the refusal of a resource that is not there, with the code of the client's revision:
// -32602 from 2026-07-28 on, -32002 before.
func notFound(ctx context.Context, uri string, err error) error {
	code := mcp.RESOURCE_NOT_FOUND
	if mcp.IsModernProtocol(server.RequestProtocolVersion(ctx)) {
		code = mcp.INVALID_PARAMS
	}
	return refusal{code, cut(uri, maxError), cut(err.Error(), maxError)}
}

// shortened is an error whose text fits a client.
func shortened(err error) error {
	if err == nil || errors.As(err, new(refusal)) {
		return err
	}
	return givenUp{cut(err.Error(), maxError), err}
}

// unmatched are the ends of the SDK's own error for an address that fits no template.
const (
	unmatchedBegin = "handler not found for resource URI '"
	unmatchedEnd   = "': resource not found"
)

// mended is a message to a client in which the error that a [refusal] stands for is in its place,
// and the SDK's own error for an unknown resource names it in its data.
func mended(message []byte) []byte {
	if !bytes.Contains(message, []byte(`"error":{"code":`)) {
		return message
	}
	var m struct {
		Error struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	if json.Unmarshal(message, &m) != nil {
		return message
	}
	if object, ok := strings.CutPrefix(m.Error.Message, refusalMark); ok && json.Valid([]byte(object)) {
		return withError(message, object)
	}
	rest, begins := strings.CutPrefix(m.Error.Message, unmatchedBegin)
	uri, ends := strings.CutSuffix(rest, unmatchedEnd)
	if !begins || !ends {
		return message
	}
	object, err := json.Marshal(map[string]any{"code": m.Error.Code, "message": "there is no resource " +
		cut(uri, 300) + "; resources/templates/list shows what there is, and in a value all but " +
		"A-Z a-z 0-9 - . _ ~ is percent-encoded", "data": map[string]string{
		"uri": cut(uri, maxError)}})
	if err != nil {
		return message
	}
	return withError(message, string(object))
}

// withError is a message with another error, and the end of line that it had.
func withError(message []byte, object string) []byte {
	end := message[len(bytes.TrimRight(message, "\n")):]
	return append(withField(message, "error", object), end...)
}

// plainText is the text of an error, without what a [refusal] carries beside it.
func plainText(err error) string {
	var r refusal
	if errors.As(err, &r) {
		return r.text
	}
	return err.Error()
}
