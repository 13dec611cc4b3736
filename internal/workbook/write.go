package workbook

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Draft is a workbook to be written.
type Draft struct {
	Sheets []DraftSheet
	Names  map[string]string // defined names and the constants they stand for
}

// DraftSheet is one tab. Rows are written in order; their values are string, int, int64, or nil for no cell. A string is
// always written as text, whatever it looks like, never as a formula.
type DraftSheet struct {
	Name        string
	RightToLeft bool
	Hidden      bool
	Frozen      int // rows that stay in sight
	Bold        int // rows at the top that are labels
	HiddenRow   int // row that is written and not shown, 0 for none
	Columns     []DraftColumn
	Choices     []Choice
	Rows        func(yield func(row []any) bool)
}

// DraftColumn is how a column looks.
type DraftColumn struct {
	Width float64 // in characters; 0 leaves it
	Text  bool    // its cells are text, so that leading zeros stay
	Money bool    // its numbers are shown in groups of three, whole
	Label bool    // its cells are labels
}

// Choice is a dropdown over cells of one column, rows First to Last.
type Choice struct {
	Column, First, Last int
	Values              []string
}

// Excel's own bounds of a dropdown written into the cell itself.
const (
	longestChoice = 255
	choicesSheet  = "گزینه‌ها"
)

// The built-in number formats @ and #,##0.
const (
	textFormat  = 49
	moneyFormat = 3
)

// Write writes the workbook row by row. Dropdowns too long for a cell are kept on a hidden sheet.
func Write(w io.Writer, d Draft) error {
	f := excelize.NewFile()
	defer f.Close()
	x := &drafter{file: f}
	if err := x.styles(); err != nil {
		return fmt.Errorf("workbook: write: %w", err)
	}
	for i := range d.Sheets {
		if err := x.sheet(&d.Sheets[i], i == 0); err != nil {
			return fmt.Errorf("workbook: write: sheet %d: %w", i+1, err)
		}
	}
	if err := x.finish(d.Names); err != nil {
		return fmt.Errorf("workbook: write: %w", err)
	}
	packed, err := f.WriteToBuffer()
	if err != nil {
		return fmt.Errorf("workbook: write: %w", err)
	}
	if err := inOrder(w, packed.Bytes()); err != nil {
		return fmt.Errorf("workbook: write: %w", err)
	}
	return nil
}

// inOrder packs the parts anew by name, the content types first: the library's order is that of a map, and the same draft
// must always give the same bytes.
func inOrder(w io.Writer, packed []byte) error {
	r, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		return err
	}
	slices.SortFunc(r.File, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	out := zip.NewWriter(w)
	for _, part := range r.File {
		if err := out.Copy(part); err != nil {
			return err
		}
	}
	return out.Close()
}

type drafter struct {
	file        *excelize.File
	text, label int
	money       int
	long        [][]string // columns of the sheet of choices
	hidden      []string
}

func (x *drafter) styles() (err error) {
	if x.text, err = x.file.NewStyle(&excelize.Style{NumFmt: textFormat}); err != nil {
		return err
	}
	if x.money, err = x.file.NewStyle(&excelize.Style{NumFmt: moneyFormat}); err != nil {
		return err
	}
	x.label, err = x.file.NewStyle(&excelize.Style{
		NumFmt: textFormat, Font: &excelize.Font{Bold: true},
		Fill:      excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"DDEBF7"}},
		Alignment: &excelize.Alignment{Vertical: "center", WrapText: true},
	})
	return err
}

func (x *drafter) sheet(s *DraftSheet, first bool) error {
	if err := x.open(s.Name, first); err != nil {
		return err
	}
	if s.RightToLeft {
		yes := true
		if err := x.file.SetSheetView(s.Name, -1, &excelize.ViewOptions{RightToLeft: &yes}); err != nil {
			return err
		}
	}
	for i := range s.Choices {
		if err := x.choice(s.Name, &s.Choices[i]); err != nil {
			return err
		}
	}
	if s.Hidden {
		x.hidden = append(x.hidden, s.Name)
	}
	return x.rows(s)
}

