package store

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"
	"strings"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
	"fehrest/internal/store/sqlc"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// lineKeys are the columns before those of the column table.
var lineKeys = [...]string{"workshop_code", "list_id", "period", "line_row", "person"}

// assessedColumn is a column for what a line owes.
type assessedColumn struct {
	name  string
	field func(*payroll.Assessed) any
}

var assessedColumns = [...]assessedColumn{
	{"dsw_mah", func(a *payroll.Assessed) any { return &a.MonthlyWage }},
	{"dsw_inc", func(a *payroll.Assessed) any { return &a.Seniority }},
	{"dsw_maz", func(a *payroll.Assessed) any { return &a.Benefits }},
	{"dsw_mash", func(a *payroll.Assessed) any { return &a.Insurable }},
	{"dsw_totl", func(a *payroll.Assessed) any { return &a.Total }},
	{"dsw_bime", func(a *payroll.Assessed) any { return &a.WorkerPremium }},
	{"employer_premium", func(a *payroll.Assessed) any { return &a.EmployerPremium }},
	{"unemployment", func(a *payroll.Assessed) any { return &a.Unemployment }},
	{"hard_job_premium", func(a *payroll.Assessed) any { return &a.HardJob }},
	{"employer_waived", func(a *payroll.Assessed) any { return &a.Waived }},
	{"capped", func(a *payroll.Assessed) any { return &a.Capped }},
	{"premium_share", func(a *payroll.Assessed) any { return &a.PremiumShare }},
	{"taxable", func(a *payroll.Assessed) any { return &a.Taxable }},
	{"taxable_welfare", func(a *payroll.Assessed) any { return &a.Welfare }},
	{"taxable_flat", func(a *payroll.Assessed) any { return &a.Flat }},
	{"eidi_exempt", func(a *payroll.Assessed) any { return &a.EidiExempt }},
	{"noncash_exempt", func(a *payroll.Assessed) any { return &a.NonCashExempt }},
	{"tax_estimate", func(a *payroll.Assessed) any { return &a.TaxEstimate }},
	{"tax_before_forgiveness", func(a *payroll.Assessed) any { return &a.BeforeForgiveness }},
	{"wh_net_paid", func(a *payroll.Assessed) any { return &a.NetPaid }},
	{"months_with_pay", func(a *payroll.Assessed) any { return &a.Months }},
}

// LineColumns are the columns of shared.lines in the order they are written.
func LineColumns() []string {
	names := append([]string{}, lineKeys[:]...)
	for _, c := range payroll.Columns() {
		names = append(names, c.Key)
	}
	return append(names, assessedNames()...)
}

func assessedNames() (names []string) {
	for _, c := range assessedColumns {
		names = append(names, c.name)
	}
	return names
}

// lineForm is a set of columns beside those of the key: of the column table, and of assessedColumns by place.
type lineForm struct {
	given payroll.ColumnSet
	owed  uint32
}

func wholeForm() (all lineForm) {
	for id := range payroll.ColumnCount {
		all.given.Add(id)
	}
	all.owed = 1<<len(assessedColumns) - 1
	return all
}

func (f lineForm) holds(g lineForm) bool {
	return g.given.Without(f.given).Len() == 0 && g.owed&^f.owed == 0
}

func (f lineForm) union(g lineForm) lineForm {
	return lineForm{f.given.Union(g.given), f.owed | g.owed}
}

func (f lineForm) len() int { return f.given.Len() + bits.OnesCount32(f.owed) }

func quotedLineColumns() string { return quoted(LineColumns()) }

func quoted(names []string) string { return `"` + strings.Join(names, `", "`) + `"` }

// LineWriter writes lines in PostgreSQL's binary COPY form, to be kept in a file until the list is judged. It writes one form
// behind the other: a list uses a third of the columns, and a column that is never filled costs the server as much time as one
// that is.
type LineWriter struct {
	w        *bufio.Writer
	row      []byte
	workshop string
	list     uuid.UUID
	period   int32

	parts []LinePart // the last is being written
	rows  int        // in it
	seen  lineForm
}

// LinePart is one form of those that a LineWriter wrote.
type LinePart struct {
	size int64
	form lineForm
}

