package workbook

import (
	"bytes"
	"encoding/binary"
	"io"
	"unicode/utf8"
)

// What a file's first bytes look like.
const (
	LooksZip    = "xlsx-zip" // a ZIP: a workbook, or a pair of an organisation's files
	LooksJSON   = "json"
	LooksOLE    = "ole" // old Excel, or a password-protected workbook
	LooksHTML   = "html"
	LooksXML    = "xml"
	LooksCSV    = "csv"
	LooksText   = "text"
	LooksPDF    = "pdf"
	LooksImage  = "image"
	LooksPacked = "archive" // RAR, 7z or gzip
	LooksDBF    = "dbf"     // a dBASE table on its own
	LooksBinary = "binary"
	LooksEmpty  = "empty"
)

var signatures = []struct{ head, looks string }{
	{"PK\x03\x04", LooksZip},
	{"PK\x05\x06", LooksZip},
	{"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", LooksOLE},
	{"%PDF", LooksPDF},
	{"GIF8", LooksImage},
	{"\x89PNG", LooksImage},
	{"\xFF\xD8\xFF", LooksImage},
	{"Rar!", LooksPacked},
	{"7z\xBC\xAF", LooksPacked},
	{"\x1F\x8B", LooksPacked},
}

var htmlStarts = []string{"<!doctype html", "<html", "<head", "<body", "<table", "<meta", "<div", "<style", "<script", "<!--"}

// Sniff names what a file looks like from its first bytes (512 are plenty), as one of the Looks constants.
func Sniff(head []byte) string {
	if len(head) == 0 {
		return LooksEmpty
	}
	for _, s := range signatures {
		if bytes.HasPrefix(head, []byte(s.head)) {
			return s.looks
		}
	}
	if bytes.HasPrefix(head, []byte("\xFF\xFE")) || bytes.HasPrefix(head, []byte("\xFE\xFF")) {
		return LooksText
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xEF\xBB\xBF")), " \t\r\n")
	lower := bytes.ToLower(text[:min(len(text), 64)])
	for _, h := range htmlStarts {
		if bytes.HasPrefix(lower, []byte(h)) {
			return LooksHTML
		}
	}
	switch {
	case bytes.HasPrefix(lower, []byte("<?xml")):
		if bytes.Contains(bytes.ToLower(text), []byte("<html")) {
			return LooksHTML
		}
		return LooksXML
	case bytes.HasPrefix(text, []byte("{")) || bytes.HasPrefix(text, []byte("[")):
		return LooksJSON
	case looksTable(head):
		return LooksDBF
	case !looksTyped(text):
		return LooksBinary
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	if bytes.ContainsAny(line, ",;\t") {
		return LooksCSV
	}
	return LooksText
}

// looksTable knows a dBASE III table by its version, a lawful day, and a header of whole descriptors.
func looksTable(b []byte) bool {
	const prefix, descriptor = 32, 32
	if len(b) < prefix+descriptor || b[0] != 3 && b[0] != 0x83 || b[2] > 12 || b[3] > 31 {
		return false
	}
	rest := int(binary.LittleEndian.Uint16(b[8:])) - prefix
	return rest > descriptor && rest%descriptor <= 2
}

// looksTyped takes UTF-8 and single-byte text alike: only control characters betray data.
func looksTyped(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\t' && c != '\r' && c != '\n' {
			return false
		}
	}
	return len(b) > 0 && (utf8.Valid(b[:max(0, len(b)-utf8.UTFMax)]) || bytes.ContainsAny(b, ",;\t\n"))
}

// oleReason tells a protected workbook from an old one by the names in the OLE directory's first sectors.
// It reads a few kilobytes and never the encryption header, whose work factor the sender chooses.
func oleReason(r io.ReaderAt, size int64) string {
	var head [512]byte
	if _, err := r.ReadAt(head[:], 0); err != nil {
		return LooksOLE
	}
	shift := binary.LittleEndian.Uint16(head[30:])
	if shift != 9 && shift != 12 {
		return LooksOLE
	}
	at := (int64(binary.LittleEndian.Uint32(head[48:])) + 1) << shift
	directory := make([]byte, 4096)
	if at >= size {
		return LooksOLE
	}
	n, err := r.ReadAt(directory, at)
	if err != nil && err != io.EOF {
		return LooksOLE
	}
	wide := make([]byte, 0, 32)
	for _, c := range []byte("EncryptedPackage") {
		wide = append(wide, c, 0)
	}
	if bytes.Contains(directory[:n], wide) {
		return whyEncrypted
	}
	return LooksOLE
}