func (x *drafter) open(name string, first bool) error {
	if first {
		return x.file.SetSheetName(x.file.GetSheetName(0), name)
	}
	_, err := x.file.NewSheet(name)
	return err
}

func (x *drafter) choice(sheet string, c *Choice) error {
	v := excelize.NewDataValidation(true)
	column := ColumnName(c.Column)
	v.Sqref = column + strconv.Itoa(c.First) + ":" + column + strconv.Itoa(c.Last)
	if len([]rune(strings.Join(c.Values, ","))) <= longestChoice && !strings.ContainsAny(strings.Join(c.Values, ""), ",\"") {
		if err := v.SetDropList(c.Values); err != nil {
			return err
		}
	} else {
		x.long = append(x.long, c.Values)
		at := ColumnName(len(x.long) - 1)
		v.SetSqrefDropList("'" + choicesSheet + "'!$" + at + "$1:$" + at + "$" + strconv.Itoa(len(c.Values)))
	}
	return x.file.AddDataValidation(sheet, v)
}

func (x *drafter) rows(s *DraftSheet) error {
	w, err := x.file.NewStreamWriter(s.Name)
	if err != nil {
		return err
	}
	// The last column first: the stream writes them in the reverse of the order they were set, and Excel wants them ascending.
	for i, c := range slices.Backward(s.Columns) {
		if c.Width > 0 {
			if err := w.SetColWidth(i+1, i+1, c.Width); err != nil {
				return err
			}
		}
		if look := x.look(&c); look != 0 {
			if err := w.SetColStyle(i+1, i+1, look); err != nil {
				return err
			}
		}
	}
	if s.Frozen > 0 {
		err := w.SetPanes(&excelize.Panes{
			Freeze: true, YSplit: s.Frozen, TopLeftCell: "A" + strconv.Itoa(s.Frozen+1), ActivePane: "bottomLeft",
			Selection: []excelize.Selection{{SQRef: "A" + strconv.Itoa(s.Frozen+1), ActiveCell: "A" + strconv.Itoa(s.Frozen+1), Pane: "bottomLeft"}},
		})
		if err != nil {
			return err
		}
	}
	number := 0
	for row := range s.Rows {
		number++
		x.style(s, number, row)
		if err := w.SetRow("A"+strconv.Itoa(number), row, excelize.RowOpts{Hidden: number == s.HiddenRow}); err != nil {
			return err
		}
	}
	return w.Flush()
}

// look is the style of a column's cells, those not yet filled in among them; 0 is none.
func (x *drafter) look(c *DraftColumn) int {
	switch {
	case c.Text:
		return x.text
	case c.Money:
		return x.money
	}
	return 0
}

// style gives labels and columns their look; the values stay as they are.
func (x *drafter) style(s *DraftSheet, number int, row []any) {
	for i, v := range row {
		switch {
		case v == nil:
		case number <= s.Bold || i < len(s.Columns) && s.Columns[i].Label:
			row[i] = excelize.Cell{StyleID: x.label, Value: v}
		case i < len(s.Columns) && x.look(&s.Columns[i]) != 0:
			row[i] = excelize.Cell{StyleID: x.look(&s.Columns[i]), Value: v}
		}
	}
}

// finish writes the sheet of choices and the names, and hides what is to be hidden.
func (x *drafter) finish(names map[string]string) error {
	if len(x.long) > 0 {
		if _, err := x.file.NewSheet(choicesSheet); err != nil {
			return err
		}
		for i, values := range x.long {
			if err := x.file.SetSheetCol(choicesSheet, ColumnName(i)+"1", &values); err != nil {
				return err
			}
		}
		x.hidden = append(x.hidden, choicesSheet)
	}
	for _, name := range x.hidden {
		if err := x.file.SetSheetVisible(name, false); err != nil {
			return err
		}
	}
	for name, stands := range names {
		if err := x.file.SetDefinedName(&excelize.DefinedName{Name: name, RefersTo: stands}); err != nil {
			return err
		}
	}
	x.file.SetActiveSheet(0)
	return nil
}
