package api_test

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/textproto"
	"strings"
	"testing"

	"fehrest/internal/payroll"
	"fehrest/internal/seal"

	"github.com/stretchr/testify/require"
)

type receipt struct {
	payroll.Receipt
	Repeated bool   `json:"repeated"`
	Draft    bool   `json:"draft"`
	HeldLane string `json:"held_lane"`
}

func TestSubmit_answers_with_a_signed_receipt_and_the_same_one_again(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	body := k.workbook(k.good)

	a := k.send(body, "one", "")
	require.Equal(t, http.StatusAccepted, a.status, string(a.body))
	var first receipt
	a.into(t, &first)
	require.Equal(t, "/v1/lists/"+first.ID, a.header.Get("Location"))
	require.Equal(t, k.good.Header.Workshop, first.Workshop)
	require.Equal(t, 1, first.Version)
	require.NoError(t, seal.Verify(a.body, k.window.PublicKeys()), "the answer to a list sent on is the receipt as signed")

	again := k.send(body, "one", "")
	require.Equal(t, http.StatusAccepted, again.status)
	require.JSONEq(t, string(a.body), string(again.body), "the same key and body give the same answer")

	other := k.send(body, "two", "")
	require.Equal(t, http.StatusOK, other.status)
	var second receipt
	other.into(t, &second)
	require.True(t, second.Repeated)
	require.Equal(t, first.Receipt, second.Receipt)

	clash := k.send(k.workbook(k.faulty), "one", "")
	require.Equal(t, http.StatusUnprocessableEntity, clash.status)
	p := clash.problem(t)
	require.Equal(t, "API-02", p.Code)
	require.NotNil(t, p.Receipt)
	require.Equal(t, first.TrackingCode, p.Receipt.TrackingCode)
}

func TestSubmit_rejects_with_every_fault_its_place_and_the_receipt(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	a := k.send(k.workbook(k.faulty), "one", "")
	require.Equal(t, http.StatusUnprocessableEntity, a.status, string(a.body))
	p := a.problem(t)
	require.NotEmpty(t, p.ID)
	require.NotNil(t, p.Receipt)
	require.Equal(t, payroll.Rejected, p.Receipt.Verdict)
	require.Greater(t, len(p.Faults), 1)
	for _, f := range p.Faults {
		require.NotEmpty(t, f.Code)
		require.NotEmpty(t, f.Message.FA)
		require.NotEmpty(t, f.Message.EN)
	}
}

func TestSubmit_draft_is_kept_and_sends_nothing(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	a := k.send(k.workbook(k.good), "one", "?mode=draft")
	require.Equal(t, http.StatusOK, a.status, string(a.body))
	var r receipt
	a.into(t, &r)
	require.True(t, r.Draft)
	require.Zero(t, r.Version)
	require.Empty(t, r.HeldLane)
}

