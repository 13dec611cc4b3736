package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
)

func workshopCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "workshop",
		Short: "Administer the registry of workshops",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(workshopAddCommand(), workshopShowCommand())
	return c
}

func workshopAddCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "add FILE.json",
		Short: `Register a workshop, or bring it up to date: {"workshop": {header keys}, "profile": {…}}`,
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			h, profile, err := readWorkshop(args[0])
			if err != nil {
				return err
			}
			if h.Workshop.Check() != payroll.Valid || h.Employer.Check() != payroll.Valid || h.EmployerName == "" {
				return usage("%s must hold workshop_code (10 digits), employer_id with its check digit, and employer_name", args[0])
			}
			w := workshopOf(h)
			if profile != nil {
				w.Profile = *profile
			}
			return withStore(c.Context(), func(ctx context.Context, tx *store.Tx) error { return register(ctx, tx, w, h.ContractRow) })
		},
	}
	return c
}

func workshopOf(h *payroll.Header) store.Workshop {
	return store.Workshop{
		Code: h.Workshop, Employer: h.Employer, EmployerName: h.EmployerName, Name: h.WorkshopName, Address: h.Address, PostalCode: h.PostalCode,
		TaxOfficeCode: h.TaxOfficeCode, TaxFileNo: h.TaxFileNo, ExemptFive: h.ExemptFive,
	}
}

func register(ctx context.Context, tx *store.Tx, w store.Workshop, contractRow string) error {
	if err := tx.SaveWorkshop(ctx, w); err != nil {
		return err
	}
	if contractRow == "" || contractRow == payroll.OwnContract {
		return nil
	}
	return tx.SaveContract(ctx, w.Code, contractRow, "")
}

func workshopShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show WORKSHOP_CODE",
		Short: "Show what the registry holds of a workshop",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return withStore(c.Context(), func(ctx context.Context, tx *store.Tx) error {
				w, err := tx.Workshop(ctx, payroll.WorkshopCode(args[0]))
				if err != nil {
					return &exit{exitRejected, "the registry holds no such workshop"}
				}
				_, err = fmt.Fprintf(c.OutOrStdout(), "%s %s\nemployer %s %s\naddress %s %s\ntax file %s\n",
					w.Code, w.Name, w.Employer, w.EmployerName, w.Address, w.PostalCode, w.TaxFileNo)
				return err
			})
		},
	}
}

func tokenCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "token",
		Short: "Administer who may sign in",
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(tokenAddCommand(), tokenRevokeCommand())
	return c
}

func tokenAddCommand() *cobra.Command {
	var role, employer, workshop string
	var days int
	c := &cobra.Command{
		Use:   "add NAME",
		Short: "Make a principal and print its token, once; only the token's hash is kept",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			p := access.Principal{ID: store.NewID(), Name: args[0], Role: access.Role(role)}
			if !slices.Contains(access.Roles(), p.Role) {
				return usage("--role is one of %v", access.Roles())
			}
			if days < 0 {
				return usage("--days is a number of days from now, or 0 for a token without an end")
			}
			var expires time.Time
			if days > 0 {
				expires = time.Now().AddDate(0, 0, days)
			}
			var token string
			err := withStore(c.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
				token, err = admit(ctx, tx, p, payroll.EmployerID(employer), payroll.WorkshopCode(workshop), expires)
				return err
			})
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), token)
			return err
		},
	}
	c.Flags().StringVar(&role, "role", "employer", "employer, accountant, sso, tax, supervisor or operator")
	c.Flags().StringVar(&employer, "employer", "", "a mandate for every workshop of this employer `id`")
	c.Flags().StringVar(&workshop, "workshop", "", "a mandate for this workshop `code` only")
	c.Flags().IntVar(&days, "days", 0, "the token ends after so many days; 0: never")
	return c
}

// admit makes a principal with a mandate and a token.
func admit(ctx context.Context, tx *store.Tx, p access.Principal, employer payroll.EmployerID, workshop payroll.WorkshopCode, expires time.Time) (token string, err error) {
	if err := tx.AddPrincipal(ctx, p); err != nil {
		return "", err
	}
	if employer != "" || workshop != "" {
		if err := tx.AddMandate(ctx, p.ID, employer, workshop, time.Time{}); err != nil {
			return "", &exit{exitRejected, "a mandate names one employer or one workshop that the registry holds"}
		}
	}
	token = access.NewToken()
	return token, tx.AddToken(ctx, access.HashToken(token), p.ID, expires)
}

func tokenRevokeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "revoke",
		Short: "Revoke the token in FEHREST_TOKEN, at once",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			token, err := readToken("")
			if err != nil {
				return err
			}
			return withStore(c.Context(), func(ctx context.Context, tx *store.Tx) error {
				err := tx.RevokeToken(ctx, access.HashToken(token), time.Now())
				if errors.Is(err, store.ErrMoved) {
					return &exit{exitRejected, "the window does not know this token, or it is revoked already"}
				}
				return err
			})
		},
	}
}

// withStore runs one transaction of an administrative command.
func withStore(ctx context.Context, do func(context.Context, *store.Tx) error) error {
	s, err := settings()
	if err != nil {
		return err
	}
	db, err := openStore(ctx, s)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := upToDate(ctx, db); err != nil {
		return err
	}
	return db.Tx(ctx, func(tx *store.Tx) error { return do(ctx, tx) })
}

// operator is the principal on whose behalf the command line acts.
func operator(ctx context.Context, tx *store.Tx) (access.Principal, error) {
	all, err := tx.Principals(ctx)
	if err != nil {
		return access.Principal{}, err
	}
	for _, p := range all {
		if p.Role == access.Operator {
			return p, nil
		}
	}
	p := access.Principal{ID: uuid.Must(uuid.NewV7()), Name: "command line", Role: access.Operator}
	return p, tx.AddPrincipal(ctx, p)
}
