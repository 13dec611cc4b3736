package flow_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/seal"
	"fehrest/internal/store"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

var mehr = jalali.Month{Year: 1405, Month: 7}

func TestWindow_two_lists_of_one_employer_become_two_deliveries_and_one_tax_month(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.open(fault.SSO)
	s.open(fault.Tax)
	s.TaxWait = 300 * time.Millisecond
	first, second := s.mustSend(listOf(shop, 0, 1)), s.mustSend(listOf(branch, 1, 2))
	s.work()
	l := s.await(first.ListID, payroll.Answered)
	other := s.await(second.ListID, payroll.Answered)
	require.Equal(t, l.Deliveries.Tax.Key, other.Deliveries.Tax.Key)
	require.Equal(t, "tax.10380284790.0.1405-07.1", l.Deliveries.Tax.Key)
	require.NotEqual(t, l.Deliveries.SSO.Reference, other.Deliveries.SSO.Reference)
	require.Len(t, l.Deliveries.SSO.Payments, 1)
	require.Equal(t, l.Totals.PremiumDue, l.Deliveries.SSO.Payments[0].Amount)
	require.Equal(t, "1405/08/30", l.Due.SSO)

	month, err := s.TaxMonth(context.Background(), s.sender, employer, "", mehr)
	require.NoError(t, err)
	require.True(t, month.Whole)
	require.Equal(t, payroll.AnswerAccepted, month.State)
	require.Len(t, month.Persons, 3, "one row a person, however many lists he is in")
	for _, p := range month.Persons {
		require.NotNil(t, p.Tax)
		require.Zero(t, *p.Difference, "the administration computes what we estimate")
	}
	wh, err := s.File(context.Background(), s.sender, first.ListID, "WH140507.txt")
	require.NoError(t, err)
	require.Equal(t, 3, bytes.Count(wh.Bytes, []byte("\r\n")))

	for _, lane := range payroll.EachLane() {
		effects := s.effects(lane)
		require.Len(t, effects, map[fault.Lane]int{fault.SSO: 2, fault.Tax: 1}[lane])
		for _, e := range effects {
			require.Equal(t, 1, e.Count)
		}
	}
	b, err := json.Marshal(first.Receipt)
	require.NoError(t, err)
	require.NoError(t, seal.Verify(b, s.PublicKeys()))
	require.Eventually(t, func() bool {
		var chain store.Chain
		require.NoError(t, s.Store.Read(context.Background(), func(tx *store.Tx) (err error) {
			chain, err = tx.VerifyChain(context.Background())
			return err
		}))
		require.Zero(t, chain.Bad)
		return chain.Sealed > 8 && chain.Unsealed == 0
	}, patience, 50*time.Millisecond)
}

func TestSubmit_same_bytes_get_the_earlier_receipt(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	d := listOf(shop, 0, 1)
	first := s.mustSend(d)
	require.False(t, first.Repeated)
	require.Equal(t, 1, first.Receipt.Version)
	again := s.mustSend(d)
	require.True(t, again.Repeated)
	require.Equal(t, first.Receipt, again.Receipt)
	require.Equal(t, 1, s.count("SELECT count(*) FROM shared.lists"))

	other := listOf(shop, 0)
	p := s.problem(other.bytes())
	require.Equal(t, "LIST-02", p.Code)
	require.Equal(t, fault.Conflict, p.Kind)
	require.Equal(t, first.Receipt, p.Extra.(*flow.Kept).Receipt)
}

