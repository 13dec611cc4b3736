package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fehrest/internal/agency"
	"fehrest/internal/agency/sso"
	"fehrest/internal/agency/tax"
	"fehrest/internal/dbf"
	"fehrest/internal/fault"
	"fehrest/internal/intake"
	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"

	"github.com/spf13/cobra"
)

// readFlags are the flags of every command that reads lists without a server.
type readFlags struct {
	lanes, on, law, workshop, mapping, sheet, encoding, layout string
}

func (f *readFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.lanes, "lanes", "both", "whose lane to judge: both, sso or tax")
	c.Flags().StringVar(&f.on, "on", "", "judge as on this Jalali date, such as 1405-08-15")
	c.Flags().StringVar(&f.workshop, "workshop", "", "a JSON `file` with what the workshop sheet lacks")
	c.Flags().StringVar(&f.mapping, "map", "", "a JSON `file` of headers and the keys they stand for")
	c.Flags().StringVar(&f.encoding, "encoding", "iran-system", "text of the SSO's files: iran-system or cp1256")
	c.Flags().StringVar(&f.sheet, "sheet", "", "the `name` of the sheet that holds the list")
}

// reader reads lists offline: no database, no network.
type reader struct {
	options  intake.Options
	agencies map[payroll.Lane]agency.Agency
	book     *law.Book
}

func (f *readFlags) reader() (*reader, error) {
	book, err := law.Load()
	if err != nil {
		return nil, err
	}
	lanes, err := parseLanes(f.lanes)
	if err != nil {
		return nil, err
	}
	day, given, err := today(f.on)
	if err != nil {
		return nil, err
	}
	encoding, err := parseEncoding(f.encoding)
	if err != nil {
		return nil, err
	}
	layout, err := parseLayout(f.layout)
	if err != nil {
		return nil, err
	}
	month, err := lawMonth(f.law, book)
	if err != nil {
		return nil, err
	}
	limits, err := fileLimits()
	if err != nil {
		return nil, err
	}
	agencies := map[payroll.Lane]agency.Agency{
		payroll.SSO: sso.Agency{Book: book, Encoding: encoding, Layout: layout},
		payroll.Tax: tax.Agency{Book: book},
	}
	r := &reader{book: book, agencies: agencies, options: intake.Options{
		Lanes: lanes, Sheet: f.sheet, Today: day, TodayGiven: given, Limits: limits, Book: book, LawOf: month,
		Agencies: []agency.Agency{agencies[payroll.SSO], agencies[payroll.Tax]},
	}}
	if f.workshop != "" {
		if r.options.Workshop, r.options.Profile, err = readWorkshop(f.workshop); err != nil {
			return nil, err
		}
	}
	if f.mapping != "" {
		if err := readJSON(f.mapping, &r.options.Map); err != nil {
			return nil, err
		}
		if intake.CheckMap(r.options.Map) != nil {
			return nil, usage("%s names a key that no column has; the template's second row holds them, and ignored leaves a column out", f.mapping)
		}
	}
	return r, nil
}

// list is one file as it was read.
type list struct {
	path, sha string
	size      int64
	result    *intake.Result
	lines     []payroll.Filed // only when they were asked for
}

// read reads and judges one file; keep asks for its lines.
func (r *reader) read(ctx context.Context, path string, keep bool) (*list, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, &exit{exitUnreadable, fmt.Sprintf("%s cannot be opened; check the name and its permissions", path)}
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	size, err := io.Copy(h, f)
	if err != nil {
		return nil, &exit{exitUnreadable, fmt.Sprintf("%s cannot be read to its end; copy it to this machine and try again", path)}
	}
	l := &list{path: path, sha: hex.EncodeToString(h.Sum(nil)), size: size}
	o := r.options
	o.Name = filepath.Base(path)
	if keep {
		o.Line = func(line *payroll.Line, owed *payroll.Assessed) error {
			l.lines = append(l.lines, payroll.Filed{Line: *line, Assessed: *owed})
			return nil
		}
	}
	l.result, err = intake.Read(ctx, f, size, o)
	if err != nil {
		return nil, err
	}
	return l, nil
}

// readBytes reads and judges a list that lies in memory, without its lines.
func (r *reader) readBytes(ctx context.Context, name string, b []byte) (*intake.Result, error) {
	o := r.options
	o.Name = name
	return intake.Read(ctx, bytes.NewReader(b), int64(len(b)), o)
}

