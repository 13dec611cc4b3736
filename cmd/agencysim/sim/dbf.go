package sim

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// dbfColumn is a column as the organisation's template has it.
type dbfColumn struct {
	name  string
	kind  byte // 'C' text, 'N' whole number
	width int
}

// karColumns is DSKKAR00: the last two came with the 25/29 layout.
var karColumns = []dbfColumn{
	{"DSK_ID", 'C', 10},
	{"DSK_NAME", 'C', 30},
	{"DSK_FARM", 'C', 30},
	{"DSK_ADRS", 'C', 40},
	{"DSK_KIND", 'N', 1},
	{"DSK_YY", 'N', 2},
	{"DSK_MM", 'N', 2},
	{"DSK_LISTNO", 'C', 12},
	{"DSK_DISC", 'C', 30},
	{"DSK_NUM", 'N', 5},
	{"DSK_TDD", 'N', 6},
	{"DSK_TROOZ", 'N', 12},
	{"DSK_TMAH", 'N', 12},
	{"DSK_TMAZ", 'N', 12},
	{"DSK_TMASH", 'N', 12},
	{"DSK_TTOTL", 'N', 12},
	{"DSK_TBIME", 'N', 12},
	{"DSK_TKOSO", 'N', 12},
	{"DSK_BIC", 'N', 12},
	{"DSK_RATE", 'N', 5},
	{"DSK_PRATE", 'N', 2},
	{"DSK_BIMH", 'N', 12},
	{"MON_PYM", 'C', 3},
	{"DSK_INC", 'N', 12},
	{"DSK_SPOUSE", 'N', 12},
}

// worColumns is DSKWOR00: the last two came with the 25/29 layout.
var worColumns = []dbfColumn{
	{"DSW_ID", 'C', 10},
	{"DSW_YY", 'N', 2},
	{"DSW_MM", 'N', 2},
	{"DSW_LISTNO", 'C', 12},
	{"DSW_ID1", 'C', 8},
	{"DSW_FNAME", 'C', 60},
	{"DSW_LNAME", 'C', 60},
	{"DSW_DNAME", 'C', 60},
	{"DSW_IDNO", 'C', 15},
	{"DSW_IDPLC", 'C', 30},
	{"DSW_IDATE", 'C', 8},
	{"DSW_BDATE", 'C', 8},
	{"DSW_SEX", 'C', 3},
	{"DSW_NAT", 'C', 10},
	{"DSW_OCP", 'C', 50},
	{"DSW_SDATE", 'C', 8},
	{"DSW_EDATE", 'C', 8},
	{"DSW_DD", 'N', 2},
	{"DSW_ROOZ", 'N', 12},
	{"DSW_MAH", 'N', 12},
	{"DSW_MAZ", 'N', 12},
	{"DSW_MASH", 'N', 12},
	{"DSW_TOTL", 'N', 12},
	{"DSW_BIME", 'N', 12},
	{"DSW_PRATE", 'N', 2},
	{"DSW_JOB", 'C', 6},
	{"PER_NATCOD", 'C', 10},
	{"DSW_INC", 'N', 12},
	{"DSW_SPOUSE", 'C', 10},
}

const (
	dbfVersion   = 0x03
	dbfLanguage  = 0x7E
	dbfLive      = 0x20
	dbfEndOfFile = 0x1A
)

// dbfTable is a file read: its columns and the raw bytes of its records.
type dbfTable struct {
	date    [3]byte // year - 1900, month, day as stored
	columns []dbfColumn
	spans   map[string]span // where a column lies within a record
	records [][]byte
	newer   bool // the 25/29 layout
}

// span is where something lies: from the first byte to the one after the last. A
// column lies in a record, whose first byte is the deletion flag.
type span struct{ from, to int }

// readDBF reads a table whose columns must be the wanted ones, or the wanted
// ones without the last two. It returns nil when the columns are others, since
// nothing of the rows would mean anything then.
func readDBF(data []byte, want []dbfColumn, c *collector) *dbfTable {
	if len(data) < 33 {
		c.add("SIM-03", "", 0, "", fmt.Sprintf("%d bytes", len(data)), "a DBF header")
		return nil
	}
	expect := func(field string, found, expected int) {
		if found != expected {
			c.add("SIM-03", field, 0, "", strconv.Itoa(found), strconv.Itoa(expected))
		}
	}
	count := int(binary.LittleEndian.Uint32(data[4:8]))
	header := int(binary.LittleEndian.Uint16(data[8:10]))
	length := int(binary.LittleEndian.Uint16(data[10:12]))
	expect("version", int(data[0]), dbfVersion)
	expect("language", int(data[29]), dbfLanguage)
	if header < 65 || (header-33)%32 != 0 || header > len(data) {
		c.add("SIM-03", "header length", 0, "", strconv.Itoa(header), strconv.Itoa(33+32*len(want)))
		return nil
	}
	expect("terminator", int(data[header-1]), '\r')
	t := &dbfTable{date: [3]byte(data[1:4]), spans: map[string]span{}}
	if !t.readColumns(data[32:header-1], want, c) {
		return nil
	}
	width := 1
	for _, col := range t.columns {
		width += col.width
	}
	if length != width {
		expect("record length", length, width)
		return nil
	}
	t.readRecords(data[header:], length, count, c)
	return t
}