func TestSubmit_a_key_has_one_answer(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	key := func(u *flow.Upload) { u.IdempotencyKey = "one" }
	first, err := s.send(listOf(shop, 0).bytes(), key)
	require.NoError(t, err)
	again, err := s.send(listOf(shop, 0).bytes(), key)
	require.NoError(t, err)
	require.True(t, again.Replayed)
	again.Replayed = false
	require.Equal(t, first, again, "but for the word that it was told before")
	p := s.problem(listOf(branch, 1).bytes(), key)
	require.Equal(t, "API-02", p.Code)
	require.Equal(t, first.Receipt, p.Extra.(*flow.Kept).Receipt)
	p = s.problem(listOf(branch, 1).bytes(), func(u *flow.Upload) { u.IdempotencyKey = "" })
	require.Equal(t, "API-01", p.Code)

	bad := listOf(branch, 1)
	bad.Lines[0]["national_code"] = "1234567890"
	key = func(u *flow.Upload) { u.IdempotencyKey = "two" }
	rejected := s.problem(bad.bytes(), key)
	again2 := s.problem(bad.bytes(), key)
	kept := again2.Extra.(*flow.Kept)
	require.True(t, kept.Replayed)
	kept.Replayed = false
	require.Equal(t, rejected.Extra, kept)
	require.Equal(t, rejected.Faults, again2.Faults)
	require.Equal(t, 1, s.count("SELECT count(*) FROM shared.lists WHERE version IS NULL"))
}

func TestSubmit_many_at_once_get_one_filing(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	b := listOf(shop, 0, 1).bytes()
	got := make(chan *flow.Submitted, 8)
	for range cap(got) {
		go func() {
			r, err := s.send(b)
			if err != nil {
				t.Error(err)
			}
			got <- r
		}()
	}
	first := <-got
	for range cap(got) - 1 {
		require.Equal(t, first.ListID, (<-got).ListID)
	}
	require.Equal(t, 1, s.count("SELECT count(*) FROM shared.lists"))
	require.Equal(t, 1, s.count("SELECT count(*) FROM shared.deliveries"))
	require.Equal(t, 2, s.count("SELECT count(*) FROM shared.lines"))
}

func TestSubmit_a_rejected_list_keeps_bytes_and_findings(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	d := listOf(shop, 0, 1)
	d.Lines[1]["national_code"] = "1234567890"
	b := d.bytes()
	p := s.problem(b)
	require.Equal(t, fault.Unprocessable, p.Kind)
	require.True(t, slices.ContainsFunc(p.Faults, func(f fault.Fault) bool { return f.Code == "ID-02" }))
	kept := p.Extra.(*flow.Kept)
	require.Equal(t, payroll.Rejected, kept.Receipt.Verdict)
	require.Zero(t, kept.Receipt.Version)
	require.Equal(t, payroll.RejectedList, s.list(kept.ID).State)
	require.Zero(t, s.count("SELECT count(*) FROM shared.lines"))
	file, err := s.Original(context.Background(), s.sender, kept.ID)
	require.NoError(t, err)
	original, err := io.ReadAll(file)
	require.NoError(t, err)
	require.Equal(t, b, original)
	report, err := s.Faults(context.Background(), s.sender, kept.ID)
	require.NoError(t, err)
	require.Contains(t, string(report), `"code":"ID-02"`)

	d.Lines[1]["national_code"] = people[1].code
	require.Equal(t, 1, s.mustSend(d).Receipt.Version, "a rejected list occupies nothing")
}

func TestSubmit_an_unreadable_file_leaves_only_its_hash(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	for code, b := range map[string]string{"FILE-01": "", "FILE-03": "<html></html>", "JSON-01": `{"workshop": {`} {
		p := s.problem([]byte(b))
		require.Equal(t, code, p.Code)
		require.Nil(t, p.Extra)
	}
	p := s.problem([]byte("0123456789"), func(u *flow.Upload) { u.Limit = 5 })
	require.Equal(t, "FILE-02", p.Code)
	require.Equal(t, fault.TooLarge, p.Kind)
	require.Zero(t, s.count("SELECT count(*) FROM shared.uploads"))
	require.Equal(t, 3, s.count("SELECT count(*) FROM audit.log WHERE action = 'upload.refused'"))
}

