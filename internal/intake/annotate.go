package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"fehrest/internal/fault"
	"fehrest/internal/workbook"
)

// Annotate writes the file that the reports were made of as a workbook, each finding marked in its cell by a fill and a note,
// and all of them listed on the sheet «یافته‌ها». A workbook stays the sender's own but for its macros, and marks of an
// earlier Annotate are replaced. Of a list in another format a workbook is made from its lines as read. A file that was
// refused, or that no copy can carry, gives a workbook with the listing alone. Of the options the name, the sheet, the map,
// the limits and the folder of temporary files count here. Nothing is written to w before all is made.
func Annotate(ctx context.Context, w io.Writer, r io.ReaderAt, size int64, o Options, reports ...Report) error {
	return (&annotation{ctx: ctx, r: r, size: size, o: o, reports: reports}).run(w)
}

// Annotate writes what the function Annotate writes of one list of the file, the one whose digest is sha. With whole it is
// the whole workbook that holds the list, else one that shows nothing of other lists: made from the list's own lines, where
// the workbook holds others. Of the options also the workshop counts, for what the file leaves open.
func (f *File) Annotate(ctx context.Context, w io.Writer, part int, sha []byte, whole bool, o Options, report Report) error {
	a := &annotation{ctx: ctx, r: f.r, size: f.size, o: o, reports: []Report{report}}
	of, inner, err := f.holder(part)
	var refused *workbook.Refusal
	switch {
	case errors.As(err, &refused): // the findings are all that can be said
		a.own, a.file = true, &File{}
		return a.run(w)
	case err != nil:
		return fmt.Errorf("intake: annotate: %w", err)
	}
	if a.own = !whole && !of.alone(); a.own {
		// What a title means may be answered otherwise since, and lists be told apart otherwise.
		now, err := f.Digest(part)
		if err != nil {
			return fmt.Errorf("intake: annotate: %w", err)
		}
		if !bytes.Equal(now, sha) {
			of = &File{}
		}
	}
	a.r, a.size, a.file, a.part = of.r, of.size, of, inner
	return a.run(w)
}

func (a *annotation) run(w io.Writer) error {
	file, err := os.CreateTemp(a.o.Temp, "fehrest-annotated-")
	if err != nil {
		return fmt.Errorf("intake: annotate: %w", err)
	}
	defer func() { _ = file.Close() }()
	// Without a name nothing is left behind, however the program ends.
	if err := os.Remove(file.Name()); err != nil {
		return fmt.Errorf("intake: annotate: %w", err)
	}
	if err := a.write(file); err != nil {
		return fmt.Errorf("intake: annotate: %w", err)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("intake: annotate: %w", err)
	}
	_, err = io.Copy(w, file)
	return err
}

// annotation is one file on its way back to its sender.
type annotation struct {
	ctx     context.Context //nolint:containedctx // it lives as long as one Annotate
	r       io.ReaderAt
	size    int64
	o       Options
	reports []Report
	file    *File // as it was opened before; nil opens it
	part    int   // the list, where the workbook is made from its lines
	own     bool  // the workbook may hold no other list of the file
}

func (a *annotation) write(file *os.File) error {
	err := a.marked(file)
	var refused *workbook.Refusal
	if !errors.As(err, &refused) && !errors.Is(err, workbook.ErrUnmarkable) {
		return err
	}
	// What was begun is written over: the listing alone is what can be said.
	if err := file.Truncate(0); err != nil {
		return err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	note := "این فایل را نمی‌توان نشانه‌گذاری کرد؛ تنها یافته‌های آن این‌جا آمده است."
	if len(a.reports) > 1 {
		note = "این فایل چند لیست دارد؛ یافته‌های همه این‌جا آمده است. برای خانه‌های رنگ‌شده هر لیست را جدا نشانه‌گذاری کنید."
	}
	return workbook.WriteListing(file, a.listing(nil, note))
}

// marked writes the file with its marks; ErrUnmarkable and a *Refusal say that it cannot be.
func (a *annotation) marked(w io.Writer) error {
	for i := range a.reports {
		if slices.ContainsFunc(a.reports[i].Faults, damaged) {
			return workbook.ErrUnmarkable
		}
	}
	if !a.own && len(a.reports) > 0 && a.reports[0].File.Format == FormatXLSX {
		limits := a.o.Limits.OrDefault()
		book, err := workbook.Open(a.r, a.size, limits.Workbook)
		if err != nil {
			return err
		}
		where := inSheets(book)
		note := "خانه‌های ایراددار در برگه‌های خودتان رنگ شده‌اند و یادداشت دارند."
		for _, w := range book.Warnings {
			if w.Reason == "macros" {
				note += " ماکروهای فایل در این نسخه نیامده است."
			}
		}
		l := a.listing(where, note)
		return book.Mark(w, workbook.Markup{Cells: a.marks(where), Listing: &l})
	}
	return a.fromLines(w)
}

// damaged tells a finding that says the file's own bytes are not to be trusted.
func damaged(x fault.Fault) bool {
	return x.Severity == fault.Refuse && (strings.HasPrefix(x.Code, "FILE-") || x.Code == codeSheet06.Code)
}

// placer finds the cell that a place means in the workbook that is written; ok is false where none is meant.
type placer func(p fault.Place) (sheet string, row, column int, ok bool)

// inSheets finds places in the sender's own workbook. What is said of a whole row stands in its first cell.
func inSheets(book *workbook.Book) placer {
	sheets := map[string]bool{}
	for _, s := range book.Sheets {
		sheets[s.Name] = s.Worksheet
	}
	return func(p fault.Place) (string, int, int, bool) {
		if !sheets[p.Sheet] {
			return "", 0, 0, false
		}
		if column, row, ok := workbook.ParseCell(p.Cell); ok {
			return p.Sheet, row, column, true
		}
		return p.Sheet, p.Row, 0, p.Row > 0
	}
}
