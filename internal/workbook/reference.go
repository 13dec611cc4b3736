package workbook

import "strconv"

// ColumnName writes a column counted from 0 as the user sees it: 0 is A, 26 is AA.
func ColumnName(i int) string {
	var b [8]byte
	at := len(b)
	for i >= 0 && at > 0 {
		at--
		b[at] = byte('A' + i%26)
		i = i/26 - 1
	}
	return string(b[at:])
}

// CellName writes a cell as the user sees it, such as D12; column from 0, row from 1.
func CellName(column, row int) string { return ColumnName(column) + strconv.Itoa(row) }

// ParseCell reads what CellName writes.
func ParseCell(name string) (column, row int, ok bool) {
	column, digits, ok := splitReference([]byte(name))
	if !ok {
		return 0, 0, false
	}
	row, ok = parseRow(digits)
	return column, row, ok
}

// splitReference reads the letters of a reference such as D12 as a column from 0 and returns its digits.
// It fails for columns beyond XFD, small letters and anything else.
func splitReference(ref []byte) (column int, digits []byte, ok bool) {
	i := 0
	for i < len(ref) && ref[i] >= 'A' && ref[i] <= 'Z' {
		column = column*26 + int(ref[i]-'A') + 1
		if i++; i > 3 {
			return 0, nil, false
		}
	}
	if i == 0 || i == len(ref) || column > maxColumns {
		return 0, nil, false
	}
	return column - 1, ref[i:], true
}

// parseCount reads a whole number without sign, blank or leading zero, below 1e9.
func parseCount(b []byte) (int, bool) {
	if len(b) == 0 || len(b) > 9 || (b[0] == '0' && len(b) > 1) {
		return 0, false
	}
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

func parseRow(b []byte) (int, bool) {
	n, ok := parseCount(b)
	return n, ok && n >= 1 && n <= maxRows
}

// parseRange reads B5:C7, or one cell.
func parseRange(b []byte) (Range, bool) {
	from, to := b, b
	for i, c := range b {
		if c == ':' {
			from, to = b[:i], b[i+1:]
			break
		}
	}
	c1, d1, ok1 := splitReference(from)
	c2, d2, ok2 := splitReference(to)
	if !ok1 || !ok2 {
		return Range{}, false
	}
	r1, ok1 := parseRow(d1)
	r2, ok2 := parseRow(d2)
	r := Range{FirstRow: r1, LastRow: r2, FirstColumn: c1, LastColumn: c2}
	return r, ok1 && ok2 && r1 <= r2 && c1 <= c2
}
