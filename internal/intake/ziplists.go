package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"fehrest/internal/workbook"
)

// zipLists is a ZIP of lists. Its members are expanded one at a time, each within the limits of a file of its own, and all of
// them together within what one workbook may expand to.
type zipLists struct {
	c       *candidate
	lists   []Part
	members []memberList // of each list
	budget  int64        // bytes that the members may still expand to

	name string // of the member that is open, empty for none
	file *File
	held *memberFile
}

// memberList is a list of a member.
type memberList struct {
	name    string
	part    int   // of the member's file
	refused error // of a member that goes beyond the budget
}

// isLists tells a ZIP of lists from every other: some member is called as lists are, and none as a workbook's parts.
func isLists(c *candidate) bool {
	if c.archive == nil || c.one || c.of != nil {
		return false
	}
	some := false
	for _, name := range c.archive.Names() {
		if strings.EqualFold(name, "[Content_Types].xml") {
			return false
		}
		some = some || !clutter(name) && IsList(name)
	}
	return some
}

// IsList tells whether a file's name is that of a workbook, a JSON list or a ZIP. Workbooks of formats that are refused are
// among them: among many files nobody would miss the one that was passed over.
func IsList(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".xlsx", ".xlsm", ".json", ".zip", ".xls", ".xlsb", ".ods":
		return true
	}
	return false
}

// clutter are the files that systems leave in folders, and the lock that Excel keeps beside an open workbook.
func clutter(name string) bool {
	base := path.Base(name)
	return strings.HasPrefix(name, "__MACOSX/") || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "~$") ||
		strings.EqualFold(base, "Thumbs.db") || strings.EqualFold(base, "desktop.ini")
}

func openLists(c *candidate) (content, error) {
	z := &zipLists{c: c, budget: c.o.Limits.Workbook.Total}
	for _, name := range c.archive.Names() {
		if clutter(name) {
			continue
		}
		if err := z.survey(name); err != nil {
			return content{}, errors.Join(err, z.close())
		}
		if len(z.lists) > mostLists {
			return content{}, errors.Join(&workbook.Refusal{Code: "FILE-06", Reason: "entries", Column: -1, Limit: mostLists}, z.close())
		}
	}
	return content{lists: z.lists, read: z.read, digest: z.digest, member: z.member, close: z.close}, nil
}

// survey finds the lists of a member. One that is damaged or no list is one list, which tells it; so is one beyond the budget.
func (z *zipLists) survey(name string) error {
	err := z.open(name)
	if err == nil && z.budget < 0 {
		err = z.overBudget()
	}
	var refused *workbook.Refusal
	if errors.As(err, &refused) {
		z.add(Part{}, memberList{name: name, refused: refused})
		return nil
	}
	if err != nil {
		return err
	}
	for i, p := range z.file.Lists {
		z.add(p, memberList{name: name, part: i})
	}
	return z.c.ctx.Err()
}

func (z *zipLists) add(p Part, m memberList) {
	p.Member = strings.ToValidUTF8(m.name, "�")
	z.lists = append(z.lists, p)
	z.members = append(z.members, m)
}

// open expands a member and opens it, unless it is open.
func (z *zipLists) open(name string) error {
	if z.name == name {
		return nil
	}
	if err := z.close(); err != nil {
		return err
	}
	in, err := z.c.archive.Open(name)
	if err != nil {
		return err
	}
	l := z.c.o.Limits
	// One byte more than any file may have is read, so that it is refused for its size.
	held, err := holdMember(io.LimitReader(in, max(l.Workbook.File, l.JSON)+1), z.c.o.Temp)
	if err != nil {
		return err
	}
	o := *z.c.o
	o.Name = path.Base(name)
	file, err := open(&candidate{ctx: z.c.ctx, r: held, size: held.size, o: &o, of: z})
	if err != nil {
		return errors.Join(err, held.Close())
	}
	z.name, z.file, z.held = name, file, held
	return nil
}

// spend takes what a member's archive expands to from what is left.
func (z *zipLists) spend(a *workbook.Archive) error {
	if z.budget -= a.Expanded(); z.budget < 0 {
		return z.overBudget()
	}
	return nil
}

func (z *zipLists) overBudget() error {
	return &workbook.Refusal{Code: "FILE-06", Reason: "total", Column: -1, Limit: z.c.o.Limits.Workbook.Total}
}

func (z *zipLists) read(in *input, part int) error {
	f, inner, err := z.member(part)
	if err != nil {
		return err
	}
	in.r, in.size, in.o.Name, in.result.Format = f.r, f.size, path.Base(z.name), f.Format
	return f.content.read(in, inner)
}

func (z *zipLists) member(part int) (of *File, inner int, err error) {
	m := z.members[part]
	if m.refused != nil {
		return nil, 0, m.refused
	}
	z.budget = z.c.o.Limits.Workbook.Total // one member is open at a time now
	err = z.open(m.name)
	return z.file, m.part, err
}

func (z *zipLists) close() error {
	if z.name == "" {
		return nil
	}
	err := errors.Join(z.file.Close(), z.held.Close())
	z.name, z.file, z.held = "", nil, nil
	return err
}

// memberFile is an expanded member: in memory, or in a temporary file without a name.
type memberFile struct {
	io.ReaderAt
	size int64
	file *os.File // nil in memory
}

// memberHeld is how large a member may be to stay in memory.
const memberHeld = 4 << 20

// holdMember expands a member. An error of the archive is a *workbook.Refusal.
func holdMember(r io.Reader, dir string) (*memberFile, error) {
	head, err := io.ReadAll(io.LimitReader(r, memberHeld+1))
	if err != nil {
		return nil, err
	}
	if len(head) <= memberHeld {
		return &memberFile{ReaderAt: bytes.NewReader(head), size: int64(len(head))}, nil
	}
	file, err := os.CreateTemp(dir, "fehrest-member-")
	if err != nil {
		return nil, fmt.Errorf("intake: member: %w", err)
	}
	m := &memberFile{ReaderAt: file, file: file}
	// Without a name nothing is left behind, however the program ends.
	err = os.Remove(file.Name())
	if err == nil {
		m.size, err = io.Copy(file, io.MultiReader(bytes.NewReader(head), r))
	}
	if err != nil {
		return nil, errors.Join(err, m.Close())
	}
	return m, nil
}

// Close gives the file back.
func (m *memberFile) Close() error {
	if m.file == nil {
		return nil
	}
	return m.file.Close()
}
