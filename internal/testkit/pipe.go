package testkit

import (
	"context"
	"net"
	"sync"
)

// A Pipe is a listener in memory, so that a server and its clients can live in the fake time of
// synctest.
type Pipe struct {
	Address net.Addr // where it says that it listens: 127.0.0.1:80 unless set

	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

// NewPipe returns a Pipe that is open.
func NewPipe() *Pipe {
	return &Pipe{Address: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80},
		conns: make(chan net.Conn), closed: make(chan struct{})}
}

// Accept implements [net.Listener].
func (p *Pipe) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close implements [net.Listener].
func (p *Pipe) Close() error { p.once.Do(func() { close(p.closed) }); return nil }

// Addr implements [net.Listener].
func (p *Pipe) Addr() net.Addr { return p.Address }

// Dial connects to the Pipe, whatever address is asked for; it waits until Accept takes it.
func (p *Pipe) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.conns <- server:
		return client, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
