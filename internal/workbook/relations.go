package workbook

import (
	"net/url"
	"path"
	"strings"
)

const contentTypesPart = "[Content_Types].xml"

// contentTypes are the declared types of the parts that exist.
type contentTypes struct {
	parts    map[*part]string
	defaults map[string]string // by lower-cased extension
}

func (c contentTypes) of(p *part) string {
	if t, ok := c.parts[p]; ok {
		return t
	}
	return c.defaults[strings.ToLower(strings.TrimPrefix(path.Ext(p.name), "."))]
}

// relation points from one part to another, or out of the file.
type relation struct {
	id, kind, target string
	external         bool
	from             *part // nil for the package root
}

// is compares the last word of the relation's type, which the transitional and the strict format share.
func (r relation) is(kind string) bool { return r.kind == kind }

// readPart hands a part's scanner to read and then reads the part to its end.
func (a *Archive) readPart(p *part, root string, read func(*scanner) error) error {
	s := a.newScanner(p, a.open(p))
	if err := s.root(root); err != nil {
		return err
	}
	if err := read(s); err != nil {
		return err
	}
	return s.finish()
}

// findWorkbook follows the package root's relation to the workbook and holds it to its declared type.
func (a *Archive) findWorkbook() (*part, contentTypes, error) {
	types, err := a.contentTypes()
	if err != nil {
		return nil, types, err
	}
	rels, err := a.relations(nil)
	if err != nil {
		return nil, types, err
	}
	main, err := a.only(rels, "officeDocument")
	if err != nil {
		return nil, types, err
	}
	if main == nil {
		return nil, types, refusal("FILE-05", "", whyMissing)
	}
	switch t := types.of(main); {
	case strings.Contains(t, "sheet.binary"):
		return nil, types, refusal("FILE-03", "", whyXLSB)
	case strings.HasSuffix(t, ".main+xml") && (strings.Contains(t, "spreadsheetml") || strings.Contains(t, "ms-excel")):
		return main, types, nil
	case t == "application/xml" || t == "text/xml": // some programs declare no more; the root element decides
		return main, types, nil
	case t == "":
		return nil, types, refusal("FILE-05", contentTypesPart, whyTypes)
	}
	return nil, types, refusal("FILE-03", "", whyForeign)
}

func (a *Archive) contentTypes() (contentTypes, error) {
	c := contentTypes{parts: map[*part]string{}, defaults: map[string]string{}}
	p := a.find(contentTypesPart)
	if p == nil {
		return c, refusal("FILE-05", contentTypesPart, whyTypes)
	}
	return c, a.readPart(p, "Types", func(s *scanner) error {
		for {
			more, err := s.child()
			if err != nil || !more {
				return err
			}
			if err := a.contentType(s, c); err != nil {
				return err
			}
			if err := s.skip(); err != nil {
				return err
			}
		}
	})
}

func (a *Archive) contentType(s *scanner, c contentTypes) error {
	kind, err := s.short("ContentType")
	if err != nil {
		return err
	}
	switch string(s.local) {
	case "Default":
		extension, err := s.short("Extension")
		if err != nil {
			return err
		}
		if len(c.defaults) == maxRelations {
			return s.refuse("FILE-06", whyRanges)
		}
		c.defaults[strings.ToLower(extension)] = kind
	case "Override":
		if named := a.find(strings.TrimPrefix(string(s.value("PartName")), "/")); named != nil {
			c.parts[named] = kind
		}
	default:
		return s.refuse("FILE-05", whyUnexpected)
	}
	return nil
}

// relations reads what a part points to; nil stands for the package root. A part without relations has none.
func (a *Archive) relations(from *part) ([]relation, error) {
	name := "_rels/.rels"
	if from != nil {
		name = path.Join(path.Dir(from.name), "_rels", path.Base(from.name)+".rels")
	}
	p := a.find(name)
	if p == nil {
		return nil, nil
	}
	var rels []relation
	ids := map[string]bool{}
	err := a.readPart(p, "Relationships", func(s *scanner) error {
		for {
			more, err := s.child()
			if err != nil || !more {
				return err
			}
			r, err := readRelation(s)
			r.from = from
			switch {
			case err != nil:
				return err
			case string(s.local) != "Relationship":
				return s.refuse("FILE-05", whyUnexpected)
			case ids[r.id]:
				return s.refuse("FILE-07", whyDuplicate)
			case len(rels) == maxRelations:
				return s.refuse("FILE-06", whyRanges)
			}
			ids[r.id] = true
			rels = append(rels, r)
			if err := s.skip(); err != nil {
				return err
			}
		}
	})
	return rels, err
}

func readRelation(s *scanner) (r relation, err error) {
	for name, to := range map[string]*string{"Id": &r.id, "Type": &r.kind, "Target": &r.target} {
		if *to, err = s.short(name); err != nil {
			return r, err
		}
	}
	r.kind = r.kind[strings.LastIndexByte(r.kind, '/')+1:]
	r.external = strings.EqualFold(string(s.value("TargetMode")), "External")
	return r, nil
}

// resolve gives the part a relation points to. A target that is not a part of this file is refused, never followed.
func (a *Archive) resolve(r relation) (*part, error) {
	from := "_rels/.rels"
	base := "/"
	if r.from != nil {
		from = r.from.name
		base = "/" + path.Dir(r.from.name)
	}
	if r.external {
		return nil, refusal("FILE-07", from, whyRemote)
	}
	target, err := url.PathUnescape(r.target)
	if err != nil || strings.ContainsAny(target, "\\:\x00") || strings.HasPrefix(target, "//") || escapes(base, target) {
		return nil, refusal("FILE-07", from, whyUnresolved)
	}
	if !strings.HasPrefix(target, "/") {
		target = path.Join(base, target)
	}
	return a.find(strings.TrimPrefix(path.Clean(target), "/")), nil
}

// escapes tells whether a target climbs above the package root.
func escapes(base, target string) bool {
	if strings.HasPrefix(target, "/") {
		base = "/"
	}
	depth := 0
	for s := range strings.SplitSeq(base+"/"+target, "/") {
		switch s {
		case "", ".":
		case "..":
			if depth--; depth < 0 {
				return true
			}
		default:
			depth++
		}
	}
	return false
}

// only gives the part of the one relation of a kind, nil when there is none; two, or a part that is missing, are damage.
func (a *Archive) only(rels []relation, kind string) (*part, error) {
	var found *part
	for _, r := range rels {
		if !r.is(kind) {
			continue
		}
		p, err := a.resolve(r)
		switch {
		case err != nil:
			return nil, err
		case p == nil:
			return nil, refusal("FILE-05", path.Base(r.target), whyMissing)
		case found != nil:
			return nil, refusal("FILE-07", p.name, whyDuplicate)
		}
		found = p
	}
	return found, nil
}
