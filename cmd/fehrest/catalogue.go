package main

import (
	"fmt"

	"fehrest/internal/api"
	"fehrest/internal/intake"
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
			if asJSON {
				book, err := law.Load()
				if err != nil {
					return err
				}
				day, _, err := today("")
				if err != nil {
					return err
				}
				return printJSON(c.OutOrStdout(), api.Described(book, day.InMonth()), "")
			}
			if _, err := fmt.Fprintf(c.OutOrStdout(), "catalogue %s of %s\n", api.CatalogueVersion, api.CatalogueDate); err != nil {
				return err
			}
			for _, e := range api.Catalogue() {
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

func templateCommand() *cobra.Command {
	var flags readFlags
	var out, from string
	c := &cobra.Command{
		Use:   "template",
		Short: "Write the empty workbook, or next month's filled with what stays of a list",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			switch {
			case from != "":
				return templateFrom(c, from, out, &flags)
			case out != "":
				return writeWhole(out, intake.Template)
			}
			return intake.Template(c.OutOrStdout())
		},
	}
	flags.add(c)
	c.Flags().StringVar(&from, "from", "", "last month's list, in any `file` that check reads")
	c.Flags().StringVar(&out, "out", "", "the `file` to write; standard output otherwise")
	return c
}
