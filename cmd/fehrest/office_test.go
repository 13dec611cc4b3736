package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fehrest/internal/payroll"
	"fehrest/internal/seal"

	"github.com/stretchr/testify/require"
)

// write puts a file into a folder of the test's own.
func write(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, content, 0o600))
	return path
}

func TestSettings_that_cannot_be_read_are_said(t *testing.T) {
	for _, wait := range []string{"10", "soon", "-5m"} {
		t.Setenv("FEHREST_TAX_WAIT", wait)
		t.Setenv("FEHREST_DATA", t.TempDir())
		for _, command := range []string{"serve", "work", "migrate"} {
			code, _, complaint := fehrest(t, command)
			require.Equal(t, exitUsage, code, complaint)
			require.Contains(t, complaint, "FEHREST_TAX_WAIT")
		}
	}
}

func TestToken_days_are_not_negative(t *testing.T) {
	t.Setenv("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")
	code, _, complaint := fehrest(t, "token", "add", "clerk", "--days", "-3")
	require.Equal(t, exitUsage, code)
	require.Contains(t, complaint, "--days")
}

func TestSubmit_a_refused_token_ends_at_once(t *testing.T) {
	asked := 0
	window := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer window.Close()
	t.Setenv("FEHREST_TOKEN", "fehrest_wrong")
	code, _, complaint := fehrest(t, "submit", write(t, "list.json", []byte("{}")), "--server", window.URL)
	require.Equal(t, exitUsage, code)
	require.Contains(t, complaint, "token")
	require.Equal(t, 1, asked)
}

func TestSubmit_a_file_of_many_lists_prints_each(t *testing.T) {
	window := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		require.Equal(t, "application/zip", r.Header.Get("Content-Type"))
		w.WriteHeader(http.StatusAccepted)
		_, _ = w.Write([]byte(`{"upload": {"id": "1", "sha256": "00"}, "lists": [
			{"id": "2", "tracking_code": "100000000000", "workshop_code": "0123456789", "contract_row": "000", "period": "1405-07", "list_no": "01", "version": 1},
			{"title": "رد شد", "status": 404, "code": "ID-12", "detail": "نمایندگی ندارید", "faults": []}]}`))
	}))
	defer window.Close()
	t.Setenv("FEHREST_TOKEN", "fehrest_x")
	code, out, complaint := fehrest(t, "submit", write(t, "all.zip", []byte("PK")), "--server", window.URL)
	require.Equal(t, exitRejected, code, complaint)
	require.Contains(t, out, "receipt 100000000000 v1 (0123456789-000 1405-07 01)")
	require.Contains(t, out, "all.zip [2/2]: رد شد — refused ID-12", "which of its lists it is")
}

func TestSubmit_what_was_refused_or_withdrawn_is_sent_anew(t *testing.T) {
	const receipt = `{"id": "2", "tracking_code": "100000000000", "workshop_code": "0123456789", "contract_row": "000", "period": "1405-07", "list_no": "01", "version": 1}`
	for name, c := range map[string]struct {
		answer, state string
		status, keys  int
	}{
		"in force":         {receipt, "answered", http.StatusAccepted, 1},
		"withdrawn":        {receipt, "withdrawn", http.StatusAccepted, 2},
		"rejected":         {`{"status": 422, "code": "", "detail": "رد", "faults": [], "receipt": ` + receipt + `}`, "rejected", http.StatusUnprocessableEntity, 2},
		"one of a file is": {`{"upload": {"id": "1"}, "lists": [` + receipt + `, {"status": 404, "code": "ID-12", "faults": []}]}`, "answered", http.StatusAccepted, 2},
	} {
		t.Run(name, func(t *testing.T) {
			keys := map[string]bool{}
			window := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet {
					_, _ = w.Write([]byte(`{"id": "2", "state": "` + c.state + `"}`))
					return
				}
				if keys[r.Header.Get("Idempotency-Key")] = true; len(keys) == 1 {
					w.Header().Set("Idempotency-Replayed", "true")
					w.WriteHeader(c.status)
					_, _ = w.Write([]byte(c.answer))
					return
				}
				w.WriteHeader(http.StatusAccepted)
				_, _ = w.Write([]byte(strings.Replace(receipt, "1000", "2000", 1)))
			}))
			defer window.Close()
			t.Setenv("FEHREST_TOKEN", "fehrest_x")
			code, out, complaint := fehrest(t, "submit", write(t, "all.json", []byte("{}")), "--server", window.URL)
			require.Equal(t, exitAccepted, code, complaint)
			require.Len(t, keys, c.keys)
			require.Equal(t, c.keys == 2, strings.Contains(out, "200000000000"), out)
		})
	}
}

