package transport

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
)

// TestProgress holds that progress goes forward, at most four times a second, and ends with the
// call.
func TestProgress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var sent bytes.Buffer
		ctx, cancel := context.WithCancel(
			context.WithValue(t.Context(), outletKey{}, outlet(newExchange(&sent))))
		var request mcp.CallToolRequest
		request.Params.Meta = &mcp.Meta{ProgressToken: 7}
		report := NewServer(Options{}).progress(ctx, request)
		for i := range 10 { // every 100 ms
			report(float64(i+1), 10, "")
			time.Sleep(100 * time.Millisecond)
		}
		report(3, 10, "back")
		time.Sleep(time.Second)
		report(11, 0, "no total")
		cancel()
		time.Sleep(time.Second)
		report(12, 12, "after the end")
		got := strings.Count(sent.String(), "\n")
		if got != 5 || !strings.Contains(sent.String(), `"progressToken":7`) {
			t.Errorf("%d notifications, want those at 0, 300, 600, 900 and 2000 ms:\n%s", got, &sent)
		}
		for _, never := range []string{"back", "after", `"total":0`} {
			if strings.Contains(sent.String(), never) {
				t.Errorf("%q was sent:\n%s", never, &sent)
			}
		}
	})
	if NewServer(Options{}).progress(t.Context(), mcp.CallToolRequest{}) != nil {
		t.Error("progress is reported to a client that did not ask for it")
	}
}

// FuzzExchange holds that whatever is read, one answer with the id the SDK sees settles it under
// the id that was written.
func FuzzExchange(f *testing.F) {
	for _, id := range []string{"1", "-7", `"a"`, "9007199254740993", "1e999", "0.50", `{"a":[1]}`} {
		f.Add(`{"jsonrpc":"2.0","id":` + id + `,"method":"ping"}`)
	}
	f.Add(`{"method":"notifications/cancelled","params":{"requestId":9007199254740993}}`)
	f.Fuzz(func(t *testing.T, line string) {
		x := newExchange(io.Discard)
		seen := x.received([]byte(line))
		if owed, _ := x.owed(); owed == 0 {
			return
		}
		for id := range x.open {
			answer := `{"jsonrpc":"2.0","id":` + id + `,"result":{}}` + "\n"
			if n, err := x.Write([]byte(answer)); n != len(answer) || err != nil {
				t.Fatal(n, err)
			}
		}
		if owed, _ := x.owed(); owed != 0 {
			t.Errorf("%q, seen as %q, is owed an answer after it", line, seen)
		}
	})
}
