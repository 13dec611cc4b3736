package tax

import (
	"unicode/utf8"

	"fehrest/internal/agency"
	"fehrest/internal/fault"
	"fehrest/internal/payroll"
)

// limited are the columns of the list whose text the files may have to cut.
var limited = limitedColumns()

type limit struct {
	field string
	width int
	col   payroll.ColumnID
	at    func(*payroll.Line) any
}

func limitedColumns() (all []limit) {
	for _, f := range wpLayout {
		if f.text && f.width > 0 {
			all = append(all, limit{f.name, f.width, f.col, f.col.Info().Field})
		}
	}
	return all
}

// Fit reports texts that are longer than their field (CELL-15). The administration names no width for amounts.
func (Agency) Fit(l *payroll.Line, _ *payroll.Assessed, report agency.LineReport) {
	if !l.ReportedTo.Has(fault.Tax) {
		return
	}
	for i := range limited {
		f := &limited[i]
		s := *f.at(l).(*string)
		if len(s) <= f.width || utf8.RuneCountInString(s) <= f.width || l.Faulty.Has(f.col) {
			continue
		}
		if text := clean(s); utf8.RuneCountInString(text) > f.width {
			report(agency.Entry("CELL-15"), f.col, s, cut(text, f.width), "field", f.field)
		}
	}
}

// NamesMayBeCut tells whether a person read from WP has a name as long as its field: what stood behind it is not known.
func NamesMayBeCut(l *payroll.Line) bool {
	for i := range limited {
		f := &limited[i]
		if f.col != payroll.ColJobTitle && utf8.RuneCountInString(*f.at(l).(*string)) >= f.width {
			return true
		}
	}
	return false
}

// FitList finds nothing: the files carry neither the workshop sheet nor totals.
func (Agency) FitList(*payroll.Header, *payroll.Totals, agency.HeaderReport) {}
