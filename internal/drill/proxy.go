package main

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
)

// proxy is a stretch of network that can fall silent: connections stay open and nothing arrives, as behind a half-open socket.
type proxy struct {
	l      net.Listener
	target atomic.Pointer[string]

	mu     sync.Mutex
	silent chan struct{} // open while it is silent; nil otherwise
	conns  map[net.Conn]struct{}
}

func newProxy(target string) (*proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{l: l, conns: map[net.Conn]struct{}{}}
	p.target.Store(&target)
	go p.serve()
	return p, nil
}

func (p *proxy) addr() string { return p.l.Addr().String() }

func (p *proxy) serve() {
	for {
		c, err := p.l.Accept()
		if err != nil {
			return
		}
		go p.carry(c)
	}
}

func (p *proxy) carry(c net.Conn) {
	p.hear()
	far, err := net.Dial("tcp", *p.target.Load())
	if err != nil {
		_ = c.Close()
		return
	}
	p.mu.Lock()
	p.conns[c], p.conns[far] = struct{}{}, struct{}{}
	p.mu.Unlock()
	var both sync.WaitGroup
	for from, to := range map[net.Conn]net.Conn{c: far, far: c} {
		both.Go(func() {
			_, _ = io.Copy(to, &quiet{from, p})
			_ = from.Close()
			_ = to.Close()
		})
	}
	both.Wait()
	p.mu.Lock()
	delete(p.conns, c)
	delete(p.conns, far)
	p.mu.Unlock()
}

// quiet reads from a connection, and holds what it read while the proxy is silent.
type quiet struct {
	net.Conn
	p *proxy
}

func (q *quiet) Read(b []byte) (int, error) {
	n, err := q.Conn.Read(b)
	q.p.hear()
	return n, err
}

// hear waits until the proxy is not silent.
func (p *proxy) hear() {
	p.mu.Lock()
	silent := p.silent
	p.mu.Unlock()
	if silent != nil {
		<-silent
	}
}

// fallSilent begins a silence.
func (p *proxy) fallSilent() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.silent == nil {
		p.silent = make(chan struct{})
	}
}

// speak ends it; what was held arrives.
func (p *proxy) speak() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.silent != nil {
		close(p.silent)
		p.silent = nil
	}
}

// cut breaks every connection.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}

func (p *proxy) close() {
	_ = p.l.Close()
	p.speak()
	p.cut()
}
