package flow

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"time"
)

// inMemory is how much of a spooled file stays in memory; nearly every list is smaller.
const inMemory = 512 << 10

// spool holds what is on its way into the database: in memory while it is small, else in a file that has no name.
type spool struct {
	dir  string
	head bytes.Buffer
	file *os.File
	size int64
	err  error // why it takes no more

	waited time.Duration // how long, of an upload, all its lists together gave way to small ones
}

// Write adds to the end.
func (s *spool) Write(b []byte) (n int, err error) {
	defer func() { s.err = err }()
	if s.file == nil && s.size+int64(len(b)) > inMemory {
		if err := s.spill(); err != nil {
			return 0, err
		}
	}
	if s.file != nil {
		n, err = s.file.Write(b)
	} else {
		n, err = s.head.Write(b)
	}
	s.size += int64(n)
	return n, err
}

func (s *spool) spill() error {
	file, err := os.CreateTemp(s.dir, "fehrest-spool-")
	if err != nil {
		return fmt.Errorf("flow: spool: %w", err)
	}
	// Without a name nothing is left behind, however the program ends.
	if err := os.Remove(file.Name()); err != nil {
		_ = file.Close()
		return fmt.Errorf("flow: spool: %w", err)
	}
	s.file = file
	if _, err := file.Write(s.head.Bytes()); err != nil {
		return fmt.Errorf("flow: spool: %w", err)
	}
	s.head = bytes.Buffer{}
	return nil
}

// reader reads from the beginning; several may read at once.
func (s *spool) reader() *io.SectionReader {
	if s.file != nil {
		return io.NewSectionReader(s.file, 0, s.size)
	}
	return io.NewSectionReader(bytes.NewReader(s.head.Bytes()), 0, s.size)
}

// close gives the file back.
func (s *spool) close() {
	if s.file != nil {
		_ = s.file.Close()
	}
}