func TestVerifyReceipt_as_the_upload_answered_it(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "keys")
	keys, err := seal.Create(folder)
	require.NoError(t, err)
	t.Setenv("FEHREST_KEYS", folder)
	r := payroll.Receipt{ID: "1", SHA256: "ff", TrackingCode: "100000000000", Version: 1, Period: "1405-07", KeyID: keys.ID()}
	r.Signature, err = keys.Sign(r)
	require.NoError(t, err)
	plain, err := json.Marshal(r)
	require.NoError(t, err)
	with := func(members string) []byte { return append([]byte("{"+members+","), plain[1:]...) }
	upload := payroll.UploadReceipt{ID: "2", SHA256: "00", KeyID: keys.ID()}
	upload.Signature, err = keys.Sign(upload)
	require.NoError(t, err)
	many, err := json.Marshal(upload)
	require.NoError(t, err)
	const problem = `{"title": "رد شد", "status": 422, "code": "LIST-03", "receipt": `
	of := func(upload, lists string) []byte {
		return []byte(`{"upload": ` + upload + `, "lists": [` + lists + `]}`)
	}
	changed := strings.Replace(string(plain), `"version":1`, `"version":2`, 1)
	stripped := strings.Replace(changed, `,"signature":"`+r.Signature+`"`, "", 1)
	signed := func(document map[string]any) string {
		document["key_id"] = keys.ID()
		document["signature"], err = keys.Sign(document)
		require.NoError(t, err)
		b, err := json.Marshal(document)
		require.NoError(t, err)
		return string(b)
	}
	head := signed(map[string]any{"day": "1405/08/15", "position": 3, "hash": "00"})
	record := signed(map[string]any{"kind": "outage_record", "minutes": 75, "due": "1405/08/30", "period": "1405-07", "organisation": "sso"})
	for name, c := range map[string]struct {
		doc  []byte
		code int
	}{
		"as signed":                      {plain, exitAccepted},
		"a repeated answer":              {with(`"repeated":true`), exitAccepted},
		"a draft":                        {with(`"draft":true,"held_lane":"sso"`), exitAccepted},
		"a member more":                  {with(`"x":true`), exitRejected},
		"a member twice":                 {with(`"period":"1405-09"`), exitRejected},
		"a member of another":            {with(`"verdicts":{"sso":"accepted","sso":"accepted","tax":"accepted"}`), exitRejected},
		"no receipt":                     {[]byte(`[]`), exitUnreadable},
		"a problem's":                    {[]byte(problem + string(plain) + "}"), exitAccepted},
		"a problem's changed":            {[]byte(problem + changed + "}"), exitRejected},
		"a problem's, none":              {[]byte(`{"title": "x", "status": 400}`), exitUnreadable},
		"a file of many":                 {many, exitAccepted},
		"its answer":                     {of(string(many), string(plain)+","+string(with(`"repeated":true`))+","+problem+string(plain)+`}, {"status": 404}`), exitAccepted},
		"its answer changed":             {of(strings.Replace(string(many), `"00"`, `"01"`, 1), string(plain)), exitRejected},
		"a list of it changed":           {of(string(many), string(plain)+","+changed), exitRejected},
		"a list's signature taken off":   {of(string(many), string(plain)+","+stripped), exitRejected},
		"changed about a true one":       {[]byte(stripped[:len(stripped)-1] + `, "receipt": ` + string(plain) + "}"), exitRejected},
		"a day head":                     {[]byte(head), exitUnreadable},
		"a day head as the file's":       {of(head, string(plain)), exitUnreadable},
		"a record of outages":            {[]byte(record), exitAccepted},
		"its answer, one without":        {[]byte(`{"items": [{"record": null}, {"record": ` + record + `}]}`), exitAccepted},
		"a record of outages, changed":   {[]byte(strings.Replace(record, "75", "95", 1)), exitRejected},
		"another spelling of the number": {bytes.Replace(plain, []byte(`"version":1`), []byte(`"version":1.0`), 1), exitRejected},
		"from a scanner":                 {append([]byte("\uFEFF"), append(plain, "\r\n"...)...), exitAccepted},
	} {
		code, _, complaint := fehrest(t, "verify-receipt", write(t, "receipt.json", c.doc))
		require.Equal(t, c.code, code, "%s: %s", name, complaint)
	}
	_, out, _ := fehrest(t, "verify-receipt", write(t, "receipt.json", of(string(many), string(plain))))
	require.Equal(t, 2, strings.Count(out, "the receipt holds"))
	require.Contains(t, out, "1405-07")
}

func TestAnswer_asks_for_what_it_needs_before_the_database(t *testing.T) {
	t.Setenv("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")
	code, _, complaint := fehrest(t, "answer", "--uploaded", "123")
	require.Equal(t, exitUsage, code)
	require.Contains(t, complaint, "--key")
	slip := write(t, "slip.json", []byte(`{"number": "123456789012345", "amount": "much", "state": "open"}`))
	code, _, complaint = fehrest(t, "answer", slip, "--key", "sso.0123456789.000.1405-07.01.1", "--uploaded", "123")
	require.Equal(t, exitRejected, code)
	require.Contains(t, complaint, "amount", "the fault and where it stands, not their number alone")
}
