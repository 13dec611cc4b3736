package intake

import (
	"regexp"

	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
)

var (
	codeInName  = regexp.MustCompile(`(?:^|[^0-9])([0-9]{10})(?:[^0-9]|$)`)
	monthInName = regexp.MustCompile(`(?:^|[^0-9])(1[34][0-9]{2})[-_ ]?(0[1-9]|1[0-2])(?:[^0-9]|$)`)
)

// guess takes the workshop's code and the month from the file's name where the sheet does not tell them, and says so.
func (in *input) guess() {
	h, name := &in.result.Header, asciiDigits(nil, []byte(in.o.Name))
	if m := codeInName.FindSubmatch(name); m != nil && !h.Given.Has(payroll.KeyWorkshopCode) {
		h.Workshop = payroll.WorkshopCode(m[1])
		in.found(payroll.KeyWorkshopCode, string(m[1]))
	}
	if m := monthInName.FindSubmatch(name); m != nil && !h.Given.Has(payroll.KeyPeriod) {
		if month, err := jalali.ParseMonth(string(m[1]) + string(m[2])); err == nil {
			h.Period = month
			in.found(payroll.KeyPeriod, month.String())
		}
	}
}

func (in *input) found(key payroll.HeaderID, value string) {
	in.result.Header.Given.Add(key)
	in.result.Guesses = append(in.result.Guesses, Guess{What: key.Info().Key, Found: value, Why: "file name"})
}
