package intake

import (
	"cmp"
	"errors"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"

	"fehrest/internal/agency/sso"
	"fehrest/internal/dbf"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/workbook"
)

// ownFiles are the organisations' own files in an archive: pairs of the Social Security Organization, pairs of the tax
// administration, by the folders they lie in.
type ownFiles struct {
	archive *workbook.Archive
	lists   []*ownList
	unread  []string // other files beside them
}

// ownList is one list that the organisations' own files tell: a pair of the SSO, a pair of the tax administration, or both
// of the same persons. Of a tax month that stands beside several pairs of the SSO, each has the persons that it names first.
type ownList struct {
	files    *ownFiles
	dsk      *dskPair // nil for a tax month alone
	tax      *taxPair // nil for a pair of the SSO alone
	siblings []*dskPair
	part     Part
}

// dskPair is the pair of files of one list of the SSO; one file of each is lawful.
type dskPair struct {
	folder   string
	kar, wor []string // names in the archive
}

// taxPair is the pair of files of a tax month; one file of each is lawful.
type taxPair struct {
	folder string
	period jalali.Month // of the names; zero where they tell none
	wp, wh []string
	index  *taxIndex // of a month that stands beside pairs of the SSO, once it was read
}

var taxName = regexp.MustCompile(`(?i)^W([PH])[-_ ]?([0-9]{6})?\.TXT$`)

// isOwn tells whether an archive that is no workbook holds tables, tax files, or both.
func isOwn(tables, taxFiles bool) func(*candidate) bool {
	return func(c *candidate) bool {
		if c.archive == nil {
			return false
		}
		dsk, tax := false, false
		for _, name := range c.archive.Names() {
			if strings.EqualFold(name, "[Content_Types].xml") {
				return false
			}
			dsk, tax = dsk || isTable(name), tax || taxName.MatchString(path.Base(name))
		}
		return dsk == tables && tax == taxFiles
	}
}

// OwnFileName tells a file of an organisation's own by its name: a table, or one of a month's tax files.
func OwnFileName(name string) bool { return isTable(name) || taxName.MatchString(name) }

func isTable(name string) bool { return strings.EqualFold(path.Ext(name), ".dbf") }

// openOwn sorts the archive's files into lists.
func openOwn(c *candidate) (content, error) {
	limits := c.o.Limits.Workbook
	limits.Part = min(limits.Part, largestOwn)
	archive, err := workbook.OpenArchive(c.r, c.size, limits)
	if err != nil {
		return content{}, err
	}
	f := &ownFiles{archive: archive}
	pairs, months, err := f.sort()
	if err != nil {
		return content{}, err
	}
	f.pair(pairs, months)
	opened := content{read: func(in *input, part int) error { return f.lists[part].read(in) }, digest: f.digest}
	for _, l := range f.lists {
		opened.lists = append(opened.lists, l.part)
	}
	return opened, nil
}

// largestOwn bounds one of the organisations' own files: as many workers as a list may have, of more bytes than any layout.
const largestOwn = 128 << 20

// sort finds the pairs, each by its folder.
func (f *ownFiles) sort() (pairs []*dskPair, months []*taxPair, err error) {
	for _, name := range f.archive.Names() {
		folder, base := path.Dir(name), path.Base(name)
		if m := taxName.FindStringSubmatch(base); m != nil {
			period, _ := jalali.ParseMonth(m[2]) // a name without a month leaves it to the sender
			t := found(&months, func(t *taxPair) bool { return t.folder == folder && t.period == period })
			t.folder, t.period = folder, period
			if strings.EqualFold(m[1], "P") {
				t.wp = append(t.wp, name)
			} else {
				t.wh = append(t.wh, name)
			}
			continue
		}
		kind := ""
		if isTable(name) {
			if kind, err = f.tableKind(name); err != nil {
				return nil, nil, err
			}
		}
		if kind == "" {
			f.unread = append(f.unread, name)
			continue
		}
		d := found(&pairs, func(d *dskPair) bool { return d.folder == folder })
		if d.folder = folder; kind == sso.KarName {
			d.kar = append(d.kar, name)
		} else {
			d.wor = append(d.wor, name)
		}
	}
	return pairs, months, nil
}

