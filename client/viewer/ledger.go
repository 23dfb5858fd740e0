package viewer

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// A started record is a remote Viewer that we started: which Viewer holds it, and what ends its
// process when that one no longer can.
type started struct {
	Viewer     string `json:"viewer"` // base URL of the Viewer that holds the session
	SessionID  string `json:"session_id"`
	Username   string `json:"username"`
	Host       string `json:"host"`
	SSHPort    int    `json:"ssh_port"`
	RemotePID  int    `json:"remote_pid"`
	RemotePort int    `json:"remote_port"`
	LocalPort  int    `json:"local_port"`
	Root       string `json:"remote_root"`
	Storage    string `json:"storage,omitempty"` // what its health said
}

// A starting record is a start whose answer has not come: a session that fits it is ours.
type starting struct {
	Viewer   string `json:"viewer"`
	Username string `json:"username"`
	Host     string `json:"host"`
	SSHPort  int    `json:"ssh_port"`
	Root     string `json:"remote_root"`
	Begun    int64  `json:"begun"` // milliseconds since 1970
}

// A memory is what outlives the program.
type memory struct {
	Started  []started  `json:"started"`
	Starting []starting `json:"starting,omitempty"`
	Hosts    []string   `json:"hosts,omitempty"` // host:port that a human trusts without a key check (0.5)
}

// A ledger keeps the memory in a file that several programs share; without a path, in this
// program alone. It holds no secret.
type ledger struct {
	path string
	mu   sync.Mutex
	own  memory
}

// read returns what is remembered.
func (l *ledger) read() (memory, error) {
	if l.path == "" {
		l.mu.Lock()
		defer l.mu.Unlock()
		return memory{slices.Clone(l.own.Started), slices.Clone(l.own.Starting),
			slices.Clone(l.own.Hosts)}, nil
	}
	text, err := lockedfile.Read(l.path)
	if os.IsNotExist(err) {
		return memory{}, nil
	}
	if err != nil {
		return memory{}, fmt.Errorf("the state file: %w", err)
	}
	return l.parse(text)
}

func (l *ledger) parse(text []byte) (m memory, err error) {
	if len(text) == 0 {
		return m, nil
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("the state file %s is damaged (%v); move it away", l.path, err)
	}
	return m, nil
}

// change changes what is remembered, with nobody in between.
func (l *ledger) change(f func(*memory)) error {
	if l.path == "" {
		l.mu.Lock()
		defer l.mu.Unlock()
		f(&l.own)
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(l.path), 0o700); err != nil {
		return fmt.Errorf("the state file: %w", err)
	}
	file, err := os.OpenFile(l.path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("the state file: %w", err)
	}
	_ = file.Chmod(0o600) // of an older one; Windows has its own rules
	file.Close()
	return lockedfile.Transform(l.path, func(text []byte) ([]byte, error) {
		m, err := l.parse(text)
		if err != nil {
			return nil, err
		}
		f(&m)
		return json.MarshalIndent(m, "", "  ")
	})
}

// keep adds or replaces a started session, and forgets that it was starting.
func (m *memory) keep(s started) {
	m.drop(s.Viewer, s.SessionID)
	m.Started = append(m.Started, s)
}

// drop forgets a session.
func (m *memory) drop(viewer, sessionID string) {
	m.Started = slices.DeleteFunc(m.Started, func(s started) bool {
		return s.Viewer == viewer && s.SessionID == sessionID
	})
}

// settle forgets a start whose outcome is known.
func (m *memory) settle(s starting) {
	m.Starting = slices.DeleteFunc(m.Starting, func(other starting) bool { return other == s })
}

// find returns the session of a Viewer.
func (m memory) find(viewer, sessionID string) (started, bool) {
	i := slices.IndexFunc(m.Started, func(s started) bool {
		return s.Viewer == viewer && s.SessionID == sessionID
	})
	if i < 0 {
		return started{}, false
	}
	return m.Started[i], true
}
