package viewer

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/sethvargo/go-retry"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// maxBody is the most that is read of one answer: 1 GiB.
const maxBody = 1 << 30

// newTransport is a pool of connections; lost is called whenever one of them ends.
func newTransport(timeout time.Duration, lost func()) *http.Transport {
	dialer := &net.Dialer{Timeout: timeout}
	return &http.Transport{
		Proxy: proxy,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			return watchedConn{conn, lost}, nil
		},
		ResponseHeaderTimeout: timeout,
		TLSHandshakeTimeout:   timeout,
		MaxConnsPerHost:       8,
		MaxIdleConnsPerHost:   8,
		IdleConnTimeout:       time.Minute,
	}
}

// A watchedConn tells when it ends, also while it is idle: only as long as a connection lasts is
// it sure that the same process answers.
type watchedConn struct {
	net.Conn
	lost func()
}

// Read implements [net.Conn].
func (c watchedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err != nil {
		c.lost()
	}
	return n, err
}

// proxy is the environment's, but never for loopback and private addresses.
func proxy(r *http.Request) (*url.URL, error) {
	host := r.URL.Hostname()
	if addr, err := netip.ParseAddr(host); host == "localhost" || err == nil &&
		(addr.IsLoopback() || addr.IsPrivate() || addr.IsLinkLocalUnicast()) {
		return nil, nil
	}
	return http.ProxyFromEnvironment(r)
}

var errRedirect = errors.New("it redirects to another place")

// sameHost follows a few redirects within the Viewer's own host and port.
func sameHost(r *http.Request, via []*http.Request) error {
	if len(via) > 3 || r.URL.Host != via[0].URL.Host || r.URL.Scheme != via[0].URL.Scheme {
		return errRedirect
	}
	return nil
}

// A request is one request to the Viewer.
type request struct {
	method string // "": GET
	path   string // "/api/runs"
	query  url.Values
	body   any    // sent as JSON; nil: nothing
	from   string // value of a Range header; "" for the whole
	once   bool   // without retries
	// read takes the body of a 200 or 206. It is called again, from the start, when the body
	// breaks off and the request is repeated. nil: the status alone matters.
	read func(io.Reader) error
	json bool // the answer must be JSON
	// patience is how long the answer may take where that is longer than usual; 0: as usual.
	patience time.Duration
	conflict func(body []byte) error // reads a 409; nil: as any refusal
}

// repeats reports whether the request may be sent again although an earlier one may have
// arrived: reading twice changes nothing.
func (r request) repeats() bool { return r.method == "" || r.method == http.MethodGet }

// controlsRemote reports whether the request makes the Viewer log in or start something on
// another machine. It is never sent twice, whatever came back: a second log-in may lock an
// account, a second start leaves two Viewers. Lists are meant too: on 0.7 they log in.
func (r request) controlsRemote() bool { return strings.HasPrefix(r.path, "/api/remote/") }

// A readError is what an answer that came whole does not say. It hides what it is made of, so
// that it is not taken for a connection that broke off.
type readError struct{ cause error }

func (e readError) Error() string { return e.cause.Error() }

// A bodyError is what reading a body ran into, told apart from what reading it said.
type bodyError struct{ error }

// do sends a request, again after failures that may pass: 500, 502, 503, 504 and 429, refused
// connections, and for a GET broken ones, waiting 0.5, 1, 2, 4, 8 s (after 429 what Retry-After
// says), as the documentation has it. When ctx ends, the last failure is in the error.
func (v *Viewer) do(ctx context.Context, r request) error {
	waits := []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second,
		8 * time.Second}
	retries := v.retries
	if r.once || r.controlsRemote() {
		retries = 0
	}
	try, pause := 0, time.Duration(0)
	backoff := retry.BackoffFunc(func() (time.Duration, bool) {
		if try >= retries {
			return 0, true
		}
		wait := waits[min(try, len(waits)-1)]
		try++
		if pause > 0 {
			wait = pause
		}
		return wait, false
	})
	var last error
	err := retry.Do(ctx, backoff, func(ctx context.Context) error {
		pause, last = v.attempt(ctx, r)
		if last == nil || !mayPass(last, r.repeats()) {
			return last
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < pause {
			return last // it would not come back in time
		}
		return retry.RetryableError(last)
	})
	if err != nil && ctx.Err() != nil && last != nil {
		return fmt.Errorf("%w; the last answer was: %v", ctx.Err(), last)
	}
	return err
}

