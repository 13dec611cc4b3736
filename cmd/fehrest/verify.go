package main

import (
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
			if err := seal.Verify(doc, keys); err != nil {
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

func verificationKeys(file string) (seal.KeySet, error) {
	if file == "" {
		ring, err := seal.Load(settings().keys())
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
