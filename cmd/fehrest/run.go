package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"

	"github.com/spf13/cobra"
)

// Exit codes of every command, published in interface and help.
const (
	exitAccepted   = 0
	exitRejected   = 1
	exitUnreadable = 2
	exitTransport  = 3
	exitUsage      = 64
)

// exit ends the program with a code. An empty text prints nothing: the command has said it all.
type exit struct {
	code int
	text string
}

func (e *exit) Error() string { return e.text }

func usage(format string, args ...any) error {
	return &exit{exitUsage, fmt.Sprintf(format, args...)}
}

// exitCode prints the one line that says what to do and returns the process's code.
func exitCode(err error, stderr io.Writer) int {
	if err == nil {
		return exitAccepted
	}
	stderr = legible{stderr}
	if problem := (*fault.Problem)(nil); errors.As(err, &problem) {
		_, _ = fmt.Fprintf(stderr, "fehrest: %s — %s\n", problem.Text.FA, problem.Text.EN)
		for _, f := range problem.Faults {
			_, _ = fmt.Fprintf(stderr, "  %-7s %s %s %s — %s\n", f.Severity, f.Code, cmp.Or(f.Cell, f.Field), f.Message.FA, f.Message.EN)
		}
		return exitRejected
	}
	code := exitRejected
	if e := (*exit)(nil); errors.As(err, &e) {
		code = e.code
	}
	if text := err.Error(); text != "" {
		_, _ = fmt.Fprintf(stderr, "fehrest: %s\n", text)
	}
	return code
}

// run is the program: the tests call it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	root := &cobra.Command{
		Use:           "fehrest",
		Short:         "One workshop list for the Social Security Organization and the tax administration of Iran",
		SilenceErrors: true,
		SilenceUsage:  true,

		DisableSuggestions: true, // a complaint is one line
		CompletionOptions: cobra.CompletionOptions{
			DisableDefaultCmd: true,
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetArgs(args)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &exit{exitUsage, err.Error() + "; see fehrest --help"} })
	root.AddCommand(
		demoCommand(), serveCommand(), workCommand(), migrateCommand(),
		checkCommand(), convertCommand(), annotateCommand(), templateCommand(), codesCommand(), lawCommand(), synthCommand(),
		submitCommand(), arrearsCommand(), answerCommand(), importCommand(), workshopCommand(), tokenCommand(), verifyReceiptCommand(), verifyChainCommand(),
		simulatorCommand(),
	)
	c, err := root.ExecuteContextC(ctx)
	switch {
	case err == nil || !isCobra(err):
		return err
	case c == root:
		return usage("%s; see fehrest --help", err)
	}
	return usage("use it as: %s; see %s --help", c.UseLine(), c.CommandPath())
}

// isCobra recognises cobra's own complaints about names and numbers of arguments, which have no type.
func isCobra(err error) bool {
	var e *exit
	var p *fault.Problem
	if errors.As(err, &e) || errors.As(err, &p) || errors.Unwrap(err) != nil {
		return false
	}
	return slices.ContainsFunc([]string{"unknown command", "accepts ", "requires at least", "required flag"}, func(begin string) bool {
		return strings.HasPrefix(err.Error(), begin)
	})
}

// tehran is where every deadline and every today is.
func tehran() *time.Location {
	loc, err := time.LoadLocation("Asia/Tehran")
	if err != nil {
		panic("fehrest: the embedded time zones are gone") // time/tzdata is linked in
	}
	return loc
}

// today is the day in Tehran, or the one given with --on.
func today(on string) (day jalali.Date, given bool, err error) {
	if on != "" {
		d, err := jalali.ParseDate(on)
		if err != nil {
			return d, false, usage("--on takes a Jalali date such as 1405-08-15")
		}
		return d, true, nil
	}
	d, err := jalali.FromTime(time.Now().In(tehran()))
	if err != nil {
		return d, false, errors.New("the clock of this machine is outside the calendar; set it, or give --on")
	}
	return d, false, nil
}
