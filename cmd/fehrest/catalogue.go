package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"fehrest/internal/api"
	"fehrest/internal/intake"
	"fehrest/internal/jalali"
	"fehrest/internal/law"

	"github.com/spf13/cobra"
)

func codesCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "codes",
		Short: "List every finding this window can make: code, severity, lane, what it means",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			entries := api.Catalogue()
			if asJSON {
				return printJSON(c.OutOrStdout(), entries, true)
			}
			for _, e := range entries {
				lane := e.Lane.String()
				if lane == "" {
					lane = "of the key"
				}
				if _, err := fmt.Fprintf(c.OutOrStdout(), "%-8s %-8s %-10s %s\n         %s\n", e.Code, e.Severity, lane, e.Message.FA, e.Message.EN); err != nil {
					return err
				}
			}
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print the catalogue as JSON")
	return c
}

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
				return &exit{exitRejected, fmt.Sprintf("no law file governs %s", m)}
			}
			if asJSON {
				return printJSON(c.OutOrStdout(), []*law.Params{p}, false)
			}
			return printLaw(c.OutOrStdout(), p)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print them as JSON")
	return c
}

// printLaw prints the JSON form a line a value: the names are the law file's own.
func printLaw(w io.Writer, p *law.Params) error {
	b, err := json.Marshal(p)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var doc map[string]any
	if err := d.Decode(&doc); err != nil {
		return err
	}
	return printValue(w, nil, doc)
}

func printValue(w io.Writer, path []string, v any) error {
	switch v := v.(type) {
	case map[string]any:
		if value, ok := v["value"]; ok {
			_, err := fmt.Fprintf(w, "%-40s %-16v %-9v %v\n", strings.Join(path, "."), value, v["verification"], v["reference"])
			return err
		}
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			if err := printValue(w, append(path[:len(path):len(path)], k), v[k]); err != nil {
				return err
			}
		}
		return nil
	case []any:
		for i, item := range v {
			if err := printValue(w, append(path[:len(path):len(path)], fmt.Sprint(i+1)), item); err != nil {
				return err
			}
		}
		return nil
	}
	_, err := fmt.Fprintf(w, "%-40s %v\n", strings.Join(path, "."), v)
	return err
}

func templateCommand() *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:   "template",
		Short: "Write the empty workbook: the workshop sheet and the list, with every column",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if out == "" {
				return intake.Template(c.OutOrStdout())
			}
			var b bytes.Buffer
			if err := intake.Template(&b); err != nil {
				return err
			}
			if err := os.WriteFile(out, b.Bytes(), 0o644); err != nil {
				return usage("%s cannot be written; check the folder and its permissions", out)
			}
			return nil
		},
	}
	c.Flags().StringVar(&out, "out", "", "the `file` to write; standard output otherwise")
	return c
}