func TestSubmit_one_clear_problem(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	good := k.workbook(k.good)
	post := func(body io.Reader, header ...string) *answer {
		return k.ask("employer", http.MethodPost, "/v1/lists", body, header...)
	}
	sent := func(body io.Reader, kind string, header ...string) *answer {
		return post(body, append(header, "Idempotency-Key", rand.Text(), "Content-Type", kind)...)
	}
	key := []string{"Idempotency-Key", "k"}
	for name, c := range map[string]struct {
		ask    func() *answer
		status int
		code   string
	}{
		"no key": {func() *answer { return post(bytes.NewReader(good), "Content-Type", workbookType) }, 400, "API-01"},
		"a key too long": {func() *answer {
			return post(bytes.NewReader(good), "Content-Type", workbookType, "Idempotency-Key", strings.Repeat("k", 201))
		}, 400, "API-01"},
		"a key of a megabyte": {func() *answer {
			return post(bytes.NewReader(good), "Content-Type", workbookType, "Idempotency-Key", strings.Repeat("k", 1<<20))
		}, 400, "API-01"},
		"plain text":    {func() *answer { return sent(strings.NewReader("x"), "text/plain") }, 415, "API-05"},
		"a broken type": {func() *answer { return sent(strings.NewReader("x"), "a/b/c;;") }, 415, "API-05"},
		"compressed": {func() *answer {
			return sent(bytes.NewReader(good), workbookType, "Content-Encoding", "gzip")
		}, 415, "API-05"},
		"no bytes": {func() *answer { return sent(http.NoBody, workbookType) }, 400, "FILE-01"},
		"a web page": {func() *answer {
			return sent(strings.NewReader("<html><body>x</body></html>"), workbookType)
		}, 415, "FILE-03"},
		"an old workbook": {func() *answer {
			return sent(bytes.NewReader(append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), make([]byte, 4096)...)), workbookType)
		}, 415, "FILE-04"},
		"broken JSON": {func() *answer {
			return sent(strings.NewReader(`{"workshop":{`), "application/json")
		}, 400, "JSON-01"},
		"a truncated sheet": {func() *answer {
			return sent(bytes.NewReader(good[:len(good)/2]), workbookType)
		}, 400, "FILE-05"},
		"endless": {func() *answer {
			return sent(io.LimitReader(forever{}, 80<<20), workbookType)
		}, 413, "FILE-02"},
		"an unknown mode": {func() *answer { return k.send(good, "k", "?mode=perhaps") }, 400, ""},
		"an unknown lane": {func() *answer { return k.send(good, "k", "?lanes=none") }, 400, ""},
		"another's workshop": {func() *answer {
			return k.ask("stranger", http.MethodPost, "/v1/lists", bytes.NewReader(good), append(key, "Content-Type", workbookType)...)
		}, 404, "ID-12"},
		"no one":         {func() *answer { return k.ask("", http.MethodPost, "/v1/lists", bytes.NewReader(good), key...) }, 401, ""},
		"an officer":     {func() *answer { return k.ask("sso", http.MethodPost, "/v1/lists", bytes.NewReader(good), key...) }, 403, ""},
		"an operator":    {func() *answer { return k.ask("operator", http.MethodPost, "/v1/lists", bytes.NewReader(good), key...) }, 403, ""},
		"another method": {func() *answer { return k.ask("employer", http.MethodDelete, "/v1/lists", nil) }, 405, ""},
		"no such route":  {func() *answer { return k.get("employer", "/v1/nothing") }, 404, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := c.ask()
			require.Equal(t, c.status, a.status, string(a.body))
			p := a.problem(t)
			require.Equal(t, c.code, p.Code)
			for _, leak := range []string{"goroutine", "zip:", "invalid character", "EOF", "sql", "strconv", "multipart:", "mime:"} {
				require.NotContains(t, string(a.body), leak)
			}
		})
	}
}

// forever is a workbook's beginning and then zeros without end.
type forever struct{}

func (forever) Read(b []byte) (int, error) {
	clear(b)
	copy(b, "PK\x03\x04")
	return len(b), nil
}

func TestSubmit_form(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	good := k.workbook(k.good)
	type part struct {
		disposition string
		body        []byte
	}
	file := part{`form-data; name="file"; filename="لیست مهر.xlsx"`, good}
	field := part{`form-data; name="note"`, []byte("x")}
	for name, c := range map[string]struct {
		parts  []part
		status int
		code   string
	}{
		"one file":               {[]part{file}, 202, ""},
		"a file among fields":    {[]part{field, file, field}, 202, ""},
		"two files":              {[]part{file, file}, 400, "API-04"},
		"a second file unnamed":  {[]part{file, {`form-data; name="other"; filename=""`, nil}}, 400, "API-04"},
		"no file":                {[]part{field}, 400, "API-04"},
		"a file of another name": {[]part{{`form-data; name="upload"; filename="a.xlsx"`, good}}, 400, "API-04"},
		"too many parts":         {append(repeated(field, 10_000), file), 400, "API-04"},
		"an empty file":          {[]part{{file.disposition, nil}}, 400, "FILE-01"},
		"a wicked name":          {[]part{{`form-data; name="file"; filename="..\\..\\/etc/` + strings.Repeat("a", 4096) + `.xlsx"`, good}}, 202, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newRig(t)
			var b bytes.Buffer
			w := multipart.NewWriter(&b)
			for _, p := range c.parts {
				out, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {p.disposition}, "Content-Type": {"application/octet-stream"}})
				require.NoError(t, err)
				_, err = out.Write(p.body)
				require.NoError(t, err)
			}
			require.NoError(t, w.Close())
			a := k.ask("employer", http.MethodPost, "/v1/lists", &b, "Content-Type", w.FormDataContentType(), "Idempotency-Key", "k")
			require.Equal(t, c.status, a.status, string(a.body))
			if c.status >= 400 {
				require.Equal(t, c.code, a.problem(t).Code)
			}
		})
	}
	t.Run("no boundary", func(t *testing.T) {
		t.Parallel()
		a := k.ask("employer", http.MethodPost, "/v1/lists", strings.NewReader("x"), "Content-Type", "multipart/form-data", "Idempotency-Key", "k")
		require.Equal(t, "API-04", a.problem(t).Code)
	})
	t.Run("another boundary", func(t *testing.T) {
		t.Parallel()
		a := k.ask("employer", http.MethodPost, "/v1/lists", strings.NewReader("--a\r\n\r\nx\r\n--a--"), "Content-Type", "multipart/form-data; boundary=b", "Idempotency-Key", "k")
		require.Equal(t, "API-04", a.problem(t).Code)
	})
}

