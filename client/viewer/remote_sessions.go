package viewer

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/runicorn-mcp/runicorn-mcp/client"
)

// A session is a started Viewer as the Viewer that holds it tells it: GET
// /api/remote/viewer/sessions and, alone, viewer/status/{id} (0.5 to 0.7).
type session struct {
	ID         string `json:"sessionId"`
	Host       string `json:"host"` // up to 0.6 always 127.0.0.1
	SSHPort    int    `json:"sshPort"`
	Username   string `json:"username"`
	LocalPort  int    `json:"localPort"`
	RemotePort int    `json:"remotePort"`
	Root       string `json:"remoteRoot"`
	PID        int    `json:"remotePid"`
	Started    int64  `json:"startedAt"` // milliseconds since 1970
}

// How long a started Viewer may take to say that it is there: each time, and the first time.
const (
	probeTime  = 3 * time.Second
	settleTime = 20 * time.Second
	// longestStart is how long a start may be under way.
	longestStart = 6 * time.Minute
)

// probe asks the Viewer behind a tunnel whether it is there, and which storage it reads.
func probe(ctx context.Context, port int) (storage string, ok bool) {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	none := 0
	far := New(Options{BaseURL: localURL(port), Timeout: probeTime, MaxRetries: &none})
	defer far.http.CloseIdleConnections()
	var health struct{ Status, Storage string }
	err := far.getJSON(ctx, "/api/health", nil, &health)
	return health.Storage, err == nil && health.Status == "ok"
}

// settle waits until a Viewer that was just started answers through its tunnel, which 0.6 says is
// ready before it is; "" when it does not.
func settle(ctx context.Context, port int) (storage string) {
	ctx, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		if storage, ok := probe(ctx, port); ok {
			return storage
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ""
		}
	}
}

// localURL is the near end of a tunnel, which is IPv4 only although Viewers say localhost.
func localURL(port int) string { return fmt.Sprintf("http://127.0.0.1:%d", port) }

// answers reports whether the Viewer that was started is what answers at its local port, where
// meanwhile another program may listen.
func (s started) answers(ctx context.Context) bool {
	storage, ok := probe(ctx, s.LocalPort)
	return ok && path.Clean(storage) == path.Clean(cmp.Or(s.Storage, s.Root))
}

// view is a session of ours as a caller sees it.
func (s started) view() client.ViewerSession {
	return client.ViewerSession{SessionID: s.SessionID, LocalPort: s.LocalPort,
		ConnectionID: connectionID(s.Username, s.Host, s.SSHPort), RemotePort: s.RemotePort,
		RemotePID: s.RemotePID, RemoteRoot: s.Root, URL: localURL(s.LocalPort), Ours: true}
}

// plainWord matches user and host names that a shell takes for nothing else.
var plainWord = regexp.MustCompile(`^[\pL\pN_][\pL\pN_.:\-]*$`)

// killCommand ends the process when no Viewer can. A Viewer that names a host on which nobody should
// run anything gets none made of it.
func (s started) killCommand() string {
	if !plainWord.MatchString(s.Username) || !plainWord.MatchString(s.Host) {
		return fmt.Sprintf("kill %d, on that host", s.RemotePID)
	}
	return fmt.Sprintf("ssh -p %d %s@%s kill %d", s.SSHPort, s.Username, s.Host, s.RemotePID)
}

// A held session is one that the Viewer holds, and what we know of it.
type held struct {
	session
	ours bool
	mine started // when ours
}

// sessions lists what the Viewer holds, with those that we started known as such: also those
// whose start was never answered, and those of an earlier program. lost are sessions of ours
// that it holds no more.
func (v *Viewer) sessions(ctx context.Context) (list []held, lost []started, err error) {
	var answer struct{ Sessions []session }
	if err := v.look(ctx, "viewer/sessions", nil, &answer); err != nil {
		return nil, nil, err
	}
	err = v.remote.ledger.change(func(m *memory) {
		list, lost = nil, nil
		seen := make(map[string]bool)
		for _, s := range answer.Sessions {
			seen[s.ID] = true
			h := held{session: s}
			if h.mine, h.ours = m.find(v.base, s.ID); !h.ours {
				h.mine, h.ours = m.adopt(v.base, s)
			}
			if h.ours && h.mine.RemotePID != s.PID { // 0.7 restarts what died
				h.mine.RemotePID = s.PID
				m.keep(h.mine)
			}
			list = append(list, h)
		}
		for _, s := range m.Started {
			if s.Viewer == v.base && !seen[s.SessionID] {
				lost = append(lost, s)
			}
		}
	})
	return list, lost, err
}

// adopt takes a session for ours that fits a start whose answer never came. Starts older than
// any can take are forgotten.
func (m *memory) adopt(viewer string, s session) (started, bool) {
	const clocks, longest = 5_000, 15 * 60_000 // milliseconds
	m.Starting = slices.DeleteFunc(m.Starting, func(p starting) bool {
		return time.Now().UnixMilli()-p.Begun > 24*3_600_000
	})
	for _, p := range m.Starting {
		if p.Viewer != viewer || p.Username != s.Username || p.SSHPort != s.SSHPort ||
			p.Root != s.Root || s.Host != p.Host && s.Host != "127.0.0.1" ||
			s.Started < p.Begun-clocks || s.Started > p.Begun+longest {
			continue
		}
		mine := s.startedBy(viewer, p.Host)
		m.settle(p)
		m.keep(mine)
		return mine, true
	}
	return started{}, false
}

