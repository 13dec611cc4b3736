package intake

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/workbook"
)

// The sheet of findings: by its name and title it is known again in a file that comes back.
const (
	sheetFindings = "یافته‌ها"
	titleFindings = "یافته‌های بررسی لیست"
)

// longestGiven is how much of a sender's text is repeated to him, in letters; longestNote how much one note says.
const (
	longestGiven = 300
	longestNote  = 4000
)

var tones = [...]workbook.Tone{fault.Info: workbook.Quiet, fault.Warning: workbook.Loud, fault.Error: workbook.Louder, fault.Refuse: workbook.Loudest}

var severityFA = [...]string{fault.Info: "اطلاع", fault.Warning: "هشدار", fault.Error: "خطا", fault.Refuse: "رد فایل"}

func laneFA(l fault.Lane) string {
	switch l & fault.Both {
	case fault.SSO:
		return "تأمین اجتماعی"
	case fault.Tax:
		return "مالیات"
	case fault.Both:
		return "هر دو سازمان"
	}
	return "—"
}

var verdictFA = map[payroll.Verdict]string{
	payroll.Accepted: "پذیرفته", payroll.AcceptedWithWarnings: "پذیرفته با هشدار", payroll.Rejected: "رد",
	payroll.Unreadable: "ناخوانا", payroll.NotAddressed: "بی‌مخاطب",
}

// labelOf is a field as the sender knows it.
func labelOf(field string) string {
	if id, ok := columnNamed(field); ok {
		return id.Info().Label
	}
	if key, ok := payroll.HeaderOf(field); ok {
		return key.Info().Label
	}
	return shortened(field)
}

// columnNamed is the column of a field, also where JSON writes it lines[3].daily_wage.
func columnNamed(field string) (payroll.ColumnID, bool) {
	return payroll.ColumnOf(field[strings.LastIndexByte(field, '.')+1:])
}

// wordsFor shows a code as the sender's own sheet has it.
func wordsFor(field, value string) string {
	if id, ok := columnNamed(field); ok && id.Info().Values != nil {
		return wordOf(id.Info().Values, value)
	}
	return shortened(value)
}

func shortened(s string) string {
	if r := []rune(s); len(r) > longestGiven {
		return string(r[:longestGiven]) + "…"
	}
	return s
}

// cellOfMark is where a mark stands.
type cellOfMark struct {
	sheet       string
	row, column int
}

// marks gathers the findings of each cell: its fill is the gravest one's, its note says all.
func (a *annotation) marks(where placer) []workbook.CellMark {
	var marks []workbook.CellMark
	at := map[cellOfMark]int{}
	add := func(c cellOfMark, tone workbook.Tone, text string) {
		i, known := at[c]
		if !known {
			i = len(marks)
			at[c] = i
			marks = append(marks, workbook.CellMark{Sheet: c.sheet, Row: c.row, Column: c.column})
		}
		m := &marks[i]
		m.Tone = max(m.Tone, tone)
		switch {
		case m.Note == "":
			m.Note = text
		case len(m.Note)+len(text) < longestNote && !strings.Contains(m.Note, text):
			m.Note += "\n\n" + text
		}
	}
	for i := range a.reports {
		report := &a.reports[i]
		fixes := fixesOf(report)
		for _, x := range worstFirst(report.Faults) {
			sheet, row, column, ok := where(x.Place)
			if !ok {
				continue
			}
			add(cellOfMark{sheet, row, column}, tones[x.Severity], noteOf(&x, fixes[causeOf(&x)]))
			if x.Severity == fault.Info {
				continue // what is only told of many rows would colour the whole sheet
			}
			for _, related := range x.RelatedRows {
				p := x.Place
				p.Row, p.Cell = related, ""
				if p.Column != "" {
					p.Cell = p.Column + strconv.Itoa(related)
				}
				if ofSheet, ofRow, _, ok := where(p); ok {
					add(cellOfMark{ofSheet, ofRow, column}, tones[x.Severity], severityFA[x.Severity]+" "+x.Code+": بنگرید به یادداشت خانهٔ "+workbook.CellName(column, row))
				}
			}
		}
	}
	return marks
}

func worstFirst(faults []fault.Fault) []fault.Fault {
	faults = slices.Clone(faults)
	slices.SortStableFunc(faults, func(a, b fault.Fault) int { return cmp.Compare(b.Severity, a.Severity) })
	return faults
}

// causeKey is what a cause is known by.
type causeKey struct{ code, field string }

