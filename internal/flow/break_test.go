package flow_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/agency"
	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// beside is a second program on the same database.
func (s *stage) beside() *stage {
	other := *s
	other.Window = &flow.Window{
		Store: s.Store, Book: s.Book, Keys: s.Keys, Now: s.Now, Spool: s.Spool, Log: s.Log, TaxWait: s.TaxWait, SSO: s.SSO, Tax: s.Tax, Pace: s.Pace,
	}
	return &other
}

// atOnce runs a number of uploads at the same moment and counts what they came to: a list's id, or a problem's code.
func atOnce(t *testing.T, n int, send func(i int) (*flow.Submitted, error)) map[string]int {
	t.Helper()
	var mu sync.Mutex
	var wait sync.WaitGroup
	got := map[string]int{}
	for i := range n {
		wait.Add(1)
		go func() {
			defer wait.Done()
			done, err := send(i)
			var p *fault.Problem
			what := "failed"
			switch {
			case err == nil:
				what = done.ListID
			case errors.As(err, &p):
				what = p.Code
			default:
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			got[what]++
		}()
	}
	wait.Wait()
	return got
}

func TestSubmit_twenty_replacements_at_once_have_one_order(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	other := s.beside()
	s.open(fault.SSO)
	s.open(fault.Tax)
	other.SSO, other.Tax = s.SSO, s.Tax
	s.work()
	other.work()
	newest := s.mustSend(listOf(shop, 0))
	for version := 1; version <= 3; version++ {
		got := atOnce(t, 20, func(i int) (*flow.Submitted, error) {
			d := replacementOf(listOf(shop, 0, 1), version)
			d.Lines[0]["overtime"] = 1_000_000*version + 10*i
			return []*stage{s, other}[i%2].send(d.bytes())
		})
		require.Equal(t, 19, got["LIST-03"], "%v", got)
		require.Len(t, got, 2, "%v", got)
		for id := range got {
			if id != "LIST-03" {
				newest = &flow.Submitted{ListID: id}
			}
		}
	}
	l := s.await(newest.ListID, payroll.Answered)
	require.Equal(t, 4, l.Version)
	require.Equal(t, "sso.0123456789.000.1405-07.01.4", l.Deliveries.SSO.Key)
	require.Equal(t, 4, s.count("SELECT count(*) FROM shared.lists"))
	for _, lane := range payroll.EachLane() {
		for key, e := range s.effects(lane) {
			require.Equal(t, 1, e.Count, key)
		}
	}
}

func TestSubmit_one_key_at_two_programs(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	other := s.beside()
	key := func(u *flow.Upload) { u.IdempotencyKey = "one" }
	got := atOnce(t, 20, func(i int) (*flow.Submitted, error) {
		return []*stage{s, other}[i%2].send(listOf(shop, 0).bytes(), key)
	})
	require.Equal(t, 1, s.count("SELECT count(*) FROM shared.lists"))
	require.LessOrEqual(t, len(got), 2, "one list, and API-03 for those who came too early: %v", got)
	// The same key for lists of two workshops, which do not wait for each other.
	for round := range 4 {
		key := func(u *flow.Upload) { u.IdempotencyKey = fmt.Sprint("both", round) }
		before := s.count("SELECT count(*) FROM shared.lists")
		no := fmt.Sprintf("1%d", round)
		got = atOnce(t, 2, func(i int) (*flow.Submitted, error) {
			return []*stage{s, other}[i].send(listOf([]payroll.WorkshopCode{shop, branch}[i], 0).set("list_no", no).bytes(), key)
		})
		require.Equal(t, 1, got["API-02"]+got["API-03"], "%v", got)
		require.Equal(t, before+1, s.count("SELECT count(*) FROM shared.lists"))
	}
}

func TestSubmit_a_key_stands_for_the_query_too(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	key := func(u *flow.Upload) { u.IdempotencyKey = "one" }
	_, err := s.send(listOf(shop, 0).bytes(), key)
	require.NoError(t, err)
	p := s.problem(listOf(shop, 0).bytes(), key, func(u *flow.Upload) { u.Lanes, u.LanesGiven = fault.SSO, true })
	require.Equal(t, "API-02", p.Code)
	require.Equal(t, "API-01", s.problem(listOf(shop, 0).bytes(), func(u *flow.Upload) { u.IdempotencyKey = "\xff" }).Code, "no text")
	_, err = s.send(listOf(shop, 0).bytes(), func(u *flow.Upload) { u.IdempotencyKey = strings.Repeat("ک", 200) })
	require.NoError(t, err, "200 characters, not bytes")
}

// kept are the tables of which one upload writes each.
var kept = []string{
	"shared.uploads", "shared.upload_parts", "shared.lists", "shared.tracking", "shared.findings", "shared.lines_140507", "shared.deliveries",
	"shared.tax_months", "shared.idempotency", "audit.log", "river.river_job", "shared.part_numbers",
}

func TestSubmit_an_insert_that_fails_leaves_nothing(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	ctx := context.Background()
	exec := func(statement string) {
		_, err := s.Store.Jobs().Exec(ctx, statement)
		require.NoError(t, err)
	}
	exec(`CREATE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$`)
	b := hugeOf(shop, 2).bytes()
	key := func(u *flow.Upload) { u.IdempotencyKey = "one" }
	for _, table := range kept {
		exec("CREATE TRIGGER fail BEFORE INSERT ON " + table + " FOR EACH ROW EXECUTE FUNCTION public.fail()")
		got, err := s.send(b, key)
		require.Error(t, err, table)
		require.Nil(t, got)
		require.True(t, store.Unavailable(err), "%s: %v", table, err)
		for _, other := range kept {
			require.Zero(t, s.count("SELECT count(*) FROM "+other), "%s after %s failed", other, table)
		}
		exec("DROP TRIGGER fail ON " + table)
	}
	// At the commit itself, after every row was written.
	exec("CREATE CONSTRAINT TRIGGER fail AFTER INSERT ON shared.idempotency DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.fail()")
	_, err := s.send(b, key)
	require.True(t, store.Unavailable(err), "%v", err)
	require.Zero(t, s.count("SELECT count(*) FROM shared.lists"))
	exec("DROP TRIGGER fail ON shared.idempotency")
	got, err := s.send(b, key)
	require.NoError(t, err)
	require.Equal(t, 1, got.Receipt.Version)
	for _, table := range kept {
		require.NotZero(t, s.count("SELECT count(*) FROM "+table), table)
	}
}

func TestDeliver_a_step_that_fails_is_taken_again(t *testing.T) {
	t.Parallel()
	// Each statement fails a few times, then holds: the delivery arrives once all the same.
	for name, trigger := range map[string]string{
		"sending":  "BEFORE UPDATE ON shared.deliveries FOR EACH ROW WHEN (NEW.state = 'sending')",
		"sent":     "BEFORE UPDATE ON shared.deliveries FOR EACH ROW WHEN (NEW.state = 'sent')",
		"accepted": "BEFORE UPDATE ON shared.deliveries FOR EACH ROW WHEN (NEW.state = 'accepted')",
		"parcel":   "BEFORE INSERT ON shared.parcels FOR EACH ROW",
		"cut":      "BEFORE INSERT ON shared.tax_month_persons FOR EACH ROW",
		"answer":   "BEFORE INSERT ON shared.answers FOR EACH ROW",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := onStage(t)
			s.open(fault.SSO)
			s.open(fault.Tax)
			s.deaf = name == "accepted" || name == "answer" // answers are inquired
			_, err := s.Store.Jobs().Exec(context.Background(), `CREATE SEQUENCE public.tries; GRANT ALL ON public.tries TO PUBLIC;
				CREATE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql AS
				$$ BEGIN IF nextval('public.tries') <= 2 THEN RAISE EXCEPTION 'failed' USING ERRCODE = 'disk_full'; END IF; RETURN NEW; END $$;
				CREATE TRIGGER fail `+trigger+` EXECUTE FUNCTION public.fail()`)
			require.NoError(t, err)
			s.work()
			sent := s.mustSend(listOf(shop, 0, 1))
			s.await(sent.ListID, payroll.Answered)
			for _, lane := range payroll.EachLane() {
				effects := s.effects(lane)
				require.Len(t, effects, 1)
				for _, e := range effects {
					require.Equal(t, 1, e.Count)
				}
			}
		})
	}
}