// startedBy is the record of a session of ours.
func (s session) startedBy(viewer, host string) started {
	return started{Viewer: viewer, SessionID: s.ID, Username: s.Username, Host: host,
		SSHPort: s.SSHPort, RemotePID: s.PID, RemotePort: s.RemotePort, LocalPort: s.LocalPort,
		Root: s.Root}
}

// ViewerSessions implements [client.RemoteSource].
func (v *Viewer) ViewerSessions(ctx context.Context) ([]client.ViewerSession, error) {
	rules, err := v.rules(ctx)
	if err != nil {
		return nil, err
	}
	release, err := v.take(ctx) // a start that is under way is to be in the list
	if err != nil {
		return nil, err
	}
	list, lost, err := v.sessions(ctx)
	release()
	if err != nil {
		return nil, err
	}
	out := make([]client.ViewerSession, len(list), len(list)+len(lost))
	var probes sync.WaitGroup
	for i, h := range list {
		if !h.ours {
			out[i] = v.foreign(h, rules)
			continue
		}
		probes.Go(func() {
			works := h.mine.answers(ctx)
			out[i] = h.mine.view()
			out[i].Working = &works
		})
	}
	probes.Wait()
	for _, s := range lost {
		view, works := s.view(), false
		view.Working = &works
		view.Notes = []string{"The Viewer holds this session no more; its process may still run. " +
			"stop_viewer says what ends it."}
		out = append(out, view)
	}
	return v.appendStarting(out)
}

// appendStarting adds the starts of other programs of the user that are under way, or whose answer
// was just lost.
func (v *Viewer) appendStarting(out []client.ViewerSession) ([]client.ViewerSession, error) {
	known, err := v.remote.ledger.read()
	for _, p := range known.Starting {
		if p.Viewer != v.base || time.Now().UnixMilli()-p.Begun > longestStart.Milliseconds() {
			continue
		}
		out = append(out, client.ViewerSession{RemoteRoot: p.Root, Ours: true,
			ConnectionID: connectionID(p.Username, p.Host, p.SSHPort),
			Notes:        []string{"It is being started, and has no id yet: list again in a minute."}})
	}
	return out, err
}

// foreign is a session of somebody else as a caller sees it. It is not asked anything.
func (v *Viewer) foreign(h held, rules remoteRules) client.ViewerSession {
	view := client.ViewerSession{SessionID: h.ID, LocalPort: h.LocalPort, RemotePort: h.RemotePort,
		RemotePID: h.PID, RemoteRoot: v.unsaid(h.Root), URL: localURL(h.LocalPort),
		Notes: []string{"Started by somebody else: not probed."}}
	if rules.tellsHost() {
		view.ConnectionID = v.unsaid(connectionID(h.Username, h.Host, h.SSHPort))
	} else {
		view.Notes = append(view.Notes, fmt.Sprintf("Of user %s on SSH port %d; this Viewer does not "+
			"tell the host.", v.unsaid(h.Username), h.SSHPort))
	}
	return view
}

// SessionSource implements [client.RemoteSource].
func (v *Viewer) SessionSource(ctx context.Context, id string) (client.Source, error) {
	known, err := v.remote.ledger.read()
	if err != nil {
		return nil, err
	}
	s, ok := known.find(v.base, id)
	if !ok {
		return nil, noSession(id)
	}
	key := fmt.Sprint(id, " ", s.LocalPort)
	v.remote.mu.Lock()
	far := v.remote.opened[key]
	v.remote.mu.Unlock()
	if far != nil && far.isKnown() {
		return far, nil
	}
	if !s.answers(ctx) {
		return nil, &client.Error{Kind: client.ErrConnection,
			Detail: fmt.Sprintf("The remote Viewer of session %s does not answer", id),
			Hint:   "list_viewer_sessions tells which do; start_viewer starts another in its place."}
	}
	if far == nil {
		retries := v.retries
		far = New(Options{BaseURL: localURL(s.LocalPort), Timeout: v.timeout, MaxRetries: &retries})
		v.remote.mu.Lock()
		v.remote.opened[key] = far
		v.remote.mu.Unlock()
	}
	return far, nil
}

// isKnown reports whether a connection to the Viewer has lasted since it was asked what it is.
func (v *Viewer) isKnown() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.known != nil
}

func noSession(id string) error {
	return &client.Error{Kind: client.ErrNotFound, Detail: fmt.Sprintf("There is no such session %q", id),
		Hint: "list_viewer_sessions has those that there are."}
}

// status asks for one session, which on no version makes the Viewer forget it.
func (v *Viewer) status(ctx context.Context, id string) (s session, err error) {
	err = v.look(ctx, "viewer/status/"+url.PathEscape(id), nil, &s)
	return s, err
}