func causeOf(x *fault.Fault) causeKey {
	field := x.Field
	if id, ok := columnNamed(field); ok {
		field = id.Info().Key
	}
	return causeKey{x.Code, field}
}

func fixesOf(r *Report) map[causeKey]string {
	fixes := map[causeKey]string{}
	for _, c := range r.Causes {
		fixes[causeKey{c.Code, c.Field}] = c.Fix.FA
	}
	return fixes
}

// noteOf is what a cell's note says of one finding: what it is, what was written, what is right, what to do.
func noteOf(x *fault.Fault, fix string) string {
	var b strings.Builder
	b.WriteString(severityFA[x.Severity] + " " + x.Code + ": " + readable(x.Message.FA))
	suggested := wordsFor(x.Field, x.Suggested)
	if x.Suggested == x.Expected {
		suggested = ""
	}
	for _, line := range [][2]string{
		{"نوشته شده", shortened(x.Given)}, {"باید", wordsFor(x.Field, x.Expected)}, {"پیشنهاد", suggested}, {"چه باید کرد", readable(fix)},
	} {
		if line[1] != "" {
			b.WriteString("\n" + line[0] + ": " + line[1])
		}
	}
	return b.String()
}

var findingColumns = []workbook.ListingColumn{
	{Title: "سطر", Width: 9},
	{Title: "شدت", Width: 10},
	{Title: "کد", Width: 11},
	{Title: "برای", Width: 15},
	{Title: "برگه", Width: 16},
	{Title: "خانه", Width: 9},
	{Title: "ستون", Width: 22},
	{Title: "تعداد", Width: 8},
	{Title: "نوشته شده", Width: 24},
	{Title: "باید", Width: 24},
	{Title: "پیشنهاد", Width: 20},
	{Title: "شرح", Width: 60},
	{Title: "چه باید کرد", Width: 50},
}

// listing is the sheet of findings: the causes first, then each finding, the gravest first. where finds the cells that
// places link to; nil links nowhere.
func (a *annotation) listing(where placer, note string) workbook.Listing {
	l := workbook.Listing{Name: sheetFindings, Title: titleFindings, Columns: findingColumns, Above: []string{note}}
	several := len(a.reports) > 1
	cut := false
	for i := range a.reports {
		r := &a.reports[i]
		l.Above = append(l.Above, summary(r))
		cut = cut || len(r.Faults) < r.Counts.Refuse+r.Counts.Error+r.Counts.Warning+r.Counts.Info
	}
	if cut {
		l.Above = append(l.Above, "از هر کد تنها "+strconv.Itoa(fault.Listed)+" یافتهٔ نخست نشانه‌گذاری شده است؛ شمار همه در سطرهای «سبب» است. پس از اصلاح دوباره بررسی کنید.")
	}
	l.Above = append(l.Above, "همهٔ ایرادها را درست کنید و همین فایل را دوباره بفرستید؛ این برگه و یادداشت‌ها خوانده نمی‌شوند. در جدول زیر نخست سبب‌ها و سپس تک‌تک یافته‌هاست.")
	for i := range a.reports {
		l.Rows = append(l.Rows, causeRows(&a.reports[i], where, several)...)
	}
	for i := range a.reports {
		l.Rows = append(l.Rows, findingRows(&a.reports[i], where, several)...)
	}
	if len(l.Rows) == 0 {
		l.Rows = append(l.Rows, []workbook.ListingCell{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {Text: "ایرادی یافت نشد."}, {}})
	}
	return l
}

// hyphened are numbers joined by hyphens, such as a month. Between Persian words 1405-07 would be shown month first.
var hyphened = regexp.MustCompile(`[0-9]+(-[0-9]+)+`)

const leftToRight = "\u200e"

func readable(text string) string { return hyphened.ReplaceAllString(text, leftToRight+"$0") }

// listFA tells a list from the others of its file.
func listFA(r *Report) string {
	switch {
	case r.File.Member != "":
		return shortened(r.File.Member) + "، "
	case r.Workshop.Code != "" && !r.Period.IsZero():
		return "کارگاه " + string(r.Workshop.Code) + "، " + r.Period.String() + "، "
	case r.Workshop.Code != "":
		return "کارگاه " + string(r.Workshop.Code) + "، "
	}
	return ""
}