// mayPass reports whether a failure may pass by itself; repeats, whether the request may be sent
// again when it is not known what became of the first.
func mayPass(err error, repeats bool) bool {
	var e *client.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Status {
	case 500, 502, 503, 504, http.StatusTooManyRequests:
		return true
	case 0:
		var body bodyError
		return errors.Is(err, syscall.ECONNREFUSED) || repeats && (errors.As(err, &body) ||
			errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.ErrUnexpectedEOF) ||
			errors.Is(err, io.EOF))
	}
	return false
}

// attempt sends a request once. pause is what a 429 asks to wait.
func (v *Viewer) attempt(ctx context.Context, r request) (pause time.Duration, err error) {
	outer := ctx
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	req, err := v.newRequest(ctx, r)
	if err != nil {
		return 0, err
	}
	send := v.http
	if r.patience > 0 {
		send = v.slow
		timer := time.AfterFunc(r.patience, cancel)
		defer timer.Stop()
	}
	resp, err := send.Do(req)
	if err != nil {
		v.forget()
		if ctx.Err() != nil && outer.Err() == nil {
			return 0, v.noAnswer(r.patience)
		}
		return 0, v.connectionError(ctx, err)
	}
	defer resp.Body.Close()
	body := &stallReader{r: io.LimitReader(resp.Body, v.maxBody+1), cancel: cancel, timeout: v.timeout}
	defer body.stop()
	if resp.StatusCode/100 != 2 {
		text, _ := io.ReadAll(io.LimitReader(body, 64<<10))
		if resp.StatusCode == http.StatusConflict && r.conflict != nil {
			return 0, r.conflict(text)
		}
		pause := retryAfter(resp.Header)
		return pause, v.statusError(r, resp.StatusCode, text, pause)
	}
	if r.json && !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		return 0, v.notViewer(resp.Header.Get("Content-Type"))
	}
	if r.read == nil {
		return 0, nil
	}
	return 0, v.readError(ctx, r.read(body), body)
}

// newRequest is a request as HTTP has it.
func (v *Viewer) newRequest(ctx context.Context, r request) (*http.Request, error) {
	target := v.base + r.path
	if len(r.query) > 0 {
		target += "?" + r.query.Encode()
	}
	var body io.Reader
	if r.body != nil {
		text, err := json.Marshal(r.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, cmp.Or(r.method, http.MethodGet), target, body)
	if err != nil {
		return nil, &client.Error{Kind: client.ErrBadRequest, Err: err,
			Detail: fmt.Sprintf("%q is no address of a Viewer", v.base)}
	}
	req.Header.Set("Accept", "application/json, */*")
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.from != "" {
		req.Header.Set("Range", r.from)
	}
	if v.user != nil {
		password, _ := v.user.Password()
		req.SetBasicAuth(v.user.Username(), password)
	}
	return req, nil
}

// readError tells a body that broke off from one that says something unexpected.
func (v *Viewer) readError(ctx context.Context, err error, body *stallReader) error {
	switch {
	case err == nil:
		return nil
	case body.n > v.maxBody:
		return &client.Error{Kind: client.ErrServer, Detail: fmt.Sprintf(
			"The answer of the Viewer at %s is larger than 1 GiB", v.base),
			Hint: "Read its storage folder instead, with --storage."}
	case body.err != nil && !errors.Is(body.err, io.EOF) && ctx.Err() == nil || body.stalled.Load():
		return &client.Error{Kind: client.ErrConnection, Err: bodyError{body.err},
			Detail: fmt.Sprintf("The answer of the Viewer at %s broke off", v.base)}
	case ctx.Err() != nil:
		return ctx.Err()
	}
	var e *client.Error
	if errors.As(err, &e) {
		return err
	}
	fault := "cannot be read"
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		fault = "is cut off"
	}
	return &client.Error{Kind: client.ErrServer, Err: readError{err},
		Detail: fmt.Sprintf("The Viewer at %s sent an answer that %s", v.base, fault)}
}

// retryAfter is how long a 429 asks to wait, in seconds or until a date (RFC 9110, 10.2.3).
func retryAfter(h http.Header) time.Duration {
	text := h.Get("Retry-After")
	if seconds, err := strconv.ParseInt(text, 10, 32); err == nil && seconds > 0 {
		return time.Duration(seconds) * time.Second
	}
	if date, err := http.ParseTime(text); err == nil {
		return max(0, time.Until(date))
	}
	return 0
}