func (t *dbfTable) readColumns(descriptors []byte, want []dbfColumn, c *collector) bool {
	n := len(descriptors) / 32
	if n != len(want) && n != len(want)-2 {
		c.add("SIM-04", "", 0, "", fmt.Sprintf("%d columns", n), fmt.Sprintf("%d or %d columns", len(want), len(want)-2))
		return false
	}
	t.newer = n == len(want)
	offset, ok := 1, true
	for i, w := range want[:n] {
		d := descriptors[32*i : 32*i+32]
		name, padding, _ := strings.Cut(string(d[:11]), "\x00")
		col := dbfColumn{name, d[11], int(d[16])}
		// The insurance number's column widens for the numbers of ten digits.
		if w.name == "DSW_ID1" && col.width == 10 {
			w.width = 10
		}
		if col != w || strings.Trim(padding, "\x00") != "" || d[17] != 0 {
			c.add("SIM-04", w.name, 0, "",
				fmt.Sprintf("%s %c%d.%d", col.name, col.kind, col.width, d[17]), fmt.Sprintf("%s %c%d.0", w.name, w.kind, w.width))
			ok = false
		}
		if at := int(binary.LittleEndian.Uint32(d[12:16])); at != offset {
			c.add("SIM-03", w.name, 0, "", fmt.Sprintf("offset %d", at), fmt.Sprintf("offset %d", offset))
		}
		t.columns = append(t.columns, col)
		t.spans[col.name] = span{offset, offset + col.width}
		offset += col.width
	}
	return ok
}

func (t *dbfTable) readRecords(body []byte, length, count int, c *collector) {
	if n := len(body) - 1; n >= 0 && n%length == 0 && body[n] == dbfEndOfFile {
		body = body[:n]
	}
	if len(body) != count*length {
		c.add("SIM-05", "", 0, "", fmt.Sprintf("%d bytes of records", len(body)), fmt.Sprintf("%d records of %d bytes", count, length))
	}
	for i := 0; len(body) >= length && i < count; i++ {
		if body[0] != dbfLive {
			c.add("SIM-05", "", i+1, "", fmt.Sprintf("flag %#02x", body[0]), "a live record")
		}
		t.records = append(t.records, body[:length])
		body = body[length:]
	}
}

// row is one record with the means to report on it.
type row struct {
	table  *dbfTable
	record int
	data   []byte
	person string
	enc    encoding
	c      *collector
}

// raw returns the field's bytes without the padding; nil when the layout has no
// such field.
func (r *row) raw(field string) []byte {
	at, ok := r.table.spans[field]
	if !ok {
		return nil
	}
	return bytes.TrimRight(r.data[at.from:at.to], " ")
}

func (r *row) fault(code, field, found, expected string) {
	r.c.add(code, field, r.record, r.person, found, expected)
}

// number reads an N field: right aligned, digits only; blank is zero.
func (r *row) number(field string) int64 {
	at, ok := r.table.spans[field]
	if !ok {
		return 0
	}
	s := strings.TrimLeft(string(r.data[at.from:at.to]), " ")
	if s == "" {
		return 0
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || !digits(s) || len(s) > 1 && s[0] == '0' {
		r.fault("SIM-06", field, s, "digits, right aligned")
		return 0
	}
	return n
}

// plain reads a C field that holds an identifier, date or digits: ASCII, left
// aligned.
func (r *row) plain(field string) string { return string(r.raw(field)) }

// text reads a C field of words and reports what the file guide forbids in it.
func (r *row) text(field string) string {
	b := r.raw(field)
	if len(b) == 0 {
		return ""
	}
	s, ok := r.enc.decode(b)
	switch {
	case !ok:
		r.fault("SIM-07", field, fmt.Sprintf("% X", b), "bytes of one Persian encoding")
	case len(bytes.Trim(b, "? ")) == 0:
		r.fault("SIM-07", field, s, "text; only question marks are left of it")
	case b[0] == ' ' || strings.TrimSpace(s) != s:
		r.fault("SIM-07", field, s, "no space or newline at either edge")
	case strings.ContainsAny(s, "\"'<>&"):
		r.fault("SIM-07", field, s, "none of \" ' < > &")
	}
	return s
}
