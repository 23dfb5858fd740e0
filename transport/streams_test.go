package transport_test

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Of the server, in seconds.
const (
	heartbeat   = 15
	resumeGrace = 10
)

// after lets seconds of the test's own time pass.
func after(seconds int) {
	<-time.After(time.Duration(seconds) * time.Second)
	synctest.Wait()
}

func newRequest(ctx context.Context, w *web, method, path, body string) *http.Request {
	r, err := http.NewRequestWithContext(ctx, method, w.url+path, strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	r.Header.Set("Authorization", "Bearer "+testToken)
	r.Header.Set("Content-Type", "application/json")
	return r
}

// TestStream_takenUpAgain holds that a client whose connection broke gets everything that it
// missed, once, and the rest.
func TestStream_takenUpAgain(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"2025-03-26", "2025-06-18", "2025-11-25"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			inTime(t, func(t *testing.T, w *web) {
				c, other := newSession(t, w, version), newSession(t, w, version)
				ctx, drop := context.WithCancel(t.Context())
				last := make(chan string)
				go func() { last <- c.collect(c.post(t, ctx, withToken("1", "counts", "{}", ""))) }()
				first := c.next(t)
				drop()
				id := <-last
				if id == "" || string(first.Params.Progress) != "1" {
					t.Fatalf("the first event is %+v, id %q", first, id)
				}
				after(2)
				resume := func(c *withSession) *http.Response {
					return w.do(t, t.Context(), "GET", "/mcp", "", "Mcp-Session-Id", c.id,
						"Mcp-Protocol-Version", version, "Last-Event-ID", id)
				}
				if r := resume(other); r.StatusCode != 400 {
					t.Errorf("another session's event gave %s", r.Status)
				}
				for range 2 { // also when it is all over
					c.collect(resume(c))
					var got []string
					for range 3 {
						got = append(got, string(c.next(t).Params.Progress))
					}
					if !slices.Equal(got, []string{"2", "3", "4"}) {
						t.Errorf("progress after the break is %q", got)
					}
					if a := c.next(t); string(a.ID) != "1" || a.text() != `{"counted":4}` {
						t.Errorf("the answer is %+v", a)
					}
				}
				if n := w.cancelled(); n != 0 {
					t.Errorf("%d calls were cancelled", n)
				}
			})
		})
	}
}

// TestStream_twoReaders holds that a stream goes to the connection that took it up last.
func TestStream_twoReaders(t *testing.T) {
	t.Parallel()
	inTime(t, func(t *testing.T, w *web) {
		c := newSession(t, w, "2025-11-25")
		response := c.post(t, t.Context(), withToken("1", "counts", "{}", ""))
		next, stop := iterPull(response)
		defer stop()
		id := next().id
		again := w.do(t, t.Context(), "GET", "/mcp", "", "Mcp-Session-Id", c.id, "Last-Event-ID", id)
		c.collect(again)
		for _, want := range []string{"1", "2", "3", "4", ""} {
			if a := c.next(t); string(a.Params.Progress) != want {
				t.Errorf("the second reader got %+v, want progress %q", a, want)
			}
		}
		if e := next(); strings.Contains(e.data, `"id":1`) || strings.Contains(e.data, `"progress":4`) {
			t.Errorf("the first reader got %+v", e)
		}
	})
}

// TestStream_firstReaderGone holds that a connection which was replaced may end.
func TestStream_firstReaderGone(t *testing.T) {
	t.Parallel()
	inTime(t, func(t *testing.T, w *web) {
		c := newSession(t, w, "2025-11-25")
		first := c.post(t, t.Context(), withToken("1", "waits", "{}", ""))
		next, stop := iterPull(first)
		id := next().id
		second := w.do(t, t.Context(), "GET", "/mcp", "", "Mcp-Session-Id", c.id, "Last-Event-ID", id)
		go c.collect(second)
		stop()
		after(2 * resumeGrace)
		if n := w.cancelled(); n != 0 {
			t.Errorf("%d calls were cancelled", n)
		}
		c.cancel(t, "1")
		for a := c.next(t); string(a.ID) != "1"; a = c.next(t) {
		}
	})
}

// TestConnection_usedAgain holds that a connection serves for as long as a client keeps it.
func TestConnection_usedAgain(t *testing.T) {
	t.Parallel()
	inTime(t, func(t *testing.T, w *web) {
		c := newSession(t, w, "2025-11-25")
		for range 3 {
			if r := c.post(t, t.Context(), callLine("1", "echo", "{}")); r.StatusCode != 200 {
				t.Errorf("a call gave %s", r.Status)
			} else if _, err := io.Copy(io.Discard, r.Body); err != nil {
				t.Error(err)
			}
			after(60)
			c.cancel(t, "1") // what the SDK or the guard answers by itself
			after(60)
		}
	})
}

