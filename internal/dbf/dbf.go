// Package dbf reads and writes dBASE tables and the texts Iranian agencies keep in them. It knows nothing of payroll.
package dbf

// The types of a field that hold text and whole numbers. A reader accepts
// dates (D), logical values (L) and floats (F) too and hands out their bytes.
const (
	Character byte = 'C'
	Number    byte = 'N'
)

const (
	version3       = 0x03 // dBASE III without a memo file
	languageDriver = 0x7E // the code-page byte both agencies' templates carry, whatever the text's encoding
	endOfHeader    = 0x0D
	endOfFile      = 0x1A
	recordPresent  = 0x20
	recordDeleted  = 0x2A

	prefixLen     = 32 // header bytes before the first descriptor
	descriptorLen = 32
	nameLen       = 10  // the eleventh byte is the closing NUL
	maxFields     = 255 // of at most 254 bytes: a record's length always fits its 16 bits
)

// Field describes one column of a table.
type Field struct {
	Name     string // at most ten ASCII letters, digits and underscores
	Type     byte   // Character or Number; a table that was read may hold D, L or F
	Width    int    // in bytes
	Decimals int    // digits after the point; 0 in every table that is written
}

// Date is a Gregorian day; the zero value is a header without a date.
type Date struct {
	Year, Month, Day int
}

// Header is what a table says about itself before its first record.
type Header struct {
	Fields  []Field
	Date    Date   // last change, 1900 to 2155; not checked when reading
	Records uint32 // records in the file, deleted ones included
}

// recordLen is the length of a record in bytes with its leading flag.
func recordLen(fields []Field) int {
	n := 1
	for _, f := range fields {
		n += f.Width
	}
	return n
}
