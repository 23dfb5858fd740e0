package transport_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
)

// cancelled is how many calls ended because somebody gave them up.
func (w *web) cancelled() int { return strings.Count(w.log.String(), "outcome=cancelled") }

// TestClients_apart holds that two clients that use the same ids and progress tokens get their
// own progress and answers, and cancel their own calls alone.
func TestClients_apart(t *testing.T) {
	t.Parallel()
	for name, connect := range over {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inTime(t, func(t *testing.T, w *web) {
				a, b := connect(t, w), connect(t, w)
				for who, c := range map[string]caller{"a": a, "b": b} {
					c.call(t, t.Context(), "1", "waits", `{"who":"`+who+`"}`)
					if m := c.next(t); m.Method != "notifications/progress" ||
						m.Params.Message != `{"who":"`+who+`"}` {
						t.Errorf("the client %s was told %+v", who, m)
					}
				}
				a.cancel(t, "1")
				synctest.Wait()
				if n := w.cancelled(); n != 1 {
					t.Errorf("%d calls were cancelled, want 1", n)
				}
				if name != "http 2026-07-28" { // where the stream is closed
					if m := a.next(t); string(m.ID) != "1" || !strings.Contains(m.text(), "gave up") {
						t.Errorf("the one who cancelled got %+v", m)
					}
				}
				const id = "9007199254740993" // floating point has no such number
				b.call(t, t.Context(), id, "echo", `{"who":"b"}`)
				if m := b.next(t); string(m.ID) != id || m.text() != `{"who":"b"}` {
					t.Errorf("the other one got %+v", m)
				}
				b.cancel(t, "1")
				synctest.Wait()
				if n := w.cancelled(); n != 2 {
					t.Errorf("%d calls were cancelled in the end, want 2", n)
				}
				const line = `level=INFO msg=call tool=echo outcome=ok ms=0 bytes=11 client="web 1"`
				if !strings.Contains(w.log.String(), line) {
					t.Errorf("the log lacks %s:\n%s", line, w.log)
				}
			})
		})
	}
}

// TestSession_progressOfTwoCalls holds that progress comes on the response to its own request,
// also within one session.
func TestSession_progressOfTwoCalls(t *testing.T) {
	t.Parallel()
	inTime(t, func(t *testing.T, w *web) {
		c := newSession(t, w, "2025-06-18")
		boxes := map[string]mail{"1": newMail(), "2": newMail()}
		for id, box := range boxes {
			go func() { box.collect(c.post(t, t.Context(), withToken(id, "counts", "{}", ""))) }()
		}
		for id, box := range boxes {
			for _, want := range []string{"1", "2", "3", "4"} {
				if m := box.next(t); string(m.Params.Progress) != want {
					t.Errorf("call %s was told %+v, want progress %s", id, m, want)
				}
			}
			if m := box.next(t); string(m.ID) != id || m.text() != `{"counted":4}` {
				t.Errorf("call %s got %+v", id, m)
			}
		}
		if len(boxes["1"].box)+len(boxes["2"].box) > 0 {
			t.Error("there was more than that")
		}
	})
}

// TestClient_gone holds that work for a client that left ends: at once, or when it did not come
// back in time where it can come back for the answer.
func TestClient_gone(t *testing.T) {
	t.Parallel()
	for name, connect := range over {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inTime(t, func(t *testing.T, w *web) {
				c := connect(t, w)
				ctx, leave := context.WithCancel(t.Context())
				c.call(t, ctx, "1", "waits", "{}")
				c.next(t) // progress
				if s, ok := c.(*sseCaller); ok {
					s.gone()
				}
				leave()
				if _, ok := c.(*withSession); ok {
					after(resumeGrace - 1)
					if n := w.cancelled(); n != 0 {
						t.Errorf("%d calls were cancelled while the client could come back", n)
					}
					after(2)
				}
				synctest.Wait()
				if n := w.cancelled(); n != 1 {
					t.Errorf("%d calls were cancelled, want 1", n)
				}
			})
		})
	}
}

// TestClient_goneWithoutStream holds that a client that takes no stream cannot come back.
func TestClient_goneWithoutStream(t *testing.T) {
	t.Parallel()
	inTime(t, func(t *testing.T, w *web) {
		c := newSession(t, w, "2025-11-25")
		ctx, leave := context.WithCancel(t.Context())
		go func() {
			r := newRequest(ctx, w, "POST", "/mcp", withToken("1", "waits", "{}", ""))
			r.Header.Set("Mcp-Session-Id", c.id)
			r.Header.Set("Accept", "application/json")
			if response, err := w.client.Do(r); err == nil {
				response.Body.Close()
			}
		}()
		synctest.Wait()
		leave()
		synctest.Wait()
		if n := w.cancelled(); n != 1 {
			t.Errorf("%d calls were cancelled, want 1", n)
		}
	})
}

// TestSession_deleted holds that ending a session ends its calls and nobody else's.
func TestSession_deleted(t *testing.T) {
	t.Parallel()
	inTime(t, func(t *testing.T, w *web) {
		a, b := newSession(t, w, "2025-11-25"), newSession(t, w, "2025-11-25")
		for _, c := range []*withSession{a, b} {
			c.call(t, t.Context(), "1", "waits", "{}")
			c.next(t)
		}
		w.do(t, t.Context(), "DELETE", "/mcp", "", "Mcp-Session-Id", a.id)
		synctest.Wait()
		if n := w.cancelled(); n != 1 {
			t.Errorf("%d calls were cancelled, want 1", n)
		}
		if r := a.post(t, t.Context(), cancelLine("1")); r.StatusCode != 404 {
			t.Errorf("a deleted session gave %s", r.Status)
		}
		b.cancel(t, "1")
	})
}
