package intake_test

import (
	"bytes"
	"fmt"
	"path"
	"testing"

	"fehrest/internal/agency"
	"fehrest/internal/agency/sso"
	"fehrest/internal/agency/tax"
	"fehrest/internal/dbf"
	"fehrest/internal/fault"
	"fehrest/internal/intake"
	"fehrest/internal/payroll"
	"fehrest/internal/rule"
	"fehrest/internal/synth"

	"github.com/stretchr/testify/require"
)

// filed is a list as it was read, for the organisations' encoders.
func filed(r *intake.Result, lines []payroll.Filed) payroll.FiledList {
	return payroll.FiledList{Header: r.Header, Version: 1, Totals: r.Totals, Lines: lines}
}

func dskOf(t testing.TB, a sso.Agency, list payroll.FiledList) []payroll.File {
	t.Helper()
	a.Book = lawBook(t)
	files, err := a.Encode(agency.Parcel{List: &list})
	require.NoError(t, err)
	return files
}

func taxFilesOf(t testing.TB, list payroll.FiledList) []payroll.File {
	t.Helper()
	book := lawBook(t)
	p, ok := book.On(list.Header.TaxPeriod)
	require.True(t, ok)
	assessor := rule.Assessor{Law: p, TaxLaw: p}
	month, contradictions := assessor.Month(list.Header.TaxMonth(), []payroll.FiledList{list})
	require.Empty(t, contradictions)
	files, err := tax.Agency{Book: book}.Encode(agency.Parcel{Month: &month})
	require.NoError(t, err)
	return files
}

func zipped(t testing.TB, files []payroll.File) []byte {
	t.Helper()
	b, err := agency.Zip(files)
	require.NoError(t, err)
	return b
}

// knownWorkshop is what a --workshop file would say of the list's workshop.
func knownWorkshop(h *payroll.Header) *payroll.Header {
	x := *h
	x.Given = payroll.HeaderSet(0)
	for _, key := range []payroll.HeaderID{
		payroll.KeyWorkshopCode, payroll.KeyWorkshopName, payroll.KeyEmployerName, payroll.KeyEmployerID, payroll.KeyAddress, payroll.KeyPostalCode,
	} {
		x.Given.Add(key)
	}
	x.Faulty = 0
	return &x
}

// sent is a payroll as a workbook tells it.
type sent struct {
	result *intake.Result
	lines  []payroll.Filed
}

func readCase(t testing.TB, h payroll.Header, lines []payroll.Line) sent {
	r, filed := read(t, workbookOf(t, &h, lines), options(t))
	return sent{r, filed}
}

// goodCases are the samples both of whose lanes pass.
func goodCases(t testing.TB) (cases []synth.Case) {
	for _, c := range synth.Cases(lawBook(t)) {
		if path.Base(c.Folder) != "faulty" && c.Name != "6-faulty.xlsx" {
			cases = append(cases, c)
		}
	}
	require.NotEmpty(t, cases)
	return cases
}

// ssoTotals are the totals that the SSO's files carry.
func ssoTotals(t payroll.Totals, layout sso.Layout) payroll.Totals {
	t.Taxable, t.TaxEstimate, t.Salary = 0, 0, 0 // the tax lane's
	if layout == sso.V27 {
		t.DailyWage, t.DailySeniority, t.Seniority, t.Marriage = t.DailyWage+t.DailySeniority, 0, 0, 0
	}
	return t
}

func TestDSK_gives_the_same_totals_in_every_layout_and_encoding(t *testing.T) {
	t.Parallel()
	for _, c := range goodCases(t) {
		original := readCase(t, c.Header, c.Lines)
		for _, a := range []sso.Agency{
			{Encoding: dbf.IranSystem}, {Encoding: dbf.CP1256}, {Layout: sso.V27}, {Layout: sso.V27, Encoding: dbf.CP1256},
		} {
			t.Run(fmt.Sprintf("%s_%s_%s_%d", c.Folder, c.Name, a.Encoding, a.Layout), func(t *testing.T) {
				t.Parallel()
				files := dskOf(t, a, filed(original.result, original.lines))
				r, lines := read(t, zipped(t, files), options(t))
				require.Equal(t, "dsk", r.Format)
				require.Empty(t, codesOf(r, fault.Error), "%+v", r.Findings.All())
				require.True(t, r.Verdicts.SSO.Passes())
				require.Equal(t, payroll.NotAddressed, r.Verdicts.Tax)
				require.Equal(t, original.result.Header.Identity(), r.Header.Identity())
				require.Equal(t, ssoTotals(original.result.Totals, a.Layout), ssoTotals(r.Totals, sso.V65))
				require.Equal(t, a.Encoding.String(), guessOf(r, "encoding"))
				require.Equal(t, files, dskOf(t, a, filed(r, lines)), "written again it is the same file")
			})
		}
	}
}

func guessOf(r *intake.Result, what string) string {
	for _, g := range r.Guesses {
		if g.What == what {
			return g.Found
		}
	}
	return ""
}

func TestTax_files_give_the_same_columns(t *testing.T) {
	t.Parallel()
	for _, c := range goodCases(t) {
		t.Run(c.Folder+"_"+c.Name, func(t *testing.T) {
			t.Parallel()
			original := readCase(t, c.Header, c.Lines)
			files := taxFilesOf(t, filed(original.result, original.lines))
			o := options(t)
			o.Workshop = knownWorkshop(&original.result.Header)
			r, lines := read(t, zipped(t, files), o)
			require.Equal(t, "tax", r.Format)
			require.Empty(t, codesOf(r, fault.Error), "%+v", r.Findings.All())
			require.True(t, r.Verdicts.Tax.Passes())
			require.Equal(t, payroll.NotAddressed, r.Verdicts.SSO)
			require.Equal(t, c.Header.Period, r.Header.TaxPeriod)
			again := taxFilesOf(t, filed(r, lines))
			require.Equal(t, text(files), text(again))
		})
	}
}

func text(files []payroll.File) (all []string) {
	for _, f := range files {
		all = append(all, f.Name, string(f.Bytes))
	}
	return all
}

func TestJoined_files_give_both_organisations_the_same(t *testing.T) {
	t.Parallel()
	for _, c := range goodCases(t) {
		t.Run(c.Folder+"_"+c.Name, func(t *testing.T) {
			t.Parallel()
			original := readCase(t, c.Header, c.Lines)
			list := filed(original.result, original.lines)
			dsk, wh := dskOf(t, sso.Agency{}, list), taxFilesOf(t, list)
			o := options(t)
			o.Workshop = knownWorkshop(&original.result.Header)
			r, lines := read(t, zipped(t, append(append([]payroll.File{}, dsk...), wh...)), o)
			require.Equal(t, "dsk+tax", r.Format)
			require.Empty(t, codesOf(r, fault.Error), "%+v", r.Findings.All())
			require.Equal(t, ssoTotals(original.result.Totals, sso.V65), ssoTotals(r.Totals, sso.V65))
			again := filed(r, lines)
			require.Equal(t, dsk, dskOf(t, sso.Agency{}, again))
			require.ElementsMatch(t, bytes.Split(wh[1].Bytes, []byte("\r\n")), bytes.Split(taxFilesOf(t, again)[1].Bytes, []byte("\r\n")))
		})
	}
}