// names are the form's columns in the order they are written.
func (p *LinePart) names() []string {
	names := append([]string{}, lineKeys[:]...)
	for id, c := range payroll.Columns() {
		if p.form.given.Has(payroll.ColumnID(id)) {
			names = append(names, c.Key)
		}
	}
	for i, c := range assessedColumns {
		if p.form.owed&(1<<i) != 0 {
			names = append(names, c.name)
		}
	}
	return names
}

var copyHeader = append([]byte("PGCOPY\n\xff\r\n\x00"), 0, 0, 0, 0, 0, 0, 0, 0)

// wideRows is how many rows show which columns the list uses; until then all are written.
const wideRows = 256

// NewLineWriter begins the lines of one list.
func NewLineWriter(w io.Writer, list uuid.UUID, workshop payroll.WorkshopCode, period jalali.Month) (*LineWriter, error) {
	lw := &LineWriter{w: bufio.NewWriterSize(w, 1<<16), workshop: string(workshop), list: list, period: int32(period.Number())}
	return lw, lw.begin(wholeForm())
}

// Parts are the forms written, in order. They are whole once the writer is closed.
func (w *LineWriter) Parts() []LinePart { return w.parts }

// Write adds a line. It keeps nothing of it.
func (w *LineWriter) Write(l *payroll.Line, a *payroll.Assessed) error {
	if w.rows == wideRows && len(w.parts) == 1 {
		if err := w.next(w.seen); err != nil {
			return err
		}
	}
	filled := w.encode(l, a)
	if form := w.part().form; !form.holds(filled) {
		if err := w.next(form.union(filled)); err != nil {
			return err
		}
		w.encode(l, a)
	}
	w.seen = w.seen.union(filled)
	w.rows++
	return w.put(w.row)
}

// Close ends the form and flushes it; the writer beneath stays open.
func (w *LineWriter) Close() error {
	if err := w.put(copyTrailer); err != nil {
		return err
	}
	return w.w.Flush()
}

var copyTrailer = []byte{0xff, 0xff}

func (w *LineWriter) part() *LinePart { return &w.parts[len(w.parts)-1] }

// next ends the form and begins one of other columns.
func (w *LineWriter) next(form lineForm) error {
	if err := w.put(copyTrailer); err != nil {
		return err
	}
	return w.begin(form)
}

func (w *LineWriter) begin(form lineForm) error {
	w.parts, w.rows = append(w.parts, LinePart{form: form}), 0
	return w.put(copyHeader)
}

func (w *LineWriter) put(b []byte) error {
	w.part().size += int64(len(b))
	_, err := w.w.Write(b)
	return err
}

// encode makes the row of a line and tells which columns of the table hold more than their default; those that the form lacks
// are left out.
func (w *LineWriter) encode(l *payroll.Line, a *payroll.Assessed) (filled lineForm) {
	in := w.part().form
	b := binary.BigEndian.AppendUint16(w.row[:0], uint16(len(lineKeys)+in.len()))
	b = appendText(b, w.workshop)
	b = append(binary.BigEndian.AppendUint32(b, 16), w.list[:]...)
	b = appendInt4(b, w.period)
	b = appendInt4(b, int32(l.Row))
	b = appendText(b, l.Person())
	columns := payroll.Columns()
	for id := range payroll.ColumnCount {
		before, given := len(b), l.Given.Has(id)
		if c, ok := id.Component(); ok {
			b = appendAmount(b, l.Pay[c], given)
		} else {
			b = appendValue(b, columns[id].Field(l), columns[id].Form == payroll.NoYes, given)
		}
		switch {
		case len(b) > before:
			filled.given.Add(id)
		case in.given.Has(id):
			b = appendNull(b)
		}
	}
	for i := range assessedColumns {
		c, before, bit := &assessedColumns[i], len(b), uint32(1)<<i
		estimate := c.name == "tax_estimate" // a nought is a value here: none is NULL
		if !estimate || !a.NoEstimate {
			b = appendValue(b, c.field(a), false, estimate)
		}
		switch {
		case len(b) > before:
			filled.owed |= bit
		case in.owed&bit == 0:
		case estimate:
			b = appendNull(b)
		default:
			b = appendValue(b, c.field(a), false, true)
		}
	}
	w.row = b
	return filled
}

