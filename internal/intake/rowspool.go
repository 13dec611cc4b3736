package intake

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"fehrest/internal/workbook"
)

// rowSpool keeps the rows of many lists apart while one sheet is read: in memory as long as they are few, else in one
// temporary file that has no name. A row's cells are kept as they were stored; blank ones are not.
type rowSpool struct {
	dir   string // of the file; empty is the system's
	lists []spooledList
	held  int // bytes in memory
	file  *os.File
	end   int64 // of the file
}

// spooledList is one list's rows: blocks of the file, then what is still in memory.
type spooledList struct {
	blocks []block
	tail   []byte
}

type block struct {
	from int64
	size int
}

// spoolHeld is how much is held in memory before it goes to the file.
const spoolHeld = 4 << 20

// The flags of a row and of a cell, beside the cell's kind.
const (
	rowHidden = 1 << iota
	rowUnaddressed
)

const (
	cellFormula = 1 << (iota + 3)
	cellHasValue
)

// add keeps a row of a list. Lists are numbered from 0 in the order of their first rows.
func (s *rowSpool) add(list int, row *workbook.Row, empty int, inherited uint8) error {
	if list == len(s.lists) {
		s.lists = append(s.lists, spooledList{})
	}
	l := &s.lists[list]
	before := len(l.tail)
	l.tail = appendRow(l.tail, row, empty, inherited)
	if s.held += len(l.tail) - before; s.held < spoolHeld {
		return nil
	}
	return s.flush()
}

func appendRow(b []byte, row *workbook.Row, empty int, inherited uint8) []byte {
	var flags byte
	if row.Hidden {
		flags |= rowHidden
	}
	if row.Unaddressed {
		flags |= rowUnaddressed
	}
	cells := 0
	for i := range row.Cells {
		if kept(&row.Cells[i]) {
			cells++
		}
	}
	b = append(b, flags, inherited)
	b = binary.AppendUvarint(b, uint64(row.Number))
	b = binary.AppendUvarint(b, uint64(empty))
	b = binary.AppendUvarint(b, uint64(cells))
	for i := range row.Cells {
		c := &row.Cells[i]
		if !kept(c) {
			continue
		}
		what := byte(c.Kind)
		if c.Formula {
			what |= cellFormula
		}
		if c.HasValue {
			what |= cellHasValue
		}
		b = append(b, what)
		b = binary.AppendUvarint(b, uint64(c.Column))
		b = binary.AppendUvarint(b, uint64(len(c.Text)))
		b = append(b, c.Text...)
	}
	return b
}

func kept(c *cellValue) bool { return c.Kind != workbook.Blank || c.Formula }

// flush writes all that is held, a block a list.
func (s *rowSpool) flush() error {
	if s.file == nil {
		file, err := os.CreateTemp(s.dir, "fehrest-rows-")
		if err != nil {
			return fmt.Errorf("intake: rows: %w", err)
		}
		// Without a name nothing is left behind, however the program ends.
		if err := os.Remove(file.Name()); err != nil {
			return fmt.Errorf("intake: rows: %w", errors.Join(err, file.Close()))
		}
		s.file = file
	}
	w := bufio.NewWriterSize(s.file, 256<<10)
	for i := range s.lists {
		l := &s.lists[i]
		if len(l.tail) == 0 {
			continue
		}
		if _, err := w.Write(l.tail); err != nil {
			return fmt.Errorf("intake: rows: %w", err)
		}
		l.blocks = append(l.blocks, block{s.end, len(l.tail)})
		s.end += int64(len(l.tail))
		l.tail = l.tail[:0]
		if len(s.lists) > spoolFew {
			l.tail = nil // what many lists have taken would stay
		}
	}
	s.held = 0
	if err := w.Flush(); err != nil {
		return fmt.Errorf("intake: rows: %w", err)
	}
	return nil
}

// spoolFew lists keep the memory that they have taken.
const spoolFew = 16

// each hands out the rows of a list in the order they were kept. The row is used again.
func (s *rowSpool) each(list int, yield func(row *workbook.Row, empty int, inherited uint8) error) error {
	r := rowDecoder{}
	l := &s.lists[list]
	for _, b := range l.blocks {
		if cap(r.block) < b.size {
			r.block = make([]byte, b.size)
		}
		r.rest = r.block[:b.size]
		if n, err := s.file.ReadAt(r.rest, b.from); n < b.size {
			return fmt.Errorf("intake: rows: %w", errors.Join(err, io.ErrUnexpectedEOF))
		}
		if err := r.all(yield); err != nil {
			return err
		}
	}
	r.rest = l.tail
	return r.all(yield)
}

func (s *rowSpool) close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}

// rowDecoder reads back what appendRow wrote.
type rowDecoder struct {
	block, rest []byte
	row         workbook.Row
}

func (r *rowDecoder) all(yield func(row *workbook.Row, empty int, inherited uint8) error) error {
	for len(r.rest) > 0 {
		flags, inherited := r.byte(), r.byte()
		r.row.Hidden, r.row.Unaddressed = flags&rowHidden != 0, flags&rowUnaddressed != 0
		r.row.Number = r.number()
		empty := r.number()
		cells := r.number()
		r.row.Cells = r.row.Cells[:0]
		for range cells {
			what := r.byte()
			c := cellValue{Kind: workbook.Kind(what & 7), Formula: what&cellFormula != 0, HasValue: what&cellHasValue != 0}
			c.Column = r.number()
			size := r.number()
			c.Text, r.rest = r.rest[:size:size], r.rest[size:]
			r.row.Cells = append(r.row.Cells, c)
		}
		if err := yield(&r.row, empty, inherited); err != nil {
			return err
		}
	}
	return nil
}

func (r *rowDecoder) byte() byte {
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

func (r *rowDecoder) number() int {
	n, size := binary.Uvarint(r.rest)
	r.rest = r.rest[size:]
	return int(n)
}
