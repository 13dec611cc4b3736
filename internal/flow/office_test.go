package flow_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"fehrest/internal/agency"
	"fehrest/internal/agency/gateway"
	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/seal"
	"fehrest/internal/store"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// office is an organisation that takes everything and says only what a test tells it to.
type office struct {
	s    *stage
	lane fault.Lane
	keys *seal.Keyring

	mu    sync.Mutex
	taken map[string][]byte
	puts  int
	reply func(w http.ResponseWriter) bool // answers a PUT in its place when it returns true
	shut  int                              // so many inquiries are refused
}

func (s *stage) office(lane fault.Lane) *office {
	s.t.Helper()
	keys, err := seal.Create(s.t.TempDir())
	require.NoError(s.t, err)
	o := &office{s: s, lane: lane, keys: keys, taken: map[string][]byte{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/keys", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(keys.Public()) })
	mux.HandleFunc("PUT /v1/deliveries/{key}", o.put)
	mux.HandleFunc("GET /v1/deliveries/{key}", o.get)
	server := httptest.NewServer(mux)
	s.t.Cleanup(server.Close)
	client := &gateway.Client{URL: server.URL, Keys: s.Keys, HTTP: gateway.NewHTTP(5 * time.Second)}
	if lane == fault.SSO {
		s.SSO.Gateway = client
	} else {
		s.Tax.Gateway = client
	}
	return o
}

func (o *office) put(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.puts++
	if o.reply != nil && o.reply(w) {
		return
	}
	o.taken[r.PathValue("key")] = body
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"reference": "ref-1", "state": "received"}`)
}

func (o *office) get(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.shut > 0 {
		o.shut--
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	body, ok := o.taken[r.PathValue("key")]
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.WriteHeader(http.StatusAccepted)
	_ = json.NewEncoder(w).Encode(map[string]string{"digest": agency.Digest(body), "reference": "ref-1", "state": "received"})
}

func (o *office) sent(key string) []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.taken[key]
}

func (o *office) answer(key string, state payroll.State) payroll.Answer {
	return payroll.Answer{ID: uuid.NewString(), Key: key, Digest: agency.Digest(o.sent(key)), Reference: "ref-1", State: state, DecidedAt: time.Now()}
}

// post says it to the window and returns the status and the outcome.
func (o *office) post(a any) (int, store.Outcome) {
	o.s.t.Helper()
	body, err := json.Marshal(a)
	require.NoError(o.s.t, err)
	return o.postAs(o.keys, o.lane, body)
}

func (o *office) postAs(keys *seal.Keyring, lane fault.Lane, body []byte) (int, store.Outcome) {
	o.s.t.Helper()
	r, err := http.NewRequest(http.MethodPost, o.s.url+"/v1/agencies/"+lane.String()+"/answers", nil)
	require.NoError(o.s.t, err)
	require.NoError(o.s.t, keys.SignRequest(r, body))
	resp, err := http.DefaultClient.Do(r)
	require.NoError(o.s.t, err)
	defer func() { _ = resp.Body.Close() }()
	var got struct {
		Outcome store.Outcome `json:"outcome"`
	}
	_ = json.NewDecoder(resp.Body).Decode(&got)
	return resp.StatusCode, got.Outcome
}

func TestReceive(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	o := s.office(fault.SSO)
	s.work()
	sent := s.mustSend(listOf(shop, 0, 1))
	key := s.awaitLane(sent.ListID, fault.SSO, payroll.Sent).Key
	good := o.answer(key, payroll.AnswerWithFindings)
	good.Findings = []payroll.AnswerFinding{{Code: "X-1", Message: "پیام سازمان", Person: people[0].code, Field: "DSW_OCP"}}
	good.Payments = []payroll.Payment{{ListNo: "01", Slip: "123456789012345", Amount: 10, State: "open"}}

	stranger, err := seal.Create(t.TempDir())
	require.NoError(t, err)
	body, err := json.Marshal(good)
	require.NoError(t, err)
	status, _ := o.postAs(stranger, fault.SSO, body)
	require.Equal(t, http.StatusUnauthorized, status, "another's signature")
	status, _ = o.postAs(o.keys, fault.Tax, body)
	require.Equal(t, http.StatusUnauthorized, status, "a lane without a gateway hears no one")
	require.Zero(t, s.count("SELECT count(*) FROM shared.answers"))

	unknown := good
	unknown.Key = "sso.0123456789.000.1405-07.99.1"
	status, _ = o.post(unknown)
	require.Equal(t, http.StatusNotFound, status)
	unknown.Key = "tax.10380284790.0.1405-07.1"
	status, _ = o.post(unknown)
	require.Equal(t, http.StatusNotFound, status, "the other organisation's key")
	status, _ = o.post("nonsense")
	require.Equal(t, http.StatusUnprocessableEntity, status)
	require.Equal(t, 3, s.count("SELECT count(*) FROM shared.answers"), "each is kept as it came")

	status, outcome := o.post(good)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, store.AnswerStored, outcome)
	lane := s.list(sent.ListID).Deliveries.SSO
	require.Equal(t, payroll.AnswerWithFindings, lane.State)
	require.Len(t, lane.Findings, 1)
	require.Equal(t, good.Findings[0], lane.Findings[0].AnswerFinding, "in its own words")
	require.Equal(t, good.Payments, lane.Payments)
	require.Equal(t, 2, s.count("SELECT count(*) FROM registry.persons WHERE education = '4'"), "told once a worker, kept for later lists")

	_, outcome = o.post(good)
	require.Equal(t, store.AnswerRepeated, outcome)
	later := o.answer(key, payroll.AnswerWithFindings)
	later.Payments = []payroll.Payment{{ListNo: "01", Slip: "123456789012345", Amount: 10, State: "collected"}}
	_, outcome = o.post(later)
	require.Equal(t, store.AnswerStored, outcome, "the slip was collected")
	require.Equal(t, "collected", s.list(sent.ListID).Deliveries.SSO.Payments[0].State)
	old := good
	old.ID = uuid.NewString()
	old.DecidedAt = good.DecidedAt.Add(-time.Hour)
	_, outcome = o.post(old)
	require.Equal(t, store.AnswerStale, outcome)
	_, outcome = o.post(o.answer(key, payroll.AnswerRejected))
	require.Equal(t, store.AnswerStale, outcome, "a final state stays final")
	require.Equal(t, payroll.AnswerWithFindings, s.list(sent.ListID).Deliveries.SSO.State)
	require.Equal(t, 1, s.count("SELECT count(*) FROM shared.answers WHERE outcome = 'contradicts'"))
	wrong := o.answer(key, payroll.AnswerAccepted)
	wrong.Digest = strings.Repeat("0", 64)
	status, _ = o.post(wrong)
	require.Equal(t, http.StatusConflict, status)
	require.Equal(t, payroll.AnswerWithFindings, s.list(sent.ListID).Deliveries.SSO.State)
}

func TestReceive_another_digest_goes_to_the_desk(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	o := s.office(fault.SSO)
	s.work()
	sent := s.mustSend(listOf(shop, 0))
	key := s.awaitLane(sent.ListID, fault.SSO, payroll.Sent).Key
	wrong := o.answer(key, payroll.AnswerAccepted)
	wrong.Digest = strings.Repeat("0", 64)
	status, _ := o.post(wrong)
	require.Equal(t, http.StatusConflict, status)
	require.Equal(t, payroll.ListNeedsAttention, s.list(sent.ListID).State)
	status, _ = o.post(o.answer(key, payroll.AnswerAccepted))
	require.Equal(t, http.StatusOK, status, "the right answer settles it")
	require.Equal(t, payroll.AnswerAccepted, s.list(sent.ListID).Deliveries.SSO.State)
}

func TestReceive_a_message_heard_twice_is_no_message(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	o := s.office(fault.SSO)
	body := []byte(`{}`)
	r, err := http.NewRequest(http.MethodPost, s.url+"/v1/agencies/sso/answers", nil)
	require.NoError(t, err)
	require.NoError(t, o.keys.SignRequest(r, body))
	for _, want := range []int{http.StatusUnprocessableEntity, http.StatusUnauthorized} {
		r.Body = io.NopCloser(bytes.NewReader(body))
		resp, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, want, resp.StatusCode)
	}
}

func TestDeliver_what_the_organisation_refuses_goes_to_the_desk(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]int{"conflict": http.StatusConflict, "refused": http.StatusBadRequest} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := onStage(t)
			o := s.office(fault.SSO)
			o.reply = func(w http.ResponseWriter) bool { w.WriteHeader(status); return true }
			s.work()
			sent := s.mustSend(listOf(shop, 0))
			require.NotEmpty(t, s.awaitLane(sent.ListID, fault.SSO, payroll.NeedsAttention).Reason)
		})
	}
}

func TestDeliver_garbage_is_asked_about_and_not_sent_twice(t *testing.T) {
	t.Parallel()
	s := onStage(t)
	o := s.office(fault.SSO)
	o.shut = 2 // an inquiry that fails changes no state, however it fails
	sent := s.mustSend(listOf(shop, 0))
	parcel, err := s.ParcelOf(context.Background(), s.ssoDelivery(sent.ListID))
	require.NoError(t, err)
	o.reply = func(w http.ResponseWriter) bool {
		o.taken["sso.0123456789.000.1405-07.01.1"] = parcel
		_, _ = io.WriteString(w, "<html>fine</html>")
		return true
	}
	s.work()
	s.awaitLane(sent.ListID, fault.SSO, payroll.Sent)
	o.mu.Lock()
	defer o.mu.Unlock()
	require.Equal(t, 1, o.puts)
}

func (s *stage) ssoDelivery(list string) (id store.DeliveryID) {
	s.t.Helper()
	require.NoError(s.t, s.Store.Jobs().QueryRow(context.Background(), "SELECT owner, delivery_id FROM shared.deliveries WHERE list_id = $1", list).Scan(&id.Owner, &id.ID))
	return id
}