func TestSubmit_others_workshops_are_not_there(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	for _, code := range []payroll.WorkshopCode{stranger, "1111111111"} {
		p := s.problem(listOf(code, 0).bytes())
		require.Equal(t, "ID-12", p.Code)
		require.Equal(t, fault.NotFound, p.Kind)
	}
	p := s.problem(listOf(shop, 0).set("employer_id", "10101234562").bytes())
	require.Equal(t, "ID-17", p.Code)
	require.Zero(t, s.count("SELECT count(*) FROM shared.lists"))

	sent := s.mustSend(listOf(shop, 0))
	someone := access.Principal{ID: uuid.New(), Role: access.Accountant}
	ctx := context.Background()
	_, err := s.List(ctx, someone, sent.ListID)
	requireNotFound(t, err)
	_, err = s.State(ctx, someone, sent.ListID)
	requireNotFound(t, err)
	_, err = s.Receipt(ctx, someone, sent.ListID)
	requireNotFound(t, err)
	_, err = s.Original(ctx, someone, sent.ListID)
	requireNotFound(t, err)
	_, err = s.List(ctx, s.sender, uuid.NewString())
	requireNotFound(t, err)
	_, err = s.State(ctx, s.sender, uuid.NewString())
	requireNotFound(t, err)
	page, err := s.Lists(ctx, someone, flow.Query{})
	require.NoError(t, err)
	require.Empty(t, page.Items)
	_, err = s.TaxMonth(ctx, someone, employer, "", mehr)
	requireNotFound(t, err)
}

func requireNotFound(t *testing.T, err error) {
	t.Helper()
	var p *fault.Problem
	require.ErrorAs(t, err, &p)
	require.Equal(t, fault.NotFound, p.Kind)
}

// halfPassing makes a list that the SSO's lane takes and the tax lane rejects.
func halfPassing() *document {
	d := listOf(shop, 0, 1)
	d.Lines[1]["exemption_type"] = "77"
	return d
}

func TestSubmit_one_passing_lane_makes_a_draft_until_the_sender_says_so(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	b := halfPassing().bytes()
	draft, err := s.send(b)
	require.NoError(t, err)
	require.True(t, draft.Draft)
	require.Equal(t, fault.Tax, draft.HeldLane)
	require.Zero(t, draft.Receipt.Version)
	l := s.list(draft.ListID)
	require.Equal(t, payroll.Draft, l.State)
	require.Equal(t, fault.Tax, l.HeldLane)
	require.Equal(t, 2, s.count("SELECT count(*) FROM shared.lines"))
	require.Zero(t, s.count("SELECT count(*) FROM shared.deliveries"))

	again, err := s.send(b)
	require.NoError(t, err)
	require.True(t, again.Repeated)
	require.True(t, again.Draft)

	sent, err := s.send(b, func(u *flow.Upload) { u.Lanes, u.LanesGiven = fault.SSO, true })
	require.NoError(t, err)
	require.Equal(t, draft.ListID, sent.ListID)
	require.False(t, sent.Draft)
	require.Equal(t, 1, sent.Receipt.Version)
	require.Equal(t, draft.Receipt.TrackingCode, sent.Receipt.TrackingCode)
	l = s.list(draft.ListID)
	require.Equal(t, payroll.Submitted, l.State)
	require.Equal(t, payroll.NotSent, l.Deliveries.Tax.State)
	require.Equal(t, 2, s.count("SELECT count(*) FROM shared.lines"))

	other := halfPassing().set("workshop_code", branch).bytes()
	passing, err := s.send(other, func(u *flow.Upload) { u.Passing = true })
	require.NoError(t, err)
	require.False(t, passing.Draft)
	require.Equal(t, payroll.Queued, s.list(passing.ListID).Deliveries.SSO.State)
}

