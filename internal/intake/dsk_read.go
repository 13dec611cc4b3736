package intake

import (
	"errors"
	"fmt"
	"strconv"

	"fehrest/internal/agency/sso"
	"fehrest/internal/dbf"
	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/workbook"
)

// read reads the list into in.
func (l *ownList) read(in *input) error {
	r := &ownReader{in: in, list: l, taxLine: map[int]int{}}
	r.narrow()
	for _, name := range l.files.unread {
		in.guessed("file", name, "not read: it is none of DSKKAR00, DSKWOR00, WP, WH")
	}
	if !r.whole() {
		return errStop
	}
	if l.dsk != nil {
		if err := r.openDSK(); err != nil {
			return err
		}
	}
	if l.tax != nil {
		if err := r.openTax(); err != nil {
			return err
		}
	}
	r.begin()
	in.judge.Place = r.place
	if err := in.begin(); err != nil {
		return err
	}
	if l.dsk != nil {
		if err := r.readDSK(); err != nil {
			return err
		}
	}
	if l.tax != nil {
		if err := r.readTax(); err != nil {
			return err
		}
	}
	return r.end()
}

// ownReader reads the organisations' own files row by row.
type ownReader struct {
	*lineReader
	in   *input
	list *ownList
	row  cellRow

	encoding dbf.Encoding
	kar      sso.Kar
	survey   dskSurvey
	dskAt    map[string]int              // sheet columns of the fields of DSKWOR00
	taxAt    map[string]int              // and of WP and WH
	payAt    [payroll.ComponentCount]int // and of a joined pay's components
	dskRows  int                         // rows of persons of the DSK end here, those of WH alone follow
	taxLine  map[int]int                 // the line of WP and WH that a row has, by row
	month    taxMonth
	totals   payroll.Totals
	unsound  bool // a figure could not be read: totals are not compared
	torn     bool // figures of a row do not fit each other: what the list comes to is not compared
}

// narrow leaves the lanes that the files can serve.
func (r *ownReader) narrow() {
	can := fault.Both
	switch {
	case r.list.tax == nil:
		can = fault.SSO
	case r.list.dsk == nil:
		can = fault.Tax
	}
	in := r.in
	in.addressed = can & in.o.Lanes
	if in.addressed != 0 {
		in.o.Lanes, in.judge.Lanes = in.addressed, in.addressed
	}
}

// whole tells whether each pair has its two files, one of each (LIST-06).
func (r *ownReader) whole() bool {
	ok := true
	half := func(name, folder string, files []string) {
		if len(files) == 1 {
			return
		}
		ok = false
		what := fault.Text{FA: "فایل " + name + " در آن نیست", EN: name + " is missing"}
		if len(files) > 1 {
			what = fault.Text{FA: fmt.Sprintf("%d فایل %s در یک پوشه است", len(files), name), EN: fmt.Sprintf("%d files %s lie in one folder", len(files), name)}
		}
		r.in.judge.ReportPlace(codeList06, fault.Place{Sheet: memberOf(folder)}, "", "", "", "what_fa", what.FA, "what_en", what.EN)
	}
	if d := r.list.dsk; d != nil {
		half(sso.KarName, d.folder, d.kar)
		half(sso.WorName, d.folder, d.wor)
	}
	if t := r.list.tax; t != nil {
		half("WP", t.folder, t.wp)
		half("WH", t.folder, t.wh)
	}
	return ok
}

func (in *input) guessed(what, found, why string) {
	in.result.Guesses = append(in.result.Guesses, Guess{What: what, Found: found, Why: why})
}

// openDSK reads the workshop's file and looks the workers' file through to its end, so that no line of a damaged one is
// handed on.
func (r *ownReader) openDSK() error {
	kar, wor := r.list.dsk.kar[0], r.list.dsk.wor[0]
	from, err := r.list.files.open(wor)
	if err != nil {
		return err
	}
	if r.encoding, err = sso.EncodingOf(from); err != nil {
		return r.badTable(wor, err)
	}
	r.in.guessed("encoding", r.encoding.String(), "DSW_SEX, DSW_NAT ("+wor+")")
	if err := r.readKar(kar); err != nil {
		return err
	}
	return r.lookThrough(wor)
}

