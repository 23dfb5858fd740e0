package viewer

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/storage"
)

// readTable reads the answer of /api/runs/{id}/metrics, {"columns": […], "rows": [{…}, …], …}, as
// it comes: a run of 1,000,000 steps has 171 MB of it. Every row becomes a line of an
// events.jsonl, without what is null, which in a table means "not logged here", NaN or infinite;
// so the readers of the two agree about everything else.
func readTable(ctx context.Context, body io.Reader, names []string) (client.Metrics, error) {
	lines := &tableLines{in: bufio.NewReaderSize(body, 256<<10)}
	m, err := storage.ReadEvents(ctx, lines, names)
	if err != nil {
		return client.Metrics{}, err
	}
	m.NonFiniteUnknown = true
	return m, nil
}

// A tableLines is a table as the lines of an events.jsonl.
type tableLines struct {
	in      *bufio.Reader
	started bool
	done    bool
	line    []byte // what is left of the one being handed on
	row     []byte
}

var errNotTable = errors.New("the answer is no table of metrics")

const (
	lineHead = `{"type":"metrics","data":{`
	lineTail = "}}\n"
	maxRow   = 16 << 20 // bytes of one row
)

// Read implements [io.Reader].
func (t *tableLines) Read(p []byte) (int, error) {
	for len(t.line) == 0 {
		if t.done {
			return 0, io.EOF
		}
		if err := t.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, t.line)
	t.line = t.line[n:]
	return n, nil
}

// next makes the line of the next row, or finds the end of the table.
func (t *tableLines) next() error {
	if !t.started {
		if err := t.start(); err != nil {
			return err
		}
		t.started = true
	}
	c, err := t.byte()
	if err == nil && c == ',' {
		c, err = t.byte()
	}
	switch {
	case err != nil:
		return err
	case c == ']':
		t.done = true
		return t.rest()
	case c != '{':
		return errNotTable
	}
	return t.readRow()
}

// start reads up to the first row: the value of the key "rows" of the outermost object.
func (t *tableLines) start() error {
	if c, err := t.byte(); err != nil || c != '{' {
		return orNotTable(err)
	}
	for {
		c, err := t.byte()
		if err == nil && c == ',' {
			c, err = t.byte()
		}
		if err != nil || c != '"' {
			return orNotTable(err)
		}
		if err := t.text(); err != nil {
			return err
		}
		isRows := string(t.row) == `"rows"`
		if c, err = t.byte(); err != nil || c != ':' {
			return orNotTable(err)
		}
		if c, err = t.byte(); err != nil {
			return err
		}
		if isRows {
			if c != '[' {
				return errNotTable
			}
			return nil
		}
		if err := t.value(c); err != nil {
			return err
		}
	}
}

// readRow makes a line of the members of a row, whose brace has been read.
func (t *tableLines) readRow() error {
	line := append(t.line[:0:cap(t.line)], lineHead...)
	first := true
	for {
		c, err := t.byte()
		if err == nil && c == ',' {
			c, err = t.byte()
		}
		if err != nil {
			return err
		}
		if c == '}' {
			t.line = append(line, lineTail...)
			return nil
		}
		if c != '"' {
			return errNotTable
		}
		if err := t.text(); err != nil {
			return err
		}
		before := len(line)
		if !first {
			line = append(line, ',')
		}
		line = append(append(line, t.row...), ':')
		if c, err = t.byte(); err != nil || c != ':' {
			return orNotTable(err)
		}
		if c, err = t.byte(); err != nil {
			return err
		}
		if err := t.value(c); err != nil {
			return err
		}
		if string(t.row) == "null" {
			line = line[:before]
			continue
		}
		line, first = append(line, t.row...), false
		if len(line) > maxRow {
			return errNotTable
		}
	}
}

// value reads the value that begins with c into row: a text, a word, or something nested.
func (t *tableLines) value(c byte) error {
	if c == '"' {
		return t.text()
	}
	t.row = append(t.row[:0], c)
	if c != '[' && c != '{' {
		return t.word()
	}
	for depth := 1; depth > 0; {
		c, err := t.in.ReadByte()
		if err != nil {
			return cutOff(err)
		}
		t.row = append(t.row, c)
		switch c {
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		case '"':
			outer := t.row
			t.row = nil
			if err := t.text(); err != nil {
				return err
			}
			t.row = append(outer, t.row[1:]...)
		}
		if len(t.row) > maxRow {
			return errNotTable
		}
	}
	return nil
}

// word reads the rest of a number or word into row.
func (t *tableLines) word() error {
	for {
		c, err := t.in.ReadByte()
		if err != nil {
			return cutOff(err)
		}
		switch c {
		case ',', '}', ']', ' ', '\t', '\r', '\n':
			return t.in.UnreadByte()
		}
		if t.row = append(t.row, c); len(t.row) > 100 {
			return errNotTable
		}
	}
}

// text reads the rest of a JSON string into row, both quotes included.
func (t *tableLines) text() error {
	t.row = append(t.row[:0], '"')
	for {
		part, err := t.in.ReadSlice('"')
		t.row = append(t.row, part...)
		if errors.Is(err, bufio.ErrBufferFull) && len(t.row) < maxRow {
			continue
		}
		if err != nil {
			return cutOff(err)
		}
		body := t.row[1 : len(t.row)-1]
		backslashes := len(body) - len(bytes.TrimRight(body, `\`))
		if backslashes%2 == 0 {
			if bytes.ContainsAny(body, "\n") {
				return errNotTable // no JSON, and it would be two lines
			}
			return nil
		}
	}
}

// byte is the next byte that is no space.
func (t *tableLines) byte() (byte, error) {
	for {
		c, err := t.in.ReadByte()
		if err != nil {
			return 0, cutOff(err)
		}
		switch c {
		case ' ', '\t', '\r', '\n':
		default:
			return c, nil
		}
	}
}

// rest reads what follows the rows, so that an answer that breaks off there is one.
func (t *tableLines) rest() error {
	depth := 1 // of the outermost object
	for depth > 0 {
		c, err := t.byte()
		if err != nil {
			return err
		}
		switch c {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			if err := t.text(); err != nil {
				return err
			}
		}
	}
	return nil
}

// cutOff is err, where the end of a table that is not complete is no good end.
func cutOff(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func orNotTable(err error) error {
	if err != nil {
		return err
	}
	return errNotTable
}