func TestSubmit_the_other_lane_follows_by_the_same_bytes(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	b := listOf(shop, 0, 1).bytes()
	sso, err := s.send(b, func(u *flow.Upload) { u.Lanes, u.LanesGiven = fault.SSO, true })
	require.NoError(t, err)
	require.Equal(t, payroll.NotAddressed, sso.Receipt.Verdicts.Tax)
	both, err := s.send(b)
	require.NoError(t, err)
	require.Equal(t, sso.ListID, both.ListID)
	require.Equal(t, 1, both.Receipt.Version, "the same version")
	require.True(t, both.Receipt.Verdicts.Tax.Passes())
	require.Equal(t, payroll.Due, s.list(both.ListID).Deliveries.Tax.State)
	require.Equal(t, 1, s.count("SELECT count(*) FROM shared.deliveries"), "the lane already sent is left alone")
}

func TestSubmit_a_replacement_names_the_version_in_force(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.open(fault.SSO)
	s.open(fault.Tax)
	s.work()
	replace := func(what string, persons ...int) *document {
		return listOf(shop, persons...).set("kind", "replacement").set("replaces", what).set("reason", "یک نفر افزوده شد")
	}
	none := s.problem(replace("v1", 0, 1).bytes())
	require.Equal(t, "LIST-03", none.Code, "there is nothing to replace")
	require.NotContains(t, none.Text.FA+none.Text.EN, "{")
	v1 := s.mustSend(listOf(shop, 0))
	s.await(v1.ListID, payroll.Answered)
	require.Equal(t, "LIST-03", s.problem(replace("v2", 0, 1).bytes()).Code)
	v2 := s.mustSend(replace("v1", 0, 1))
	require.Equal(t, 2, v2.Receipt.Version)
	s.await(v2.ListID, payroll.Answered)
	require.Equal(t, payroll.Replaced, s.list(v1.ListID).State)
	gone := s.problem(listOf(shop, 0).bytes())
	require.Equal(t, "LIST-03", gone.Code, "the bytes of a replaced version")
	require.Regexp(t, `^«v1» نسخه جاری این لیست نیست؛ نسخه جاری \d{12} \(v2\) است$`, gone.Text.FA, "409 says which is")
	v3 := s.mustSend(replace(string(v2.Receipt.TrackingCode), 0, 1, 2))
	l := s.await(v3.ListID, payroll.Answered)
	require.Equal(t, "tax.10380284790.0.1405-07.3", l.Deliveries.Tax.Key)
	require.Equal(t, "sso.0123456789.000.1405-07.01.3", l.Deliveries.SSO.Key)
}

func TestHand_a_lane_without_a_gateway(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	ctx := context.Background()
	s.work()
	sent := s.mustSend(listOf(shop, 0, 1))
	sso := s.awaitLane(sent.ListID, fault.SSO, payroll.ByHand)
	tax := s.awaitLane(sent.ListID, fault.Tax, payroll.ByHand)
	l := s.list(sent.ListID)
	require.Equal(t, []string{"DSKKAR00.DBF", "DSKWOR00.DBF", "sso.zip"}, l.Deliveries.SSO.Files)
	require.Equal(t, []string{"WP140507.txt", "WH140507.txt", "tax.zip"}, l.Deliveries.Tax.Files)
	parcel, err := s.File(ctx, s.sender, sent.ListID, "sso.zip")
	require.NoError(t, err)
	r, err := zip.NewReader(bytes.NewReader(parcel.Bytes), int64(len(parcel.Bytes)))
	require.NoError(t, err)
	f, err := r.File[0].Open()
	require.NoError(t, err)
	b, err := io.ReadAll(f)
	require.NoError(t, err)
	single, err := s.File(ctx, s.sender, sent.ListID, "DSKKAR00.DBF")
	require.NoError(t, err)
	require.Equal(t, b, single.Bytes)

	require.NoError(t, s.MarkUploaded(ctx, s.sender, sso.Key, time.Now(), "9876"))
	require.NoError(t, s.MarkUploaded(ctx, s.sender, sso.Key, time.Now(), "9876"), "said twice is said once")
	s.mayNot(s.MarkUploaded(ctx, s.sender, sso.Key, time.Now(), "9877"))
	require.Equal(t, payroll.Sent, s.list(sent.ListID).Deliveries.SSO.State)
	require.WithinDuration(t, time.Now(), *s.list(sent.ListID).Deliveries.SSO.UploadedAt, time.Minute)
	answer := payroll.Answer{Key: sso.Key, State: payroll.AnswerAccepted, Reference: "9876", Payments: []payroll.Payment{{ListNo: "01", Slip: "123456789012345", Amount: 5, State: "open"}}}
	_, err = s.AnswerByHand(ctx, access.Principal{ID: uuid.New(), Role: access.Accountant}, []byte("paper"), answer)
	requireNotFound(t, err)
	got, err := s.AnswerByHand(ctx, s.sender, []byte("paper"), answer)
	require.NoError(t, err)
	require.Equal(t, store.AnswerStored, got.Outcome)
	_, err = s.AnswerByHand(ctx, s.sender, []byte("paper"), payroll.Answer{Key: tax.Key, State: payroll.AnswerWithFindings, Workers: []payroll.WorkerTax{{Person: people[0].code, Tax: 7, Months: 7}}})
	require.NoError(t, err)
	require.Equal(t, payroll.Answered, s.list(sent.ListID).State)
	month, err := s.TaxMonth(ctx, s.sender, employer, "", mehr)
	require.NoError(t, err)
	require.EqualValues(t, 7, *month.Persons[0].Tax)
}

