package intake

import (
	"context"
	"errors"
	"fmt"
	"io"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/workbook"
)

// File is an opened file: its format is told and the lists it holds are known, none of them read yet. It is used by one
// goroutine at a time, and only as long as the reader given to Open.
type File struct {
	Format string // one of the constants; empty for a file that is of none
	Lists  []Part // at least one

	r       io.ReaderAt
	size    int64
	content content
}

// Part is one list of a file, as far as the file tells it before the list is read; what it does not tell is empty.
type Part struct {
	Member      string // the file inside a ZIP of lists
	Workshop    payroll.WorkshopCode
	ContractRow string
	ListNo      string
	Period      jalali.Month
	Rows        int
}

// Open looks at a file, tells its format and the lists it holds. What is wrong with the whole file is told by reading its one
// list; the error is the reader's or the context's. Of the options the name, the sheet, the map and the limits count here.
func Open(ctx context.Context, r io.ReaderAt, size int64, o Options) (*File, error) {
	o.Limits = o.Limits.OrDefault()
	return open(&candidate{ctx: ctx, r: r, size: size, o: &o})
}

// open tells the format.
func open(c *candidate) (*File, error) {
	name, content, err := c.recognise()
	var refused *workbook.Refusal
	switch {
	case errors.As(err, &refused):
		name, content.read = "", func(*input, int) error { return err }
	case err != nil:
		return nil, err
	}
	if len(content.lists) == 0 {
		content.lists = []Part{{}}
	}
	return &File{Format: name, Lists: content.lists, r: c.r, size: c.size, content: content}, nil
}

// Holder is the file that holds a list: a member of a ZIP of lists, until another list of it is asked for, else the file itself.
// alone tells that it holds no other list, of another sheet neither. A member that cannot be opened is a *workbook.Refusal.
func (f *File) Holder(part int) (r *io.SectionReader, alone bool, err error) {
	of, _, err := f.holder(part)
	if err != nil {
		return nil, false, fmt.Errorf("intake: holder: %w", err)
	}
	return io.NewSectionReader(of.r, 0, of.size), of.alone(), nil
}

func (f *File) holder(part int) (of *File, inner int, err error) {
	switch {
	case part >= len(f.Lists):
		return nil, 0, &workbook.Refusal{Code: "FILE-05", Column: -1}
	case f.content.member != nil:
		return f.content.member(part)
	}
	return f, part, nil
}

func (f *File) alone() bool { return len(f.Lists) == 1 && !f.content.others }

// Read reads one of the lists to its end and judges it, in any order and any number of times. Whatever is wrong with it is in
// the result's findings, with a verdict; the error is the reader's, the context's, or one of the options' functions.
func (f *File) Read(ctx context.Context, part int, o Options) (*Result, error) {
	in := newInput(ctx, f.r, f.size, o)
	in.result.Format = f.Format
	return in.run(func() error { return f.content.read(in, part) })
}

// Close gives back what the file took of the disk.
func (f *File) Close() error {
	if f.content.close == nil {
		return nil
	}
	return f.content.close()
}

// Read reads a file as one list to its end and judges it. Rows of another list in it are faults: who takes files of many
// lists uses Open. Whatever is wrong with the file is in the result's findings, with a verdict; the error is the reader's,
// the context's, or one of the options' functions.
func Read(ctx context.Context, r io.ReaderAt, size int64, o Options) (*Result, error) {
	o.Limits = o.Limits.OrDefault()
	f, err := open(&candidate{ctx: ctx, r: r, size: size, o: &o, one: true})
	if err != nil {
		return nil, err
	}
	result, err := f.Read(ctx, 0, o)
	return result, errors.Join(err, f.Close())
}

// newInput is one list on its way into the house, its judge and its findings ready.
func newInput(ctx context.Context, r io.ReaderAt, size int64, o Options) *input {
	if o.Lanes&fault.Both == 0 {
		o.Lanes = fault.Both
	}
	o.Limits = o.Limits.OrDefault()
	in := &input{ctx: ctx, r: r, size: size, o: o}
	in.start()
	return in
}

// run reads with the given function and ends the list, whatever stopped it.
func (in *input) run(read func() error) (*Result, error) {
	err := read()
	var refused *workbook.Refusal
	var ofSheet *sheetRefused
	switch {
	case errors.As(err, &ofSheet):
		in.refuse(ofSheet.Refusal, ofSheet.sheet)
	case errors.As(err, &refused):
		in.refuse(refused, "")
	case errors.Is(err, errStop):
	case err != nil:
		return nil, err
	}
	return in.finish(), nil
}