// wordless is an organisation into whose files nothing can be written.
type wordless struct{ agency.Agency }

func (wordless) Encode(agency.Parcel) ([]payroll.File, error) {
	return nil, errors.New("no such field")
}

func TestDeliver_what_cannot_be_written_is_shown_to_a_person(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.SSO.Agency, s.Tax.Agency = wordless{s.SSO.Agency}, wordless{s.Tax.Agency}
	s.work()
	sent := s.mustSend(listOf(shop, 0))
	for _, lane := range payroll.EachLane() {
		require.NotEmpty(t, s.awaitLane(sent.ListID, lane, payroll.NeedsAttention).Reason)
	}
	for _, name := range []string{"DSKKAR00.DBF", "WP140507.txt"} {
		_, err := s.File(context.Background(), s.sender, sent.ListID, name)
		requireNotFound(t, err)
	}
	month, err := s.TaxMonth(context.Background(), s.sender, employer, "", mehr)
	require.NoError(t, err)
	require.Equal(t, payroll.NeedsAttention, month.State)
}

func TestDeliver_the_newest_of_those_that_wait_goes_next(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	o := s.office(fault.SSO)
	s.work()
	v1 := s.mustSend(listOf(shop, 0))
	first := s.awaitLane(v1.ListID, fault.SSO, payroll.Sent).Key
	v2 := s.mustSend(replacementOf(listOf(shop, 0, 1), 1))
	time.Sleep(300 * time.Millisecond)
	v3 := s.mustSend(replacementOf(listOf(shop, 0, 1, 2), 2))
	time.Sleep(300 * time.Millisecond)
	_, outcome := o.post(o.answer(first, payroll.AnswerAccepted))
	require.Equal(t, store.AnswerStored, outcome)
	require.Equal(t, "sso.0123456789.000.1405-07.01.3", s.awaitLane(v3.ListID, fault.SSO, payroll.Sent).Key)
	require.Equal(t, payroll.Superseded, s.list(v2.ListID).Deliveries.SSO.State)
	require.Nil(t, o.sent("sso.0123456789.000.1405-07.01.2"))
}

