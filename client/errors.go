package client

import (
	"errors"
	"fmt"
	"strings"
)

// The five documented kinds of failure, for errors.Is. RunicornAPIError itself is [*Error].
var (
	ErrConnection     = errors.New("connection failed")         // documented ConnectionError
	ErrNotFound       = errors.New("not found")                 // documented NotFoundError (404)
	ErrBadRequest     = errors.New("invalid request")           // documented BadRequestError (400)
	ErrServer         = errors.New("server error")              // documented ServerError (500+)
	ErrAuthentication = errors.New("authentication failed")     // documented AuthenticationError
	ErrInRecycleBin   = errors.New("run is in the recycle bin") // cause of an ErrNotFound
)

// An Error is the failure of one documented method: what failed, why, and what to do next.
type Error struct {
	Op     string // documented name of the method, "get_run"; filled in by Client when empty
	Kind   error  // ErrConnection, ErrNotFound, ErrBadRequest, ErrServer or ErrAuthentication
	Status int    // HTTP status of the last answer; 0 when there was none
	Detail string // what happened, in one or two sentences, without secrets
	Hint   string // the next step that helps, one sentence; may be empty
	Err    error  // cause below, if any; not part of the message
}

// Error is Detail and Hint in one line, fit to be shown to a person or a model.
func (e *Error) Error() string {
	msg := e.Detail
	if msg == "" {
		msg = e.Kind.Error()
	}
	if e.Hint != "" {
		msg = strings.TrimRight(msg, ". ") + ". " + e.Hint
	}
	return msg
}

// Is reports whether target is the kind of e.
func (e *Error) Is(target error) bool { return target == e.Kind }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// InRecycleBin is the failure of naming a deleted run: ErrNotFound, wrapping ErrInRecycleBin.
func InRecycleBin(id string) error {
	return &Error{Kind: ErrNotFound, Err: ErrInRecycleBin,
		Detail: fmt.Sprintf("The run %q is in the recycle bin", id),
		Hint:   "It can be restored in the Viewer."}
}

func badRequest(detail, hint string) error {
	return &Error{Kind: ErrBadRequest, Detail: detail, Hint: hint}
}

func isKind(err, kind error) bool { return err != nil && errors.Is(err, kind) }

// named fills in which documented method failed.
func (c *Client) named(op string, err error) error {
	var e *Error
	if !errors.As(err, &e) || e.Op != "" {
		return err
	}
	withOp := *e
	withOp.Op = op
	return &withOp
}
