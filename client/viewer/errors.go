package viewer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// connectionError is the failure of a request that got no answer.
func (v *Viewer) connectionError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	e := &client.Error{Kind: client.ErrConnection, Err: err}
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		e.Detail = fmt.Sprintf("Nothing listens at %s", v.base)
		e.Hint = "Start `runicorn viewer`, or read its folder with --storage."
	case errors.As(err, &dns):
		e.Detail = fmt.Sprintf("The name in %s is not known", v.base)
		e.Hint = "Check --base-url."
	case errors.Is(err, errRedirect):
		e.Detail = fmt.Sprintf("%s redirects to another place, which is not followed", v.base)
		e.Hint = "Give the Viewer's own address with --base-url."
	case errors.As(err, &timeout) && timeout.Timeout():
		return v.noAnswer(v.timeout)
	default:
		e.Detail = fmt.Sprintf("The connection to the Viewer at %s failed", v.base)
		e.Hint = "Check --base-url, and that it is http and not https or the other way round."
	}
	return e
}

// noAnswer is the failure of a request that was not answered in time. A Viewer answers nothing
// at all while it works on another machine (0.5 to 0.7).
func (v *Viewer) noAnswer(within time.Duration) error {
	e := &client.Error{Kind: client.ErrConnection,
		Detail: fmt.Sprintf("The Viewer at %s did not answer within %v", v.base, within),
		Hint:   "It may be busy with a large store: try again, or give --timeout more."}
	if what := v.remote.busy.Load(); what != nil {
		e.Hint = "It is busy " + *what + ", and answers nothing else meanwhile: try again in a minute."
	}
	return e
}

// isRefused reports whether nothing listened, so that nothing arrived.
func isRefused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }

// statusError is the failure that a status and its body tell. detail is text, a list of faults
// or an object (fastapi), and a 500 may be plain text.
func (v *Viewer) statusError(
	r request, status int, body []byte, pause time.Duration,
) error {
	e := &client.Error{Kind: client.ErrBadRequest, Status: status, Detail: detail(body)}
	if e.Detail == "" {
		e.Detail = fmt.Sprintf("The Viewer at %s answered with status %d", v.base, status)
	}
	switch {
	case status == 404:
		e.Kind = client.ErrNotFound
		if e.Detail == "Not Found" { // fastapi's own words for a route that there is not
			e.Detail = fmt.Sprintf("This Viewer's version lacks %s", r.path)
			e.Hint = "Read its storage folder instead, with --storage, or use another version."
		}
	case status == 401 || status == 403:
		e.Kind = client.ErrAuthentication
	case status == 429:
		e.Kind, e.Hint = client.ErrServer, "The Viewer limits requests: try again later."
		if pause > 0 {
			e.Hint = fmt.Sprintf("The Viewer limits requests: try again in %v.",
				pause.Round(time.Second))
		}
	case status == 501:
		e.Kind, e.Hint = client.ErrServer, "This Viewer cannot do it."
	case status >= 500:
		e.Kind, e.Hint = client.ErrServer, "The Viewer's own log says more."
	}
	return e
}

// detail is what a Viewer says of an error, in one short text.
func detail(body []byte) string {
	var answer struct{ Detail json.RawMessage }
	if json.Unmarshal(body, &answer) != nil {
		return short(string(body))
	}
	var text string
	if json.Unmarshal(answer.Detail, &text) == nil {
		return short(text)
	}
	var faults []struct {
		Loc []any
		Msg string
	}
	if json.Unmarshal(answer.Detail, &faults) == nil {
		var list []string
		for _, f := range faults {
			list = append(list, strings.Trim(fmt.Sprint(f.Loc), "[]")+": "+f.Msg)
		}
		return short(strings.Join(list, "; "))
	}
	return short(string(answer.Detail))
}

// short is a text in one line of at most 300 characters.
func short(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 300 {
		s = string(r[:300]) + "…"
	}
	return s
}

// notViewer is the failure of an address where something else answers; contentType is that of
// the answer, "" for JSON of another service.
func (v *Viewer) notViewer(contentType string) error {
	what := "something that is no JSON"
	switch {
	case contentType == "":
		what = "what no Viewer says"
	case strings.HasPrefix(contentType, "text/html"):
		what = "a web page"
	}
	return &client.Error{Kind: client.ErrServer,
		Detail: fmt.Sprintf("There is no Runicorn Viewer at %s: it answered with %s", v.base, what),
		Hint:   "Check --base-url."}
}
