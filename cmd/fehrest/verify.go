package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"fehrest/internal/seal"

	"github.com/spf13/cobra"
)

func verifyReceiptCommand() *cobra.Command {
	var keyFile string
	c := &cobra.Command{
		Use:   "verify-receipt FILE",
		Short: "Check offline that a receipt is as the window signed it",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			doc, err := os.ReadFile(args[0])
			if err != nil {
				return &exit{exitUnreadable, args[0] + " cannot be opened; check the name"}
			}
			keys, err := verificationKeys(keyFile)
			if err != nil {
				return err
			}
			if err := seal.Verify(receiptOf(doc), keys); err != nil {
				if errors.Is(err, seal.ErrSignature) {
					return &exit{exitRejected, "رسید دست خورده یا کلید آن این نیست — the receipt was changed, or another key signed it"}
				}
				return &exit{exitUnreadable, args[0] + " is no signed receipt"}
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), "رسید درست است — the receipt holds")
			return err
		},
	}
	c.Flags().StringVar(&keyFile, "key", "", "the window's key set, a `file` from its /v1/keys; the keys of FEHREST_KEYS otherwise")
	return c
}

// receiptOf takes off what an upload's answer tells beside the receipt, which is not signed.
func receiptOf(doc []byte) []byte {
	var members map[string]json.RawMessage
	if seal.UniqueNames(doc) != nil || json.Unmarshal(doc, &members) != nil || members == nil {
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
