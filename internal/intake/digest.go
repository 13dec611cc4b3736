package intake

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"

	"fehrest/internal/payroll"
	"fehrest/internal/workbook"
)

// Digest is what tells the content of one list from any other's: the SHA-256 of the file itself where it holds one list, of
// the member in a ZIP of lists, of the list's own files in an archive, and of its rows and what is said of its workshop in a
// sheet of many. Where the sheet's other lists change, or its rows move, it stays the same. The error is the reader's or the
// context's; a list that cannot be read has the digest of the whole file and its number.
func (f *File) Digest(part int) ([]byte, error) {
	h := sha256.New()
	err := f.content.digestOf(part, h, f.r, f.size)
	var refused *workbook.Refusal
	if errors.As(err, &refused) {
		h.Reset()
		err = wholeDigest(h, f.r, f.size, part, len(f.Lists))
	}
	if err != nil {
		return nil, fmt.Errorf("intake: digest: %w", err)
	}
	return h.Sum(nil), nil
}

// digestOf writes what tells the list from others.
func (c *content) digestOf(part int, h hash.Hash, r io.ReaderAt, size int64) error {
	if c.digest == nil || len(c.lists) < 2 {
		return wholeDigest(h, r, size, part, len(c.lists))
	}
	return c.digest(part, h)
}

func wholeDigest(h hash.Hash, r io.ReaderAt, size int64, part, of int) error {
	if _, err := io.Copy(h, io.NewSectionReader(r, 0, size)); err != nil || of < 2 {
		return err
	}
	digestNumber(h, part)
	return nil
}

func digestNumber(h hash.Hash, n int) {
	var b [binary.MaxVarintLen64]byte
	h.Write(binary.AppendUvarint(b[:0], uint64(n)))
}

func digestText[T string | []byte](h hash.Hash, text T) {
	digestNumber(h, len(text))
	io.WriteString(h, string(text))
}

// digest of a list in a sheet of many: the workshop's keys as read, the titles, and the stored values of its rows.
func (f *bookFile) digest(part int, h hash.Hash) error {
	said := f.headers[part]
	for id := range payroll.HeaderCount {
		if !said.Given.Has(id) {
			continue
		}
		digestText(h, id.Info().Key)
		digestText(h, headerText(id, said))
		if yes, ok := id.Info().Field(said).(*bool); ok && *yes {
			digestNumber(h, 1)
		}
	}
	for i := range f.chosen.list.plan.bindings {
		b := &f.chosen.list.plan.bindings[i]
		digestNumber(h, b.sheetColumn)
		digestText(h, b.title)
	}
	return f.split.spool.each(part, func(row *workbook.Row, _ int, inherited uint8) error {
		digestNumber(h, len(row.Cells))
		digestNumber(h, int(inherited))
		for i := range row.Cells {
			c := &row.Cells[i]
			digestNumber(h, c.Column)
			digestNumber(h, int(c.Kind))
			digestText(h, c.Text)
		}
		return nil
	})
}

// digest of a list in a ZIP of lists.
func (z *zipLists) digest(part int, h hash.Hash) error {
	of, inner, err := z.member(part)
	if err != nil {
		return err
	}
	return of.content.digestOf(inner, h, of.r, of.size)
}

// digest of a list that is told by the organisations' own files.
func (f *ownFiles) digest(part int, h hash.Hash) error {
	l := f.lists[part]
	var names []string
	if l.dsk != nil {
		names = append(append(names, l.dsk.kar...), l.dsk.wor...)
	}
	if l.tax != nil {
		names = append(append(names, l.tax.wp...), l.tax.wh...)
	}
	for _, name := range names {
		r, err := f.archive.Open(name)
		if err != nil {
			return err
		}
		digestText(h, name)
		if _, err := io.Copy(h, r); err != nil {
			return err
		}
	}
	return nil
}
