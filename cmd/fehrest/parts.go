package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// parts are files below a folder that are written under temporary names and take their own at the end, so that a crash or a
// full disk never leaves half a pair.
type parts struct {
	dir string

	mu   sync.Mutex
	open map[string]bool // names that were begun and are not yet their own
}

const partSuffix = ".fehrest-part"

func (p *parts) path(name string) string { return filepath.Join(p.dir, filepath.FromSlash(name)) }

// put writes a file under its temporary name.
func (p *parts) put(name string, write func(io.Writer) error) (err error) {
	path := p.path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return p.unwritable()
	}
	f, err := os.Create(path + partSuffix)
	if err != nil {
		return p.unwritable()
	}
	p.mu.Lock()
	if p.open == nil {
		p.open = map[string]bool{}
	}
	p.open[name] = true
	p.mu.Unlock()
	w := bufio.NewWriterSize(f, 256<<10)
	err = write(w)
	if flushed := w.Flush(); flushed != nil {
		err = p.unwritable()
	}
	if closed := f.Close(); err == nil && closed != nil {
		err = p.unwritable()
	}
	return err
}

func (p *parts) unwritable() error {
	return &exit{exitRejected, fmt.Sprintf("the files cannot be written to %s; check space and permissions", p.dir)}
}

// settle gives files their own names.
func (p *parts) settle(names []string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, name := range names {
		if os.Rename(p.path(name)+partSuffix, p.path(name)) != nil {
			return p.unwritable()
		}
		delete(p.open, name)
	}
	return nil
}

// discard takes away what was not settled.
func (p *parts) discard() {
	for name := range p.open {
		_ = os.Remove(p.path(name) + partSuffix)
	}
}
