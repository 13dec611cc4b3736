package workbook

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"io"
	"math"
	"slices"
	"strings"
)

// Archive is a ZIP whose directory was checked before anything is expanded: sizes, ratios, names, methods, overlaps.
type Archive struct {
	r      io.ReaderAt
	size   int64
	limits Limits
	parts  []*part
	byName map[string]*part // by lower-cased name: part names that differ in case only are the same part
}

// part is one entry of the archive.
type part struct {
	name     string
	method   uint16
	flags    uint16
	crc      uint32
	packed   int64
	size     int64
	header   int64
	data     int64 // where its bytes begin, once checked
	external uint32
	streamed bool // sizes and checksum stand behind its bytes, once checked
	creator  byte
}

const (
	methodStore   = 0
	methodDeflate = 8

	flagEncrypted  = 1<<0 | 1<<6 | 1<<13
	flagDescriptor = 1 << 3
)

// OpenArchive checks a file's size, first bytes and ZIP directory. It expands nothing.
// A refused file gives a *Refusal with FILE-01 to FILE-07.
func OpenArchive(r io.ReaderAt, size int64, l Limits) (*Archive, error) {
	l = l.OrDefault()
	switch {
	case size <= 0:
		return nil, refusal("FILE-01", "", whyEmpty)
	case size > l.File:
		return nil, over("FILE-02", "", whyTooLarge, size, l.File)
	}
	head := make([]byte, min(size, 512))
	if err := readAt(r, head, 0); err != nil {
		return nil, err
	}
	switch looks := Sniff(head); looks {
	case LooksZip:
	case LooksOLE:
		return nil, refusal("FILE-04", "", oleReason(r, size))
	default:
		return nil, refusal("FILE-03", "", looks)
	}
	a := &Archive{r: r, size: size, limits: l}
	directory, count, end, err := a.readDirectory()
	if err != nil {
		return nil, err
	}
	if err := a.readEntries(directory, count); err != nil {
		return nil, err
	}
	for _, check := range []func() error{a.checkFormat, a.checkNames, a.checkSizes, func() error { return a.checkPlaces(end) }} {
		if err := check(); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// Names lists the entries that are not folders, in the order of the directory.
func (a *Archive) Names() []string {
	names := make([]string, 0, len(a.parts))
	for _, p := range a.parts {
		if !strings.HasSuffix(p.name, "/") {
			names = append(names, p.name)
		}
	}
	return names
}

// Expanded is how many bytes all entries hold, as the directory says; reading an entry holds it to that.
func (a *Archive) Expanded() (total int64) {
	for _, p := range a.parts {
		total += p.size
	}
	return total
}

// Open reads one entry, found without regard to letter case. The reader gives a *Refusal where the entry is damaged;
// only reading to io.EOF proves it whole.
func (a *Archive) Open(name string) (io.Reader, error) {
	p := a.find(name)
	if p == nil {
		return nil, refusal("FILE-05", name, whyMissing)
	}
	return a.open(p), nil
}

func (a *Archive) find(name string) *part { return a.byName[strings.ToLower(name)] }

// readDirectory finds the central directory, and where it begins.
func (a *Archive) readDirectory() (directory []byte, count int, start int64, err error) {
	const record, locator, record64 = 22, 20, 56
	tail := make([]byte, min(a.size, record+0xFFFF))
	base := a.size - int64(len(tail))
	if err := readAt(a.r, tail, base); err != nil {
		return nil, 0, 0, err
	}
	at := endRecord(tail)
	if at < 0 {
		return nil, 0, 0, refusal("FILE-05", "", whyTruncated)
	}
	e := tail[at:]
	end := base + int64(at)
	entries := uint64(binary.LittleEndian.Uint16(e[10:]))
	length, offset := uint64(binary.LittleEndian.Uint32(e[12:])), uint64(binary.LittleEndian.Uint32(e[16:]))
	if binary.LittleEndian.Uint16(e[4:]) != 0 && binary.LittleEndian.Uint16(e[4:]) != 0xFFFF {
		return nil, 0, 0, refusal("FILE-05", "", whyDirectory) // split over several disks
	}
	if entries == 0xFFFF || length == 0xFFFFFFFF || offset == 0xFFFFFFFF {
		if entries, length, offset, end, err = a.readRecord64(end-locator, entries, length, offset, end); err != nil {
			return nil, 0, 0, err
		}
	}
	switch {
	case entries > uint64(a.limits.Entries):
		return nil, 0, 0, over("FILE-06", "", whyEntries, int64(min(entries, math.MaxInt64)), int64(a.limits.Entries))
	case offset > uint64(end) || length != uint64(end)-offset:
		return nil, 0, 0, refusal("FILE-05", "", whyDirectory)
	case length > maxDirectory:
		return nil, 0, 0, over("FILE-06", "", whyEntries, 0, int64(a.limits.Entries))
	}
	directory = make([]byte, length)
	return directory, int(entries), int64(offset), readAt(a.r, directory, int64(offset))
}

// endRecord finds the last end record whose comment ends exactly where the file does.
func endRecord(tail []byte) int {
	for at := len(tail) - 22; at >= 0; at-- {
		if bytes.HasPrefix(tail[at:], []byte("PK\x05\x06")) && at+22+int(binary.LittleEndian.Uint16(tail[at+20:])) == len(tail) {
			return at
		}
	}
	return -1
}

func (a *Archive) readRecord64(at int64, entries, length, offset uint64, end int64) (uint64, uint64, uint64, int64, error) {
	var locator [20]byte
	var record [56]byte
	bad := refusal("FILE-05", "", whyDirectory)
	if at < 0 {
		return 0, 0, 0, 0, bad
	}
	if err := readAt(a.r, locator[:], at); err != nil {
		return 0, 0, 0, 0, err
	}
	if string(locator[:4]) != "PK\x06\x07" {
		return entries, length, offset, end, nil // the fields are really that large
	}
	place := binary.LittleEndian.Uint64(locator[8:])
	if place > uint64(at) || uint64(at)-place < uint64(len(record)) {
		return 0, 0, 0, 0, bad
	}
	if err := readAt(a.r, record[:], int64(place)); err != nil {
		return 0, 0, 0, 0, err
	}
	if string(record[:4]) != "PK\x06\x06" {
		return 0, 0, 0, 0, bad
	}
	return binary.LittleEndian.Uint64(record[32:]), binary.LittleEndian.Uint64(record[40:]), binary.LittleEndian.Uint64(record[48:]), int64(place), nil
}

func (a *Archive) readEntries(b []byte, count int) error {
	const fixed = 46
	bad := refusal("FILE-05", "", whyDirectory)
	a.parts = make([]*part, 0, count)
	for len(b) > 0 {
		if len(b) < fixed || string(b[:4]) != "PK\x01\x02" {
			return bad
		}
		name, extra, comment := int(binary.LittleEndian.Uint16(b[28:])), int(binary.LittleEndian.Uint16(b[30:])), int(binary.LittleEndian.Uint16(b[32:]))
		if len(b) < fixed+name+extra+comment {
			return bad
		}
		if len(a.parts) == a.limits.Entries {
			return over("FILE-06", "", whyEntries, 0, int64(a.limits.Entries))
		}
		p := &part{
			name: string(b[fixed : fixed+name]), creator: b[5],
			flags: binary.LittleEndian.Uint16(b[8:]), method: binary.LittleEndian.Uint16(b[10:]),
			crc: binary.LittleEndian.Uint32(b[16:]), packed: int64(binary.LittleEndian.Uint32(b[20:])), size: int64(binary.LittleEndian.Uint32(b[24:])),
			external: binary.LittleEndian.Uint32(b[38:]), header: int64(binary.LittleEndian.Uint32(b[42:])),
		}
		if !p.widen(b[fixed+name : fixed+name+extra]) {
			return bad
		}
		a.parts = append(a.parts, p)
		b = b[fixed+name+extra+comment:]
	}
	if len(a.parts) != count {
		return bad
	}
	return nil
}

// widen takes the 64-bit values of the extra field where the 32-bit ones are all ones.
func (p *part) widen(extra []byte) bool {
	for len(extra) >= 4 {
		id, n := binary.LittleEndian.Uint16(extra), int(binary.LittleEndian.Uint16(extra[2:]))
		if extra = extra[4:]; n > len(extra) {
			return false
		}
		field := extra[:n]
		extra = extra[n:]
		if id != 1 {
			continue
		}
		for _, v := range []*int64{&p.size, &p.packed, &p.header} {
			if *v != 0xFFFFFFFF {
				continue
			}
			if len(field) < 8 || field[7] > 0x7F {
				return false
			}
			*v = int64(binary.LittleEndian.Uint64(field))
			field = field[8:]
		}
	}
	return true
}

// checkFormat recognises the other spreadsheet formats that are ZIPs too.
func (a *Archive) checkFormat() error {
	for _, p := range a.parts {
		switch {
		case p.name == "mimetype":
			return refusal("FILE-03", "", whyODS)
		case p.name == "Index.zip" || p.name == "Index/Document.iwa":
			return refusal("FILE-03", "", whyNumbers)
		}
	}
	return nil
}

func (a *Archive) checkNames() error {
	const unix, darwin, typeMask, symlink = 3, 19, 0xF000, 0xA000
	a.byName = make(map[string]*part, len(a.parts))
	for _, p := range a.parts {
		lower := strings.ToLower(p.name)
		switch {
		case a.byName[lower] != nil:
			return refusal("FILE-07", p.name, whyDuplicate)
		case !lawfulName(p.name):
			return refusal("FILE-07", p.name, whyName)
		case p.flags&flagEncrypted != 0:
			return refusal("FILE-07", p.name, whyEncrypted)
		case p.method != methodStore && p.method != methodDeflate:
			return refusal("FILE-07", p.name, whyMethod)
		case (p.creator == unix || p.creator == darwin) && p.external>>16&typeMask == symlink:
			return refusal("FILE-07", p.name, whySymlink)
		}
		a.byName[lower] = p
	}
	return nil
}

func lawfulName(name string) bool {
	if len(name) > 1024 || strings.ContainsAny(name, "\\:") || strings.IndexFunc(name, func(r rune) bool { return r < ' ' }) >= 0 {
		return false
	}
	for s := range strings.SplitSeq(strings.TrimSuffix(name, "/"), "/") {
		if s == "" || s == "." || s == ".." {
			return false
		}
	}
	return true
}

func (a *Archive) checkSizes() error {
	var total int64
	for _, p := range a.parts {
		switch {
		case p.size > a.limits.Part:
			return over("FILE-06", p.name, whyPart, p.size, a.limits.Part)
		case p.size > ratioFrom && p.size/a.limits.Ratio > p.packed:
			return over("FILE-06", p.name, whyRatio, p.size/max(p.packed, 1), a.limits.Ratio)
		}
		if total += p.size; total > a.limits.Total {
			return over("FILE-06", p.name, whyTotal, total, a.limits.Total)
		}
	}
	return nil
}

// checkPlaces reads every local header: it must agree with the directory, and no two entries may share bytes.
func (a *Archive) checkPlaces(end int64) error {
	sorted := slices.SortedFunc(slices.Values(a.parts), func(x, y *part) int { return cmp.Compare(x.header, y.header) })
	if len(sorted) > 0 && sorted[0].header != 0 {
		return refusal("FILE-03", "", whyPolyglot)
	}
	var free int64
	for _, p := range sorted {
		if p.header < free {
			return refusal("FILE-06", p.name, whyOverlap)
		}
		if err := a.checkHeader(p, end); err != nil {
			return err
		}
		if p.packed > end-p.data {
			return refusal("FILE-05", p.name, whySize)
		}
		if err := a.checkDescriptor(p, end); err != nil {
			return err
		}
		free = p.data + p.packed
	}
	return nil
}

// checkDescriptor holds what stands behind an entry's bytes to the directory: its checksum, with or without a signature.
func (a *Archive) checkDescriptor(p *part, end int64) error {
	if !p.streamed {
		return nil
	}
	var b [8]byte
	if p.data+p.packed > end-int64(len(b)) {
		return refusal("FILE-05", p.name, whySize)
	}
	if err := readAt(a.r, b[:], p.data+p.packed); err != nil {
		return err
	}
	crc := b[:4]
	if string(crc) == "PK\x07\x08" {
		crc = b[4:]
	}
	if binary.LittleEndian.Uint32(crc) != p.crc {
		return refusal("FILE-05", p.name, whyCRC)
	}
	return nil
}

func (a *Archive) checkHeader(p *part, end int64) error {
	const fixed = 30
	b := make([]byte, fixed+len(p.name))
	if p.header > end-int64(len(b)) {
		return refusal("FILE-05", p.name, whyDirectory)
	}
	if err := readAt(a.r, b, p.header); err != nil {
		return err
	}
	flags := binary.LittleEndian.Uint16(b[6:])
	if string(b[:4]) != "PK\x03\x04" || int(binary.LittleEndian.Uint16(b[26:])) != len(p.name) || string(b[fixed:]) != p.name {
		return refusal("FILE-05", p.name, whyDirectory)
	}
	if flags&flagEncrypted != 0 {
		return refusal("FILE-07", p.name, whyEncrypted)
	}
	if binary.LittleEndian.Uint16(b[8:]) != p.method {
		return refusal("FILE-05", p.name, whyDirectory)
	}
	packed, size := binary.LittleEndian.Uint32(b[18:]), binary.LittleEndian.Uint32(b[22:])
	if flags&flagDescriptor == 0 && packed != 0xFFFFFFFF && size != 0xFFFFFFFF &&
		(int64(packed) != p.packed || int64(size) != p.size || binary.LittleEndian.Uint32(b[14:]) != p.crc) {
		return refusal("FILE-05", p.name, whySize)
	}
	p.streamed = (flags|p.flags)&flagDescriptor != 0 // one of the two says that a descriptor stands there: then it must
	p.data = p.header + fixed + int64(len(p.name)) + int64(binary.LittleEndian.Uint16(b[28:]))
	if p.data > end {
		return refusal("FILE-05", p.name, whyDirectory)
	}
	return nil
}
