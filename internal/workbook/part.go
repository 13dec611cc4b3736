package workbook

import (
	"bufio"
	"compress/flate"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// readAt fills b; a failing reader is the machine's fault, so its error is no Refusal.
func readAt(r io.ReaderAt, b []byte, at int64) error {
	n, err := r.ReadAt(b, at)
	switch {
	case n == len(b):
		return nil
	case err == io.EOF:
		return refusal("FILE-05", "", whyTruncated)
	}
	return fmt.Errorf("workbook: read file: %w", err)
}

// packedBytes are an entry's bytes as they lie in the file. It remembers a failure of the file itself,
// which the inflater would report as the sender's.
type packedBytes struct {
	r       io.ReaderAt
	at, end int64
	failed  error
}

func (b *packedBytes) Read(to []byte) (int, error) {
	if b.at >= b.end {
		return 0, io.EOF
	}
	n, err := b.r.ReadAt(to[:min(int64(len(to)), b.end-b.at)], b.at)
	b.at += int64(n)
	if n > 0 {
		return n, nil
	}
	if err == nil || err == io.EOF {
		return 0, io.ErrUnexpectedEOF
	}
	b.failed = fmt.Errorf("workbook: read file: %w", err)
	return 0, b.failed
}

// partReader expands one entry and holds it to its declared size, packed size and checksum.
// It gives io.EOF only when all three were right.
type partReader struct {
	part   *part
	packed *packedBytes
	buffer *bufio.Reader
	from   io.Reader
	left   int64
	crc    uint32
	err    error
}

func (a *Archive) open(p *part) *partReader {
	packed := &packedBytes{r: a.r, at: p.data, end: p.data + p.packed}
	r := &partReader{part: p, packed: packed, buffer: bufio.NewReaderSize(packed, int(min(max(p.packed, 512), 32<<10))), left: p.size}
	r.from = r.buffer
	if p.method == methodDeflate {
		r.from = flate.NewReader(r.buffer)
	}
	return r
}

func (r *partReader) Read(b []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	n, err := r.from.Read(b)
	r.crc = crc32.Update(r.crc, crc32.IEEETable, b[:n])
	if r.left -= int64(n); r.left < 0 {
		r.err = refusal("FILE-05", r.part.name, whySize)
		return 0, r.err
	}
	if err != nil {
		r.err = r.verdict(err)
	}
	return n, r.err
}

func (r *partReader) verdict(err error) error {
	if r.packed.failed != nil {
		return r.packed.failed
	}
	if err != io.EOF {
		why := whyDeflate
		if errors.Is(err, io.ErrUnexpectedEOF) {
			why = whyTruncated
		}
		x := refusal("FILE-05", r.part.name, why)
		x.Err = err
		return x
	}
	if _, more := r.buffer.ReadByte(); r.left != 0 || more != io.EOF {
		return refusal("FILE-05", r.part.name, whySize)
	}
	if r.crc != r.part.crc {
		return refusal("FILE-05", r.part.name, whyCRC)
	}
	return io.EOF
}

// ahead expands a large part on its own goroutine while the caller reads what came before.
type ahead struct {
	full    chan block
	free    chan []byte
	quit    chan struct{}
	stopped chan struct{}
	now     block
	at      int
}

type block struct {
	b   []byte
	err error
}

// aheadFrom is the size below which a goroutine costs more than it saves.
const aheadFrom = 256 << 10

func readAhead(from io.Reader) *ahead {
	const blocks, blockSize = 4, 64 << 10
	a := &ahead{full: make(chan block, blocks), free: make(chan []byte, blocks), quit: make(chan struct{}), stopped: make(chan struct{})}
	for range blocks {
		a.free <- make([]byte, blockSize)
	}
	go a.run(from)
	return a
}

func (a *ahead) run(from io.Reader) {
	defer close(a.stopped)
	for {
		var b []byte
		select {
		case b = <-a.free:
		case <-a.quit:
			return
		}
		n, err := 0, error(nil)
		for n < len(b) && err == nil {
			var k int
			k, err = from.Read(b[n:])
			n += k
		}
		a.full <- block{b[:n], err} // never waits: there are as many places as blocks
		if err != nil {
			return
		}
	}
}

func (a *ahead) Read(to []byte) (int, error) {
	for a.at == len(a.now.b) {
		if a.now.err != nil {
			return 0, a.now.err
		}
		if a.now.b != nil {
			a.free <- a.now.b[:cap(a.now.b)]
		}
		a.now, a.at = <-a.full, 0
	}
	n := copy(to, a.now.b[a.at:])
	a.at += n
	return n, nil
}

// close ends the goroutine and waits for it, so that no reader outlives the call that made it.
func (a *ahead) close() {
	close(a.quit)
	<-a.stopped
}