func (l *list) report() intake.Report { return l.result.Report(filepath.Base(l.path), l.sha, l.size) }

// filed is the list as the SSO's encoder and the tax month take it.
func (l *list) filed() payroll.FiledList {
	return payroll.FiledList{Header: l.result.Header, Version: 1, Totals: l.result.Totals, Lines: l.lines}
}

// inputs lists the files of the arguments; a folder gives every workbook and JSON list below it, by name.
func inputs(args []string) (paths []string, many bool, err error) {
	for _, arg := range args {
		info, err := os.Stat(arg)
		if err != nil {
			return nil, false, &exit{exitUnreadable, fmt.Sprintf("%s is not there; check the name", arg)}
		}
		if !info.IsDir() {
			paths = append(paths, arg)
			continue
		}
		many = true
		err = filepath.WalkDir(arg, func(path string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() && isList(path) {
				paths = append(paths, path)
			}
			return err
		})
		if err != nil {
			return nil, false, &exit{exitUnreadable, fmt.Sprintf("the folder %s cannot be read; check its permissions", arg)}
		}
	}
	slices.Sort(paths)
	if len(paths) == 0 {
		return nil, false, &exit{exitUnreadable, "no workbook (.xlsx, .xlsm) or JSON list was found"}
	}
	return paths, many || len(paths) > 1, nil
}

func isList(path string) bool {
	name := filepath.Base(path)
	switch strings.ToLower(filepath.Ext(path)) {
	case ".xlsx", ".xlsm", ".json":
		// Excel keeps a lock file ~$name beside an open workbook.
		return !strings.HasPrefix(name, "~$") && !strings.HasPrefix(name, ".")
	}
	return false
}

// worstExit is the exit code of a verdict.
func worstExit(v payroll.Verdict) int {
	switch v {
	case payroll.Rejected:
		return exitRejected
	case payroll.Unreadable:
		return exitUnreadable
	}
	return exitAccepted
}

func parseLanes(s string) (fault.Lane, error) {
	var l fault.Lane
	if err := l.UnmarshalText([]byte(s)); err != nil || l == 0 {
		return 0, usage("--lanes takes both, sso or tax")
	}
	return l, nil
}

// lawMonth is the month whose law judges; without a flag each list's own.
func lawMonth(s string, book *law.Book) (jalali.Month, error) {
	if s == "" {
		return jalali.Month{}, nil
	}
	m, err := jalali.ParseMonth(s)
	if err != nil {
		return m, usage("--law takes a month such as 1405-07")
	}
	if _, ok := book.On(m); !ok {
		return m, usage("no law file governs %s; fehrest law shows one that is", m)
	}
	return m, nil
}

func parseEncoding(s string) (dbf.Encoding, error) {
	switch s {
	case "", "iran-system":
		return dbf.IranSystem, nil
	case "cp1256":
		return dbf.CP1256, nil
	}
	return 0, usage("--encoding takes iran-system or cp1256")
}

func parseLayout(s string) (sso.Layout, error) {
	switch s {
	case "", "25":
		return sso.V65, nil
	case "23":
		return sso.V27, nil
	}
	return 0, usage("--layout takes 25 or 23, the number of fields of DSKKAR00")
}

// readWorkshop reads {"workshop": {header keys}, "profile": {…}}, what a registry would know.
func readWorkshop(path string) (*payroll.Header, *payroll.Profile, error) {
	var doc struct {
		Workshop map[string]string `json:"workshop"`
		Profile  *payroll.Profile  `json:"profile"`
	}
	if err := readJSON(path, &doc); err != nil {
		return nil, nil, err
	}
	h, err := intake.ParseHeader(doc.Workshop)
	if err != nil {
		return nil, nil, usage("%s: %s", path, err)
	}
	return h, doc.Profile, nil
}

func readJSON(path string, to any) error {
	f, err := os.Open(path)
	if err != nil {
		return usage("%s cannot be opened; check the name", path)
	}
	defer func() { _ = f.Close() }()
	d := json.NewDecoder(f)
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil {
		return usage("%s is not the JSON this option takes; see the page of the command", path)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return usage("%s holds more than one JSON document", path)
	}
	return nil
}