// TestStream_heartbeats holds that no stream is silent for long, and that a call without progress
// becomes a stream rather than be silent.
func TestStream_heartbeats(t *testing.T) {
	t.Parallel()
	inTime(t, func(t *testing.T, w *web) {
		c := newSession(t, w, "2025-11-25")
		call := newRequest(t.Context(), w, "POST", "/mcp", callLine("1", "waits", "{}"))
		call.Header.Set("Accept", "application/json, text/event-stream")
		streams := map[string]*http.Request{"call": call,
			"listening": newRequest(t.Context(), w, "GET", "/mcp", ""),
			"sse":       newRequest(t.Context(), w, "GET", "/sse", "")}
		for name, r := range streams {
			r.Header.Set("Mcp-Session-Id", c.id)
			r.Header.Set("Mcp-Protocol-Version", "2025-11-25")
			start := time.Now()
			response, err := w.client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			next, stop := iterPull(response)
			beats := 0
			for beats < 3 {
				switch e := next(); {
				case e.comment != "":
					beats++
				case name == "call" && !strings.HasSuffix(e.id, "-0"): // the first id, at once
					t.Errorf("the first event of a silent call is %+v", e)
				}
			}
			want := 3 * heartbeat * time.Second
			if name == "call" {
				want += heartbeat * time.Second
			}
			if took := time.Since(start); took != want {
				t.Errorf("%s: three beats took %v, want %v", name, took, want)
			}
			stop()
			response.Body.Close()
		}
		c.cancel(t, "1")
	})
}

func iterPull(response *http.Response) (next func() event, stop func()) {
	events := make(chan event)
	done := make(chan struct{})
	go func() {
		defer close(events)
		for e := range eventsOf(response.Body) {
			select {
			case events <- e:
			case <-done:
				return
			}
		}
	}()
	return func() event { return <-events }, func() { close(done); response.Body.Close() }
}

// TestSessions_expire holds that a session with nothing under way is forgotten, one that listens
// is not, and that a client is told which it is.
func TestSessions_expire(t *testing.T) {
	t.Parallel()
	inTime(t, func(t *testing.T, w *web) {
		var abandoned []*withSession
		for range 200 {
			abandoned = append(abandoned, newSession(t, w, "2025-11-25"))
		}
		listening := newSession(t, w, "2025-11-25")
		response := w.do(t, t.Context(), "GET", "/mcp", "", "Mcp-Session-Id", listening.id)
		go io.Copy(io.Discard, response.Body)
		after(34 * 60)
		for _, c := range abandoned {
			if r := c.post(t, t.Context(), callLine("1", "echo", "{}")); r.StatusCode != 404 {
				t.Fatalf("an abandoned session gave %s", r.Status)
			}
		}
		if r := listening.post(t, t.Context(), callLine("1", "echo", "{}")); r.StatusCode != 200 {
			t.Errorf("a session that listens gave %s", r.Status)
		}
	})
}

// TestSessions_bounded holds that the session that was quiet longest makes room for a new one.
func TestSessions_bounded(t *testing.T) {
	t.Parallel()
	inTime(t, func(t *testing.T, w *web) {
		first, second := newSession(t, w, "2025-11-25"), newSession(t, w, "2025-11-25")
		after(1)
		first.cancel(t, "0") // a sign of life
		after(1)
		for range 999 {
			newSession(t, w, "2025-11-25")
		}
		if r := first.post(t, t.Context(), callLine("1", "echo", "{}")); r.StatusCode != 200 {
			t.Errorf("the one that lived gave %s", r.Status)
		}
		if r := second.post(t, t.Context(), callLine("1", "echo", "{}")); r.StatusCode != 404 {
			t.Errorf("the one that was quiet gave %s", r.Status)
		}
	})
}

// TestServeNetwork_drains holds that calls under way get their time and their answer, and that
// what does not end by itself is ended.
func TestServeNetwork_drains(t *testing.T) {
	t.Parallel()
	for name, connect := range over {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inTime(t, func(t *testing.T, w *web) {
				quick, slow := connect(t, w), connect(t, w)
				newSSE(t, w, "2025-11-25") // idle streams hold nothing up
				idle := newSession(t, w, "2025-11-25")
				w.do(t, t.Context(), "GET", "/mcp", "", "Mcp-Session-Id", idle.id)
				quick.call(t, t.Context(), "1", "counts", "{}") // takes 4 s
				slow.call(t, t.Context(), "1", "waits", "{}")
				quick.next(t)
				slow.next(t)
				start := time.Now()
				w.stop()
				for range 3 {
					quick.next(t)
				}
				if a := quick.next(t); a.text() != `{"counted":4}` {
					t.Errorf("a call under way got %+v", a)
				}
				if a := slow.next(t); !strings.Contains(a.text(), "gave up") {
					t.Errorf("a call without end got %+v", a)
				}
				err := <-w.served
				if took := time.Since(start); err != nil || took > 7*time.Second {
					t.Errorf("it took %v and ended with %v", took, err)
				}
				w.served <- nil // for the cleanup
				if _, err := w.client.Do(newRequest(t.Context(), w, "GET", "/healthz", "")); err == nil {
					t.Error("it still answers")
				}
			})
		})
	}
}