// found is the member that is looked for, or a new one.
func found[T any](all *[]*T, is func(*T) bool) *T {
	if i := slices.IndexFunc(*all, is); i >= 0 {
		return (*all)[i]
	}
	x := new(T)
	*all = append(*all, x)
	return x
}

// tableKind tells a table by its fields; a damaged one by its name, so that reading it tells the damage.
func (f *ownFiles) tableKind(name string) (string, error) {
	r, err := f.archive.Open(name)
	if err != nil {
		return "", err
	}
	kind, err := sso.Kind(r)
	var refused *workbook.Refusal
	var damaged *dbf.FormatError
	switch {
	case err == nil:
		return kind, nil
	case !errors.As(err, &damaged) && !errors.As(err, &refused):
		return "", err
	}
	if strings.Contains(strings.ToUpper(path.Base(name)), "KAR") {
		return sso.KarName, nil
	}
	return sso.WorName, nil
}

// pair makes the lists. A tax month belongs to the pairs of the SSO in its folder and below it that are of its month; one of
// no pair is a list of its own.
func (f *ownFiles) pair(pairs []*dskPair, months []*taxPair) {
	slices.SortStableFunc(pairs, func(a, b *dskPair) int { return compareFolders(a.folder, b.folder) })
	taken := map[*taxPair][]*dskPair{}
	for _, d := range pairs {
		l := &ownList{files: f, dsk: d, part: f.partOf(d)}
		for _, t := range months {
			if within(d.folder, t.folder) && (t.period.IsZero() || l.part.Period.IsZero() || t.period == l.part.Period) &&
				(l.tax == nil || len(t.folder) > len(l.tax.folder)) {
				l.tax = t
			}
		}
		if l.tax != nil {
			taken[l.tax] = append(taken[l.tax], d)
		}
		f.lists = append(f.lists, l)
	}
	for _, l := range f.lists {
		if l.tax != nil {
			l.siblings = taken[l.tax]
		}
	}
	for _, t := range months {
		if taken[t] == nil {
			f.lists = append(f.lists, &ownList{files: f, tax: t, part: Part{Member: memberOf(t.folder), Period: t.period}})
		}
	}
	if len(f.lists) == 0 {
		f.lists = []*ownList{{files: f, dsk: &dskPair{folder: "."}}}
	}
}

// compareFolders sorts folders as the numbers they are named by, where they are: 10 comes after 9.
func compareFolders(a, b string) int {
	return cmp.Or(cmp.Compare(path.Dir(a), path.Dir(b)), cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

func within(folder, outer string) bool {
	return outer == "." || folder == outer || strings.HasPrefix(folder, outer+"/")
}

func memberOf(folder string) string {
	if folder == "." {
		return ""
	}
	return folder
}

// partOf is what the workshop's file says of its list; what cannot be read of it is empty and told when the list is read.
func (f *ownFiles) partOf(d *dskPair) Part {
	p := Part{Member: memberOf(d.folder)}
	if len(d.kar) == 0 {
		return p
	}
	r, err := f.archive.Open(d.kar[0])
	if err != nil {
		return p
	}
	records, err := sso.Kars(r, dbf.IranSystem) // identifiers are the same in every encoding
	var k sso.Kar
	if err != nil || !records.Next(&k) {
		return p
	}
	p.Workshop, p.ContractRow, p.ListNo, p.Rows = payroll.WorkshopCode(k.ID), k.ContractRow, k.ListNo, int(k.Workers)
	if p.ContractRow == "" {
		p.ContractRow = payroll.OwnContract
	}
	p.Period, _ = jalali.ParseMonth(monthOf(&k))
	return p
}

// open reads a member anew.
func (f *ownFiles) open(name string) (io.Reader, error) { return f.archive.Open(name) }
