package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/agency/hand"
	"fehrest/internal/payroll"
	"fehrest/internal/seal"
	"fehrest/internal/store"

	"github.com/spf13/cobra"
)

func answerCommand() *cobra.Command {
	var key, uploaded string
	c := &cobra.Command{
		Use:   "answer FILE",
		Short: "Enter an organisation's answer by hand: its JSON, an SSO slip, or the tax administration's workbook",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 && uploaded == "" {
				return usage("name the answer's FILE, or say with --uploaded NUMBER that the files were uploaded")
			}
			s := settings()
			db, err := openStore(c.Context(), s)
			if err != nil {
				return err
			}
			defer db.Close()
			keys, err := seal.Load(s.keys())
			if err != nil {
				return usage("no signing key in %s: set FEHREST_KEYS to the folder that holds it", s.keys())
			}
			w, err := newWindow(s, db, keys, newLog(c.ErrOrStderr()))
			if err != nil {
				return err
			}
			var who access.Principal
			if err := db.Tx(c.Context(), func(tx *store.Tx) (err error) { who, err = operator(c.Context(), tx); return err }); err != nil {
				return err
			}
			if uploaded != "" {
				if err := w.MarkUploaded(c.Context(), who, key, time.Now(), uploaded); err != nil {
					return err
				}
				_, _ = fmt.Fprintln(c.OutOrStdout(), "بارگذاری ثبت شد — the upload is recorded")
			}
			if len(args) == 0 {
				return nil
			}
			raw, err := os.ReadFile(args[0])
			if err != nil {
				return &exit{exitUnreadable, args[0] + " cannot be opened; check the name"}
			}
			digest, err := digestOf(c.Context(), db, key)
			if err != nil {
				return err
			}
			a, err := hand.Answer(raw, filepath.Base(args[0]), key, digest, time.Now())
			if err != nil {
				return err
			}
			got, err := w.AnswerByHand(c.Context(), who, raw, a)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "پاسخ ثبت شد — the answer is recorded: %s\n", got.Outcome)
			return err
		},
	}
	c.Flags().StringVar(&key, "key", "", "the delivery's `key`; a gateway's own document names it itself")
	c.Flags().StringVar(&uploaded, "uploaded", "", "record first that the files were uploaded, under this `number` of the portal")
	return c
}

// digestOf is the digest of what was made under a key, empty when the answer names its delivery itself.
func digestOf(ctx context.Context, db *store.Store, key string) (string, error) {
	if key == "" {
		return "", nil
	}
	var digest string
	err := db.Read(ctx, func(tx *store.Tx) error {
		d, err := deliveryOf(ctx, tx, key)
		if err == nil {
			digest = fmt.Sprintf("%x", d.Digest)
		}
		return err
	})
	return digest, err
}

func deliveryOf(ctx context.Context, tx *store.Tx, text string) (*store.Delivery, error) {
	key, ok := payroll.ParseDeliveryKey(text)
	if !ok {
		return nil, usage("--key is a delivery's key, such as sso.0123456789.000.1405-07.01.1")
	}
	d, err := tx.DeliveryByKey(ctx, key)
	if err != nil {
		return nil, &exit{exitRejected, "the window made no delivery under this key"}
	}
	return d, nil
}
