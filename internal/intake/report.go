package intake

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
	"fehrest/internal/rule"
)

// Report is what `check --json` prints of one file.
type Report struct {
	File        FileReport       `json:"file"`
	Workshop    WorkshopReport   `json:"workshop"`
	Period      jalali.Month     `json:"period"`
	ContractRow string           `json:"contract_row"`
	ListNo      string           `json:"list_no"`
	Kind        payroll.Kind     `json:"kind"`
	Workers     int              `json:"workers"`
	Verdict     payroll.Verdict  `json:"verdict"`
	Verdicts    payroll.Verdicts `json:"verdicts"`
	Counts      fault.Counts     `json:"counts"`
	Faults      []fault.Fault    `json:"faults"`
	Causes      []fault.Cause    `json:"causes"`
	Totals      payroll.Totals   `json:"totals"`
	Questions   []Question       `json:"questions,omitempty"` // what to answer in a map of headers
}

// FileReport is the file itself.
type FileReport struct {
	Name    string  `json:"name"`
	Member  string  `json:"member,omitempty"` // of a ZIP of lists
	SHA256  string  `json:"sha256"`
	Bytes   int64   `json:"bytes"`
	Format  string  `json:"format"`
	Sheet   string  `json:"sheet,omitempty"` // where the sender chose one
	Guesses []Guess `json:"guesses"`
}

// WorkshopReport names the workshop.
type WorkshopReport struct {
	Code payroll.WorkshopCode `json:"workshop_code"`
}

// Report makes the document of a list that was read from a file of this name, digest (hex SHA-256) and size.
func (r *Result) Report(name, sha string, size int64) Report {
	guesses := r.Guesses
	if guesses == nil {
		guesses = []Guess{}
	}
	h := &r.Header
	return Report{
		File:     FileReport{Name: name, SHA256: sha, Bytes: size, Format: r.Format, Guesses: guesses},
		Workshop: WorkshopReport{Code: h.Workshop}, Period: h.Period, ContractRow: h.ContractRow, ListNo: h.ListNo, Kind: h.Kind,
		Workers: r.Workers, Verdict: r.Verdicts.Worst(), Verdicts: r.Verdicts,
		Counts: r.Findings.Counts(), Faults: r.Findings.All(), Causes: r.Findings.Causes(), Totals: r.Totals, Questions: r.Questions,
	}
}

// Assessment is the document assessment.json: what every line of one list owes, each figure with its reason. The tax
// figures are those of this list alone.
type Assessment struct {
	Period jalali.Month   `json:"period"`
	Law    LawReport      `json:"law"`
	Totals payroll.Totals `json:"totals"`
	Lines  []AssessedLine `json:"lines"`
}

// LawReport names the law that governed.
type LawReport struct {
	File string `json:"file"`
}

// AssessedLine is one line of the document.
type AssessedLine struct {
	Row             int                  `json:"row"`
	Person          string               `json:"person"`
	NationalCode    payroll.NationalCode `json:"national_code"`
	MonthlyWage     rial.Amount          `json:"monthly_wage"`
	Benefits        rial.Amount          `json:"benefits"`
	Insurable       rial.Amount          `json:"insurable"`
	Total           rial.Amount          `json:"total"`
	WorkerPremium   rial.Amount          `json:"worker_premium"`
	EmployerPremium rial.Amount          `json:"employer_premium"`
	Unemployment    rial.Amount          `json:"unemployment"`
	Taxable         rial.Amount          `json:"taxable"`
	TaxEstimate     *rial.Amount         `json:"tax_estimate"` // null where no rule is known
	NetPaid         rial.Amount          `json:"net_paid"`
	Held            bool                 `json:"held,omitempty"`
	Why             rule.Why             `json:"why"`
}

// NewAssessment begins the document of a list.
func NewAssessment(period jalali.Month, lawFile string, totals payroll.Totals) *Assessment {
	return &Assessment{Period: period, Law: LawReport{File: lawFile}, Totals: totals, Lines: []AssessedLine{}}
}

// Add takes one line with what it owes; lines stand in the order they are added.
func (d *Assessment) Add(l *payroll.Line, a *payroll.Assessed, why rule.Why) {
	line := AssessedLine{
		Row: l.Row, Person: l.Person(), NationalCode: l.NationalCode,
		MonthlyWage: a.MonthlyWage, Benefits: a.Benefits, Insurable: a.Insurable, Total: a.Total,
		WorkerPremium: a.WorkerPremium, EmployerPremium: a.EmployerPremium, Unemployment: a.Unemployment,
		Taxable: a.Taxable, NetPaid: a.NetPaid, Held: l.Hold, Why: why,
	}
	if !a.NoEstimate {
		estimate := a.TaxEstimate
		line.TaxEstimate = &estimate
	}
	d.Lines = append(d.Lines, line)
}

// WriteAssessment writes the document of lines that were read or stored with what they owe, line by line: the law explains
// them again, and the reasons of a large list are many times its own size.
func WriteAssessment(w io.Writer, book *law.Book, h *payroll.Header, totals payroll.Totals, lines []payroll.Filed) error {
	p, ok := book.On(h.Period)
	if !ok {
		return fmt.Errorf("intake: assessment: no law governs %s", h.Period)
	}
	taxLaw, _ := book.On(h.TaxPeriod) // without it there is no estimate, as of a list for the SSO alone
	assessor := rule.Assessor{Law: p, TaxLaw: taxLaw, Header: h}
	doc := NewAssessment(h.Period, p.File, totals)
	var b bytes.Buffer
	if err := encode(&b, "", doc); err != nil {
		return err
	}
	const end = "]\n}\n" // of the document, whose lines come last
	b.Truncate(b.Len() - len(end))
	for i := range lines {
		line, owed := &lines[i].Line, &lines[i].Assessed
		doc.Lines = doc.Lines[:0]
		doc.Add(line, owed, assessor.Why(line, owed))
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n    ")
		if err := encode(&b, "    ", &doc.Lines[0]); err != nil {
			return err
		}
		b.Truncate(b.Len() - 1) // the line's own end
		if _, err := b.WriteTo(w); err != nil {
			return err
		}
	}
	if len(lines) > 0 {
		b.WriteString("\n  ")
	}
	b.WriteString(end)
	_, err := b.WriteTo(w)
	return err
}

func encode(b *bytes.Buffer, indent string, v any) error {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	e.SetIndent(indent, "  ")
	return e.Encode(v)
}