// badTable tells what is wrong with a whole table.
func (r *ownReader) badTable(name string, err error) error {
	var e *dbf.FormatError
	at := fault.Place{Sheet: name}
	switch {
	case errors.As(err, &e):
		code := codeDBF02
		switch {
		case errors.Is(e, dbf.ErrCount):
			code = codeDBF01
		case errors.Is(e, dbf.ErrVersion):
			code = codeDBF03
		}
		at.Row = int(e.Record)
		given, expected := strconv.FormatInt(e.Given, 10), ""
		if e.Expected >= 0 {
			expected = strconv.FormatInt(e.Expected, 10)
		}
		what := dbfPart(e)
		r.in.judge.ReportPlace(code, at, given, expected, "", "what_fa", what.FA, "what_en", what.EN)
	case errors.Is(err, dbf.ErrQuestionMarks):
		r.in.judge.ReportPlace(codeDBF04, at, "???", "", "", "what_fa", "همه متن‌های فارسی آن «؟» است", "what_en", "every Persian text in it is question marks")
	case errors.Is(err, dbf.ErrNoEvidence):
		r.in.judge.ReportPlace(codeDBF04, at, "", "", "", "what_fa", "ستون‌های جنسیت و ملیت آن به هیچ کدگذاری شناخته‌شده‌ای خوانده نمی‌شود",
			"what_en", "its columns of sex and nationality read as words in no known encoding")
	default:
		return err
	}
	return errStop
}

// karKeys are the keys of the workshop sheet and the fields of DSKKAR00 that hold them.
var karKeys = []struct {
	key   payroll.HeaderID
	field string
	text  func(*sso.Kar) string
}{
	{payroll.KeyWorkshopCode, "DSK_ID", func(k *sso.Kar) string { return k.ID }},
	{payroll.KeyContractRow, "MON_PYM", func(k *sso.Kar) string { return k.ContractRow }},
	{payroll.KeyPeriod, "DSK_YY", monthOf},
	{payroll.KeyListNo, "DSK_LISTNO", func(k *sso.Kar) string { return k.ListNo }},
	{payroll.KeyWorkshopName, "DSK_NAME", func(k *sso.Kar) string { return k.Name }},
	{payroll.KeyEmployerName, "DSK_FARM", func(k *sso.Kar) string { return k.Farm }},
	{payroll.KeyAddress, "DSK_ADRS", func(k *sso.Kar) string { return k.Address }},
	{payroll.KeyDescription, "DSK_DISC", func(k *sso.Kar) string { return k.Description }},
}

// monthOf is the month of a list; of two digits the files mean a year of our time.
func monthOf(k *sso.Kar) string { return fmt.Sprintf("%d-%02d", fullYear(k.Year), k.Month) }

const (
	century  = 1300
	oldYears = 50 // two digits from here on are of the century before
)

func fullYear(n int64) int64 {
	switch {
	case n >= 100:
		return n
	case n >= oldYears:
		return century + n
	}
	return century + 100 + n
}

// readKar reads the workshop's file.
func (r *ownReader) readKar(name string) error {
	from, err := r.list.files.open(name)
	if err != nil {
		return err
	}
	encoding := sso.EncodingOfKar(from, r.encoding)
	if encoding != r.encoding {
		r.in.guessed("encoding", encoding.String(), "DSK_NAME, DSK_FARM, DSK_ADRS ("+name+"): no Persian as "+r.encoding.String())
	}
	if from, err = r.list.files.open(name); err != nil {
		return err
	}
	records, err := sso.Kars(from, encoding)
	if err != nil {
		return r.badTable(name, err)
	}
	n, wrong := 0, []sso.Wrong(nil)
	var k sso.Kar
	for records.Next(&k) {
		if n++; n == 1 {
			r.kar = k
			wrong = append(wrong, records.Wrong()...)
		}
	}
	if records.Err() != nil {
		return r.badTable(name, records.Err())
	}
	if n != 1 {
		given := strconv.Itoa(n)
		r.in.judge.ReportPlace(codeList06, fault.Place{Sheet: name}, given, "1", "",
			"what_fa", "فایل کارگاه باید یک رکورد داشته باشد و "+given+" دارد", "what_en", "the workshop's file must hold one record and holds "+given)
		return errStop
	}
	r.deleted(name, records.Deleted())
	r.survey.kar, _ = records.Fields()
	for i := range totalFields {
		if field := totalFields[i].field; records.Has(field) {
			r.survey.karFields = append(r.survey.karFields, field)
		}
	}
	for _, field := range []string{"DSK_TKOSO", "DSK_BIC", "DSK_RATE"} {
		if records.Has(field) {
			r.survey.karFields = append(r.survey.karFields, field)
		}
	}
	r.setKar(name, records, wrong)
	return nil
}

