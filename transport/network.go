package transport

import (
	"context"
	"errors"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
	"time"
)

// Where the transports are on an HTTP server.
const (
	httpPath    = "/mcp"
	ssePath     = "/sse"
	messagePath = "/message"
	healthPath  = "/healthz"
)

const (
	// maxBody is the longest message that is read from a request, in bytes.
	maxBody = 4 << 20
	// maxHeader is the most that is read of a request's headers, in bytes.
	maxHeader = 64 << 10
	// maxConnections are open at most, at some 20 KiB each; it takes no token to open one.
	maxConnections = 4_000
	// headerTimeout and requestTimeout are how long a client may take to send a request's headers
	// and all of it.
	headerTimeout  = 10 * time.Second
	requestTimeout = 30 * time.Second
	// idleTimeout closes connections that nothing comes over.
	idleTimeout = 2 * time.Minute
	// drainTimeout is how long calls under way have to end once the context of ServeNetwork has.
	drainTimeout = 5 * time.Second
)

// NetworkOptions configure [Server.ServeNetwork].
type NetworkOptions struct {
	HTTP bool // serve streamable HTTP at /mcp
	SSE  bool // serve the older HTTP with server-sent events at /sse and /message
	// Token is what clients must present, as Authorization: Bearer. Only on a loopback address
	// it may be "": anybody who has an account on this machine can call then.
	Token string
	// Origins may call from a web page, such as "https://example.org"; no other page may.
	Origins []string
	// Hosts are names of this server, beside localhost, its addresses and its host name. A page
	// that has its own name point here is refused by that.
	Hosts []string
}

// network is what the two transports over HTTP share.
type network struct {
	server    *Server
	log       *slog.Logger
	gate      gate
	heartbeat time.Duration
	ctx       context.Context // ends with the work
	draining  context.Context // ends when no more work shall begin
}

// ServeNetwork serves MCP over HTTP on ln, which it closes, until ctx ends. Then calls under way
// have 5 s to end by themselves before they are cancelled; that is no error. Without a token it
// serves on a loopback address only.
func (s *Server) ServeNetwork(ctx context.Context, ln net.Listener, opts NetworkOptions) error {
	defer ln.Close()
	if opts.Token == "" && !isLoopback(ln.Addr()) {
		return errors.New("without a token only a loopback address such as 127.0.0.1 is served")
	}
	work, end := context.WithCancel(context.Background())
	defer end()
	handler, err := s.handlerFor(work, ctx, opts)
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: handler, ReadHeaderTimeout: headerTimeout,
		ReadTimeout: requestTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		ErrorLog: log.New(debugWriter{s.log}, "", 0), ConnState: bounded()}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ln) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	defer srv.Close()
	if shutdown(srv, drainTimeout) != nil {
		end()
		_ = shutdown(srv, stopGrace)
	}
	return nil
}

// bounded returns what closes the connections beyond maxConnections as they come.
func bounded() func(net.Conn, http.ConnState) {
	var open atomic.Int64
	return func(conn net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			if open.Add(1) > maxConnections {
				conn.Close()
			}
		case http.StateClosed:
			open.Add(-1)
		}
	}
}

func shutdown(srv *http.Server, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return srv.Shutdown(ctx)
}

func (s *Server) handlerFor(
	work, draining context.Context, opts NetworkOptions,
) (http.Handler, error) {
	n := &network{server: s, log: s.log, gate: newGate(callsAtOnce, maxWaiting),
		heartbeat: s.heartbeat, ctx: work, draining: draining}
	routes := make(map[string]http.Handler)
	if opts.HTTP {
		routes[httpPath] = newStreamable(n)
	}
	if opts.SSE {
		h := &sse{network: n, open: make(map[string]*sseClient)}
		routes[ssePath] = http.HandlerFunc(h.stream)
		routes[messagePath] = http.HandlerFunc(h.message)
	}
	return newGuard(s.log, routes, opts)
}

// readBody reads a request's message; when it cannot be, the request has been answered.
func (n *network) readBody(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err == nil {
		// The deadline was for the request; a call may take longer.
		_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
		return body, true
	}
	status := http.StatusBadRequest
	text := "the body could not be read"
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		status = http.StatusRequestEntityTooLarge
		text = "a message may have " + strconv.Itoa(maxBody>>20) + " MiB"
	} else if errors.Is(err, os.ErrDeadlineExceeded) {
		status, text = http.StatusRequestTimeout, "the body did not come in time"
	}
	n.log.Info("refused", "status", status, "path", r.URL.Path)
	w.Header().Set("Connection", "close")
	http.Error(w, text, status)
	return nil, false
}

// tooMany refuses a call because others are under way.
func tooMany(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "1")
	http.Error(w, "too many calls at once; try again", http.StatusTooManyRequests)
}

func onlyMethod(w http.ResponseWriter, method string) {
	w.Header().Set("Allow", method)
	http.Error(w, "only "+method, http.StatusMethodNotAllowed)
}

// isLoopback says whether only this machine can reach an address.
func isLoopback(addr net.Addr) bool {
	tcp, ok := addr.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}
