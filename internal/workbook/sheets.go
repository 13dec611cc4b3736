package workbook

import (
	"bytes"
	"strings"
)

// readWorkbook reads the tabs, the names and the date system.
func (b *Book) readWorkbook(main *part, rels []relation) error {
	byID := make(map[string]relation, len(rels))
	for _, r := range rels {
		byID[r.id] = r
	}
	return b.archive.readPart(main, "workbook", func(s *scanner) error {
		for {
			more, err := s.child()
			if err != nil || !more {
				return err
			}
			switch string(s.local) {
			case "workbookPr":
				err = readProperties(s)
			case "sheets":
				err = b.readSheets(s, byID)
			case "definedNames":
				err = b.readNames(s)
			default:
				err = s.pass(besideSheets)
			}
			if err != nil {
				return err
			}
		}
	})
}

// readProperties looks for the date system only.
func readProperties(s *scanner) error {
	if err := s.known(ofWorkbook); err != nil {
		return err
	}
	old, err := s.truth("date1904")
	if err != nil {
		return err
	}
	if old {
		return refusal("FILE-10", "", why1904)
	}
	return s.skip()
}

func (b *Book) readSheets(s *scanner, byID map[string]relation) error {
	seen := map[*part]bool{}
	for {
		more, err := s.child()
		if err != nil || !more {
			return err
		}
		if string(s.local) != "sheet" {
			return s.refuse("FILE-05", whyUnexpected)
		}
		sheet := Sheet{}
		if sheet.Name, err = s.short("name"); err == nil {
			err = s.known(ofSheet)
		}
		if err != nil {
			return err
		}
		switch string(s.value("state")) {
		case "", "visible":
		case "hidden", "veryHidden":
			sheet.Hidden = true
		default:
			return s.refuse("FILE-05", whyAttribute)
		}
		r, ok := byID[relationID(s)]
		if !ok {
			return s.refuse("FILE-07", whyUnresolved)
		}
		if sheet.part, err = b.archive.resolve(r); err != nil {
			return err
		}
		switch {
		case sheet.part == nil:
			return s.refuse("FILE-07", whyUnresolved)
		case seen[sheet.part]:
			return s.refuse("FILE-07", whyDuplicate)
		}
		seen[sheet.part] = true
		sheet.Worksheet = r.is("worksheet")
		b.Sheets = append(b.Sheets, sheet)
		if err := s.skip(); err != nil {
			return err
		}
	}
}

// relationID gives the id attribute of the relationships namespace, whatever its prefix.
func relationID(s *scanner) string {
	for _, a := range s.attrs {
		if bytes.HasSuffix(a.name, []byte(":id")) {
			return string(a.value)
		}
	}
	return ""
}

func (b *Book) readNames(s *scanner) error {
	var text []byte
	for {
		more, err := s.child()
		if err != nil || !more {
			return err
		}
		if string(s.local) != "definedName" {
			return s.refuse("FILE-05", whyUnexpected)
		}
		name, err := s.short("name")
		if err != nil {
			return err
		}
		if text, err = s.content(text[:0]); err != nil {
			return err
		}
		if len(b.DefinedNames) < maxNames {
			b.DefinedNames[name] = string(text[:min(len(text), 255)])
		}
	}
}

// warn names what the file carries besides values, once a kind.
func (b *Book) warn(types contentTypes, rels []relation) {
	found := map[string]bool{}
	add := func(reason, part string) {
		if !found[reason] {
			found[reason] = true
			b.Warnings = append(b.Warnings, Warning{Code: "FILE-09", Part: part, Reason: reason})
		}
	}
	for _, p := range b.archive.parts {
		name, kind := strings.ToLower(p.name), types.of(p)
		switch {
		case strings.HasSuffix(name, "/vbaproject.bin"), strings.Contains(kind, "vbaProject"), strings.Contains(kind, "macrosheet"):
			add(whyMacros, p.name)
		case strings.Contains(name, "/embeddings/"), strings.Contains(name, "/activex/"), strings.HasSuffix(kind, ".oleObject"):
			add(whyEmbedded, p.name)
		case strings.Contains(name, "/externallinks/"), strings.HasSuffix(kind, ".externalLink+xml"):
			add(whyExternal, p.name)
		}
	}
	for _, r := range rels {
		if r.is("externalLink") || r.is("externalLinkPath") {
			add(whyExternal, "")
		}
	}
}
