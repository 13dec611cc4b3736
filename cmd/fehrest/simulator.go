package main

import (
	"fehrest/cmd/agencysim/sim"

	"github.com/spf13/cobra"
)

// simulatorCommand is cmd/agencysim in the same executable, so that demo can run both organisations as processes of their own.
func simulatorCommand() *cobra.Command {
	return &cobra.Command{
		Use:                "agencysim",
		Short:              "Run a simulator of an organisation's gateway",
		Hidden:             true,
		DisableFlagParsing: true,
		RunE: func(c *cobra.Command, args []string) error {
			return silent(sim.Main(c.Context(), args, c.OutOrStdout()))
		},
	}
}
