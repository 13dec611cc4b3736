package synth

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
)

// Shape is how a client's payroll comes.
type Shape string

// The shapes, in the order that clients take turns in.
const (
	Plain     Shape = "plain"     // the template's own headers
	Aliases   Shape = "aliases"   // other words for the headers, in another order, and a column that no one knows
	TwoRows   Shape = "two-rows"  // titles over groups of columns
	Totals    Shape = "totals"    // a row of sums at the end
	Ambiguous Shape = "ambiguous" // a header that may mean two things
	Answered  Shape = "answered"  // the same, and its client's answer beside it
	Macros    Shape = "macros"    // .xlsm
	Document  Shape = "json"
	Workshops Shape = "workshops" // several workshops in one sheet, told apart by a column
	Texts     Shape = "texts"     // numbers as text, in Persian digits with separators
	Inline    Shape = "inline"    // texts in the cells themselves
	MonthName Shape = "month"     // the month is the name of the sheet only
	Packed    Shape = "zip"       // a ZIP of two lists
	Faulty    Shape = "faulty"    // a worker whose national code is wrong
	Broken    Shape = "broken"    // a workbook that was cut off
)

// Shapes are all shapes.
func Shapes() []Shape {
	return []Shape{Plain, Aliases, TwoRows, Totals, Ambiguous, Answered, Macros, Document, Workshops, Texts, Inline, MonthName, Packed, Faulty, Broken}
}

// ClientFile is one file of a client's folder.
type ClientFile struct {
	Folder string // of the client
	Name   string
	Bytes  []byte
	Shape  Shape // empty for a file that is no list
}

// ClientOptions say which clients to invent. The same options give the same files.
type ClientOptions struct {
	Seed    uint64
	Clients int
	Period  jalali.Month
	Law     *law.Params
	Largest int // workers of a client at most; 0 is 120
}

// Clients invents the payroll files of an accountant's clients, an employer and a file each, in every shape by turns.
func Clients(o ClientOptions) iter.Seq2[ClientFile, error] {
	return func(yield func(ClientFile, error) bool) {
		if o.Largest == 0 {
			o.Largest = 120
		}
		shapes := Shapes()
		for n := range o.Clients {
			c := newClient(o, n, shapes[n%len(shapes)])
			files, err := c.files()
			for _, f := range files {
				f.Folder = fmt.Sprintf("%03d-%s", n+1, c.header.Employer)
				if !yield(f, nil) {
					return
				}
			}
			if err != nil && !yield(ClientFile{}, err) {
				return
			}
		}
	}
}

// client is one employer with his workers.
type client struct {
	rand   *rand.Rand
	shape  Shape
	period jalali.Month
	header payroll.Header
	lines  []payroll.Line
}

func newClient(o ClientOptions, n int, shape Shape) *client {
	r := rand.New(rand.NewPCG(o.Seed, uint64(n)))
	h := Workshop(r, Employer(r), "شرکت "+pick(r, lastNames), o.Period)
	// A number of its own, so that no two clients share a workshop.
	h.Workshop = payroll.WorkshopCode(fmt.Sprintf("%04d%06d", 1000+r.IntN(9000), n))
	lines := List(Options{Seed: r.Uint64(), Workers: 3 + r.IntN(o.Largest-2), Header: h, Law: o.Law})
	return &client{rand: r, shape: shape, period: o.Period, header: h, lines: lines}
}

const listSheet, workshopSheet = "لیست", "کارگاه"

