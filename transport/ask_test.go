package transport_test

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

// askedMeta is of a client that can ask.
var askedMeta = strings.Replace(modernMeta, `clientCapabilities":{}`, `clientCapabilities":{"elicitation":{}}`, 1)

// An asked answer is one of 2026-07-28, which may be a question.
type askedAnswer struct {
	Result struct {
		ResultType    string `json:"resultType"`
		RequestState  string `json:"requestState"`
		InputRequests map[string]struct {
			Method string `json:"method"`
			Params struct {
				Message string `json:"message"`
			} `json:"params"`
		} `json:"inputRequests"`
		Content []struct {
			Text string `json:"text"`
		} `json:"content"`
		IsError bool `json:"isError"`
	} `json:"result"`
}

// ask calls a tool; more are further members of the parameters.
func (w *web) ask(t *testing.T, tool, args, more string) (a askedAnswer) {
	t.Helper()
	body := fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":%q,"arguments":%s,`+
		`"_meta":{"x":1%s}%s}}`, tool, args, askedMeta, more)
	r := w.do(t, t.Context(), "POST", "/mcp", body, "Mcp-Protocol-Version", "2026-07-28",
		"Mcp-Method", "tools/call", "Mcp-Name", tool)
	text, err := io.ReadAll(r.Body)
	if err == nil {
		if _, data, isEvent := strings.Cut(string(text), "data: "); isEvent { // after signs of life
			text = []byte(data)
		}
		err = json.Unmarshal(text, &a)
	}
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return a
}

func (a askedAnswer) text() string {
	if len(a.Result.Content) == 0 {
		return ""
	}
	return a.Result.Content[0].Text
}

// said is the answer of a person to the question of this key.
func said(key, action, content string) string {
	return fmt.Sprintf(`,"requestState":%q,"inputResponses":{"accept":{"action":%q,"content":%s}}`,
		key, action, content)
}

const yes = `{"accept":true}`

// TestAsk_answers goes on with what the person was asked, once, and with nothing else.
func TestAsk_answers(t *testing.T) {
	t.Parallel()
	inTime(t, func(t *testing.T, w *web) {
		question := func() string {
			t.Helper()
			a := w.ask(t, "asks", `{"a":1}`, "")
			if a.Result.ResultType != "input_required" || a.Result.RequestState == "" ||
				a.Result.InputRequests["accept"].Params.Message != `is {"a":1} all right?` {
				t.Fatalf("no question: %+v", a)
			}
			return a.Result.RequestState
		}
		key := question()
		if a := w.ask(t, "asks", `{"a":1}`, said(key, "accept", yes)); a.Result.IsError || a.text() != `{"a":1}` {
			t.Errorf("yes: %+v", a)
		}
		other := question()
		for name, c := range map[string]struct{ tool, args, more string }{
			"a key that was used":      {"asks", `{"a":1}`, said(key, "accept", yes)},
			"a key of nobody":          {"asks", `{"a":1}`, said(strings.ToLower(other), "accept", yes)},
			"another tool":             {"asksToo", `{"a":1}`, said(question(), "accept", yes)},
			"other arguments":          {"asks", `{"a":2}`, said(question(), "accept", yes)},
			"declined":                 {"asks", `{"a":1}`, said(question(), "decline", "null")},
			"declined with a yes":      {"asks", `{"a":1}`, said(question(), "decline", yes)},
			"accepted without a yes":   {"asks", `{"a":1}`, said(question(), "accept", `{}`)},
			"accepted with a no":       {"asks", `{"a":1}`, said(question(), "accept", `{"accept":false}`)},
			"a yes that is text":       {"asks", `{"a":1}`, said(question(), "accept", `{"accept":"true"}`)},
			"an answer to no question": {"asks", `{"a":1}`, `,"requestState":"` + question() + `"`},
		} {
			if a := w.ask(t, c.tool, c.args, c.more); !a.Result.IsError || a.text() == "" {
				t.Errorf("%s: %+v", name, a)
			}
		}
		if a := w.ask(t, "asks", `{"a":1}`, said(other, "accept", yes)); a.Result.IsError {
			t.Errorf("the other question was lost: %+v", a)
		}
	})
}

// TestAsk_noAnswer gives up a question that nobody answers, and does not take the answer then.
func TestAsk_noAnswer(t *testing.T) {
	t.Parallel()
	inTime(t, func(t *testing.T, w *web) {
		key := w.ask(t, "asks", `{}`, "").Result.RequestState
		<-time.After(5*time.Minute + time.Second) // of the bubble
		if a := w.ask(t, "asks", `{}`, said(key, "accept", yes)); !a.Result.IsError ||
			!strings.Contains(a.text(), "no answer in time") {
			t.Errorf("late: %+v", a)
		}
		var keys []string
		for range 64 {
			keys = append(keys, w.ask(t, "asks", `{}`, "").Result.RequestState)
		}
		if a := w.ask(t, "asks", `{}`, ""); !a.Result.IsError || !strings.Contains(a.text(), "too many questions") {
			t.Errorf("one too many: %+v", a)
		}
		<-time.After(7 * time.Minute)
		if a := w.ask(t, "asks", `{}`, said(keys[0], "accept", yes)); !a.Result.IsError ||
			!strings.Contains(a.text(), "no such question") {
			t.Errorf("too late: %+v", a)
		}
		if a := w.ask(t, "asks", `{}`, ""); a.Result.RequestState == "" {
			t.Errorf("no room again: %+v", a)
		}
		<-time.After(10 * time.Minute)
	})
}
