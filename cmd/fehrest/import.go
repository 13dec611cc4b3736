package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"fehrest/internal/agency"
	"fehrest/internal/agency/sso"
	"fehrest/internal/agency/tax"
	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/intake"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/spf13/cobra"
)

func importCommand() *cobra.Command {
	var workshop string
	var asJSON, replace bool
	c := &cobra.Command{
		Use:   "import DIR",
		Short: "Start with last month's DSK and WP/WH archives of many clients: registry, workers, last wages, opening balances",
		Long: `Reads every ZIP of DSK and WP/WH files below DIR, and loose pairs, one folder a client. Whose workshop it is stands in
--workshop, or in workshops.json (one {"workshop": {header keys}, "profile": {…}} or an array of them) or workshops.csv (a
header row of keys) in the client's folder or one above it. Nothing is sent to anyone, and what is kept already stands.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			var always []flow.ToldWorkshop
			if workshop != "" {
				h, profile, err := readWorkshop(workshop)
				if err != nil {
					return err
				}
				always = []flow.ToldWorkshop{{Header: h, Profile: profile}}
			}
			return importFolder(c.Context(), importing{out: textOrJSON(c.OutOrStdout(), asJSON), dir: args[0], always: always, asJSON: asJSON}, replace)
		},
	}
	c.Flags().StringVar(&workshop, "workshop", "", "a JSON `file` with what the archives lack of their workshop")
	c.Flags().BoolVar(&asJSON, "json", false, "print the whole report as JSON")
	c.Flags().BoolVar(&replace, "replace", false, "take the archives' word in place of what an earlier import kept")
	return c
}

// archive is one file, or a folder's loose pairs as one.
type archive struct {
	name   string // below the folder that is imported
	folder string
	path   string // of a file; empty where bytes holds loose pairs
	bytes  []byte
	month  string // the first of its lists', for the order
}

// importing is one run of the command.
type importing struct {
	out    io.Writer
	dir    string
	always []flow.ToldWorkshop // by --workshop
	asJSON bool
	into   *flow.Importer
}

func importFolder(ctx context.Context, x importing, replace bool) error {
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
	if x.into, err = newImporter(db, s.Limits, replace); err != nil {
		return err
	}
	return x.run(ctx)
}

func newImporter(db *store.Store, limits intake.Limits, replace bool) (*flow.Importer, error) {
	book, err := law.Load()
	if err != nil {
		return nil, err
	}
	day, _, err := today("")
	if err != nil {
		return nil, err
	}
	return &flow.Importer{
		Store: db, Book: book, Now: time.Now, Today: day, Limits: limits, Replace: replace,
		Agencies: []agency.Agency{sso.Agency{Book: book}, tax.Agency{Book: book}},
	}, nil
}

// run imports every archive of the folder; one that cannot be read stops no other.
func (x *importing) run(ctx context.Context) error {
	archives, err := archivesBelow(x.dir)
	if err != nil {
		return err
	}
	worst, all := exitAccepted, []flow.Imported{}
	for i := range archives {
		done, err := x.archive(ctx, &archives[i])
		if err != nil && !unreadable(err) {
			return err
		}
		if err != nil {
			worst = exitUnreadable
			done = append(done, flow.Imported{
				File: archives[i].name, Verdict: payroll.Unreadable, WhyNot: fault.Text{FA: "خوانده نشد", EN: err.Error()},
				Guesses: []intake.Guess{}, Differs: []flow.Differs{}, Unknown: []fault.Text{}, Faults: []fault.Fault{}, Causes: []fault.Cause{},
			})
		}
		for _, list := range done {
			if worst = max(worst, worstExit(list.Verdict)); !list.Stored {
				worst = max(worst, exitRejected)
			}
			if !x.asJSON {
				printImported(x.out, &list)
			}
		}
		all = append(all, done...)
	}
	if x.asJSON {
		if err := printJSON(x.out, all, "  "); err != nil {
			return err
		}
	} else {
		printImportSum(x.out, all)
	}
	return silent(worst)
}

func (x *importing) archive(ctx context.Context, a *archive) ([]flow.Imported, error) {
	told, err := toldOf(x.dir, a.folder)
	if err != nil {
		return nil, err
	}
	as := flow.Archive{Name: a.name, Workshops: slices.Concat(told, x.always)}
	if a.path == "" {
		return x.into.Import(ctx, as, bytes.NewReader(a.bytes), int64(len(a.bytes)))
	}
	f, size, err := openFile(a.path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return x.into.Import(ctx, as, f, size)
}

func openFile(path string) (*os.File, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, &exit{exitUnreadable, fmt.Sprintf("%s cannot be opened; check the name and its permissions", path)}
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		_ = f.Close()
		return nil, 0, &exit{exitUnreadable, fmt.Sprintf("%s cannot be read; copy it to this machine and try again", path)}
	}
	return f, info.Size(), nil
}

// archivesBelow finds ZIP files and loose pairs, months in order: the tax year's cumulation builds on earlier months.
func archivesBelow(dir string) (archives []archive, err error) {
	loose := map[string][]payroll.File{}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		name, folder := relative(dir, path), filepath.Dir(path)
		switch {
		case err != nil && path != dir: // said of it alone, when it is opened
			archives = append(archives, archive{name: name, folder: folder, path: path})
			return fs.SkipDir
		case err != nil || d.IsDir():
			return err
		case strings.EqualFold(filepath.Ext(path), ".zip"):
			archives = append(archives, archive{name: name, folder: folder, path: path})
		case intake.OwnFileName(d.Name()):
			b, err := readLoose(path)
			if err != nil {
				archives = append(archives, archive{name: name, folder: folder, path: path})
				return nil //nolint:nilerr // said of it alone, when it is opened
			}
			loose[folder] = append(loose[folder], payroll.File{Name: d.Name(), Bytes: b})
		}
		return nil
	})
	if err != nil {
		return nil, &exit{exitUnreadable, fmt.Sprintf("the folder %s cannot be read; check the name and its permissions", dir)}
	}
	for folder, files := range loose {
		b, err := agency.Zip(files)
		if err != nil {
			return nil, err
		}
		archives = append(archives, archive{name: relative(dir, folder), folder: folder, bytes: b})
	}
	if len(archives) == 0 {
		return nil, &exit{exitUnreadable, "no ZIP archive and no pair of DSK or WP/WH files was found"}
	}
	for i := range archives {
		archives[i].month = monthOfArchive(&archives[i])
	}
	slices.SortFunc(archives, func(a, b archive) int { return cmp.Or(cmp.Compare(a.month, b.month), cmp.Compare(a.name, b.name)) })
	return archives, nil
}

// largestLoose is more than any file of an organisation's own holds; what is larger is refused by its size, unread.
const largestLoose = 128 << 20

func readLoose(path string) ([]byte, error) {
	f, size, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	if size > largestLoose {
		return nil, errors.New("too large")
	}
	b := make([]byte, size)
	_, err = io.ReadFull(f, b)
	return b, err
}

func relative(dir, path string) string {
	if name, err := filepath.Rel(dir, path); err == nil && name != "." {
		return filepath.ToSlash(name)
	}
	return filepath.Base(path)
}

// monthOfArchive is the month of its first list, empty where it cannot be told: reading it says why.
func monthOfArchive(a *archive) string {
	var from io.ReaderAt = bytes.NewReader(a.bytes)
	size := int64(len(a.bytes))
	if a.path != "" {
		f, n, err := openFile(a.path)
		if err != nil {
			return ""
		}
		defer func() { _ = f.Close() }()
		from, size = f, n
	}
	f, err := intake.Open(context.Background(), from, size, intake.Options{Name: a.name})
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	if f.Lists[0].Period.IsZero() {
		return ""
	}
	return f.Lists[0].Period.String()
}

// toldOf reads what a client's folder, or one above it, tells of his workshops.
func toldOf(dir, folder string) (told []flow.ToldWorkshop, err error) {
	for {
		more, err := toldIn(folder)
		if err != nil {
			return nil, err
		}
		told = append(told, more...)
		if rel, err := filepath.Rel(dir, folder); err != nil || rel == "." || strings.HasPrefix(rel, "..") {
			return told, nil
		}
		folder = filepath.Dir(folder)
	}
}

func toldIn(folder string) (told []flow.ToldWorkshop, err error) {
	for name, read := range map[string]func(string) ([]flow.ToldWorkshop, error){
		"workshop.json": readWorkshops, "workshops.json": readWorkshops, "workshops.csv": readWorkshopsCSV,
	} {
		path := filepath.Join(folder, name)
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		more, err := read(path)
		if err != nil {
			return nil, &exit{exitUnreadable, err.Error()}
		}
		told = append(told, more...)
	}
	return told, nil
}

// readWorkshops reads one workshop's document, or an array of them.
func readWorkshops(path string) ([]flow.ToldWorkshop, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, usage("%s cannot be opened; check its permissions", path)
	}
	if !strings.HasPrefix(strings.TrimSpace(string(b)), "[") {
		h, profile, err := readWorkshop(path)
		return []flow.ToldWorkshop{{Header: h, Profile: profile}}, err
	}
	var docs []struct {
		Workshop map[string]string `json:"workshop"`
		Profile  *payroll.Profile  `json:"profile"`
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&docs); err != nil {
		return nil, usage("%s is not an array of {\"workshop\": {…}}", path)
	}
	told := make([]flow.ToldWorkshop, len(docs))
	for i, doc := range docs {
		h, err := intake.ParseHeader(doc.Workshop)
		if err != nil {
			return nil, usage("%s: %s", path, err)
		}
		told[i] = flow.ToldWorkshop{Header: h, Profile: doc.Profile}
	}
	return told, nil
}

// readWorkshopsCSV reads a table: a header row of keys, one workshop a row.
func readWorkshopsCSV(path string) ([]flow.ToldWorkshop, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, usage("%s cannot be opened; check its permissions", path)
	}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b, []byte("\uFEFF")))).ReadAll()
	if err != nil || len(rows) < 2 {
		return nil, usage("%s is not a table with a row of keys, such as workshop_code,employer_id,employer_name, and a row a workshop", path)
	}
	var told []flow.ToldWorkshop
	for _, row := range rows[1:] {
		values := map[string]string{}
		for i, key := range rows[0] {
			if row[i] != "" {
				values[key] = row[i]
			}
		}
		h, err := intake.ParseHeader(values)
		if err != nil {
			return nil, usage("%s: %s", path, err)
		}
		told = append(told, flow.ToldWorkshop{Header: h})
	}
	return told, nil
}

func printImported(w io.Writer, x *flow.Imported) {
	name := x.File
	if x.Member != "" {
		name += "!" + x.Member
	}
	if !x.Stored {
		_, _ = fmt.Fprintf(w, "%s: ثبت نشد (not imported): %s\n          %s\n", name, x.WhyNot.FA, x.WhyNot.EN)
	} else {
		_, _ = fmt.Fprintf(w, "%s: ثبت شد (imported) %s-%s %s %s · %s\n", name, x.Workshop, x.ContractRow, x.Period, x.ListNo, counts(&x.New))
	}
	for _, g := range x.Guesses {
		_, _ = fmt.Fprintf(w, "  حدس guess %s: %s (%s)\n", g.What, g.Found, g.Why)
	}
	for _, d := range x.Differs {
		stands := "همان ماند (kept as it is)"
		if d.Taken {
			stands = "از بایگانی گرفته شد (taken from the archive)"
		}
		if d.Count > 0 {
			_, _ = fmt.Fprintf(w, "  متفاوت differs %s: %d نفر persons: %s\n", d.What, d.Count, stands)
		} else {
			_, _ = fmt.Fprintf(w, "  متفاوت differs %s: اینجا here «%s»، بایگانی archive «%s»: %s\n", d.What, d.Kept, d.Archive, stands)
		}
	}
	for _, u := range x.Unknown {
		_, _ = fmt.Fprintf(w, "  نامعلوم unknown: %s\n          %s\n", u.FA, u.EN)
	}
	for i := range x.Faults {
		f := &x.Faults[i]
		_, _ = fmt.Fprintf(w, "  %-7s %s %s %s\n          %s\n", f.Severity, f.Code, placeOf(&f.Place), f.Message.FA, f.Message.EN)
	}
}

func printImportSum(w io.Writer, all []flow.Imported) {
	var sum flow.Counted
	stored := 0
	for i := range all {
		if all[i].Stored {
			stored++
		}
		n := &all[i].New
		sum.Workshops += n.Workshops
		sum.Contracts += n.Contracts
		sum.Persons += n.Persons
		sum.Lists += n.Lists
		sum.TaxPersons += n.TaxPersons
	}
	_, _ = fmt.Fprintf(w, "%d لیست از %d ثبت شد (%d of %d lists imported) · %s\n", stored, len(all), stored, len(all), counts(&sum))
}

// counts says what was not kept before.
func counts(n *flow.Counted) string {
	return fmt.Sprintf("تازه new: کارگاه workshops %d، ردیف پیمان contract rows %d، کارکنان workers %d، لیست دستمزد lists of wages %d، مانده مالیاتی opening balances %d",
		n.Workshops, n.Contracts, n.Persons, n.Lists, n.TaxPersons)
}
