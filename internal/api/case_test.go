package api_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"net/textproto"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/api"
	"fehrest/internal/fault"
	"fehrest/internal/intake/casetest"
	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
)

// Every code has a failing and a passing case, and every case is of a code.
func TestCatalogue_every_code_has_its_cases(t *testing.T) {
	t.Parallel()
	for _, e := range api.Catalogue() {
		_, names := api.Examples(e.Code)
		has := func(prefix string) bool {
			return slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, prefix) })
		}
		require.True(t, has("fail"), "%s has no failing case", e.Code)
		require.True(t, has("pass"), "%s has no passing case", e.Code)
	}
	folders, err := fs.Glob(os.DirFS(".."), "*/testdata/*-[0-9][0-9]")
	require.NoError(t, err)
	more, err := fs.Glob(os.DirFS(".."), "*/*/testdata/*-[0-9][0-9]")
	require.NoError(t, err)
	seen := map[string]string{}
	for _, folder := range append(folders, more...) {
		code := path.Base(folder)
		require.True(t, slices.ContainsFunc(api.Catalogue(), func(e fault.Entry) bool { return e.Code == code }), "%s is of no code", folder)
		require.Empty(t, seen[code], "%s has its cases twice", code)
		seen[code] = folder
	}
	require.Len(t, seen, len(api.Catalogue()))
}

// A request as a case tells it: its head, an empty line, its body. A body's line "< name" stands for a file beside the cases.
type script struct {
	note    string // behind the ### that divides requests; "meanwhile" is sent while the one before is on its way
	request *http.Request
	body    []byte
}

func TestCases(t *testing.T) {
	t.Parallel()
	files := os.DirFS(".")
	for _, c := range casetest.Cases(t, files) {
		t.Run(strings.TrimSpace(c.Code+" "+c.Name), func(t *testing.T) {
			t.Parallel()
			refused := play(t, scripts(t, files, c.Fail))
			p := refused.problem(t)
			require.Equal(t, c.Code, p.Code)
			e := entryOf(c.Code)
			c.Compare(t, files, casetest.Want{Status: refused.status, Findings: []fault.Fault{{
				Code: p.Code, Severity: e.Severity, Lane: e.Lane, Message: p.Message, RelatedRows: []int{},
			}}})
			require.Less(t, play(t, scripts(t, files, c.Pass)).status, 300)
		})
	}
}

func entryOf(code string) fault.Entry {
	all := api.Catalogue()
	return all[slices.IndexFunc(all, func(e fault.Entry) bool { return e.Code == code })]
}

// scripts reads a file of requests as editors that send them write it.
func scripts(t *testing.T, files fs.FS, name string) (all []script) {
	t.Helper()
	b, err := fs.ReadFile(files, name)
	require.NoError(t, err)
	note := ""
	for _, text := range strings.Split("\n"+string(b), "\n###") {
		first, rest, _ := strings.Cut(text, "\n")
		note = strings.TrimSpace(first)
		if strings.TrimSpace(rest) == "" {
			continue
		}
		in := bufio.NewReader(strings.NewReader(strings.TrimLeft(rest, "\n")))
		line, err := in.ReadString('\n')
		require.NoError(t, err)
		method, target, _ := strings.Cut(strings.TrimSpace(line), " ")
		request, err := http.NewRequestWithContext(t.Context(), method, target, nil)
		require.NoError(t, err)
		head, err := textproto.NewReader(in).ReadMIMEHeader()
		require.NoError(t, err)
		request.Header = http.Header(head)
		all = append(all, script{note: note, request: request, body: body(t, files, path.Dir(name), in)})
	}
	return all
}

func body(t *testing.T, files fs.FS, dir string, in io.Reader) []byte {
	t.Helper()
	text, err := io.ReadAll(in)
	require.NoError(t, err)
	var b bytes.Buffer
	for line := range strings.Lines(strings.TrimRight(string(text), "\n") + "\n") {
		if file, ok := strings.CutPrefix(line, "< "); ok {
			content, err := fs.ReadFile(files, path.Join(dir, strings.TrimSpace(file)))
			require.NoError(t, err)
			b.Write(content)
			continue
		}
		b.WriteString(strings.TrimSuffix(line, "\n") + "\r\n") // as forms are divided
	}
	return b.Bytes()
}

// play sends the requests of a case one after the other and returns the last answer.
func play(t *testing.T, all []script) (last *answer) {
	t.Helper()
	const employer = payroll.EmployerID("10380284790")
	k := newRig(t)
	k.register(payroll.Header{
		Workshop: "0123456789", Employer: employer, EmployerName: "شرکت نمونه", WorkshopName: "کارگاه نمونه", Address: "تهران، خیابان نمونه", PostalCode: "1411713114",
	})
	token := k.signUp(access.Employer, employer)
	for i := range all {
		if i+1 < len(all) && all[i+1].note == "meanwhile" {
			finish := k.hold(&all[i], token)
			// Until the first request has its key the second one is only a broken file, which takes no key.
			require.Eventually(t, func() bool {
				last = k.perform(&all[i+1], token, bytes.NewReader(all[i+1].body))
				return last.status == http.StatusConflict
			}, time.Minute, 10*time.Millisecond)
			require.Equal(t, http.StatusAccepted, finish().status)
			return last
		}
		last = k.perform(&all[i], token, bytes.NewReader(all[i].body))
	}
	return last
}

func (k *rig) perform(s *script, token string, content io.Reader) *answer {
	k.t.Helper()
	r, err := http.NewRequestWithContext(k.t.Context(), s.request.Method, k.url+s.request.URL.Path, content)
	require.NoError(k.t, err)
	r.Header = s.request.Header.Clone()
	r.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(r)
	require.NoError(k.t, err)
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	require.NoError(k.t, err)
	return &answer{resp.StatusCode, resp.Header, b}
}

// hold sends a request whose body ends only when finish is called.
func (k *rig) hold(s *script, token string) (finish func() *answer) {
	k.t.Helper()
	slow, feed := io.Pipe()
	done := make(chan *answer, 1)
	go func() { done <- k.perform(s, token, slow) }()
	_, err := feed.Write(s.body[:len(s.body)/2])
	require.NoError(k.t, err)
	return func() *answer {
		_, err := feed.Write(s.body[len(s.body)/2:])
		require.NoError(k.t, err)
		require.NoError(k.t, feed.Close())
		return <-done
	}
}

// The catalogue is golden: whoever changes what it says writes it anew with -update, reads the difference, and gives the
// edition the next number and its day.
func TestCatalogue_is_as_published(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	require.NoError(t, enc.Encode(map[string]any{"version": api.CatalogueVersion, "date": api.CatalogueDate, "items": api.Catalogue()}))
	const golden = "testdata/catalogue.json"
	if *casetest.Update {
		require.NoError(t, os.WriteFile(golden, b.Bytes(), 0o644))
		return
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), b.String())
}
