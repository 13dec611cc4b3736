package workbook

import (
	"fmt"
	"slices"
	"strconv"

	"fehrest/internal/fault"
)

// Refusal is why a file or a sheet is not read. It never holds a cell's content.
type Refusal struct {
	Code   string // FILE-01 to FILE-10, SHEET-06 or SHEET-07
	Part   string // name of the part inside the file; empty for the file itself
	Row    int    // for SHEET codes the row at fault (the one before it when it has no valid number), else the last row read whole; 0 when none
	Column int    // from 0; -1 when none
	Given  int64  // what crossed the limit, as far as it was read or is declared; 0 when that is not known
	Limit  int64  // the setting that was crossed, in bytes or a count; 0 when none was
	Reason string // one short word for machines, such as crc, truncated, doctype, html, encrypted, order
	Err    error  // the cause, for the log
}

// Warning is FILE-09: something in the file that is never run, followed or opened.
type Warning struct {
	Code   string
	Part   string
	Reason string // macros, external or embedded
}

func refusal(code, part, reason string) *Refusal {
	return &Refusal{Code: code, Part: part, Reason: reason, Column: -1}
}

// over is a refusal for crossing a limit; given 0 is not known.
func over(code, part, reason string, given, limit int64) *Refusal {
	r := refusal(code, part, reason)
	r.Given, r.Limit = given, limit
	return r
}

// inBytes are the reasons whose limit is a size.
var inBytes = []string{whyTooLarge, whyPart, whyTotal, whyStrings}

// figure says a limit or what crossed it as people do: sizes in megabytes.
func (r *Refusal) figure(n int64) string {
	switch {
	case n == 0:
		return ""
	case !slices.Contains(inBytes, r.Reason) || n < 1<<20:
		return strconv.FormatInt(n, 10)
	case n%(1<<20) == 0:
		return strconv.FormatInt(n>>20, 10) + " MB"
	}
	tenths := (n*10 + 1<<20 - 1) >> 20 // rounded up: what is over the limit does not look like it
	return fmt.Sprintf("%d.%d MB", tenths/10, tenths%10)
}

// Error names code, reason, part and row.
func (r *Refusal) Error() string {
	s := "workbook: " + r.Code + " " + r.Reason
	if r.Part != "" {
		s += fmt.Sprintf(" in %q", r.Part)
	}
	if r.Row > 0 {
		s += " at row " + strconv.Itoa(r.Row)
	}
	return s
}

func (r *Refusal) Unwrap() error { return r.Err }

// Words are the refusal's own names for a catalogue message: what_fa and what_en say the reason, part and row the place.
func (r *Refusal) Words() []string {
	w := words(r.Reason)
	if r.Row > 0 && r.Code == "FILE-05" {
		n := strconv.Itoa(r.Row)
		w.FA += "؛ فایل پس از ردیف " + n + " خراب است"
		w.EN += "; the file is damaged after row " + n
	}
	if r.Limit > 0 && r.Code != "FILE-02" {
		w.FA += " (حد: " + r.figure(r.Limit) + ")"
		w.EN += " (limit: " + r.figure(r.Limit) + ")"
	}
	if r.Part != "" && r.Code == "FILE-05" {
		w.FA += " (" + r.Part + ")"
		w.EN += " (" + r.Part + ")"
	}
	return []string{"what_fa", w.FA, "what_en", w.EN, "part", r.Part, "row", strconv.Itoa(r.Row)}
}

// Fault makes the finding from a catalogue that holds the refusal's code. sheet is the tab's name, empty for the file.
func (r *Refusal) Fault(codes fault.Table, sheet string) fault.Fault {
	p := fault.Place{Sheet: sheet, Row: r.Row}
	if r.Column >= 0 {
		p.Column = ColumnName(r.Column)
		p.Cell = CellName(r.Column, r.Row)
	}
	return codes[r.Code].At(p, r.figure(r.Given), r.figure(r.Limit), r.Words()...)
}

// Fault makes the finding from a catalogue that holds FILE-09.
func (w Warning) Fault(codes fault.Table) fault.Fault {
	x := words(w.Reason)
	return codes[w.Code].At(fault.Place{}, "", "", "what_fa", x.FA, "what_en", x.EN, "part", w.Part)
}

// The reasons, as machines read them.
const (
	whyEmpty      = "empty"
	whyTooLarge   = "too-large"
	whyPolyglot   = "polyglot"
	whyODS        = "ods"
	whyXLSB       = "xlsb"
	whyNumbers    = "numbers"
	whyForeign    = "foreign"
	whyEncrypted  = "encrypted"
	whyTruncated  = "truncated"
	whyDirectory  = "directory"
	whyCRC        = "crc"
	whySize       = "size"
	whyDeflate    = "deflate"
	whyMissing    = "missing"
	whyTypes      = "content-types"
	whyMalformed  = "malformed"
	whyEncoding   = "encoding"
	whyUTF8       = "utf8"
	whyEntity     = "entity"
	whyAttribute  = "attribute"
	whyIndex      = "string-index"
	whyCellType   = "cell-type"
	whyCell       = "cell"
	whyStyle      = "style"
	whyUnexpected = "unexpected"
	whyEntries    = "entries"
	whyOverlap    = "overlap"
	whyPart       = "part"
	whyTotal      = "total"
	whyRatio      = "ratio"
	whyText       = "text-length"
	whyStrings    = "strings"
	whyTexts      = "texts"
	whyRanges     = "ranges"
	whyDuplicate  = "duplicate"
	whyName       = "name"
	whyMethod     = "method"
	whySymlink    = "symlink"
	whyRemote     = "external-target"
	whyUnresolved = "unresolved"
	whyDoctype    = "doctype"
	whyDepth      = "depth"
	whyAttrs      = "attributes"
	whyMacros     = "macros"
	whyExternal   = "external"
	whyEmbedded   = "embedded"
	why1904       = "date1904"
	whyRowNumber  = "row-number"
	whyRowOrder   = "order"
	whyCellOrder  = "cell-order"
	whyReference  = "reference"
	whyOtherRow   = "other-row"
	whyLastRow    = "stray-end"
	whyColumn     = "stray-column"
)