func TestDeliver_the_files_in_force_are_not_sent_again_after_a_rejection(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	o := s.office(fault.SSO)
	s.work()
	v1 := s.mustSend(listOf(shop, 0))
	_, _ = o.post(o.answer(s.awaitLane(v1.ListID, fault.SSO, payroll.Sent).Key, payroll.AnswerAccepted))
	v2 := s.mustSend(replacementOf(listOf(shop, 0, 1), 1))
	_, _ = o.post(o.answer(s.awaitLane(v2.ListID, fault.SSO, payroll.Sent).Key, payroll.AnswerRejected))
	v3 := s.mustSend(replacementOf(listOf(shop, 0), 2))
	s.awaitLane(v3.ListID, fault.SSO, payroll.AnswerAccepted)
	require.Nil(t, o.sent("sso.0123456789.000.1405-07.01.3"), "the organisation holds the files of v1")
}

func TestDeliver_an_answer_before_our_own_record_of_sending(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	o := s.office(fault.SSO)
	sent := s.mustSend(listOf(shop, 0))
	parcel, err := s.ParcelOf(context.Background(), s.ssoDelivery(sent.ListID))
	require.NoError(t, err)
	const key = "sso.0123456789.000.1405-07.01.1"
	o.reply = func(http.ResponseWriter) bool {
		o.taken[key] = parcel
		o.mu.Unlock()
		defer o.mu.Lock()
		_, outcome := o.post(o.answer(key, payroll.AnswerAccepted))
		require.Equal(t, store.AnswerStored, outcome)
		return false
	}
	s.work()
	s.awaitLane(sent.ListID, fault.SSO, payroll.AnswerAccepted)
	time.Sleep(200 * time.Millisecond)
	require.Equal(t, payroll.AnswerAccepted, s.list(sent.ListID).Deliveries.SSO.State)
	require.Eventually(t, func() bool {
		return s.count("SELECT count(*) FROM river.river_job WHERE kind = 'deliver' AND state <> 'completed'") == 0
	}, patience, 50*time.Millisecond)
}

