package api_test

import (
	"bytes"
	"crypto/rand"
	"io/fs"
	"net/http"
	"strings"
	"testing"

	"fehrest/internal/access"
	"fehrest/internal/api"
	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
)

// Rows 97, 99 and 107 to 110 of the list of bad input, as they are answered.
func TestBadInput(t *testing.T) {
	t.Parallel()
	const (
		employer = payroll.EmployerID("10380284790")
		json     = "application/json"
	)
	in, _ := api.Examples("API-01")
	b, err := fs.ReadFile(in, "list.json")
	require.NoError(t, err)
	list := string(b)
	with := func(old, text string) string {
		require.Contains(t, list, old)
		return strings.Replace(list, old, text, 1)
	}
	k := newRig(t)
	for _, code := range []payroll.WorkshopCode{"0123456789", "0123456790"} {
		k.register(payroll.Header{
			Workshop: code, Employer: employer, EmployerName: "شرکت نمونه", WorkshopName: "کارگاه نمونه", Address: "تهران، خیابان نمونه", PostalCode: "1411713114",
		})
	}
	k.register(payroll.Header{Workshop: "9876543210", Employer: "10101234562", EmployerName: "دیگری", WorkshopName: "کارگاه دیگر", Address: "تهران", PostalCode: "1411713114"})
	k.tokens["office"] = k.signUp(access.Accountant, employer)
	send := func(body, kind, key string, header ...string) *answer {
		return k.ask("office", http.MethodPost, "/v1/lists", strings.NewReader(body), append(header, "Content-Type", kind, "Idempotency-Key", key)...)
	}
	form := func(kind, body string) *answer { return send(body, kind, rand.Text()) }
	part := func(name string) string {
		return "--x\r\nContent-Disposition: form-data; name=\"" + name + "\"; filename=\"list.json\"\r\n\r\n" + list + "\r\n"
	}

	unknown := send(with("0123456789", "0000000019"), json, rand.Text())
	others := send(with("0123456789", "9876543210"), json, rand.Text())
	t.Run("row 97 the same answer for another's workshop and for none", func(t *testing.T) {
		one, two := unknown.problem(t), others.problem(t)
		require.Equal(t, "ID-12", one.Code)
		require.Equal(t, http.StatusNotFound, one.Status)
		one.Instance, two.Instance = "", ""
		one.Faults[0].Given, two.Faults[0].Given = "", ""
		require.Equal(t, one, two)
	})

	// Two versions of the second workshop's list, so that the first is superseded.
	second := with("0123456789", "0123456790")
	replace := func(version, reason, wage string) string {
		s := strings.Replace(second, `"period": "1405-07"`, `"period": "1405-07", "kind": "replacement", "replaces": "`+version+`"`+reason, 1)
		return strings.Replace(s, `"daily_wage": 6000000`, `"daily_wage": `+wage, 1)
	}
	require.Equal(t, http.StatusAccepted, send(second, json, rand.Text()).status)
	require.Equal(t, http.StatusAccepted, send(replace("v1", `, "reason": "اصلاح"`, "6100000"), json, rand.Text()).status)
	require.Equal(t, http.StatusAccepted, send(list, json, "used").status)

	for _, x := range []struct {
		name   string
		answer *answer
		status int
		code   string
	}{
		{"row 99 a replacement without a reason", send(replace("v2", "", "6200000"), json, rand.Text()), 422, "LIST-09"},
		{"row 99 a replacement of a superseded version", send(replace("v1", `, "reason": "اصلاح"`, "6200000"), json, rand.Text()), 409, "LIST-03"},
		{"row 107 a lone surrogate", send(with("علی", `\ud800`), json, rand.Text()), 400, "JSON-06"},
		{"row 107 bytes that are no UTF-8", send(with("علی", "\xff\xfe"), json, rand.Text()), 400, "JSON-06"},
		{"row 107 a mark of byte order", send("\ufeff"+with("1405-07", "1405-06"), json, rand.Text()), 202, ""},
		{"row 108 plain text", send(list, "text/plain", rand.Text()), 415, "API-05"},
		{"row 108 a compressed body", send(list, json, rand.Text(), "Content-Encoding", "gzip"), 415, "API-05"},
		{"row 109 no key", send(list, json, ""), 400, "API-01"},
		{"row 109 a key of a megabyte", send(list, json, strings.Repeat("k", 1<<20)), 400, "API-01"},
		{"row 109 the key of another body", send(with("6000000", "6100000"), json, "used"), 422, "API-02"},
		{"row 110 two files", form("multipart/form-data; boundary=x", part("file")+part("file")+"--x--"), 400, "API-04"},
		{"row 110 ten thousand parts", form("multipart/form-data; boundary=x", strings.Repeat("--x\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\n1\r\n", 10_000)+part("file")+"--x--"), 400, "API-04"},
		{"row 110 no boundary", form("multipart/form-data", part("file")+"--x--"), 400, "API-04"},
		{"row 110 another boundary", form("multipart/form-data; boundary=y", part("file")+"--x--"), 400, "API-04"},
		{"row 110 a boundary too long", form("multipart/form-data; boundary="+strings.Repeat("y", 100_000), part("file")), 400, "API-04"},
		{"row 110 a form cut off", form("multipart/form-data; boundary=x", part("file")), 400, "FILE-05"},
	} {
		t.Run(x.name, func(t *testing.T) {
			require.Equal(t, x.status, x.answer.status, string(x.answer.body))
			require.False(t, bytes.Contains(x.answer.body, []byte("multipart:")) || bytes.Contains(x.answer.body, []byte("mime:")))
			if x.code == "" {
				return
			}
			p := x.answer.problem(t)
			codes := []string{p.Code}
			for _, f := range p.Faults {
				codes = append(codes, f.Code) // a list that was read and rejected has its code there
			}
			require.Contains(t, codes, x.code)
		})
	}
}
