package fault_test

import (
	"encoding/json"
	"testing"

	"fehrest/internal/fault"

	"github.com/stretchr/testify/require"
)

var entry = fault.Entry{
	Code: "WAGE-01", Severity: fault.Error, Lane: fault.SSO, Field: "daily_wage",
	Message: fault.Text{FA: "{given} کمتر از {expected} در {month}", EN: "{given} below {expected} in {month}"},
}

func TestFault_marshals_as_published(t *testing.T) {
	t.Parallel()
	var f fault.Findings
	f.Add(entry.At(fault.Place{Sheet: "لیست", Row: 14, Column: "R", Cell: "R14"}, "1", "2", "month", "1405-07"), fault.Text{}, 1)
	b, err := json.Marshal(f.All()[0])
	require.NoError(t, err)
	require.JSONEq(t, `{"code":"WAGE-01","severity":"error","lane":"sso","sheet":"لیست","row":14,"column":"R","cell":"R14","field":"daily_wage",
		"given":"1","expected":"2","suggested":"","message":{"fa":"1 کمتر از 2 در 1405-07","en":"1 below 2 in 1405-07"},"citation":"","related_rows":[]}`, string(b))
}

func TestFindings_counts_exactly_and_lists_at_most_200_a_code(t *testing.T) {
	t.Parallel()
	var f fault.Findings
	for row := range 412 {
		f.Add(entry.At(fault.Place{Row: 412 - row, Column: "R"}, "", ""), fault.Text{}, 1)
	}
	require.Equal(t, 412, f.Counts().Error)
	require.Len(t, f.All(), fault.Listed)
	require.Less(t, f.All()[0].Row, f.All()[1].Row)
	require.Equal(t, 412, f.Causes()[0].Rows)
	require.Equal(t, fault.Error, f.Worst(fault.SSO))
	require.Equal(t, fault.Info, f.Worst(fault.Tax), "a fault of one lane leaves the other alone")
}

func TestFindings_a_cause_names_the_value_that_all_its_rows_hold(t *testing.T) {
	t.Parallel()
	var f fault.Findings
	add := func(field, given, suggested string) {
		x := entry.At(fault.Place{Field: field}, given, "")
		x.Suggested = suggested
		f.Add(x, fault.Text{}, 1)
	}
	for range 412 {
		add("sex", "خانوم", "")
		add("daily_wage", "600000 تومان", "6000000")
	}
	add("days", "1.5", "")
	add("days", "2.5", "")
	add("days", "2.5", "")
	add("job_code", "x", "")
	for _, c := range f.Causes() {
		want := map[string]fault.Cause{
			"sex": {Rows: 412, Given: "خانوم"}, "daily_wage": {Rows: 412, Given: "600000 تومان", Suggested: "6000000"}, "days": {Rows: 3}, "job_code": {Rows: 1},
		}[c.Field]
		want.Code, want.Field = c.Code, c.Field
		require.Equal(t, want, c)
	}
}