func TestCut_a_version_equal_to_a_rejected_one_waits_for_a_person(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	o := s.office(fault.Tax)
	s.work()
	v1 := s.mustSend(listOf(shop, 0))
	key := s.awaitLane(v1.ListID, fault.Tax, payroll.Sent).Key
	_, _ = o.post(o.answer(key, payroll.AnswerRejected))
	same := replacementOf(listOf(shop, 0), 1)
	same.Lines[0]["issue_place"] = "کرج" // the SSO's alone
	v2 := s.mustSend(same)
	require.Equal(t, key, s.awaitLane(v2.ListID, fault.Tax, payroll.AnswerRejected).Key)
	require.Nil(t, o.sent("tax.10380284790.0.1405-07.2"))
	v3 := s.mustSend(replacementOf(listOf(shop, 0, 1), 2))
	require.Equal(t, "tax.10380284790.0.1405-07.2", s.awaitLane(v3.ListID, fault.Tax, payroll.Sent).Key)
}

func TestCut_a_replacement_that_is_paid_in_another_month_leaves_the_first(t *testing.T) {
	t.Parallel()
	for name, lanes := range map[string][]fault.Lane{"at once": {fault.Both}, "the tax lane later": {fault.SSO, fault.Both}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := onStage(t)
			s.work()
			v1 := s.mustSend(listOf(shop, 0))
			s.mustSend(listOf(branch, 1))
			s.awaitLane(v1.ListID, fault.Tax, payroll.ByHand)
			b := replacementOf(listOf(shop, 0), 1).set("tax_period", "1405-08").bytes()
			var v2 *flow.Submitted
			for _, l := range lanes {
				var err error
				v2, err = s.send(b, func(u *flow.Upload) { u.Lanes, u.LanesGiven = l, l != fault.Both })
				require.NoError(t, err)
			}
			require.Equal(t, "tax.10380284790.0.1405-08.1", s.awaitLane(v2.ListID, fault.Tax, payroll.ByHand).Key)
			require.Eventually(t, func() bool {
				month, err := s.TaxMonth(context.Background(), s.sender, employer, "", mehr)
				require.NoError(t, err)
				return month.State == payroll.ByHand && month.Version >= 2 && len(month.Persons) == 1 && month.Persons[0].Person == people[1].code
			}, patience, 30*time.Millisecond)
		})
	}
}

func TestSubmit_rows_of_one_organisation_only(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.work()
	for i, word := range []string{"فقط مالیات", "فقط بیمه"} {
		d := listOf(shop, 0).set("list_no", fmt.Sprintf("0%d", i+1))
		d.Lines[0]["reported_to"] = word
		if i == 0 {
			delete(d.Lines[0], "insurance_number")
		}
		sent := s.mustSend(d)
		there, absent := payroll.EachLane()[1-i], payroll.EachLane()[i]
		s.awaitLane(sent.ListID, there, payroll.ByHand)
		s.awaitLane(sent.ListID, absent, payroll.LaneNotAddressed)
		s.accept(sent.ListID, there)
		require.Equal(t, payroll.Answered, s.list(sent.ListID).State)
	}
	require.Equal(t, 2, s.count("SELECT count(*) FROM shared.deliveries"))
}