func repeated[P any](p P, n int) (all []P) {
	for range n {
		all = append(all, p)
	}
	return all
}

func TestSubmit_JSON_list(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	h := k.good.Header
	body, err := json.Marshal(map[string]any{
		"workshop": map[string]any{"workshop_code": h.Workshop, "period": h.Period.String()},
		"lines":    []any{map[string]any{"national_code": "0012345678"}},
	})
	require.NoError(t, err)
	a := k.ask("employer", http.MethodPost, "/v1/lists", bytes.NewReader(body), "Content-Type", "application/json; charset=utf-8", "Idempotency-Key", "k")
	require.Equal(t, http.StatusUnprocessableEntity, a.status, string(a.body))
	p := a.problem(t)
	found := false
	for _, f := range p.Faults {
		found = found || f.Code == "ID-02" && f.Sheet == "lines" && f.Field == "national_code"
	}
	require.True(t, found, fmt.Sprint(p.Faults))
}

func TestSubmit_the_same_key_while_it_is_in_flight(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	body := k.workbook(k.good)
	answers := make(chan *answer, 2)
	var feeds []*io.PipeWriter
	for range 2 {
		slow, feed := io.Pipe()
		feeds = append(feeds, feed)
		go func() {
			answers <- k.ask("employer", http.MethodPost, "/v1/lists", slow, "Content-Type", workbookType, "Idempotency-Key", "k")
		}()
		_, err := feed.Write(body[:100])
		require.NoError(t, err)
	}
	// Whichever came second is told at once, though it stands still in mid body.
	refused := <-answers
	require.Equal(t, http.StatusConflict, refused.status, string(refused.body))
	require.Equal(t, "API-03", refused.problem(t).Code)
	require.NotEmpty(t, refused.header.Get("Retry-After"))
	for _, feed := range feeds {
		go func() {
			_, _ = feed.Write(body[100:]) // no one reads the refused one's
			_ = feed.Close()
		}()
	}
	taken := <-answers
	require.Equal(t, http.StatusAccepted, taken.status, string(taken.body))
}

func TestSubmit_cut_off_on_the_way_stores_nothing(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	body := k.workbook(k.good)
	c, err := net.Dial("tcp", strings.TrimPrefix(k.url, "http://"))
	require.NoError(t, err)
	_, err = fmt.Fprintf(c, "POST /v1/lists HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nIdempotency-Key: k\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
		k.tokens["employer"], workbookType, len(body), body[:len(body)/2])
	require.NoError(t, err)
	require.NoError(t, c.(*net.TCPConn).CloseWrite())
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	require.Equal(t, http.StatusBadRequest, resp.StatusCode)
	require.Equal(t, http.StatusAccepted, k.send(body, "k", "").status, "the key is free again")
}

func TestSubmit_waits_when_preferred(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	a := k.ask("employer", http.MethodPost, "/v1/lists", bytes.NewReader(k.workbook(k.good)), "Content-Type", workbookType, "Idempotency-Key", "k", "Prefer", "respond-async, wait=1")
	require.Equal(t, http.StatusAccepted, a.status)
	require.Equal(t, "wait=1", a.header.Get("Preference-Applied"))
}
