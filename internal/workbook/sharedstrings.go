package workbook

// sharedStrings holds every shared text in a few blocks of bytes, found by index without any allocation.
type sharedStrings struct {
	blocks [][]byte
	starts []uint32 // block number and offset of each text
	total  int64
}

// One block is larger than the longest text, and its offsets leave 12 bits for the block's number.
const (
	blockBits = 20
	blockSize = 1 << blockBits
)

func (t *sharedStrings) at(i int) []byte {
	block, from := t.starts[i]>>blockBits, t.starts[i]&(blockSize-1)
	b := t.blocks[block]
	if i+1 < len(t.starts) && t.starts[i+1]>>blockBits == block {
		return b[from : t.starts[i+1]&(blockSize-1)]
	}
	return b[from:]
}

func (t *sharedStrings) add(text []byte, hint int64) {
	last := len(t.blocks) - 1
	if last < 0 || len(t.blocks[last])+len(text) >= blockSize {
		t.blocks = append(t.blocks, make([]byte, 0, min(max(hint, int64(len(text))), blockSize)))
		last++
	}
	t.starts = append(t.starts, uint32(last)<<blockBits|uint32(len(t.blocks[last])))
	t.blocks[last] = append(t.blocks[last], text...)
	t.total += int64(len(text))
}

func (b *Book) readStrings(rels []relation) error {
	p, err := b.archive.only(rels, "sharedStrings")
	if err != nil || p == nil {
		return err
	}
	t := &sharedStrings{}
	b.strings = t
	var text []byte
	return b.archive.readPart(p, "sst", func(s *scanner) error {
		if n, ok := parseCount(s.value("uniqueCount")); ok {
			t.starts = make([]uint32, 0, min(int64(n), p.size/int64(len("<si/>")), int64(b.limits.SharedStrings)))
		}
		for {
			more, err := s.child()
			if err != nil || !more {
				return err
			}
			switch string(s.local) {
			case "si":
			case "extLst":
				if err := s.skip(); err != nil {
					return err
				}
				continue
			default:
				return s.refuse("FILE-05", whyUnexpected)
			}
			if text, err = s.richText(text[:0]); err != nil {
				return err
			}
			switch t.add(text, p.size); {
			case t.total > b.limits.SharedBytes:
				return over("FILE-06", s.part, whyStrings, 0, b.limits.SharedBytes)
			case len(t.starts) > b.limits.SharedStrings:
				return over("FILE-06", s.part, whyTexts, 0, int64(b.limits.SharedStrings))
			}
		}
	})
}

// richText appends the text of the open si or is element: its own, or that of its runs, without phonetic guides.
func (s *scanner) richText(to []byte) ([]byte, error) {
	from := len(to)
	for {
		more, err := s.child()
		if err != nil || !more {
			return to, err
		}
		switch string(s.local) {
		case "t":
			to, err = s.content(to)
		case "r":
			to, err = s.run(to)
		case "rPh", "phoneticPr", "extLst":
			err = s.skip()
		default:
			err = s.refuse("FILE-05", whyUnexpected)
		}
		if err != nil {
			return to, err
		}
		if len(to)-from > maxToken {
			return to, s.refuse("FILE-06", whyText)
		}
	}
}

func (s *scanner) run(to []byte) ([]byte, error) {
	for {
		more, err := s.child()
		if err != nil || !more {
			return to, err
		}
		switch string(s.local) {
		case "t":
			to, err = s.content(to)
		case "rPr", "extLst":
			err = s.skip()
		default:
			err = s.refuse("FILE-05", whyUnexpected)
		}
		if err != nil {
			return to, err
		}
	}
}
