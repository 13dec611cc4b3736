package sim

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"path"
	"sort"
	"strconv"
	"strings"
)

// What a package may unfold to, in bytes and in entries: a list has at most 99
// parts of two files.
const (
	maxUnpacked = 256 << 20
	maxEntries  = 1000
)

// entry is one file of a package or folder.
type entry struct {
	name string
	data []byte
}

// openPackage reads every file of a ZIP to its end, so that damaged ones show.
func openPackage(name string, data []byte, c *collector) []entry {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		c.in(name).add("SIM-01", "", 0, "", fmt.Sprintf("%d bytes", len(data)), "a readable ZIP")
		return nil
	}
	if len(z.File) > maxEntries {
		c.in(name).add("SIM-01", "", 0, "", fmt.Sprintf("%d entries", len(z.File)), fmt.Sprintf("at most %d", maxEntries))
		return nil
	}
	var out []entry
	left := uint64(maxUnpacked)
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		b, ok := unfold(f, left)
		if !ok {
			c.in(name).add("SIM-01", f.Name, 0, "", "an unreadable entry", "entries that unfold whole")
			return nil
		}
		left -= uint64(len(b))
		out = append(out, entry{f.Name, b})
	}
	return out
}

// unfold reads an entry that says it has at most so many bytes, and has what it
// says.
func unfold(f *zip.File, most uint64) ([]byte, bool) {
	if f.UncompressedSize64 > most {
		return nil, false
	}
	r, err := f.Open()
	if err != nil {
		return nil, false
	}
	defer func() { _ = r.Close() }()
	var b bytes.Buffer
	// It says its size, but grows with what comes: a short file may say anything.
	n, err := io.Copy(&b, io.LimitReader(r, int64(f.UncompressedSize64)+1))
	return b.Bytes(), err == nil && uint64(n) == f.UncompressedSize64
}

// ssoParts sorts a package's entries into pairs: a flat one, or one a folder
// 1/, 2/ … where a list was split.
func ssoParts(entries []entry, c *collector) []ssoFiles {
	parts := map[string]*ssoFiles{}
	for _, e := range entries {
		dir, base := path.Split(e.name)
		if parts[dir] == nil {
			parts[dir] = &ssoFiles{}
		}
		switch p := parts[dir]; {
		case strings.EqualFold(base, karName) && p.karName == "":
			p.karName, p.kar = e.name, e.data
		case strings.EqualFold(base, worName) && p.worName == "":
			p.worName, p.wor = e.name, e.data
		default:
			c.in(e.name).add("SIM-01", "", 0, "", base, "one "+karName+" and one "+worName)
		}
	}
	var dirs []string
	for d := range parts {
		dirs = append(dirs, d)
	}
	sort.Slice(dirs, func(i, j int) bool { return folderNumber(dirs[i]) < folderNumber(dirs[j]) })
	var out []ssoFiles
	for i, d := range dirs {
		switch want := i + 1; {
		case len(dirs) > 1 && folderNumber(d) != want:
			c.in(d).add("SIM-01", "", 0, "", d, fmt.Sprintf("folder %d/", want))
		case len(dirs) == 1 && d != "":
			c.in(d).add("SIM-01", "", 0, "", d, "no folder for one pair")
		}
		p := *parts[d]
		if p.karName == "" || p.worName == "" {
			c.in(d+karName).add("SIM-01", "", 0, "", "half a pair", karName+" and "+worName)
			continue
		}
		out = append(out, p)
	}
	if len(dirs) == 0 {
		c.add("SIM-01", "", 0, "", "no pair", karName+" and "+worName)
	}
	return out
}

// folderNumber reads 1/, 2/ …; any other folder counts as 0.
func folderNumber(dir string) int {
	n, err := strconv.Atoi(strings.TrimSuffix(dir, "/"))
	if err != nil || strconv.Itoa(n)+"/" != dir {
		return 0
	}
	return n
}

const (
	karName = "DSKKAR00.DBF"
	worName = "DSKWOR00.DBF"
)

// taxFiles is one WP/WH pair as bytes, with the names they go by in findings.
type taxFiles struct {
	wpName, whName string
	wp, wh         []byte
	period         month // of the file names
}

// taxPair takes the one pair of a package.
func taxPair(entries []entry, c *collector) (taxFiles, bool) {
	var f taxFiles
	for _, e := range entries {
		kind, m, ok := taxName(e.name)
		switch {
		case ok && kind == "WP" && f.wpName == "":
			f.wpName, f.wp = e.name, e.data
		case ok && kind == "WH" && f.whName == "":
			f.whName, f.wh = e.name, e.data
		default:
			c.in(e.name).add("SIM-01", "", 0, "", e.name, "WPyyyymm.txt and WHyyyymm.txt")
			continue
		}
		if f.period != (month{}) && f.period != m {
			c.in(e.name).add("SIM-02", "", 0, "", m.String(), f.period.String())
		}
		f.period = m
	}
	if f.wpName == "" || f.whName == "" {
		c.add("SIM-01", "", 0, "", "no whole pair", "WPyyyymm.txt and WHyyyymm.txt")
		return f, false
	}
	return f, true
}

// taxName reads WPyyyymm.txt or WHyyyymm.txt.
func taxName(name string) (kind string, m month, ok bool) {
	if len(name) != 12 || name[8:] != ".txt" || name[:2] != "WP" && name[:2] != "WH" {
		return "", month{}, false
	}
	m, ok = parseMonth(name[2:6] + "-" + name[6:8])
	return name[:2], m, ok
}