func TestSubmit_held_rows_are_kept_and_sent_to_no_one(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.work()
	d := listOf(shop, 0, 1)
	d.Lines[1]["hold"] = "بله"
	delete(d.Lines[1], "insurance_number")
	sent := s.mustSend(d)
	require.Equal(t, []int{2}, sent.Receipt.HeldRows)
	s.awaitLane(sent.ListID, fault.SSO, payroll.ByHand)
	for _, lane := range payroll.EachLane() {
		s.accept(sent.ListID, lane)
	}
	wh, err := s.File(context.Background(), s.sender, sent.ListID, "WH140507.txt")
	require.NoError(t, err)
	require.NotContains(t, string(wh.Bytes), people[1].code)
	require.Zero(t, s.count("SELECT count(*) FROM registry.persons WHERE person = $1", people[1].code), "no one accepted him")

	d.set("list_no", "02").Lines[0]["hold"] = "بله"
	_, err = s.send(d.bytes())
	var p *fault.Problem
	if err != nil {
		require.ErrorAs(t, err, &p)
	}
	require.Zero(t, s.count("SELECT count(*) FROM shared.deliveries d JOIN shared.lists l ON l.list_id = d.list_id WHERE l.list_no = '02'"))
}

func TestSubmit_what_no_database_takes_is_the_senders_fault(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	for _, key := range []string{"workshop_name", "description", "address", "reason", "replaces", "list_no", "tax_file_no", "employer_id", "contract_row"} {
		_, err := s.send(listOf(shop, 0).set(key, "a\x00b").bytes())
		var p *fault.Problem
		require.ErrorAs(t, err, &p, key)
	}
	for _, key := range []string{"first_name", "job_title", "worker_address", "birth_place", "national_code"} {
		for _, text := range []string{"ع\x00ل", strings.Repeat("علی ", 5000), "\u202eعلی", "\ud7ff\uffff"} {
			d := listOf(shop, 0)
			d.Lines[0][key] = text
			_, err := s.send(d.bytes())
			var p *fault.Problem
			if err != nil {
				require.ErrorAs(t, err, &p, "%s %.10q", key, text)
			}
		}
	}
	long := strings.Repeat("شرکت نمونه ", 9)
	sent := s.mustSend(listOf(shop, 1).set("list_no", "0").set("workshop_name", strings.TrimSpace(long)))
	_, err := s.File(context.Background(), s.sender, sent.ListID, "DSKKAR00.DBF")
	require.NoError(t, err)
}

func TestSubmit_a_full_spool_is_not_the_senders_fault(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.Spool = filepath.Join(t.TempDir(), "gone")
	b := listOf(shop, 0).bytes()
	b = append(b, bytes.Repeat([]byte(" "), 1<<20)...)
	p := s.problem(b)
	require.Equal(t, fault.Busy, p.Kind)
	require.NotZero(t, p.RetryAfter)
	p = s.problem(manyOf(shop, 1200).bytes())
	require.Equal(t, fault.Busy, p.Kind, "the lines of a small file can need the disk too")
	require.Zero(t, s.count("SELECT count(*) FROM shared.lists"))
}

func TestHand_what_went_by_a_gateway_is_answered_by_the_organisation_alone(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	o := s.office(fault.SSO)
	s.work()
	ctx := context.Background()
	sent := s.mustSend(listOf(shop, 0))
	key := s.awaitLane(sent.ListID, fault.SSO, payroll.Sent).Key
	_, err := s.AnswerByHand(ctx, s.sender, []byte("paper"), payroll.Answer{Key: key, State: payroll.AnswerAccepted})
	var p *fault.Problem
	require.ErrorAs(t, err, &p)
	require.Equal(t, fault.Conflict, p.Kind)
	_, outcome := o.post(o.answer(key, payroll.AnswerRejected))
	require.Equal(t, store.AnswerStored, outcome)
	require.Equal(t, payroll.AnswerRejected, s.list(sent.ListID).Deliveries.SSO.State)
}

