package sim

import (
	"fmt"
	"io"
	"strings"
)

// Finding is one thing an organisation would refuse in a delivered file. Its
// code is the simulator's own: the real portals' codes are not published and
// none is imitated.
type Finding struct {
	File     string // as named in the package or on disk
	Code     string // SIM-nn, see codes
	Field    string // DSK_*, DSW_*, WPn, WHn; empty when the file as a whole is meant
	Record   int    // 1-based record or line; 0 for the file's header
	Person   string // national code, else I or F and the number; empty when no person is meant
	Found    string
	Expected string
}

// codes holds the meaning of every SIM code; the table is the simulator's
// public vocabulary.
var codes = map[string]string{
	"SIM-01": "the package is damaged, or holds other files than the ones expected",
	"SIM-02": "the files do not belong to the delivery key or file name they came under",
	"SIM-03": "a DBF header byte is wrong",
	"SIM-04": "the DBF columns are not those of the 25/29 or 23/27 layout",
	"SIM-05": "a DBF record is deleted, cut or surplus",
	"SIM-06": "not a whole number, right aligned and space padded",
	"SIM-07": "text that cannot be read, begins with a space or holds a forbidden character",
	"SIM-08": "the pair does not agree in workshop, year, month or list number",
	"SIM-09": "a value outside its permitted set",
	"SIM-10": "the number of records differs from the stated count",
	"SIM-11": "a total differs from the sum of its rows",
	"SIM-12": "an identifier of wrong shape or check digit",
	"SIM-13": "not a date of the Jalali calendar, or one that cannot be",
	"SIM-14": "more days than the month or the employment within it has",
	"SIM-15": "the monthly wage is not (daily wage + seniority) x days",
	"SIM-16": "the insurable sum is not min(wage + benefits, cap x days)",
	"SIM-17": "the amounts of a row contradict each other",
	"SIM-18": "the worker's premium is not his share of the insurable sum, rounded half up",
	"SIM-19": "the employer's share cannot come from these rows",
	"SIM-20": "the unemployment premium cannot come from these rows",
	"SIM-21": "the same person twice",
	"SIM-22": "a required field is empty",
	"SIM-23": "no rates are known for this year",
	"SIM-40": "the text file is not UTF-8 lines ended by CRLF without quotes",
	"SIM-41": "wrong number of fields in a line",
	"SIM-42": "the persons or their order differ between the two files",
	"SIM-44": "a code outside its enumeration",
	"SIM-45": "an identifier of wrong shape or check digit",
	"SIM-46": "not a date of the Jalali calendar, or one that cannot be",
	"SIM-47": "an amount that is not plain digits",
	"SIM-48": "text that is missing, too long or holds a forbidden character",
	"SIM-49": "the net pay does not follow from the pay columns",
	"SIM-50": "the same person twice",
	"SIM-51": "no brackets are known for this year",
	"SIM-99": "rejected because the simulator was told to",
}

// collector gathers every finding of one package; nothing stops at the first.
type collector struct {
	file string
	all  []Finding
}

func (c *collector) in(file string) *collector {
	c.file = file
	return c
}

func (c *collector) add(code, field string, record int, person, found, expected string) {
	c.all = append(c.all, Finding{
		File: c.file, Code: code, Field: field, Record: record,
		Person: person, Found: found, Expected: expected,
	})
}

// print writes one line a finding. The values are the sender's own and go to
// his own terminal, never to a log.
func (f Finding) print(w io.Writer) error {
	field := f.Field
	if field == "" {
		field = "-"
	}
	_, err := fmt.Fprintf(w, "%s: %s field=%s record=%d found=%q expected=%q: %s\n",
		f.File, f.Code, field, f.Record, f.Found, f.Expected, codes[f.Code])
	return err
}

// answer gives the finding the form it has in an answer document.
func (f Finding) answer() AnswerFinding {
	var b strings.Builder
	b.WriteString(codes[f.Code])
	if f.Record > 0 {
		fmt.Fprintf(&b, "; record %d", f.Record)
	}
	if f.Found != "" || f.Expected != "" {
		fmt.Fprintf(&b, "; found %q, expected %q", f.Found, f.Expected)
	}
	return AnswerFinding{Code: f.Code, Message: b.String(), Person: f.Person, Field: f.Field}
}