// files are the files of the client's folder.
func (c *client) files() ([]ClientFile, error) {
	name := "حقوق " + c.period.String() + ".xlsx"
	s, g := style{}, c.grid(plainHeaders)
	var beside []ClientFile
	switch c.shape {
	case Aliases:
		g = c.grid(otherHeaders)
		g.with("ملاحظات", "ندارد")
		c.shuffle(&g)
	case TwoRows:
		g.group()
	case Totals:
		g.total()
	case Ambiguous:
		g.rename("حق مسکن", "مسکن")
	case Answered:
		g.rename("حق مسکن", "مسکن")
		beside = append(beside, ClientFile{Name: "fehrest.map.json", Bytes: []byte(`{"مسکن": "housing"}` + "\n")})
	case Macros:
		s.macros, name = true, strings.TrimSuffix(name, ".xlsx")+".xlsm"
	case Document:
		b, err := c.document()
		return []ClientFile{{Name: "list.json", Bytes: b, Shape: c.shape}}, err
	case Workshops:
		c.share(&g)
	case Texts:
		g.asTexts()
	case Inline:
		s.inline = true
	case MonthName:
		g.name, name = monthNames[c.period.Month-1], fmt.Sprintf("حقوق %d.xlsx", c.period.Year)
	case Faulty:
		g.set(0, "کد ملی", "0012345678")
	case Plain, Packed, Broken:
	}
	b, err := pack(s, c.workshop(), g.grid)
	if err != nil {
		return nil, err
	}
	switch c.shape {
	case Packed:
		name = "lists.zip"
		b, err = c.zip(b)
	case Broken:
		b = b[:len(b)*2/3]
	}
	return append(beside, ClientFile{Name: name, Bytes: b, Shape: c.shape}), err
}

// zip packs the client's workbook and a second list of his as JSON.
func (c *client) zip(book []byte) ([]byte, error) {
	c.header.ListNo = "02"
	c.lines = c.lines[:len(c.lines)/2]
	for i := range c.lines {
		c.lines[i].Days, c.lines[i].Pay = 0, payroll.Pay{}
		c.lines[i].DailyWage, c.lines[i].DailySeniority, c.lines[i].ReportedTo = 0, 0, fault.Tax
		c.lines[i].Pay[payroll.Bonus] = 10_000_000
	}
	second, err := c.document()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range []struct {
		name    string
		content []byte
	}{{"first.xlsx", book}, {"second.json", second}} {
		w, err := z.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: packed})
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(f.content); err != nil {
			return nil, err
		}
	}
	err = z.Close()
	return b.Bytes(), err
}

// workshop is the sheet «کارگاه».
func (c *client) workshop() grid {
	g := grid{name: workshopSheet}
	for id := range payroll.HeaderCount {
		v := headerValue(id, &c.header)
		if v == "" || c.shape == MonthName && (id == payroll.KeyPeriod || id == payroll.KeyTaxPeriod) || c.shape == Workshops && id == payroll.KeyWorkshopCode {
			continue
		}
		g.rows = append(g.rows, []any{id.Info().Label, v})
	}
	return g
}

func headerValue(id payroll.HeaderID, h *payroll.Header) string {
	switch v := id.Info().Field(h).(type) {
	case *string:
		return *v
	case *jalali.Month:
		return v.String()
	}
	return ""
}

// document is the client's list as JSON.
func (c *client) document() ([]byte, error) {
	workshop, lines := map[string]any{}, make([]map[string]any, len(c.lines))
	for id := range payroll.HeaderCount {
		if v := headerValue(id, &c.header); v != "" {
			workshop[id.Info().Key] = v
		}
	}
	for i := range c.lines {
		lines[i] = map[string]any{}
		for _, id := range writtenColumns() {
			if v := value(&c.lines[i], id, false); v != nil {
				lines[i][id.Info().Key] = v
			}
		}
	}
	return json.Marshal(map[string]any{"workshop": workshop, "lines": lines})
}

// value is a cell of a worker: text, a number, or nil for blank. Words stand for codes where they are asked for.
func value(l *payroll.Line, id payroll.ColumnID, words bool) any {
	switch v := id.Info().Field(l).(type) {
	case *string:
		if *v == "" {
			return nil
		}
		for _, x := range id.Info().Values {
			if words && x.Code == *v && len(x.Words) > 0 {
				return x.Words[0]
			}
		}
		return *v
	case *rial.Amount:
		if *v != 0 {
			return int64(*v)
		}
	case *int:
		return int64(*v)
	case *jalali.Date:
		if !v.IsZero() {
			return v.String()
		}
	case *fault.Lane:
		if *v != fault.Both {
			return v.String()
		}
	}
	return nil
}
