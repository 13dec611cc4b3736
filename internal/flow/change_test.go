package flow_test

import (
	"context"
	"maps"
	"testing"

	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"

	"github.com/stretchr/testify/require"
)

// changeOf makes a list of kind change that names the version.
func changeOf(version string, lines ...map[string]any) *document {
	d := listOf(shop).set("kind", "change").set("replaces", version).set("reason", "مزد یک نفر اصلاح شد")
	d.Lines = lines
	return d
}

func changed(person int, with map[string]any) map[string]any {
	line := listOf(shop, person).Lines[0]
	line["action"] = "تغییر"
	maps.Copy(line, with)
	return line
}

func cancelled(person int) map[string]any {
	return map[string]any{"national_code": people[person].code, "action": "حذف"}
}

func (s *stage) persons(list string) (codes []string) {
	s.t.Helper()
	doc, err := s.Assessment(context.Background(), s.sender, list)
	require.NoError(s.t, err)
	for _, l := range doc.Lines {
		codes = append(codes, l.Person)
	}
	return codes
}

func TestChange_is_expanded_to_a_whole_new_version(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.open(fault.SSO)
	s.open(fault.Tax)
	s.work()
	v1 := s.mustSend(listOf(shop, 0, 1))
	before := s.await(v1.ListID, payroll.Answered)

	v2 := s.mustSend(changeOf("v1", changed(1, map[string]any{"overtime": 10_000_000}), changed(2, nil)))
	require.Equal(t, 2, v2.Receipt.Version)
	require.Equal(t, payroll.Change, v2.Receipt.Kind)
	after := s.await(v2.ListID, payroll.Answered)
	require.Equal(t, []string{people[0].code, people[1].code, people[2].code}, s.persons(v2.ListID), "who is changed keeps his place, who is new comes last")
	require.Equal(t, 3, after.Workers)
	require.Greater(t, after.Totals.PremiumDue, before.Totals.PremiumDue)
	require.Equal(t, after.Totals.PremiumDue, after.Deliveries.SSO.Payments[0].Amount)
	require.Equal(t, payroll.Replaced, s.list(v1.ListID).State)

	v3 := s.mustSend(changeOf(string(v2.Receipt.TrackingCode), cancelled(0)))
	s.await(v3.ListID, payroll.Answered)
	require.Equal(t, []string{people[1].code, people[2].code}, s.persons(v3.ListID))
	doc, err := s.Assessment(context.Background(), s.sender, v3.ListID)
	require.NoError(t, err)
	same := listOf(shop, 1, 2)
	same.Lines[0]["overtime"] = 10_000_000
	whole := s.mustSend(same.set("list_no", "01").set("workshop_code", branch))
	require.Equal(t, s.list(whole.ListID).Totals, doc.Totals, "as if it had been sent whole")

	status := s.problem(changeOf("v1", cancelled(1)).bytes())
	require.Equal(t, "LIST-03", status.Code, "someone changed it in between")
	require.Contains(t, status.Text.EN, "(v3)")
	require.True(t, s.mustSend(changeOf(string(v2.Receipt.TrackingCode), cancelled(0))).Repeated)
}

func TestChange_findings_stand_at_the_senders_rows(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	v1 := s.mustSend(listOf(shop, 0, 1))
	p := s.problem(changeOf("v1", map[string]any{"action": ""}, changed(1, map[string]any{"birth_date": "1370/13/01"}), cancelled(2)).bytes())
	var at []string
	for _, f := range p.Faults {
		if f.Severity >= fault.Error {
			at = append(at, f.Code+" "+f.Cell)
		}
	}
	require.ElementsMatch(t, []string{"DATE-01 /lines/1/birth_date", "CELL-13 /lines/2/action"}, at)
	require.Equal(t, payroll.Submitted, s.list(v1.ListID).State)

	twice := s.problem(changeOf("v1", changed(1, nil), changed(1, nil)).bytes())
	require.Contains(t, codesOf(twice.Faults), "ID-04")
	require.Contains(t, codesOf(s.problem(changeOf("v1", cancelled(0), cancelled(1)).bytes()).Faults), "SHEET-12", "no one would be left")
	require.Contains(t, codesOf(s.problem(changeOf("v1", cancelled(0)).set("reason", "").bytes()).Faults), "LIST-09")
	require.Equal(t, "LIST-03", s.problem(changeOf("v1", cancelled(0)).set("list_no", "02").bytes()).Code, "there is nothing to change")
}

