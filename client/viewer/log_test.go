package viewer_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/runicorn-mcp/runicorn-mcp/client"
	"github.com/runicorn-mcp/runicorn-mcp/client/viewer"
)

// TestLog has downloads that break off, stall and fail.
func TestLog(t *testing.T) {
	t.Parallel()
	whole := reply{status: 200, body: "one\ntwo\nthree\n"}
	tests := []struct {
		name     string
		replies  []reply
		want     string
		kind     error
		attempts int
	}{
		{"whole", []reply{whole}, whole.body, nil, 1},
		{"broken off", []reply{{status: 200, body: "one\ntw", cut: true}, whole}, whole.body, nil, 2},
		{"stalled", []reply{{status: 200, body: "one\n", stall: true}, whole}, whole.body, nil, 2},
		{"empty", []reply{{status: 200}}, "", nil, 1},
		{"not captured", []reply{{status: 404, body: `{"detail":"File not found"}`}}, "", client.ErrNotFound, 1},
		{"refused", []reply{{err: refused}}, "", client.ErrConnection, 4},
		{"broken off for ever", []reply{{status: 200, body: "one\n", cut: true}}, "one\n",
			client.ErrConnection, 4},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := &fake{replies: tt.replies}
				v := viewer.New(viewer.Options{BaseURL: "http://viewer:1", Transport: f})
				log, err := v.Log(t.Context(), client.Experiment{ID: "r", RunDir: "/s/runs/p/r"})
				var text []byte
				if err == nil {
					text, err = io.ReadAll(log)
					log.Close()
				}
				if string(text) != tt.want || !errors.Is(err, tt.kind) || len(f.asked) != tt.attempts {
					t.Errorf("got %q, %v after %d attempts", text, err, len(f.asked))
				}
			})
		})
	}
}

// watched keeps the context of the last request.
type watched struct {
	fake
	ctx context.Context
}

func (w *watched) RoundTrip(r *http.Request) (*http.Response, error) {
	w.ctx = r.Context()
	return w.fake.RoundTrip(r)
}

// TestLog_closed gives a log up in the middle: the download ends at once.
func TestLog_closed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &watched{fake: fake{replies: []reply{{status: 200, body: "one\n", stall: true}}}}
		v := viewer.New(viewer.Options{BaseURL: "http://viewer:1", Transport: w})
		log, err := v.Log(t.Context(), client.Experiment{ID: "r", RunDir: "/s/runs/p/r"})
		if err != nil {
			t.Fatal(err)
		}
		if n, err := log.Read(make([]byte, 10)); n != 4 || err != nil {
			t.Errorf("read %d bytes, %v", n, err)
		}
		if err := log.Close(); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if w.ctx.Err() == nil {
			t.Error("the download goes on after Close")
		}
	})
}
