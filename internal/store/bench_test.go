package store_test

import (
	"context"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
	"fehrest/internal/store"
	"fehrest/internal/store/storetest"
	"fehrest/internal/synth"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

const (
	benchLines  = 50_000
	benchRounds = 7
)

// BenchmarkRow8 is row 8 of the speed table: COPY of lines, encoded by hand, against pgx's CopyFrom of values; both from the
// same lines to the same commit into the empty table, in turn.
func BenchmarkRow8(b *testing.B) {
	s := storetest.New(b)
	ctx := context.Background()
	list := store.NewID()
	lines := assessed(b)
	clear := func() {
		_, err := s.Jobs().Exec(ctx, "TRUNCATE shared.lines")
		require.NoError(b, err)
		_, err = s.Jobs().Exec(ctx, "CHECKPOINT")
		require.NoError(b, err)
	}
	encode := func(to io.Writer) []store.LinePart {
		w, err := store.NewLineWriter(to, list, "0123456789", month)
		require.NoError(b, err)
		for i := range lines {
			require.NoError(b, w.Write(&lines[i].Line, &lines[i].Assessed))
		}
		require.NoError(b, w.Close())
		return w.Parts()
	}
	parts := encode(io.Discard)
	// The window encodes while it reads; here it goes on beside the COPY, as it does in pgx.
	byHand := func() {
		require.NoError(b, s.Tx(ctx, func(tx *store.Tx) error {
			from, to := io.Pipe()
			go func() {
				encode(to)
				_ = to.Close()
			}()
			n, err := tx.CopyLines(ctx, month, parts, from)
			require.EqualValues(b, benchLines, n)
			return err
		}))
	}
	columns := store.LineColumns()
	values := func(i int) []any {
		l := &lines[i].Line
		v := append(make([]any, 0, len(columns)), "0123456789", list, month.Number(), l.Row, l.Person())
		for id, c := range payroll.Columns() {
			v = append(v, valueOf(c.Field(l), l.Given.Has(payroll.ColumnID(id))))
		}
		a := &lines[i].Assessed
		for _, n := range []rial.Amount{
			a.MonthlyWage, a.Seniority, a.Benefits, a.Insurable, a.Total, a.WorkerPremium, a.EmployerPremium, a.Unemployment, a.HardJob,
		} {
			v = append(v, int64(n))
		}
		v = append(v, a.Waived, a.Capped)
		for _, n := range []rial.Amount{
			a.PremiumShare, a.Taxable, a.Welfare, a.Flat, a.EidiExempt, a.NonCashExempt, a.TaxEstimate, a.BeforeForgiveness, a.NetPaid,
		} {
			v = append(v, int64(n))
		}
		return append(v, a.Months)
	}
	byPGX := func() {
		require.NoError(b, s.Tx(ctx, func(tx *store.Tx) error {
			at := 0
			n, err := tx.Conn().CopyFrom(ctx, pgx.Identifier{"shared", "lines_140507"}, columns, pgx.CopyFromFunc(func() ([]any, error) {
				if at == len(lines) {
					return nil, nil
				}
				at++
				return values(at - 1), nil
			}))
			require.EqualValues(b, benchLines, n)
			return err
		}))
	}
	for b.Loop() {
		var ours, theirs []time.Duration
		for range benchRounds {
			for _, way := range []struct {
				do   func()
				took *[]time.Duration
			}{{byHand, &ours}, {byPGX, &theirs}} {
				clear()
				start := time.Now()
				way.do()
				*way.took = append(*way.took, time.Since(start))
			}
		}
		slices.Sort(ours)
		slices.Sort(theirs)
		b.ReportMetric(float64(ours[benchRounds/2].Milliseconds()), "copy-ms")
		b.ReportMetric(float64(theirs[benchRounds/2].Milliseconds()), "pgx-ms")
		b.ReportMetric(float64(ours[benchRounds/2])/float64(theirs[benchRounds/2]), "x")
		b.ReportMetric(0.8, "goal-x")
	}
}

// valueOf is a field as pgx takes it.
func valueOf(field any, given bool) any {
	switch v := field.(type) {
	case *string:
		if *v != "" || given {
			return *v
		}
	case *rial.Amount:
		if *v != 0 || given {
			return int64(*v)
		}
	case *int:
		if *v != 0 || given {
			return *v
		}
	case *jalali.Date:
		if !v.IsZero() {
			return v.Number()
		}
	case *bool:
		if *v || given {
			return *v
		}
	case *fault.Lane:
		if *v != 0 {
			return v.String()
		}
	}
	return nil
}

// assessed invents lines and what they owe.
func assessed(b *testing.B) []payroll.Filed {
	book, err := law.Load()
	require.NoError(b, err)
	p, ok := book.On(month)
	require.True(b, ok)
	h := synth.Workshop(rand.New(rand.NewPCG(8, 8)), "10380284790", "شرکت نمونه", month)
	filed := make([]payroll.Filed, benchLines)
	for i, l := range synth.List(synth.Options{Seed: 8, Workers: benchLines, Header: h, Law: p}) {
		l.Row = i + 2
		wage := l.DailyWage.TimesInt(l.Days)
		filed[i] = payroll.Filed{Line: l, Assessed: payroll.Assessed{
			MonthlyWage: wage, Benefits: l.Pay[payroll.Housing], Insurable: wage + l.Pay[payroll.Housing], Total: wage + l.Pay[payroll.Housing],
			WorkerPremium: wage / 15, EmployerPremium: wage / 5, Unemployment: wage / 33, PremiumShare: wage / 50, Taxable: wage, NetPaid: wage, Months: 1,
		}}
	}
	return filed
}
