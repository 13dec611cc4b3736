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
	"maps"
	"os"
	"path/filepath"
	"slices"

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
	maps     *clientMaps
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
	r := &reader{book: book, agencies: agencies, maps: &clientMaps{}, options: intake.Options{
		Lanes: lanes, Sheet: f.sheet, Today: day, TodayGiven: given, Limits: limits, Book: book, LawOf: month,
		Agencies: []agency.Agency{agencies[payroll.SSO], agencies[payroll.Tax]},
	}}
	if f.workshop != "" {
		if r.options.Workshop, r.options.Profile, err = readWorkshop(f.workshop); err != nil {
			return nil, err
		}
	}
	if f.mapping != "" {
		if r.options.Map, err = readMap(f.mapping); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// list is one list of a file as it was read.
type list struct {
	source
	sha    string
	size   int64
	part   int    // in its file
	member string // of a ZIP of lists
	of     int    // how many lists the file holds
	result *intake.Result

	// What making its files needs.
	lines     []payroll.Filed
	kept      bool   // the lines are those that were judged, and need not be read again
	sso, tax  bool   // the lanes whose files are made
	clash     bool   // another list would be written over it
	taxFileNo string // of its tax month
	files     []string
}

// opened is a file with the lists it holds.
type opened struct {
	source
	sha     string
	size    int64
	file    *os.File
	lists   *intake.File
	options intake.Options
}

// open opens a file for its lists, with the answers that its client gave.
func (r *reader) open(ctx context.Context, s source) (_ *opened, err error) {
	f, err := os.Open(s.path)
	if err != nil {
		return nil, &exit{exitUnreadable, fmt.Sprintf("%s cannot be opened; check the name and its permissions", s.path)}
	}
	defer func() {
		if err != nil {
			_ = f.Close()
		}
	}()
	h := sha256.New()
	size, err := io.Copy(h, f)
	if err != nil {
		return nil, &exit{exitUnreadable, fmt.Sprintf("%s cannot be read to its end; copy it to this machine and try again", s.path)}
	}
	o := r.options
	o.Name = filepath.Base(s.path)
	if o.Map == nil {
		if o.Map, err = r.maps.of(s); err != nil {
			return nil, err
		}
	}
	lists, err := intake.Open(ctx, f, size, o)
	if err != nil {
		return nil, cannotRead(ctx, s.path, err)
	}
	return &opened{s, hex.EncodeToString(h.Sum(nil)), size, f, lists, o}, nil
}

// cannotRead is the error of a file that was lost while it was read.
func cannotRead(ctx context.Context, path string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return &exit{exitUnreadable, fmt.Sprintf("%s cannot be read to its end; copy it to this machine, check that the disk is not full, and try again", path)}
}

func (o *opened) close() {
	_ = o.lists.Close()
	_ = o.file.Close()
}

// read reads and judges one of the lists; each line goes to take, which may be nil.
func (o *opened) read(ctx context.Context, part int, take func(*payroll.Line, *payroll.Assessed) error) (*list, error) {
	options := o.options
	options.Line = take
	result, err := o.lists.Read(ctx, part, options)
	if err != nil {
		return nil, cannotRead(ctx, o.path, err)
	}
	return &list{source: o.source, sha: o.sha, size: o.size, part: part, member: o.lists.Lists[part].Member, of: len(o.lists.Lists), result: result}, nil
}

// readBytes reads and judges a list that lies in memory, without its lines.
func (r *reader) readBytes(ctx context.Context, name string, b []byte) (*intake.Result, error) {
	o := r.options
	o.Name = name
	return intake.Read(ctx, bytes.NewReader(b), int64(len(b)), o)
}

func (l *list) report() intake.Report {
	r := l.result.Report(filepath.Base(l.path), l.sha, l.size)
	r.File.Member = l.member
	return r
}

// title names the list among many: its file, and which of the file's lists it is.
func (l *list) title() string {
	switch h := &l.result.Header; {
	case l.of == 1:
		return l.path
	case h.Workshop == "":
		return fmt.Sprintf("%s [%s%d/%d]", l.path, prefixed(l.member), l.part+1, l.of)
	default:
		return fmt.Sprintf("%s [%s%s-%s %s %s]", l.path, prefixed(l.member), h.Workshop, h.ContractRow, h.Period, h.ListNo)
	}
}

func prefixed(member string) string {
	if member == "" {
		return ""
	}
	return member + " "
}

// filed is the list as the SSO's encoder and the tax month take it.
func (l *list) filed() payroll.FiledList {
	return payroll.FiledList{Header: l.result.Header, Version: 1, Totals: l.result.Totals, Lines: l.lines}
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
	for _, key := range slices.Sorted(maps.Keys(doc.Workshop)) {
		if value := doc.Workshop[key]; !saysWorkshop(key, value) {
			return nil, nil, usage("%s: %q is no key of the workshop sheet, or %q no value of it; the template shows both", path, key, value)
		}
	}
	h, err := intake.ParseHeader(doc.Workshop)
	return h, doc.Profile, err
}

func saysWorkshop(key, value string) bool {
	_, err := intake.ParseHeader(map[string]string{key: value})
	return err == nil
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