func (r *ownReader) setKar(name string, records *sso.Records[sso.Kar], wrong []sso.Wrong) {
	at := func(field string) fault.Place { return fault.Place{Sheet: name, Row: 1, Column: field} }
	h := &r.in.headers
	h.sheet = name
	badMonth := false
	for _, w := range wrong {
		switch {
		case w.Field == "DSK_YY" || w.Field == "DSK_MM":
			badMonth = true
			h.header.Given.Add(payroll.KeyPeriod)
			h.header.Faulty.Add(payroll.KeyPeriod)
			h.places[payroll.KeyPeriod] = at(w.Field)
		case w.Field == "DSK_RATE" || w.Field == "DSK_PRATE" || w.Field == "DSK_BIMH" || w.Field == "DSK_KIND" && errors.Is(w.Err, dbf.ErrBlank):
			continue // not compared with anything
		default:
			r.unsound = true
		}
		entry, with := numberWords(w.Err)
		h.note(entry, at(w.Field), w.Given, "", with...)
	}
	for _, k := range karKeys {
		if k.key == payroll.KeyPeriod && badMonth || !records.Has(k.field) {
			continue
		}
		kind := workbook.Text
		if records.Numeric(k.field) && k.key != payroll.KeyPeriod {
			kind = workbook.Number
		}
		h.set(k.key, &cellValue{Kind: kind, Text: []byte(k.text(&r.kar)), HasValue: true}, at(k.field))
	}
	if r.kar.Kind != 0 {
		h.note(codeCell13, at("DSK_KIND"), strconv.FormatInt(r.kar.Kind, 10), "0")
	}
	r.in.unheld = unheldByDSK()
	if r.list.tax != nil {
		r.in.unheld = 0 // the tax administration asks whose list it is
	}
}

// unheldByDSK are the required keys of the workshop sheet that the SSO's files have no field for.
func unheldByDSK() (s payroll.HeaderSet) {
	s.Add(payroll.KeyEmployerID)
	s.Add(payroll.KeyPostalCode)
	return s
}

func (r *ownReader) deleted(name string, n int) {
	if n == 0 {
		return
	}
	given := strconv.Itoa(n)
	r.in.judge.ReportPlace(codeDBF05, fault.Place{Sheet: name}, given, "", "")
}

// numberWords is the finding of a number field that holds none.
func numberWords(err error) (*fault.Entry, []string) {
	hint := fault.Text{}
	switch {
	case errors.Is(err, dbf.ErrNotWhole):
		return codeCell04, nil
	case errors.Is(err, dbf.ErrTooLarge):
		return codeCell06, nil
	case errors.Is(err, dbf.ErrBlank):
		hint = fault.Text{FA: "؛ خانه خالی است", EN: "; the field is blank"}
	case errors.Is(err, dbf.ErrOverflow):
		hint = fault.Text{FA: "؛ ستاره یعنی رقم در خانه جا نشده است", EN: "; asterisks mean that the figure did not fit its field"}
	}
	return codeCell03, []string{"hint_fa", hint.FA, "hint_en", hint.EN}
}

// cellRow gathers the cells of one row.
type cellRow struct {
	text  []byte
	cells []cellValue
}

func (c *cellRow) reset() { c.text, c.cells = c.text[:0], c.cells[:0] }

// add gives a column of the row a text, unless it is empty.
func (c *cellRow) add(at int, kind workbook.Kind, text string) {
	if text == "" || at < 0 {
		return
	}
	from := len(c.text)
	c.text = append(c.text, text...)
	c.cells = append(c.cells, cellValue{Column: at, Kind: kind, Text: c.text[from:len(c.text):len(c.text)], HasValue: true})
}

func (c *cellRow) number(at int, n int64) {
	if at < 0 {
		return
	}
	from := len(c.text)
	c.text = strconv.AppendInt(c.text, n, 10)
	c.cells = append(c.cells, cellValue{Column: at, Kind: workbook.Text, Text: c.text[from:len(c.text):len(c.text)], HasValue: true})
}

