package payroll_test

import (
	"testing"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestNationalCode(t *testing.T) {
	t.Parallel()
	for code, want := range map[payroll.NationalCode]payroll.Shape{
		"0012345679": payroll.Valid, "0012345678": payroll.WrongCheckDigit, "1111111111": payroll.AllEqual,
		"0000000000": payroll.AllEqual, "12345679": payroll.WrongLength, "001234567a": payroll.WrongLength,
	} {
		require.Equal(t, want, code.Check(), code)
	}
}

func TestEmployerID(t *testing.T) {
	t.Parallel()
	for id, want := range map[payroll.EmployerID]payroll.Shape{
		"10380284790": payroll.Valid, "14007650912": payroll.Valid, "10380284792": payroll.WrongCheckDigit,
		"0012345679": payroll.Valid, "10000000000": payroll.AllEqual, "12345678901234": payroll.Valid, "12": payroll.WrongLength,
	} {
		require.Equal(t, want, id.Check(), id)
	}
}

func TestTrackingCode_refuses_a_slip_of_the_tongue(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		code, err := payroll.NewTrackingCode()
		require.NoError(t, err)
		require.Equal(t, payroll.Valid, code.Check())
		i := rapid.IntRange(0, 10).Draw(t, "i")
		b := []byte(code)
		if b[i] != b[i+1] && (i > 0 || b[i+1] != '0') {
			b[i], b[i+1] = b[i+1], b[i]
			require.Equal(t, payroll.WrongCheckDigit, payroll.TrackingCode(b).Check())
		}
	})
}

func TestColumns_fill_their_own_field_and_no_other(t *testing.T) {
	t.Parallel()
	seen := map[any]string{}
	var l payroll.Line
	for id, c := range payroll.Columns() {
		require.NotEmpty(t, c.Key)
		require.NotEmpty(t, c.Label, c.Key)
		got, ok := payroll.ColumnOf(c.Key)
		require.True(t, ok)
		require.Equal(t, payroll.ColumnID(id), got)
		p := c.Field(&l)
		require.Empty(t, seen[p], "%s shares its field", c.Key)
		seen[p] = c.Key
		switch c.Form {
		case payroll.Money:
			require.IsType(t, (*rial.Amount)(nil), p, c.Key)
		case payroll.Count:
			require.IsType(t, (*int)(nil), p, c.Key)
		case payroll.Date:
			require.IsType(t, (*jalali.Date)(nil), p, c.Key)
		case payroll.YesNo, payroll.NoYes:
			require.IsType(t, (*bool)(nil), p, c.Key)
		case payroll.Lanes:
			require.IsType(t, (*fault.Lane)(nil), p, c.Key)
		default:
			require.IsType(t, (*string)(nil), p, c.Key)
		}
	}
	require.Equal(t, payroll.ColDailySeniority+1, payroll.MonthlyWage.Column())
	require.Equal(t, payroll.ColHousingUse, payroll.LifePremium.Column()+1)
	c, ok := payroll.Eidi.Column().Component()
	require.True(t, ok)
	require.Equal(t, payroll.Eidi, c)
	require.Equal(t, "ytd_noncash", payroll.ColYTDNonCash.Info().Key)
}

func TestHeaderKeys_fill_their_own_field(t *testing.T) {
	t.Parallel()
	seen := map[any]bool{}
	var h payroll.Header
	for _, k := range payroll.HeaderKeys() {
		p := k.Field(&h)
		require.False(t, seen[p], k.Key)
		seen[p] = true
	}
}

func TestState_table(t *testing.T) {
	t.Parallel()
	require.True(t, payroll.Queued.May(payroll.Sending))
	for _, final := range []payroll.State{payroll.AnswerAccepted, payroll.AnswerWithFindings, payroll.AnswerRejected} {
		require.True(t, final.Final())
		for _, to := range []payroll.State{payroll.Queued, payroll.Sending, payroll.Sent, payroll.AnswerAccepted, payroll.AnswerRejected} {
			require.False(t, final.May(to), "%s → %s", final, to)
		}
	}
	require.ElementsMatch(t, []payroll.State{payroll.Sending, payroll.ByHand, payroll.NeedsAttention}, payroll.Sent.From())
	for _, to := range []payroll.State{payroll.Sending, payroll.Sent, payroll.ByHand, payroll.AnswerAccepted, payroll.AnswerRejected} {
		require.False(t, payroll.Superseded.May(to), to)
	}
	require.True(t, payroll.Superseded.May(payroll.Queued), "what overtook it was withdrawn")
	require.NotContains(t, payroll.Queued.From(), payroll.Superseded, "nothing else brings it back")
}

func TestStateOf(t *testing.T) {
	t.Parallel()
	both := payroll.Verdicts{SSO: payroll.Accepted, Tax: payroll.Accepted}
	for want, s := range map[payroll.ListState]payroll.Standing{
		payroll.Withdrawn:            {Withdrawn: true, Replaced: true},
		payroll.Replaced:             {Replaced: true, Submitted: fault.Both},
		payroll.Draft:                {Verdicts: payroll.Verdicts{SSO: payroll.Accepted, Tax: payroll.Rejected}},
		payroll.RejectedList:         {Verdicts: payroll.Verdicts{SSO: payroll.Rejected, Tax: payroll.Rejected}},
		payroll.ListNeedsAttention:   {Verdicts: both, Submitted: fault.Both, SSO: payroll.AnswerRejected, Tax: payroll.NeedsAttention},
		payroll.Submitted:            {Verdicts: both, Submitted: fault.Both, SSO: payroll.AnswerAccepted, Tax: payroll.Due},
		payroll.SettledWithRejection: {Verdicts: both, Submitted: fault.Both, SSO: payroll.AnswerRejected, Tax: payroll.AnswerAccepted},
		payroll.Answered:             {Verdicts: both, Submitted: payroll.SSO, SSO: payroll.AnswerWithFindings, Tax: payroll.NotSent},
	} {
		require.Equal(t, want, payroll.StateOf(s))
	}
}

func TestDeliveryKeys(t *testing.T) {
	t.Parallel()
	m := jalali.Month{Year: 1405, Month: 7}
	require.Equal(t, "sso.0123456789.000.1405-07.01.2", payroll.Identity{Workshop: "0123456789", ContractRow: "000", Period: m, ListNo: "01"}.Key(2))
	require.Equal(t, "tax.10380284790.0.1405-07.1", payroll.TaxMonthIdentity{Employer: "10380284790", Period: m}.Key(1))
}
