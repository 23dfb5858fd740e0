package transport

import (
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// resumeGrace is how long a call whose stream was dropped goes on without a reader; clients
	// come back within a few seconds.
	resumeGrace = 10 * time.Second
	// maxKept is how much of one stream is kept for a client that comes back, in bytes.
	maxKept = 1 << 20
	// keptStreams are as many streams of one session, those that ended included.
	keptStreams = 16
)

// A keptStream is the answer to one request as a stream of numbered events, kept so that a
// client whose connection broke can take it up again (MCP 2025-03-26 to 2025-11-25, transports,
// "Resumability and Redelivery"). When nobody reads it for a while, its call is cancelled.
type keptStream struct {
	id     string
	giveUp func() // ends the call

	mu      sync.Mutex
	events  [][]byte // the latest
	first   int      // number of events[0], from 1
	size    int
	done    bool          // the last event is there
	changed chan struct{} // closed by the next event
	reader  int           // number of the connection that reads now; 0: that of the request
	gone    *time.Timer   // set while nobody reads
}

func newKeptStream(id string, giveUp func()) *keptStream {
	return &keptStream{id: id, giveUp: giveUp, first: 1, changed: make(chan struct{})}
}

// add keeps an event and returns its id. live says whether the request's own connection is the
// one to write it.
func (k *keptStream) add(data []byte) (id string, live bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.events = append(k.events, data)
	for k.size += len(data); k.size > maxKept && len(k.events) > 1; k.first++ {
		k.size -= len(k.events[0])
		k.events = k.events[1:]
	}
	k.wake()
	return k.eventID(k.first + len(k.events) - 1), k.reader == 0
}

// end says that no event follows.
func (k *keptStream) end() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.done = true
	if k.gone != nil {
		k.gone.Stop()
	}
	k.wake()
}

func (k *keptStream) wake() {
	close(k.changed)
	k.changed = make(chan struct{})
}

func (k *keptStream) eventID(n int) string { return k.id + "-" + strconv.Itoa(n) }

// dropped notes that a reader's connection ended.
func (k *keptStream) dropped(reader int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if reader != k.reader || k.done {
		return
	}
	k.gone = time.AfterFunc(resumeGrace, k.giveUp)
}

// taken makes a new connection the reader, in place of any before it.
func (k *keptStream) taken() (reader int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.gone != nil {
		k.gone.Stop()
		k.gone = nil
	}
	k.reader++
	k.wake() // the reader before sees that it is not the one
	return k.reader
}

// after returns the events after number n and, when there are none yet, a channel that is closed
// by the next. more is false when none will come for this reader.
func (k *keptStream) after(n, reader int) (events [][]byte, next <-chan struct{}, more bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if reader != k.reader {
		return nil, nil, false
	}
	if i := n + 1 - k.first; i < len(k.events) {
		return k.events[i:len(k.events):len(k.events)], nil, true
	}
	return nil, k.changed, !k.done
}

// numberOf is the number in the id of an event of this stream that can be continued after.
func (k *keptStream) numberOf(eventID string) (n int, ok bool) {
	number, ok := strings.CutPrefix(eventID, k.id+"-")
	n, err := strconv.Atoi(number)
	k.mu.Lock()
	defer k.mu.Unlock()
	return n, ok && err == nil && n+1 >= k.first && n < k.first+len(k.events)
}
