package store

import (
	"encoding/json"
	"fmt"

	"fehrest/internal/jalali"
	"fehrest/internal/payroll"
)

// A header is kept under its public keys, so that a later key or an earlier row reads alike.
type keptHeader struct {
	Keys    map[string]any  `json:"keys"`
	Profile payroll.Profile `json:"profile"`
	// Supplements is that of payroll.Header; absent is false.
	Supplements bool `json:"supplements,omitempty"`
}

func encodeHeader(h *payroll.Header) ([]byte, error) {
	kept := keptHeader{Keys: map[string]any{}, Profile: h.Profile, Supplements: h.Supplements}
	for id, k := range payroll.HeaderKeys() {
		given := h.Given.Has(payroll.HeaderID(id))
		switch v := k.Field(h).(type) {
		case *string:
			if *v != "" || given {
				kept.Keys[k.Key] = *v
			}
		case *jalali.Month:
			if !v.IsZero() {
				kept.Keys[k.Key] = v.String()
			}
		case *bool:
			if *v || given {
				kept.Keys[k.Key] = *v
			}
		}
	}
	b, err := json.Marshal(kept)
	if err != nil {
		return nil, fmt.Errorf("store: header: %w", err)
	}
	return b, nil
}

func decodeHeader(b []byte) (h payroll.Header, err error) {
	var kept keptHeader
	if err := json.Unmarshal(b, &kept); err != nil {
		return h, fmt.Errorf("store: header: %w", err)
	}
	h.Profile, h.Supplements = kept.Profile, kept.Supplements
	for id, k := range payroll.HeaderKeys() {
		value, ok := kept.Keys[k.Key]
		if !ok {
			continue
		}
		h.Given.Add(payroll.HeaderID(id))
		switch v := k.Field(&h).(type) {
		case *string:
			*v, _ = value.(string)
		case *jalali.Month:
			text, _ := value.(string)
			if *v, err = jalali.ParseMonth(text); err != nil {
				return h, fmt.Errorf("store: header: %w", err)
			}
		case *bool:
			*v, _ = value.(bool)
		}
	}
	return h, nil
}
