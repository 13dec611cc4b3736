package main

import (
	"fmt"
	"io"

	"fehrest/internal/jalali"
	"fehrest/internal/law"

	"github.com/spf13/cobra"
)

func lawCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "law PERIOD",
		Short: "Show the parameters in force in a month, each with its reference and how sure it is",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			m, err := jalali.ParseMonth(args[0])
			if err != nil {
				return usage("PERIOD is a month such as 1405-07")
			}
			book, err := law.Load()
			if err != nil {
				return err
			}
			p, ok := book.On(m)
			if !ok {
				all := book.Periods()
				return &exit{exitRejected, fmt.Sprintf("no law file governs %s; the law book holds %s to %s", m, all[0].From, all[len(all)-1].To)}
			}
			if asJSON {
				return printJSON(c.OutOrStdout(), p, "")
			}
			printLaw(c.OutOrStdout(), p)
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print them as JSON")
	return c
}

var verificationsFA = map[law.Verification]string{
	law.Primary: "متن اصلی دیده شد", law.Several: "چند منبع مستقل", law.Single: "یک منبع", law.Disputed: "محل اختلاف",
}

// printLaw prints a parameter in three lines: its name and value, the name in Persian, and where it comes from.
func printLaw(w io.Writer, p *law.Params) {
	out := printer{w}
	out.line("%s: %s – %s", p.File, p.From, p.To)
	for _, e := range p.Entries() {
		value := e.Value.FA
		if e.Value.EN != value {
			value += " — " + e.Value.EN
		}
		out.line("%s: %s", e.Parameter, value)
		out.line("    %s · %s (%s) · %s — %s", e.Name, verificationsFA[e.Verification], e.Verification, e.ReferenceFA, e.Reference)
		if e.Note != "" {
			out.line("    %s — %s", e.NoteFA, e.Note)
		}
	}
}
