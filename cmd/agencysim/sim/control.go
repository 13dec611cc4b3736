package sim

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

func (s *server) postFault(w http.ResponseWriter, r *http.Request) {
	f, err := parseFault(r.Body, s.now())
	if err != nil {
		problem(w, http.StatusBadRequest, err.Error())
		return
	}
	s.faults.add(f)
	w.WriteHeader(http.StatusNoContent)
}

func (s *server) deleteFaults(w http.ResponseWriter, _ *http.Request) {
	s.faults.clear()
	w.WriteHeader(http.StatusNoContent)
}

// effect is what the ledger holds of one key.
type effect struct {
	Count   int    `json:"count"`
	Digest  string `json:"digest"`
	Version int    `json:"version"`
}

func (s *server) getEffects(w http.ResponseWriter, _ *http.Request) {
	out := map[string]effect{}
	for _, d := range s.ledger.all(func(*delivery) bool { return true }) {
		out[d.key.text] = effect{d.effects, d.digest, d.key.version}
	}
	if !s.synced(w) {
		return
	}
	reply(w, http.StatusOK, map[string]any{"effects": out})
}

// postSlip takes {"slip", "state"}: the slip was collected or is void, and an
// answer that says so goes to the window.
func (s *server) postSlip(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		Slip  string `json:"slip"`
		State string `json:"state"`
	}
	d := json.NewDecoder(io.LimitReader(r.Body, 1<<16))
	d.DisallowUnknownFields()
	if err := d.Decode(&ask); err != nil || slipOrder[ask.State] == 0 {
		problem(w, http.StatusBadRequest, "a slip, and a state open, collected or void, are wanted")
		return
	}
	switch err := s.ledger.turnSlip(ask.Slip, ask.State, s.now()); {
	case errors.Is(err, errNoSlip):
		problem(w, http.StatusNotFound, err.Error())
	case errors.Is(err, errSlipState):
		problem(w, http.StatusConflict, err.Error())
	case err != nil:
		problem(w, http.StatusInternalServerError, "the slip's state could not be kept")
	default:
		s.stir()
		w.WriteHeader(http.StatusNoContent)
	}
}
