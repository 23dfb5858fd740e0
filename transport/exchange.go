package transport

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"sync"
)

// An exchange is what goes over one pair of streams. It knows which requests were read and are
// still to be answered, and gives each answer the id that the client wrote: the SDK takes ids
// for floating-point numbers, so 9007199254740993 would come back as another client's number.
type exchange struct {
	writing sync.Mutex
	out     io.Writer

	mu      sync.Mutex        // not held while writing, so that a full pipe stops no reading
	open    map[string]int    // requests without an answer, by id as the SDK sees it
	exact   map[string]string // ids that stand for numbers the SDK would change
	total   int               // of open
	changed chan struct{}     // closed when the next answer is written
}

func newExchange(out io.Writer) *exchange {
	return &exchange{out: out, open: make(map[string]int), exact: make(map[string]string),
		changed: make(chan struct{})}
}

// A message is as much of a JSON-RPC message as tells what it is.
type message struct {
	Method *string         `json:"method"`
	ID     json.RawMessage `json:"id"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
}

// received notes a line that was read and returns it as the SDK shall see it. What is no request
// is answered, if at all, before the next line is read.
func (x *exchange) received(line []byte) []byte {
	var m message
	if json.Unmarshal(line, &m) != nil || m.Method == nil {
		return line
	}
	if *m.Method == "notifications/cancelled" {
		return withExactCancel(line, m.Params)
	}
	if len(m.ID) == 0 || string(m.ID) == "null" || len(m.Result) > 0 {
		return line
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	id := canonical(m.ID)
	if in, differs := standIn(m.ID); differs {
		id = in
		x.exact[id] = string(m.ID)
		line = withField(line, "id", in)
	}
	// A subscription is answered at its end, which nobody waits for.
	if *m.Method != "subscriptions/listen" {
		x.open[id]++
		x.total++
	}
	return line
}

// Write writes one line; an answer is counted off.
func (x *exchange) Write(line []byte) (int, error) {
	var m message
	isAnswer := json.Unmarshal(line, &m) == nil && m.Method == nil
	id := canonical(m.ID)
	sent := line
	if isAnswer {
		sent = mended(line)
		x.mu.Lock()
		if number, ok := x.exact[id]; ok {
			sent = bytes.Replace(sent, []byte(`"id":`+id), []byte(`"id":`+number), 1)
		}
		x.mu.Unlock()
	}
	x.writing.Lock()
	_, err := x.out.Write(sent)
	x.writing.Unlock()
	if isAnswer {
		x.answered(id)
	}
	if err != nil {
		return 0, err
	}
	return len(line), nil
}

// notify sends a notification: it is written at once.
func (x *exchange) notify(message []byte) error {
	_, err := x.Write(append(message, '\n'))
	return err
}

func (x *exchange) answered(id string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.open[id] == 0 {
		return
	}
	x.total--
	if x.open[id]--; x.open[id] == 0 {
		delete(x.open, id)
		delete(x.exact, id)
	}
	close(x.changed)
	x.changed = make(chan struct{})
}

// owed is how many answers are to come, and a channel that is closed by the next one.
func (x *exchange) owed() (int, <-chan struct{}) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.total, x.changed
}

// standIn is a text for an id that is a number the SDK would not give back as it was written.
func standIn(id json.RawMessage) (text string, differs bool) {
	if c := id[0]; c != '-' && (c < '0' || c > '9') || canonical(id) == string(id) {
		return "", false
	}
	return strconv.Quote("number " + string(id)), true
}

// canonical is an id in the one form in which the SDK writes it.
func canonical(id json.RawMessage) string {
	var v any
	if json.Unmarshal(id, &v) != nil {
		return "" // none, or a number beyond floating point
	}
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}

// withExactCancel names the request to cancel as the SDK knows it.
func withExactCancel(line []byte, params json.RawMessage) []byte {
	var p struct {
		RequestID json.RawMessage `json:"requestId"`
	}
	if json.Unmarshal(params, &p) != nil || len(p.RequestID) == 0 {
		return line
	}
	in, differs := standIn(p.RequestID)
	if !differs {
		return line
	}
	return withField(line, "params", string(withField(params, "requestId", in)))
}

// withField is a JSON object with another value for a field.
func withField(object []byte, name, value string) []byte {
	fields := make(map[string]json.RawMessage)
	if json.Unmarshal(object, &fields) != nil {
		return object
	}
	fields[name] = json.RawMessage(value)
	changed, err := json.Marshal(fields)
	if err != nil {
		return object
	}
	return changed
}