func TestReceive_what_cannot_be_kept_is_undecodable(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	o := s.office(fault.SSO)
	s.work()
	sent := s.mustSend(listOf(shop, 0))
	key := s.awaitLane(sent.ListID, fault.SSO, payroll.Sent).Key
	slip := payroll.Payment{ListNo: "01", Slip: "123456789012345", Amount: 1, State: "open"}
	worker := payroll.WorkerTax{Person: people[0].code, Tax: 1, Months: 1}
	for name, change := range map[string]func(*payroll.Answer){
		"NUL in a message":   func(a *payroll.Answer) { a.Findings = []payroll.AnswerFinding{{Message: "a\x00"}} },
		"NUL in a reference": func(a *payroll.Answer) { a.Reference = "\x00" },
		"a slip twice":       func(a *payroll.Answer) { a.Payments = []payroll.Payment{slip, slip} },
		"a person twice":     func(a *payroll.Answer) { a.Workers = []payroll.WorkerTax{worker, worker} },
		"months":             func(a *payroll.Answer) { a.Workers = []payroll.WorkerTax{{Person: "x", Months: 1 << 40}} },
	} {
		a := o.answer(key, payroll.AnswerAccepted)
		change(&a)
		status, _ := o.post(a)
		require.Equal(t, http.StatusUnprocessableEntity, status, name)
	}
	require.Equal(t, payroll.Sent, s.list(sent.ListID).Deliveries.SSO.State)
	require.Equal(t, 5, s.count("SELECT count(*) FROM shared.answers WHERE outcome = 'undecodable'"))
	var many sync.WaitGroup
	good := o.answer(key, payroll.AnswerAccepted)
	good.Payments = []payroll.Payment{slip}
	for range 10 {
		many.Add(1)
		go func() {
			defer many.Done()
			if status, _ := o.post(good); status != http.StatusOK {
				t.Error("a repeated answer is not taken: ", status)
			}
		}()
	}
	many.Wait()
	require.Equal(t, 1, s.count("SELECT count(*) FROM shared.answers WHERE outcome = 'stored'"))
	require.Equal(t, 9, s.count("SELECT count(*) FROM shared.answers WHERE outcome = 'repeated'"))
	require.Equal(t, 1, s.count("SELECT count(*) FROM shared.payments"))
}

func TestHand_a_portals_number_is_a_text(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.work()
	sent := s.mustSend(listOf(shop, 0))
	key := s.awaitLane(sent.ListID, fault.SSO, payroll.ByHand).Key
	for _, number := range []string{"1\x00", "\xff", strings.Repeat("9", 500)} {
		err := s.MarkUploaded(context.Background(), s.sender, key, time.Now(), number)
		var p *fault.Problem
		require.ErrorAs(t, err, &p, "%q", number)
		_, err = s.AnswerByHand(context.Background(), s.sender, []byte("x"), payroll.Answer{Key: key, State: payroll.AnswerAccepted, Reference: number})
		require.ErrorAs(t, err, &p, "%q", number)
	}
	_, err := s.AnswerByHand(context.Background(), access.Principal{ID: uuid.New(), Role: access.Employer}, nil, payroll.Answer{Key: key, State: payroll.AnswerAccepted})
	requireNotFound(t, err)
}

// A month before 1403 has no tax file: nobody is to do anything about it, and a list of it waits for the SSO alone.
func TestCut_a_month_without_a_tax_file_is_kept_as_history(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	s.work()
	sent := s.mustSend(listOf(shop, 0).set("period", "1402-07"))
	tax := s.awaitLane(sent.ListID, fault.Tax, payroll.LaneNotAddressed)
	require.Contains(t, tax.Reason, "kept as history")
	s.await(sent.ListID, payroll.Submitted)
	_, err := s.AnswerByHand(context.Background(), s.sender, []byte("{}"), payroll.Answer{Key: tax.Key, State: payroll.AnswerAccepted})
	var p *fault.Problem
	require.ErrorAs(t, err, &p)
	require.Equal(t, fault.Conflict, p.Kind)

	other := s.mustSend(listOf(shop, 1).set("period", "1402-07").set("list_no", "02"))
	s.awaitLane(other.ListID, fault.Tax, payroll.LaneNotAddressed)
	month, err := s.TaxMonth(context.Background(), s.sender, employer, "", jalali.Month{Year: 1402, Month: 7})
	require.NoError(t, err)
	require.Equal(t, payroll.LaneNotAddressed, month.State)
	require.Equal(t, 2, month.Version, "another list of it is another version, though neither has files")
	require.Len(t, month.Persons, 2)
}
