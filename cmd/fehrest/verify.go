package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"fehrest/internal/flow"
	"fehrest/internal/payroll"
	"fehrest/internal/seal"

	"github.com/spf13/cobra"
)

func verifyReceiptCommand() *cobra.Command {
	var keyFile string
	c := &cobra.Command{
		Use:   "verify-receipt FILE",
		Short: "Check offline that a receipt is as the window signed it",
		Long: "Checks a receipt of a list or of a file of many, as the window answered it, as its page gives it, or as the text of a\n" +
			"printed receipt's QR code; or a record of outages, as /v1/evidence gives it.\n" +
			"Exit 0: every receipt in FILE holds; 1: one was changed; 2: FILE holds no receipt.\n\n" +
			"رسید یک لیست یا رسید فایل چند لیست را بی‌نیاز به پنجره بررسی می‌کند: پاسخ پنجره، فایل رسید، یا متن کد QR رسید چاپی؛ و گواهی اختلال را.",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			doc, err := os.ReadFile(args[0])
			if err != nil {
				return &exit{exitUnreadable, args[0] + " cannot be opened; check the name"}
			}
			keys, err := verificationKeys(keyFile)
			if err != nil {
				return err
			}
			receipts := receiptsIn(bytes.TrimPrefix(doc, []byte("\uFEFF")))
			if len(receipts) == 0 {
				return &exit{exitUnreadable, args[0] + " is no signed receipt"}
			}
			for i, r := range receipts {
				if err := seal.Verify(r, keys); err != nil {
					if errors.Is(err, seal.ErrSignature) {
						return &exit{exitRejected, fmt.Sprintf("رسید دست خورده یا کلید آن این نیست — the receipt was changed, or another key signed it: number %d of %d in %s", i+1, len(receipts), args[0])}
					}
					return &exit{exitUnreadable, args[0] + " is no signed receipt"}
				}
				if saysOf(r) == "" {
					return &exit{exitUnreadable, args[0] + " was signed by the window, but is no receipt"}
				}
			}
			for _, r := range receipts {
				if _, err = fmt.Fprintln(c.OutOrStdout(), "رسید درست است — the receipt holds: "+saysOf(r)); err != nil {
					return err
				}
			}
			return nil
		},
	}
	c.Flags().StringVar(&keyFile, "key", "", "the window's key set, a `file` from its /v1/keys; the keys of FEHREST_KEYS otherwise")
	return c
}

// receiptsIn finds the signed receipts of a document: the document itself, that of a problem, those of a file of many lists, or
// the records of an answer about outages. What names a receipt's members is meant as one, signed or not.
func receiptsIn(doc []byte) [][]byte {
	var answer struct {
		Signature json.RawMessage   `json:"signature"`
		KeyID     json.RawMessage   `json:"key_id"`
		Tracking  json.RawMessage   `json:"tracking_code"`
		Upload    json.RawMessage   `json:"upload"`
		Lists     []json.RawMessage `json:"lists"`
		Receipt   json.RawMessage   `json:"receipt"`
		Items     []json.RawMessage `json:"items"`
		Record    json.RawMessage   `json:"record"`
	}
	if seal.Unambiguous(doc) != nil || json.Unmarshal(doc, &answer) != nil || answer.Signature != nil || answer.KeyID != nil || answer.Tracking != nil {
		return [][]byte{receiptOf(doc)}
	}
	var found [][]byte
	for _, one := range []json.RawMessage{answer.Upload, answer.Receipt, answer.Record} {
		if one != nil && !bytes.Equal(one, []byte("null")) {
			found = append(found, one)
		}
	}
	for _, one := range append(answer.Lists, answer.Items...) {
		found = append(found, receiptsIn(one)...) // none of a list that was refused without being kept
	}
	return found
}

// receiptOf takes off what an upload's answer tells beside the receipt, which is not signed.
func receiptOf(doc []byte) []byte {
	var members map[string]json.RawMessage
	if seal.Unambiguous(doc) != nil || json.Unmarshal(doc, &members) != nil || members == nil {
		return doc
	}
	for _, beside := range []string{"repeated", "draft", "held_lane"} {
		delete(members, beside)
	}
	receipt, err := json.Marshal(members)
	if err != nil {
		return doc
	}
	return receipt
}

// saysOf tells what a receipt is of, for who compares it with a paper. It is empty for anything else that the window signs, such
// as a day head.
func saysOf(receipt []byte) string {
	var o flow.OutageRecord
	if json.Unmarshal(receipt, &o) == nil && o.Kind == flow.KindOutageRecord {
		return fmt.Sprintf("گواهی اختلال — record of outage: %d minutes before the deadline %s of %s for %s, issued %s",
			o.Minutes, o.Due, o.Organisation, o.Period, o.IssuedAt.UTC().Format(time.RFC3339))
	}
	var r payroll.Receipt
	if json.Unmarshal(receipt, &r) != nil || r.ID == "" || r.SHA256 == "" {
		return ""
	}
	at := r.ReceivedAt.UTC().Format(time.RFC3339)
	if r.TrackingCode == "" {
		return fmt.Sprintf("upload %s, received %s, sha256 %s", r.ID, at, r.SHA256)
	}
	return fmt.Sprintf("%s, %s-%s %s %s %s v%d, sso %s, tax %s, received %s, sha256 %s",
		r.TrackingCode, r.Workshop, r.ContractRow, r.Period, r.ListNo, r.Kind, r.Version, r.Verdicts.SSO, r.Verdicts.Tax, at, r.SHA256)
}

func verificationKeys(file string) (seal.KeySet, error) {
	if file == "" {
		s, err := settings()
		if err != nil {
			return seal.KeySet{}, err
		}
		ring, err := seal.Load(s.keys())
		if err != nil {
			return seal.KeySet{}, usage("no key to check against: give --key FILE with the window's key set, or set FEHREST_KEYS")
		}
		return ring.Public(), nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return seal.KeySet{}, usage("%s cannot be opened; check the name", file)
	}
	keys, err := seal.ParseKeySet(b)
	if err != nil {
		return seal.KeySet{}, usage("%s is no key set; fetch it from the window's /v1/keys", file)
	}
	return keys, nil
}