// appendValue writes nothing where nothing was given and nothing stands for it.
func appendValue(b []byte, field any, inverted, given bool) []byte {
	switch v := field.(type) {
	case *string:
		if *v != "" || given {
			return appendText(b, *v)
		}
	case *rial.Amount:
		return appendAmount(b, *v, given)
	case *int:
		if *v != 0 || given {
			return appendInt4(b, int32(*v))
		}
	case *jalali.Date:
		if !v.IsZero() {
			return appendInt4(b, int32(v.Number()))
		}
	case *bool:
		if *v || given {
			bit := byte(0)
			if *v != inverted {
				bit = 1
			}
			return append(binary.BigEndian.AppendUint32(b, 1), bit)
		}
	case *fault.Lane:
		if *v != 0 {
			return appendText(b, v.String())
		}
	}
	return b
}

func appendAmount(b []byte, n rial.Amount, given bool) []byte {
	if n == 0 && !given {
		return b
	}
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(b, 8), uint64(n))
}

func appendNull(b []byte) []byte { return append(b, 0xff, 0xff, 0xff, 0xff) }

func appendInt4(b []byte, n int32) []byte {
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, 4), uint32(n))
}

func appendText(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
}

// CopyLines stores what a LineWriter wrote for a list of the month; its partition must exist.
func (tx *Tx) CopyLines(ctx context.Context, period jalali.Month, parts []LinePart, r io.Reader) (rows int64, err error) {
	for _, p := range parts {
		statement := fmt.Sprintf(`COPY shared.lines_%d (%s) FROM STDIN BINARY`, period.Number(), quoted(p.names()))
		tag, err := tx.tx.Conn().PgConn().CopyFrom(ctx, io.LimitReader(r, p.size), statement)
		if err != nil {
			return rows, wrap("copy lines", err)
		}
		rows += tag.RowsAffected()
	}
	return rows, nil
}

// DeleteLines removes the lines of a list whose lines are about to be written anew.
func (tx *Tx) DeleteLines(ctx context.Context, id payroll.Identity, list uuid.UUID) error {
	return wrap("delete lines", tx.q.DeleteLines(ctx, string(id.Workshop), list, int32(id.Period.Number())))
}

// Lines reads a list's lines as EachLine does; workers is about how many there are.
func (tx *Tx) Lines(ctx context.Context, id payroll.Identity, list uuid.UUID, workers int) ([]payroll.Filed, error) {
	lines := make([]payroll.Filed, 0, workers)
	err := tx.EachLine(ctx, id, list, func(f *payroll.Filed) error {
		lines = append(lines, *f)
		return nil
	})
	return lines, err
}

// EachLine gives a list's lines in row order with what they owe, one at a time. The line is used again, its strings are not.
// Given tells which columns hold a value, defaults included.
func (tx *Tx) EachLine(ctx context.Context, id payroll.Identity, list uuid.UUID, each func(*payroll.Filed) error) error {
	return tx.eachLine(ctx, each, "ORDER BY line_row", string(id.Workshop), list, id.Period.Number())
}

// EachLineOf is EachLine of some persons.
func (tx *Tx) EachLineOf(ctx context.Context, id payroll.Identity, list uuid.UUID, persons []string, each func(*payroll.Filed) error) error {
	return tx.eachLine(ctx, each, `AND person COLLATE "C" = ANY($4) ORDER BY line_row`, string(id.Workshop), list, id.Period.Number(), persons)
}

// LinesAfter reads at most so many lines of a list behind a row.
func (tx *Tx) LinesAfter(ctx context.Context, id payroll.Identity, list uuid.UUID, row, most int) (lines []payroll.Filed, err error) {
	err = tx.eachLine(ctx, func(f *payroll.Filed) error {
		lines = append(lines, *f)
		return nil
	}, "AND line_row > $4 ORDER BY line_row LIMIT $5", string(id.Workshop), list, id.Period.Number(), row, most)
	return lines, err
}

// RowOf is a row of a list and who stands in it.
type RowOf struct {
	Row       int
	Person    string
	Insurance payroll.InsuranceNumber
}

