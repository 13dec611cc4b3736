// Package casetest runs the cases of the catalogue: of every code a list that raises it and the nearest one that does not.
package casetest

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"fehrest/internal/agency"
	"fehrest/internal/agency/sso"
	"fehrest/internal/agency/tax"
	"fehrest/internal/fault"
	"fehrest/internal/intake"
	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
)

// Update writes what the failing cases raise instead of comparing it; what it wrote is read before it is kept.
var Update = flag.Bool("update", false, "write want.json of the catalogue's cases")

// Want is what a failing case raises, as its want.json holds it.
type Want struct {
	Status   int              `json:"status,omitempty"` // of a request's answer
	Verdicts payroll.Verdicts `json:"verdicts"`
	Findings []fault.Fault    `json:"findings"` // those of the code
	Passing  payroll.Verdicts `json:"passing"`  // the verdicts of the passing case
}

// Case is one failing file and the passing one beside it. A code may have several; the plain one has no name.
type Case struct {
	Code, Name string
	Fail, Pass string // paths in the file system of the cases
	Want       string
}

// options are what case.json may hold: how both files are read, and what differs between them.
type options struct {
	Today    jalali.Date       `json:"today"` // named by the sender, so that deadlines are judged
	AtWindow bool              `json:"at_window"`
	Lanes    fault.Lane        `json:"lanes"`
	Workshop map[string]string `json:"workshop"` // what a registry would know
	Profile  *payroll.Profile  `json:"profile"`
	Limits   intake.Limits     `json:"limits"`
}

// Cases lists the cases under testdata.
func Cases(t testing.TB, files fs.FS) (all []Case) {
	t.Helper()
	found, err := fs.Glob(files, "testdata/*-*/fail*")
	require.NoError(t, err)
	for _, fail := range found {
		dir, file := path.Split(fail)
		name := strings.TrimPrefix(strings.TrimSuffix(file, path.Ext(file)), "fail")
		passes, err := fs.Glob(files, dir+"pass"+name+".*")
		require.NoError(t, err)
		require.Len(t, passes, 1, "%s has one passing file beside it", fail)
		all = append(all, Case{Code: path.Base(dir), Name: strings.TrimPrefix(name, "-"), Fail: fail, Pass: passes[0], Want: dir + "want" + name + ".json"})
	}
	require.NotEmpty(t, all)
	return all
}

// Run reads every case as the offline checker would.
func Run(t *testing.T, files fs.FS) {
	t.Helper()
	for _, c := range Cases(t, files) {
		t.Run(strings.TrimSpace(c.Code+" "+c.Name), func(t *testing.T) {
			t.Parallel()
			c.run(t, files)
		})
	}
}

func (c *Case) run(t *testing.T, files fs.FS) {
	failing, passing := c.read(t, files, c.Fail), c.read(t, files, c.Pass)
	c.Compare(t, files, Want{Verdicts: failing.Verdicts, Findings: Of(failing.Findings.All(), c.Code), Passing: passing.Verdicts})
	for _, f := range failing.Findings.All() {
		if f.Severity >= fault.Error {
			require.Equal(t, c.Code, f.Code, "one mistake is told once: %s", f.Message.EN)
		}
	}
	require.Empty(t, Of(passing.Findings.All(), c.Code), "the passing case raises it")
}

// Of picks the findings of a code.
func Of(all []fault.Fault, code string) []fault.Fault {
	found := []fault.Fault{}
	for _, f := range all {
		if f.Code == code {
			found = append(found, f)
		}
	}
	return found
}

// Compare holds what came of a case against its want.json.
func (c *Case) Compare(t *testing.T, files fs.FS, got Want) {
	t.Helper()
	require.NotEmpty(t, got.Findings, "the failing case does not raise it")
	for _, f := range got.Findings {
		require.NotContains(t, f.Message.FA+f.Message.EN, "{", "a name of the message was left open")
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	require.NoError(t, enc.Encode(got))
	if *Update {
		require.NoError(t, os.WriteFile(filepath.FromSlash(c.Want), b.Bytes(), 0o644))
		return
	}
	want, err := fs.ReadFile(files, c.Want)
	require.NoError(t, err)
	require.Equal(t, string(want), b.String())
}

func (c *Case) read(t *testing.T, files fs.FS, file string) *intake.Result {
	t.Helper()
	b, err := fs.ReadFile(files, file)
	require.NoError(t, err)
	book, err := loadLaw()
	require.NoError(t, err)
	var o options
	c.Options(t, files, strings.Contains(path.Base(file), "pass"), &o)
	from := intake.Options{
		Book: book, Today: o.Today, TodayGiven: !o.Today.IsZero(), AtWindow: o.AtWindow, Lanes: o.Lanes, Profile: o.Profile,
		Limits: o.Limits, Agencies: []agency.Agency{sso.Agency{Book: book}, tax.Agency{Book: book}},
	}
	if from.Today.IsZero() {
		from.Today = jalali.Date{Year: 1405, Month: 8, Day: 15}
	}
	from.Workshop, err = intake.ParseHeader(o.Workshop)
	require.NoError(t, err)
	r, err := intake.Read(context.Background(), bytes.NewReader(b), int64(len(b)), from)
	require.NoError(t, err)
	return r
}

// Options reads case.json, where there is one, into o: first what holds for both files, then what holds for this one.
func (c *Case) Options(t *testing.T, files fs.FS, passing bool, o any) {
	t.Helper()
	b, err := fs.ReadFile(files, strings.Replace(c.Want, "want", "case", 1))
	if err != nil {
		return
	}
	var doc struct {
		Both, Fail, Pass json.RawMessage
	}
	strict(t, b, &doc)
	own := doc.Fail
	if passing {
		own = doc.Pass
	}
	for _, part := range []json.RawMessage{doc.Both, own} {
		if part != nil {
			strict(t, part, o)
		}
	}
}

func strict(t *testing.T, b []byte, v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	require.NoError(t, d.Decode(v))
}

var loadLaw = sync.OnceValues(law.Load)
