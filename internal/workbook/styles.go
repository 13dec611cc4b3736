package workbook

import "bytes"

// readStyles learns which cell styles show a number as a date.
func (b *Book) readStyles(rels []relation) error {
	p, err := b.archive.only(rels, "styles")
	if err != nil || p == nil {
		return err
	}
	custom := map[int]bool{} // by format number
	var formats []int        // by style index
	err = b.archive.readPart(p, "styleSheet", func(s *scanner) error {
		for {
			more, err := s.child()
			if err != nil || !more {
				return err
			}
			switch string(s.local) {
			case "numFmts":
				err = readFormats(s, custom)
			case "cellXfs":
				formats, err = readCellStyles(s)
			default:
				err = s.pass(besideFormats)
			}
			if err != nil {
				return err
			}
		}
	})
	if len(formats) > 0 {
		b.dates = make([]bool, len(formats))
	}
	for i, f := range formats {
		date, own := custom[f]
		b.dates[i] = date || !own && builtinDate(f)
	}
	return err
}

func readFormats(s *scanner, custom map[int]bool) error {
	for {
		more, err := s.child()
		if err != nil || !more {
			return err
		}
		if s.local == nil {
			if err := s.skip(); err != nil {
				return err
			}
			continue
		}
		id, ok := parseCount(s.value("numFmtId"))
		if !ok || string(s.local) != "numFmt" || s.known(ofFormat) != nil {
			return s.refuse("FILE-05", whyAttribute)
		}
		if len(custom) == maxStyles {
			return s.refuse("FILE-06", whyRanges)
		}
		custom[id] = dateFormat(s.value("formatCode"))
		if err := s.skip(); err != nil {
			return err
		}
	}
}

func readCellStyles(s *scanner) ([]int, error) {
	var formats []int
	for {
		more, err := s.child()
		if err != nil || !more {
			return formats, err
		}
		if len(formats) == maxStyles {
			return nil, s.refuse("FILE-06", whyRanges)
		}
		if string(s.local) != "xf" {
			return nil, s.refuse("FILE-05", whyUnexpected)
		}
		if err := s.known(ofStyle); err != nil {
			return nil, err
		}
		id := 0
		if v := s.value("numFmtId"); v != nil {
			var ok bool
			if id, ok = parseCount(v); !ok {
				return nil, s.refuse("FILE-05", whyAttribute)
			}
		}
		formats = append(formats, id)
		if err := s.skip(); err != nil {
			return nil, err
		}
	}
}

// builtinDate knows the format numbers that need no code, East Asian ones included (ECMA-376 part 1, 18.8.30).
func builtinDate(id int) bool {
	return id >= 14 && id <= 22 || id >= 27 && id <= 36 || id >= 45 && id <= 47 || id >= 50 && id <= 58
}

// dateFormat tells whether a format code shows years, months, days or hours outside its quotes, escapes and brackets.
func dateFormat(code []byte) bool {
	for i := 0; i < len(code); i++ {
		switch code[i] {
		case '"', '[':
			closing := code[i]
			if closing == '[' {
				closing = ']'
			}
			end := bytes.IndexByte(code[i+1:], closing)
			if end < 0 {
				return false
			}
			i += end + 1
		case '\\', '_', '*':
			i++ // the next character stands for itself
		case 'y', 'Y', 'm', 'M', 'd', 'D', 'h', 'H':
			return true
		}
	}
	return false
}