// summary is one list in one line.
func summary(r *Report) string {
	parts := []string{}
	if r.File.Name != "" {
		parts = append(parts, "فایل "+shortened(r.File.Name))
	}
	if r.File.Member != "" {
		parts = append(parts, shortened(r.File.Member))
	}
	if r.Workshop.Code != "" {
		parts = append(parts, "کارگاه "+string(r.Workshop.Code))
	}
	if !r.Period.IsZero() {
		parts = append(parts, "ماه "+r.Period.String())
	}
	parts = append(parts,
		"تأمین اجتماعی: "+verdictFA[r.Verdicts.SSO], "مالیات: "+verdictFA[r.Verdicts.Tax],
		strconv.Itoa(r.Counts.Refuse+r.Counts.Error)+" خطا، "+strconv.Itoa(r.Counts.Warning)+" هشدار، "+strconv.Itoa(r.Counts.Info)+" اطلاع")
	return readable(strings.Join(parts, " — "))
}

// causeRows are the causes, gravest first, most rows first.
func causeRows(r *Report, where placer, several bool) [][]workbook.ListingCell {
	first, worst, lanes := map[causeKey]*fault.Fault{}, map[causeKey]fault.Severity{}, map[causeKey]fault.Lane{}
	listed := map[causeKey]int{}
	for i := range r.Faults {
		x := &r.Faults[i]
		key := causeOf(x)
		if first[key] == nil {
			first[key] = x
		}
		worst[key] = max(worst[key], x.Severity)
		lanes[key] |= x.Lane
		listed[key]++
	}
	causes := slices.Clone(r.Causes)
	slices.SortStableFunc(causes, func(a, b fault.Cause) int {
		return cmp.Or(cmp.Compare(worst[causeKey{b.Code, b.Field}], worst[causeKey{a.Code, a.Field}]), cmp.Compare(b.Rows, a.Rows))
	})
	rows := make([][]workbook.ListingCell, 0, len(causes))
	for _, c := range causes {
		key := causeKey{c.Code, c.Field}
		x := first[key]
		if x == nil { // none of its findings is listed
			x = &fault.Fault{Place: fault.Place{Field: c.Field}}
		}
		text := x.Message.FA
		if listed[key] > 1 {
			text += " (و مانند آن)"
		}
		if several {
			text = listFA(r) + text
		}
		rows = append(rows, []workbook.ListingCell{
			{Text: "سبب"},
			{Text: severityFA[worst[key]], Tone: tones[worst[key]]},
			{Text: c.Code},
			{Text: laneFA(lanes[key])},
			sheetOf(x.Place, where),
			link(x.Place, where),
			{Text: labelOf(c.Field)},
			{Number: c.Rows},
			{},
			{},
			{},
			{Text: readable(text)},
			{Text: readable(c.Fix.FA)},
		})
	}
	return rows
}

func findingRows(r *Report, where placer, several bool) [][]workbook.ListingCell {
	fixes := fixesOf(r)
	rows := make([][]workbook.ListingCell, 0, len(r.Faults))
	for _, x := range worstFirst(r.Faults) {
		text := x.Message.FA
		if several {
			text = listFA(r) + text
		}
		rows = append(rows, []workbook.ListingCell{
			{Text: "یافته"},
			{Text: severityFA[x.Severity], Tone: tones[x.Severity]},
			{Text: x.Code},
			{Text: laneFA(x.Lane)},
			sheetOf(x.Place, where),
			link(x.Place, where),
			{Text: labelOf(x.Field)},
			{Number: 1 + len(x.RelatedRows)},
			{Text: shortened(x.Given)},
			{Text: wordsFor(x.Field, x.Expected)},
			{Text: wordsFor(x.Field, x.Suggested)},
			{Text: readable(text)},
			{Text: readable(fixes[causeOf(&x)])},
		})
	}
	return rows
}

// sheetOf is the sheet of a place. It stands apart from the cell, since LibreOffice garbles a link that goes both ways.
func sheetOf(p fault.Place, where placer) workbook.ListingCell {
	if where != nil {
		if sheet, _, _, ok := where(p); ok {
			return workbook.ListingCell{Text: sheet}
		}
	}
	return workbook.ListingCell{Text: shortened(p.Sheet)}
}

// link is the cell of a place as the sender looks for it, leading there where the workbook has it.
func link(p fault.Place, where placer) workbook.ListingCell {
	if where != nil {
		if sheet, row, column, ok := where(p); ok {
			cell := workbook.CellName(column, row)
			return workbook.ListingCell{Text: cell, Sheet: sheet, Cell: cell}
		}
	}
	switch {
	case p.Cell != "":
		return workbook.ListingCell{Text: shortened(p.Cell)}
	case p.Row > 0:
		return workbook.ListingCell{Text: "ردیف " + strconv.Itoa(p.Row)}
	}
	return workbook.ListingCell{}
}
