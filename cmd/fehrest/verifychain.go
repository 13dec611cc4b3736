package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"

	"fehrest/internal/seal"
	"fehrest/internal/store"

	"github.com/spf13/cobra"
)

func verifyChainCommand() *cobra.Command {
	var headFiles []string
	var keyFile string
	var asJSON bool
	c := &cobra.Command{
		Use:   "verify-chain",
		Short: "بررسی زنجیرهٔ مهر رویدادها — check that the audit log is as it was sealed",
		Long: "Walks the chain of the audit log from its beginning, names the first link that does not hold or is missing and the rows that\n" +
			"wait for their seal, and compares the chain with the signed day heads: those in the database, and those of --heads.\n" +
			"Exit 0: it holds; 1: it does not; 2: a file of heads cannot be read; 3: the database cannot be read to the end.\n\n" +
			"زنجیرهٔ رویدادها را از آغاز می‌پیماید، نخستین حلقهٔ نادرست یا گم‌شده و ردیف‌های مهرنشده را نام می‌برد و زنجیره را با سرروزهای امضاشده می‌سنجد.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var keys *seal.KeySet
			switch found, err := verificationKeys(keyFile); {
			case err == nil:
				keys = &found
			case keyFile != "":
				return err
			}
			saved, err := savedHeads(headFiles, keys)
			if err != nil {
				return err
			}
			chain, err := verifyChain(c.Context(), keys, saved)
			if err != nil {
				return err
			}
			return tellChain(c, &chain, asJSON, keys != nil)
		},
	}
	c.Flags().StringArrayVar(&headFiles, "heads", nil, "day heads saved earlier, a `file` from the window's /v1/chain/heads; may be given again")
	c.Flags().StringVar(&keyFile, "key", "", "the window's key set, a `file` from its /v1/keys; the keys of FEHREST_KEYS otherwise")
	c.Flags().BoolVar(&asJSON, "json", false, "print what was found as JSON")
	return c
}

// savedHeads reads files of day heads. A head that its signature does not hold for proves nothing, and is refused.
func savedHeads(files []string, keys *seal.KeySet) (all []seal.Head, err error) {
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, &exit{exitUnreadable, name + " cannot be opened; check the name"}
		}
		var page struct {
			Items []seal.Head `json:"items"`
		}
		if json.Unmarshal(b, &page) != nil && json.Unmarshal(b, &page.Items) != nil || len(page.Items) == 0 {
			return nil, &exit{exitUnreadable, name + " holds no day heads; save the window's /v1/chain/heads"}
		}
		for _, h := range page.Items {
			if keys != nil && h.Verify(*keys) != nil {
				return nil, &exit{exitUnreadable, fmt.Sprintf("%s: سرروز %s دست خورده یا کلید آن این نیست — the day head of %s was changed, or another key signed it", name, h.Day, h.Day)}
			}
		}
		all = append(all, page.Items...)
	}
	return all, nil
}

func verifyChain(ctx context.Context, keys *seal.KeySet, saved []seal.Head) (chain store.Chain, err error) {
	s, err := settings()
	if err != nil {
		return chain, err
	}
	if s.Database == "" {
		return chain, usage("set DATABASE_URL to the window's PostgreSQL database")
	}
	// Nothing is confirmed here: it may be a copy on a server that forgets.
	db, err := store.OpenVolatile(ctx, s.Database)
	if err != nil {
		return chain, usage("%v", err)
	}
	defer db.Close()
	err = db.Read(ctx, func(tx *store.Tx) error {
		if chain, err = tx.VerifyChain(ctx, saved...); err != nil || chain.Bad != 0 || keys == nil {
			return err
		}
		kept, err := tx.Heads(ctx, "", math.MaxInt32)
		for _, h := range kept {
			if h.Verify(*keys) != nil {
				chain.Bad, chain.Break, chain.Day = h.Position, store.HeadForged, h.Day
			}
		}
		return err
	})
	if err != nil {
		return chain, &exit{exitTransport, fmt.Sprintf("the chain could not be read to its end; check DATABASE_URL, and that fehrest migrate was run: %v", err)}
	}
	return chain, nil
}