// RowsOf finds the rows of persons, by their codes or their insurance numbers as the list has them.
func (tx *Tx) RowsOf(ctx context.Context, id payroll.Identity, list uuid.UUID, persons, numbers []string) ([]RowOf, error) {
	rows, err := tx.q.RowsOfPersons(ctx, sqlc.RowsOfPersonsParams{
		WorkshopCode: string(id.Workshop), ListID: list, Period: int32(id.Period.Number()), Persons: persons, Numbers: numbers,
	})
	if err != nil {
		return nil, wrap("rows of persons", err)
	}
	found := make([]RowOf, len(rows))
	for i, r := range rows {
		found[i] = RowOf{int(r.LineRow), r.Person, payroll.InsuranceNumber(r.InsuranceNumber)}
	}
	return found, nil
}

func (tx *Tx) eachLine(ctx context.Context, each func(*payroll.Filed) error, rest string, args ...any) error {
	rows, err := tx.tx.Query(ctx, "SELECT "+quotedLineColumns()+" FROM shared.lines WHERE workshop_code = $1 AND list_id = $2 AND period = $3 "+rest, args...)
	if err != nil {
		return wrap("lines", err)
	}
	defer rows.Close()
	var f payroll.Filed
	seen := words{}
	for rows.Next() {
		f = payroll.Filed{}
		if err := seen.readLine(rows, &f); err != nil {
			return err
		}
		if err := each(&f); err != nil {
			return err
		}
	}
	return wrap("lines", rows.Err())
}

// words are texts that came before: names, places and jobs come again and again, and are kept once.
type words map[string]string

// mostWords bounds what is remembered.
const mostWords = 1 << 13

func (w words) keep(raw []byte) string {
	if s, ok := w[string(raw)]; ok {
		return s
	}
	s := string(raw)
	if len(w) < mostWords {
		w[s] = s
	}
	return s
}

// PersonsOfList are the persons of a list.
func (tx *Tx) PersonsOfList(ctx context.Context, id payroll.Identity, list uuid.UUID) (map[string]bool, error) {
	persons, err := tx.q.PersonsOfList(ctx, string(id.Workshop), list, int32(id.Period.Number()))
	if err != nil {
		return nil, wrap("persons of a list", err)
	}
	set := make(map[string]bool, len(persons))
	for _, p := range persons {
		set[p] = true
	}
	return set, nil
}

func (w words) readLine(rows pgx.Rows, f *payroll.Filed) error {
	for i, d := range rows.FieldDescriptions() {
		// Text is the same bytes in both forms; everything else is asked for in binary.
		if d.Format != pgx.BinaryFormatCode && d.DataTypeOID != textOID {
			return fmt.Errorf("store: column %d of lines came as text", i)
		}
	}
	raw := rows.RawValues()
	f.Line.Row = int(int32(binary.BigEndian.Uint32(raw[3])))
	raw = raw[len(lineKeys):]
	columns := payroll.Columns()
	for id := range columns {
		if raw[id] == nil {
			continue
		}
		f.Line.Given.Add(payroll.ColumnID(id))
		field := columns[id].Field(&f.Line)
		if text, ok := field.(*string); ok && columns[id].Form != payroll.Digits {
			*text = w.keep(raw[id]) // a number of his own comes once
			continue
		}
		if err := readValue(raw[id], field, columns[id].Form == payroll.NoYes); err != nil {
			return err
		}
	}
	raw = raw[len(columns):]
	for i, c := range assessedColumns {
		if raw[i] == nil {
			f.Assessed.NoEstimate = true
			continue
		}
		if err := readValue(raw[i], c.field(&f.Assessed), false); err != nil {
			return err
		}
	}
	return nil
}

const textOID = 25

func readValue(raw []byte, field any, inverted bool) (err error) {
	switch v := field.(type) {
	case *string:
		*v = string(raw)
	case *rial.Amount:
		*v = rial.Amount(binary.BigEndian.Uint64(raw))
	case *int:
		*v = int(int32(binary.BigEndian.Uint32(raw)))
	case *jalali.Date:
		n := int(int32(binary.BigEndian.Uint32(raw)))
		*v, err = jalali.NewDate(n/10000, n/100%100, n%100)
	case *bool:
		*v = (raw[0] == 1) != inverted
	case *fault.Lane:
		err = v.UnmarshalText(raw)
	}
	return err
}