// A change of what only one organisation gets is not sent to the other again.
func TestChange_an_unchanged_file_is_not_sent_again(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.open(fault.SSO)
	s.open(fault.Tax)
	s.work()
	v1 := s.mustSend(listOf(shop, 0, 1))
	s.await(v1.ListID, payroll.Answered)
	v2 := s.mustSend(changeOf("v1", changed(0, map[string]any{"education": "5"}))) // a code of WP
	l := s.await(v2.ListID, payroll.Answered)
	require.Equal(t, s.list(v1.ListID).Deliveries.SSO.Reference, l.Deliveries.SSO.Reference)
	require.Len(t, s.effects(fault.SSO), 1)
	require.Len(t, s.effects(fault.Tax), 2)
	v3 := s.mustSend(changeOf("v2", changed(1, map[string]any{"education": "4"}))) // as it stands
	s.await(v3.ListID, payroll.Answered)
	require.Len(t, s.effects(fault.SSO), 1)
	require.Len(t, s.effects(fault.Tax), 2)
}

// A late answer to the version before changes nothing of the change.
func TestChange_waits_for_the_version_before(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	o := s.office(fault.SSO)
	s.work()
	v1 := s.mustSend(listOf(shop, 0))
	s.awaitLane(v1.ListID, fault.SSO, payroll.Sent)
	v2 := s.mustSend(changeOf("v1", changed(1, nil)))
	v3 := s.mustSend(changeOf("v2", changed(2, nil)))
	first := o.answer("sso.0123456789.000.1405-07.01.1", payroll.AnswerAccepted)
	status, _ := o.post(first)
	require.Equal(t, 200, status)
	s.awaitLane(v3.ListID, fault.SSO, payroll.Sent)
	require.Nil(t, o.sent("sso.0123456789.000.1405-07.01.2"), "it was overtaken")
	require.Equal(t, payroll.Superseded, s.list(v2.ListID).Deliveries.SSO.State)
	first.ID, first.State = first.ID+"x", payroll.AnswerRejected
	o.post(first)
	require.Equal(t, payroll.Sent, s.list(v3.ListID).Deliveries.SSO.State)
	require.Equal(t, payroll.AnswerAccepted, s.list(v1.ListID).Deliveries.SSO.State)
}

func TestChange_of_a_half_accepted_version_is_refused(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	sso := func(u *flow.Upload) { u.Lanes, u.LanesGiven = fault.SSO, true }
	_, err := s.send(halfPassing().bytes(), sso)
	require.NoError(t, err)
	b := changeOf("v1", changed(0, map[string]any{"overtime": 1_000_000})).bytes()
	require.Equal(t, fault.Unprocessable, s.problem(b).Kind, "what was wrong for the tax lane would pass for a blank")
	sent, err := s.send(b, sso)
	require.NoError(t, err)
	require.Equal(t, 2, sent.Receipt.Version)
}

func TestChange_takes_a_draft_and_a_supplementary_list_too(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	first := s.mustSend(listOf(shop, 0, 1))
	b := changeOf("v1", cancelled(1)).bytes()
	draft, err := s.send(b, func(u *flow.Upload) { u.Draft = true })
	require.NoError(t, err)
	require.True(t, draft.Draft)
	require.Equal(t, []string{people[0].code}, s.persons(draft.ListID))
	require.Empty(t, s.list(first.ListID).ReplacedBy)
	sent, err := s.send(b, func(u *flow.Upload) { u.LanesGiven = true })
	require.NoError(t, err)
	require.Equal(t, 2, sent.Receipt.Version)
	require.Equal(t, []string{people[0].code}, s.persons(sent.ListID))

	s.mustSend(supplement("02", arrearsOf(0, 1_000_000)))
	row := arrearsOf(0, 2_000_000)
	row["action"] = "change"
	more := s.mustSend(changeOf("v1", row).set("list_no", "02"))
	require.Equal(t, []rial.Amount{2_000_000}, s.insurable(more.ListID))
}

func TestChange_by_a_workbook_of_a_few_columns(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.mustSend(listOf(shop, 0, 1))
	b := sheetsOf(t, map[string][][]any{
		"کارگاه": {
			{"کد کارگاه", string(shop)},
			{"سال و ماه عملکرد", "1405-07"},
			{"نوع ارسال", "اصلاح چند نفر"},
			{"کد رهگیری لیست قبلی", "v1"},
			{"علت اصلاح", "یک نفر نبود"},
		},
		"لیست": {{"ردیف", "کد ملی", "نام", "نام خانوادگی", "اقدام"}, {1, people[1].code, people[1].first, people[1].last, "حذف"}},
	}, "کارگاه", "لیست")
	sent, err := s.send(b, func(u *flow.Upload) { u.Name, u.ContentType = "change.xlsx", "" })
	require.NoError(t, err)
	require.Equal(t, []string{people[0].code}, s.persons(sent.ListID))
}
