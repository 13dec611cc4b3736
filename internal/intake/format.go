package intake

import (
	"context"
	"errors"
	"hash"
	"io"

	"fehrest/internal/workbook"
)

// The formats read.
const (
	FormatXLSX = "xlsx"
	FormatJSON = "json"
	FormatZip  = "zip"     // of lists, each with a format of its own
	FormatDSK  = "dsk"     // pairs of the Social Security Organization's files in a ZIP
	FormatTax  = "tax"     // pairs of the tax administration's files in a ZIP
	FormatBoth = "dsk+tax" // both, joined by person
)

// format is one entry of the table of formats.
type format struct {
	name string // as reports write it
	// is tells whether the file is of this format. Whatever it needs is in the candidate; nothing is expanded for it.
	is func(c *candidate) bool
	// open finds the lists of a file that is. A *workbook.Refusal refuses the file, and reading its one list tells it; any
	// other error is the reader's or the context's.
	open func(c *candidate) (content, error)
}

// formats are asked in this order; a ZIP that none of them takes is read as a workbook, whose reader says why it is none.
func formats() []format {
	return []format{
		{FormatJSON, isJSON, openJSON},
		{FormatDSK, isOwn(true, false), openOwn},
		{FormatTax, isOwn(false, true), openOwn},
		{FormatBoth, isOwn(true, true), openOwn},
		{FormatZip, isLists, openLists},
		{FormatXLSX, isZip, openBook},
	}
}

// candidate is a file whose format is not told yet.
type candidate struct {
	ctx     context.Context //nolint:containedctx // it lives as long as one Open
	r       io.ReaderAt
	size    int64
	o       *Options
	one     bool              // the file is wanted as one list, whatever it holds
	of      *zipLists         // the ZIP that it is a member of, nil for a file of its own
	looks   string            // of its first bytes, see workbook.Sniff
	archive *workbook.Archive // its directory is checked; nil for what is no ZIP
}

// content is what a format makes of a file.
type content struct {
	lists []Part // none: one list of which nothing is known before it is read
	// read reads one list into in: the header's values into in.headers, then in.begin, then line by line through a
	// lineReader. Of its errors a *workbook.Refusal is told, errStop says that all is told, any other ends the reading.
	read func(in *input, part int) error
	// digest writes what tells one of several lists from the others; nil where the whole file and a number do.
	digest func(part int, h hash.Hash) error
	// member opens the file inside that holds one of the lists, until the next is, and tells which of its lists that is; nil
	// where there are none.
	member func(part int) (of *File, inner int, err error)
	sheet  string       // of a workbook's lines
	others bool         // there may be other lists beside those told: sheets that were not chosen
	close  func() error // gives temporary files back; nil where there are none
}

// headBytes are enough to tell what a file is.
const headBytes = 512

// recognise finds the file's entry in the table and opens it.
func (c *candidate) recognise() (name string, opened content, err error) {
	head := make([]byte, min(max(c.size, 0), headBytes))
	if n, err := c.r.ReadAt(head, 0); n < len(head) {
		return "", content{}, errors.Join(err, io.ErrUnexpectedEOF)
	}
	c.looks = workbook.Sniff(head)
	if c.looks != workbook.LooksJSON {
		// Whatever else it is, the archive's reader says why it is none.
		if c.archive, err = workbook.OpenArchive(c.r, c.size, c.o.Limits.Workbook); err != nil {
			return "", content{}, err
		}
		if c.of != nil {
			if err := c.of.spend(c.archive); err != nil {
				return "", content{}, err
			}
		}
	}
	for _, f := range formats() {
		if f.is(c) {
			opened, err = f.open(c)
			return f.name, opened, err
		}
	}
	return "", content{}, &workbook.Refusal{Code: "FILE-03", Reason: c.looks, Column: -1}
}

func isJSON(c *candidate) bool { return c.looks == workbook.LooksJSON }

func isZip(c *candidate) bool { return c.archive != nil }

func openJSON(*candidate) (content, error) {
	return content{read: func(in *input, _ int) error { return in.readJSON() }}, nil
}
