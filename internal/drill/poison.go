package main

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"fehrest/internal/intake"
	"fehrest/internal/synth"

	"github.com/google/uuid"
)

// poison sends what is no list from four senders while the others work: every one gets a refusal in words, none an error of ours.
func poison(ctx context.Context, s *stage, l *load) error {
	files, err := s.poisons()
	if err != nil {
		return err
	}
	end := time.Now().Add(12 * time.Second)
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for n := i; time.Now().Before(end) && ctx.Err() == nil; n++ {
				p := files[n%len(files)]
				if p.cut {
					s.cutUpload(p.body)
					continue
				}
				status, _, said, err := l.post(ctx, uuid.NewString(), p.body)
				if err == nil && (status < 400 || status >= 500 && status != http.StatusServiceUnavailable || status < 500 && code(said) == "?") {
					s.note(violation{"I8", fmt.Sprintf("%s was answered %d", p.name, status)})
				}
			}
		})
	}
	all.Wait()
	return nil
}

type poisoned struct {
	name string
	body []byte
	cut  bool // the connection ends in its middle
}

func (s *stage) poisons() ([]poisoned, error) {
	h := s.shops[0]
	h.ListNo = "77"
	var good bytes.Buffer
	if err := intake.WriteList(&good, &h, synth.List(synth.Options{Seed: s.rand.Uint64(), Workers: 20, Header: h, Law: s.law})); err != nil {
		return nil, err
	}
	noise := make([]byte, 64<<10)
	for i := range noise {
		noise[i] = byte(s.rand.Uint32())
	}
	flipped := bytes.Clone(good.Bytes())
	flipped[len(flipped)/2] ^= 0x40
	bomb, err := zipOf("xl/worksheets/sheet1.xml", 300<<20)
	if err != nil {
		return nil, err
	}
	return []poisoned{
		{name: "nothing", body: []byte{}},
		{name: "noise", body: noise},
		{name: "half a workbook", body: good.Bytes()[:good.Len()/2]},
		{name: "a workbook with a bit turned", body: flipped},
		{name: "a bomb", body: bomb},
		{name: "deep JSON", body: []byte(strings.Repeat(`{"lines":[`, 20_000))},
		{name: "a page", body: []byte("<!DOCTYPE html><html><body>ورود</body></html>")},
		{name: "a cut upload", body: good.Bytes(), cut: true},
	}, nil
}

// zipOf packs size bytes of noughts under a name.
func zipOf(name string, size int64) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	for _, n := range []string{"[Content_Types].xml", name} {
		w, err := z.Create(n)
		if err != nil {
			return nil, err
		}
		if _, err := io.CopyN(w, zeros{}, size); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), z.Close()
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// cutUpload sends half of a body and goes away.
func (s *stage) cutUpload(body []byte) {
	c, err := net.DialTimeout("tcp", strings.TrimPrefix(s.url, "http://"), 5*time.Second)
	if err != nil {
		return
	}
	_, _ = fmt.Fprintf(c, "POST /v1/lists HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nIdempotency-Key: %s\r\nContent-Length: %d\r\n\r\n",
		strings.TrimPrefix(s.url, "http://"), s.token, uuid.NewString(), len(body))
	_, _ = c.Write(body[:len(body)/2])
	time.Sleep(20 * time.Millisecond)
	_ = c.Close()
}

// refusedInWords: no poison was taken for a list.
func refusedInWords(_ context.Context, _ *stage, _ *load, e *evidence) (found []violation) {
	for _, l := range e.lists {
		if strings.HasSuffix(l.identity, ".77") && l.version > 0 {
			found = append(found, violation{"I1", "a broken file became a list"})
		}
	}
	return found
}
