package main

import (
	"bytes"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"

	"fehrest/internal/intake"
	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/synth"

	"github.com/spf13/cobra"
)

func synthCommand() *cobra.Command {
	var out, period, samples string
	var workers, clients int
	var seed uint64
	c := &cobra.Command{
		Use:   "synth",
		Short: "Write a list of invented workers, for trials and measurements",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			book, err := law.Load()
			if err != nil {
				return err
			}
			if samples != "" {
				return writeSamples(samples, synth.Cases(book))
			}
			m, err := jalali.ParseMonth(period)
			if err != nil {
				return usage("--period is a month such as 1405-07")
			}
			p, ok := book.On(m)
			if !ok || out == "" || workers < 1 {
				return usage("give --out FILE.xlsx, --workers above 0 and a --period that a law file governs")
			}
			if clients > 0 {
				return writeClients(out, synth.Clients(synth.ClientOptions{Seed: seed, Clients: clients, Period: m, Law: p}))
			}
			r := rand.New(rand.NewPCG(seed, 0))
			h := synth.Workshop(r, synth.Employer(r), "کارفرمای ساختگی", m)
			return writeList(out, &h, synth.List(synth.Options{Seed: seed, Workers: workers, Header: h, Law: p}))
		},
	}
	c.Flags().StringVar(&out, "out", "", "the workbook `file` to write, or the folder of the clients")
	c.Flags().IntVar(&clients, "clients", 0, "write the files of so many clients, in shapes as they come in practice, a folder each")
	c.Flags().StringVar(&period, "period", "1405-07", "the month of the list")
	c.Flags().IntVar(&workers, "workers", 100, "how many workers")
	c.Flags().Uint64Var(&seed, "seed", 1, "the same seed gives the same list")
	c.Flags().StringVar(&samples, "samples", "", "write the committed samples anew below this `folder` instead")
	return c
}

// writeClients writes the files of clients, a folder each.
func writeClients(dir string, files iter.Seq2[synth.ClientFile, error]) error {
	for f, err := range files {
		if err != nil {
			return err
		}
		folder := filepath.Join(dir, f.Folder)
		if os.MkdirAll(folder, 0o755) != nil || os.WriteFile(filepath.Join(folder, f.Name), f.Bytes, 0o644) != nil {
			return usage("%s cannot be written; check space and permissions", folder)
		}
	}
	return nil
}

func writeSamples(dir string, cases []synth.Case) error {
	for i := range cases {
		folder := filepath.Join(dir, cases[i].Folder)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return usage("%s cannot be made; check its permissions", folder)
		}
		path := filepath.Join(folder, cases[i].Name)
		if b := cases[i].Bytes; b != nil {
			if os.WriteFile(path, b, 0o644) != nil {
				return usage("%s cannot be written; check the folder and its permissions", path)
			}
			continue
		}
		if err := writeList(path, &cases[i].Header, cases[i].Lines); err != nil {
			return err
		}
	}
	return nil
}

func writeList(path string, h *payroll.Header, lines []payroll.Line) error {
	var b bytes.Buffer
	if err := intake.WriteList(&b, h, lines); err != nil {
		return err
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		return usage("%s cannot be written; check the folder and its permissions", path)
	}
	return nil
}