// tellChain prints what was found; a chain that does not hold is the command's complaint.
func tellChain(c *cobra.Command, chain *store.Chain, asJSON, signatures bool) error {
	out := c.OutOrStdout()
	if asJSON {
		err := json.NewEncoder(out).Encode(struct {
			*store.Chain
			Signatures bool `json:"signatures"` // those of the day heads were checked
		}{chain, signatures})
		if err != nil {
			return err
		}
	} else {
		printChain(out, chain, signatures)
	}
	if chain.Bad != 0 {
		fa, en := breakText(chain)
		return &exit{exitRejected, fmt.Sprintf("حلقهٔ %d: %s — link %d: %s", chain.Bad, fa, chain.Bad, en)}
	}
	return nil
}

func printChain(out io.Writer, c *store.Chain, signatures bool) {
	say := func(format string, args ...any) {
		_, _ = fmt.Fprintf(out, format+"\n", args...)
	}
	if c.Bad == 0 {
		say("زنجیره درست است: %d حلقه — the chain holds: %d links", c.Sealed, c.Sealed)
	} else {
		say("تا حلقهٔ %d درست است — it holds up to link %d", c.Sealed, c.Sealed)
	}
	switch {
	case c.Heads > 0:
		say("سرروزهای برابر: %d، تا %s — day heads it agrees with: %d, the last of %s", c.Heads, c.HeadDay, c.Heads, c.HeadDay)
	case c.Sealed > 0 && c.Bad == 0:
		say("هیچ سرروزی با آن برابر نیست؛ بریدن دنبالهٔ آن دیده نمی‌شود — it agrees with no day head: a tail cut off would not show")
	}
	if !signatures {
		say("امضای سرروزها بررسی نشد؛ کلید را با --key بدهید — signatures of day heads were not checked: give --key or set FEHREST_KEYS")
	}
	if c.Late > 0 {
		say("زمان %d ردیف بیش از یک ساعت پیش از ردیف‌هایی است که زودتر مهر شده‌اند؛ نخستین آن‌ها ردیف %d: معطل مانده یا بعداً نوشته شده — %d rows tell of a time over an hour before rows sealed earlier, the first is row %d: held up, or written in later", c.Late, c.LateFirst, c.Late, c.LateFirst)
	}
	if c.Unsealed > 0 {
		say("مهرنشده: %d ردیف، از %d تا %d — unsealed: %d rows, from %d to %d", c.Unsealed, c.First, c.Last, c.Unsealed, c.First, c.Last)
	}
}

func breakText(c *store.Chain) (fa, en string) {
	switch c.Break {
	case store.RowChanged:
		return fmt.Sprintf("ردیف %d دفتر پس از مهر تغییر کرده است", c.Row), fmt.Sprintf("audit row %d was changed after it was sealed", c.Row)
	case store.RowMissing:
		return fmt.Sprintf("ردیف %d دفتر حذف شده است", c.Row), fmt.Sprintf("audit row %d was deleted", c.Row)
	case store.SealChanged:
		return fmt.Sprintf("مهر ردیف %d تغییر کرده است", c.Row), fmt.Sprintf("the seal of audit row %d was changed", c.Row)
	case store.SealMissing:
		if c.Row == 0 {
			return "مهر آن حذف شده است", "its seal was deleted"
		}
		return fmt.Sprintf("ردیف %d دفتر نه مهر دارد و نه در انتظار آن است", c.Row), fmt.Sprintf("audit row %d has no seal and waits for none", c.Row)
	case store.TailMissing:
		return fmt.Sprintf("از این‌جا بریده شده است؛ سرروز %s جلوتر است", c.Day), fmt.Sprintf("cut off from here: the day head of %s says more", c.Day)
	case store.HeadDiffers:
		return fmt.Sprintf("از نو نوشته شده است؛ سرروز %s چیز دیگری می‌گوید", c.Day), fmt.Sprintf("written anew: the day head of %s says otherwise", c.Day)
	case store.HeadForged:
		return fmt.Sprintf("سرروز %s امضای درستی ندارد", c.Day), fmt.Sprintf("the day head of %s bears no valid signature", c.Day)
	}
	return "درست نیست", "it does not hold"
}