// begin binds the fields of the files to the columns of the list.
func (r *ownReader) begin() {
	r.lineReader = newLineReader(r.in)
	r.json = true
	p := &plan{}
	bind := func(id payroll.ColumnID, field string) int {
		b := binding{meaning: meaning{role: column, column: id}, sheetColumn: len(p.bindings), title: field}
		if id == payroll.ColumnCount {
			b.role = ignored
		} else {
			b.info = id.Info()
		}
		p.add(b)
		return b.sheetColumn
	}
	r.dskAt, r.taxAt = map[string]int{}, map[string]int{}
	if r.list.dsk != nil {
		for _, c := range dskColumns {
			if r.survey.has(c.field) {
				r.dskAt[c.field] = bind(c.column, c.field)
			}
		}
	}
	if r.list.tax != nil {
		r.bindTax(bind)
		if r.list.dsk != nil {
			r.bindPay(bind)
		}
	}
	bind(payroll.ColReportedTo, "")
	bind(payroll.ColInsuredKind, "")
	r.at = -1
	r.follow(p)
	r.withhold()
	// What the lines come to is compared with the files' own totals.
	r.take = func(l *payroll.Line, a *payroll.Assessed) error {
		r.totals.Add(l, a)
		if r.in.o.Line == nil {
			return nil
		}
		return r.in.o.Line(l, a)
	}
}

// withhold keeps from being missed what no file of this kind holds: allowances that are told in one sum, a foreigner's
// code, and what the edition before 1403 did not ask.
func (r *ownReader) withhold() {
	columns := []payroll.ColumnID{payroll.Housing.Column(), payroll.Grocery.Column(), payroll.HousingGrocery.Column()}
	if r.list.tax == nil {
		columns = append(columns, payroll.ColForeignerCode)
	}
	if r.month.edition == oldEdition {
		columns = append(columns, payroll.ColFatherName, payroll.ColBirthDate)
	}
	r.withheld(columns...)
}

// place is where a person looks for a column of a row: the file, the record or line, the field.
func (r *ownReader) place(row int, id payroll.ColumnID) fault.Place {
	at := r.at
	if at < 0 && id < payroll.ColumnCount {
		at = r.plan.cellOf(id)
	}
	field := ""
	if at >= 0 {
		field = r.plan.at(at).title
	}
	line, taxed := r.taxLine[row]
	if taxed && (row > r.dskRows || field != "" && field[:2] != "DS" && field[:2] != "PE") {
		name := r.list.tax.wp[0]
		if len(field) > 1 && field[1] == 'H' {
			name = r.list.tax.wh[0]
		}
		return fault.Place{Sheet: name, Row: line, Column: field}
	}
	return fault.Place{Sheet: r.list.dsk.wor[0], Row: row, Column: field}
}

// end tells what only the whole files show.
func (r *ownReader) end() error {
	if r.workers == 0 && r.header.Kind != payroll.Nil {
		r.judge.ReportPlace(codeSheet12, fault.Place{Sheet: r.file()}, "", "", "")
	}
	for _, id := range r.absent {
		if m := r.missing[id]; m.rows > 0 {
			r.torn = r.torn || id.Info().Form == payroll.Money || id.Info().Form == payroll.Count
			r.tellAbsent(id, m)
		}
	}
	if r.list.dsk != nil {
		r.compare()
	}
	r.tellSources()
	return r.in.ctx.Err()
}

func (r *ownReader) file() string {
	if r.list.dsk != nil {
		return r.list.dsk.wor[0]
	}
	return r.list.tax.wp[0]
}

// tellAbsent is SHEET-03: a field that a lawful file has and this one has not.
func (r *ownReader) tellAbsent(id payroll.ColumnID, m missingColumn) {
	e := *codeSheet03
	e.Lane = m.lanes
	if id.Info().Needs != fault.Both {
		e.Severity = fault.Error
	}
	r.judge.ReportPlace(&e, fault.Place{Sheet: r.file(), Field: id.Info().Key}, "", id.Info().Label, "",
		"header_fa", id.Info().Label, "header_en", id.Info().Key, "count", strconv.Itoa(m.rows))
}
