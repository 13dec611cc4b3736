package workbook

// Limits bound what a file may expand to. A zero field means its default.
type Limits struct {
	File          int64 // bytes of the file itself; 64 MB
	Total         int64 // bytes of all parts expanded; 1 GB
	Part          int64 // bytes of one part expanded; 600 MB
	Ratio         int64 // expanded to packed, for parts over 1 MB; 200
	Entries       int   // parts and folders; 2,000
	Columns       int   // columns that may hold values; 256
	Depth         int   // elements within one another; 64
	SharedBytes   int64 // bytes of all shared strings; 128 MB
	SharedStrings int   // shared strings; 4,000,000
}

// OrDefault fills the fields that are zero.
func (l Limits) OrDefault() Limits {
	d := Limits{
		File: 64 << 20, Total: 1 << 30, Part: 600 << 20, Ratio: 200, Entries: 2000, Columns: 256, Depth: 64,
		SharedBytes: 128 << 20, SharedStrings: 4_000_000,
	}
	fill(&d.File, l.File)
	fill(&d.Total, l.Total)
	fill(&d.Part, l.Part)
	fill(&d.Ratio, l.Ratio)
	fill(&d.Entries, l.Entries)
	fill(&d.Columns, l.Columns)
	fill(&d.Depth, l.Depth)
	fill(&d.SharedBytes, l.SharedBytes)
	fill(&d.SharedStrings, l.SharedStrings)
	return d
}

func fill[T int | int64](to *T, v T) {
	if v != 0 {
		*to = v
	}
}

// Bounds that no lawful workbook meets; they keep memory constant whatever a file claims.
const (
	maxToken     = 512 << 10 // one tag or one run of text; a cell's text may have 32,767 characters
	maxRowText   = 4 << 20   // all text of one row
	maxAttrs     = 128
	maxDirectory = 4 << 20
	maxRelations = 4096
	maxKept      = 2083 // characters of a name or an address that is kept; Excel's longest
	maxStyles    = 1 << 16
	maxNames     = 10_000
	maxRanges    = 1 << 16
	ratioFrom    = 1 << 20
)
