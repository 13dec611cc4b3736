package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/agency/hand"
	"fehrest/internal/payroll"
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
			if _, ok := payroll.ParseDeliveryKey(key); !ok && (key != "" || uploaded != "") {
				return usage("--key is a delivery's key, such as sso.0123456789.000.1405-07.01.1")
			}
			// The answer is read first: what cannot be entered must not leave its files marked as uploaded.
			var raw []byte
			var a payroll.Answer
			if len(args) > 0 {
				var err error
				if raw, a, err = readAnswer(args[0], key); err != nil {
					return err
				}
			}
			s, err := settings()
			if err != nil {
				return err
			}
			w, closeAll, err := openWindow(c.Context(), s, c.ErrOrStderr())
			if err != nil {
				return err
			}
			defer closeAll()
			var who access.Principal
			if err := w.Store.Tx(c.Context(), func(tx *store.Tx) (err error) { who, err = operator(c.Context(), tx); return err }); err != nil {
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

// readAnswer reads an answer from its file; what it was given for is the window's to say.
func readAnswer(path, key string) (raw []byte, a payroll.Answer, err error) {
	if raw, err = os.ReadFile(path); err != nil {
		return nil, a, &exit{exitUnreadable, path + " cannot be opened; check the name"}
	}
	a, err = hand.Answer(raw, filepath.Base(path), key, "", time.Now())
	return raw, a, err
}
