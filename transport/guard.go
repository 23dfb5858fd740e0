package transport

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strings"
)

// A guard lets through to the transports only who may call: under a name that is this server's,
// from no foreign web page, with the token. Each refusal has one log line.
type guard struct {
	log     *slog.Logger
	routes  map[string]http.Handler
	pages   *http.CrossOriginProtection
	origins []string
	hosts   []string
	token   *[sha256.Size]byte // nil: none is asked for
}

func newGuard(
	log *slog.Logger, routes map[string]http.Handler, opts NetworkOptions,
) (*guard, error) {
	g := &guard{log: log, routes: routes, pages: http.NewCrossOriginProtection(),
		origins: opts.Origins, hosts: append(ownNames(), opts.Hosts...)}
	for _, origin := range opts.Origins {
		if err := g.pages.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("an origin is such as https://example.org: %w", err)
		}
	}
	if opts.Token != "" {
		sum := sha256.Sum256([]byte(opts.Token))
		g.token = &sum
	}
	return g, nil
}

// ownNames are the names of this machine that nobody else can have point at it.
func ownNames() []string {
	names := []string{"localhost"}
	if name, err := os.Hostname(); err == nil {
		short, _, _ := strings.Cut(name, ".")
		names = append(names, name, short, short+".local")
	}
	return names
}

// ServeHTTP implements [http.Handler].
func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !g.isOurs(r.Host) {
		g.refuse(w, r, http.StatusForbidden, "this server has another name; --allow-host adds one")
		return
	}
	if !g.mayCall(r) {
		g.refuse(w, r, http.StatusForbidden, "pages of this origin may not call; --allow-origin lets one")
		return
	}
	origin := r.Header.Get("Origin")
	allowed := slices.Contains(g.origins, origin)
	if allowed {
		allowOrigin(w.Header(), origin)
	}
	route := g.routes[r.URL.Path]
	switch {
	case r.URL.Path == healthPath:
		health(w)
	case route == nil:
		http.NotFound(w, r)
	case allowed && r.Method == http.MethodOptions:
		preflight(w)
	case !g.hasToken(r):
		g.unauthorized(w, r)
	default:
		route.ServeHTTP(w, r)
	}
}

// isOurs says whether a Host header names this server. A page whose name was made to point here
// (DNS rebinding) has that name in it; an address cannot be made to point elsewhere.
func (g *guard) isOurs(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.Trim(host, "[]")
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return true
	}
	return slices.ContainsFunc(g.hosts, func(own string) bool { return strings.EqualFold(own, name) })
}

// mayCall says whether a request is no web page's, or that of one that is allowed. Reading is
// held to the same rule as calling.
func (g *guard) mayCall(r *http.Request) bool {
	asked := *r
	asked.Method = http.MethodPost
	return g.pages.Check(&asked) == nil
}

// hasToken compares in a time that does not depend on how much of the token is right.
func (g *guard) hasToken(r *http.Request) bool {
	if g.token == nil {
		return true
	}
	sum := sha256.Sum256([]byte(bearer(r)))
	return subtle.ConstantTimeCompare(sum[:], g.token[:]) == 1
}

// bearer is the token of a request (RFC 6750, section 2.1), "" when there is none.
func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// unauthorized refuses in the words of RFC 6750, section 3.
func (g *guard) unauthorized(w http.ResponseWriter, r *http.Request) {
	challenge := `Bearer realm="runicorn-mcp"`
	if bearer(r) != "" {
		challenge += `, error="invalid_token"`
	}
	w.Header().Set("WWW-Authenticate", challenge)
	g.refuse(w, r, http.StatusUnauthorized, "the token is missing or wrong")
}

func (g *guard) refuse(w http.ResponseWriter, r *http.Request, status int, text string) {
	from, _, _ := net.SplitHostPort(r.RemoteAddr)
	g.log.Info("refused", "status", status, "path", cut(r.URL.Path, 100), "from", from,
		"why", text)
	http.Error(w, text, status)
}

// allowOrigin lets a page of an origin read the response.
func allowOrigin(h http.Header, origin string) {
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", sessionHeader+", WWW-Authenticate")
	h.Add("Vary", "Origin")
}

func preflight(w http.ResponseWriter) {
	w.Header().Set("Access-Control-Allow-Methods", "GET, POST, DELETE")
	w.Header().Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Accept, "+
		"Last-Event-ID, Mcp-Session-Id, Mcp-Protocol-Version, Mcp-Method, Mcp-Name")
	w.Header().Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
}

// health says that the server runs; it reads nothing.
func health(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte("ok\n"))
}
