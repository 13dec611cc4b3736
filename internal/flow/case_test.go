package flow_test

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"path"
	"strings"
	"testing"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/intake/casetest"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/stretchr/testify/require"
)

// registered is what a case says of the window that its file comes to.
type registered struct {
	ExemptFive bool       `json:"exempt_five"`
	Accepted   fault.Lane `json:"accepted"`  // the lanes that accepted the lists filed before
	Collected  bool       `json:"collected"` // the SSO's payment slips of those lists were paid
}

// noon is the day of the cases: 15 Aban 1405 in Tehran.
var noon = time.Date(2026, 11, 6, 9, 0, 0, 0, time.UTC)

func TestCases(t *testing.T) {
	t.Parallel()
	for _, c := range casetest.Cases(t, flow.Examples) {
		t.Run(strings.TrimSpace(c.Code+" "+c.Name), func(t *testing.T) {
			t.Parallel()
			fails, failing := runCase(t, &c, c.Fail)
			passes, passing := runCase(t, &c, c.Pass)
			require.Empty(t, casetest.Of(passes, c.Code), "the passing case raises it")
			c.Compare(t, flow.Examples, casetest.Want{Verdicts: failing, Findings: casetest.Of(fails, c.Code), Passing: passing})
		})
	}
}

// runCase files the lists that came before and then the case's own.
func runCase(t *testing.T, c *casetest.Case, file string) ([]fault.Fault, payroll.Verdicts) {
	t.Helper()
	var o registered
	c.Options(t, flow.Examples, file == c.Pass, &o)
	s := onStage(t)
	began := time.Now()
	s.Now = func() time.Time { return noon.Add(time.Since(began)) } // what waits for a moment comes about
	ctx := context.Background()
	require.NoError(t, s.Store.Tx(ctx, func(tx *store.Tx) error {
		w, err := tx.Workshop(ctx, shop)
		require.NoError(t, err)
		w.ExemptFive = o.ExemptFive
		return tx.SaveWorkshop(ctx, w)
	}))
	if o.Accepted != 0 {
		s.work()
	}
	before, err := fs.Glob(flow.Examples, path.Join(path.Dir(file), "before*.json"))
	require.NoError(t, err)
	codes := map[string]string{} // tracking codes are drawn by lot: a case names the file they stand for
	for _, b := range before {
		earlier, err := s.send(read(t, b))
		require.NoError(t, err, b)
		codes[string(earlier.Receipt.TrackingCode)] = "<" + path.Base(b) + ">"
		s.answered(earlier.ListID, &o)
	}
	sent, err := s.send(read(t, file))
	var p *fault.Problem
	switch {
	case err == nil:
		report := s.foundIn(sent.ListID)
		return named(report.Faults, codes), report.Verdicts
	case errors.As(err, &p):
		verdicts := payroll.Verdicts{} // nothing is kept
		if kept, ok := p.Extra.(*flow.Kept); ok && p.Kind == fault.Unprocessable {
			verdicts = kept.Receipt.Verdicts
		}
		require.Equal(t, c.Fail, file, "the passing case is refused: %s %+v", p.Text.EN, p.Faults)
		return named(p.Faults, codes), verdicts
	}
	require.NoError(t, err)
	return nil, payroll.Verdicts{}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	b, err := fs.ReadFile(flow.Examples, file)
	require.NoError(t, err)
	return b
}

// answered enters what the organisations said to a list that was filed before.
func (s *stage) answered(list string, o *registered) {
	s.t.Helper()
	for _, lane := range payroll.EachLane() {
		if !o.Accepted.Has(lane) {
			continue
		}
		answer := payroll.Answer{Key: s.awaitLane(list, lane, payroll.ByHand).Key, State: payroll.AnswerAccepted}
		if lane == fault.SSO && o.Collected {
			answer.Payments = []payroll.Payment{{Slip: "1405070001", Amount: 16_240_000, State: "collected"}}
		}
		_, err := s.AnswerByHand(context.Background(), s.sender, []byte("paper"), answer)
		require.NoError(s.t, err)
	}
}

// foundIn are the findings of a list that was kept.
func (s *stage) foundIn(list string) (report struct {
	Faults   []fault.Fault    `json:"faults"`
	Verdicts payroll.Verdicts `json:"verdicts"`
},
) {
	s.t.Helper()
	require.NoError(s.t, json.Unmarshal([]byte(s.faults(list)), &report))
	return report
}

// named writes the file that a list filed before came from in place of its tracking code.
func named(found []fault.Fault, codes map[string]string) []fault.Fault {
	for i := range found {
		f := &found[i]
		for code, file := range codes {
			for _, text := range []*string{&f.Given, &f.Expected, &f.Suggested, &f.Message.FA, &f.Message.EN} {
				*text = strings.ReplaceAll(*text, code, file)
			}
		}
	}
	return found
}