func TestViews(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	ctx := context.Background()
	var sent []string
	for i, no := range []string{"01", "02", "03"} {
		sent = append(sent, s.mustSend(listOf(shop, i).set("list_no", no)).ListID)
	}
	page, err := s.Lists(ctx, s.sender, flow.Query{Most: 2})
	require.NoError(t, err)
	require.Len(t, page.Items, 2)
	require.Equal(t, sent[2], page.Items[0].ID)
	page, err = s.Lists(ctx, s.sender, flow.Query{Most: 2, Cursor: *page.Next})
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	require.Equal(t, sent[0], page.Items[0].ID)
	require.Nil(t, page.Next)
	page, err = s.Lists(ctx, s.sender, flow.Query{Workshop: branch})
	require.NoError(t, err)
	require.Empty(t, page.Items)

	shops, err := s.Workshops(ctx, s.sender, "")
	require.NoError(t, err)
	require.Len(t, shops.Items, 2)
	require.Equal(t, mehr.Add(1), shops.Items[0].PeriodDue)

	doc, err := s.Assessment(ctx, s.sender, sent[0])
	require.NoError(t, err)
	require.Len(t, doc.Lines, 1)
	require.NotEmpty(t, doc.Lines[0].Why.Insurable.FA)
	require.Equal(t, doc.Totals.Insurable, doc.Lines[0].Insurable)

	for _, lane := range payroll.EachLane() {
		officer := access.Principal{ID: uuid.New(), Role: access.Role(lane.String())}
		lists, err := s.AgencyLists(ctx, officer, lane, flow.Query{})
		require.NoError(t, err)
		require.Len(t, lists.Items, 3)
		_, err = s.AgencyLists(ctx, officer, fault.Both&^lane, flow.Query{})
		requireNotFound(t, err)
	}

	receipt, err := s.Receipt(ctx, s.sender, sent[0])
	require.NoError(t, err)
	require.NoError(t, seal.Verify(receipt, s.PublicKeys()))
	require.Error(t, seal.Verify([]byte(strings.Replace(string(receipt), "accepted", "rejected", 1)), s.PublicKeys()))
}

func TestSubmit_a_kind_there_is_not_is_a_finding(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	p := s.problem(listOf(shop, 0).set("kind", "zzz").bytes())
	require.Equal(t, fault.Unprocessable, p.Kind, "%v", p.Err)
	require.Nil(t, p.Extra, "what kind of list it is nobody knows: nothing is kept")
}
