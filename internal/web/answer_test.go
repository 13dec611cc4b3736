package web_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"fehrest/internal/access"
	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
)

// A month worked by hand: the administration's figures beside the estimates with the reason of each difference, worker by
// organisation, and an answer against the decision.
func TestPage_shows_what_each_organisation_said_of_each_worker(t *testing.T) {
	t.Parallel()
	d := sit(t)
	d.work()
	d.signIn()
	path := d.upload(d.open("/").button(t), "list.xlsx", d.workbook(d.good)).path
	p := d.until(path, `(?s)کار دستی.*کار دستی`)
	link := regexp.MustCompile(`href="(/tax-months/[^"]+)"`).FindStringSubmatch(p.html)
	require.NotNil(t, link)
	monthPath := strings.ReplaceAll(link[1], "&amp;", "&")
	p = d.open(monthPath)
	require.Equal(t, http.StatusOK, p.status)
	require.Contains(t, p.html, "برآورد پنجره")
	require.NotContains(t, p.html, "اختلاف با برآورد")

	h := d.good.Header
	person := string(d.good.Lines[0].NationalCode)
	sender := access.Principal{Role: access.Operator}
	say := func(a payroll.Answer) {
		t.Helper()
		_, err := d.window.AnswerByHand(context.Background(), sender, []byte("paper"), a)
		require.NoError(t, err)
	}
	say(payroll.Answer{
		Key: "tax." + string(h.Employer) + ".0." + h.Period.String() + ".1", State: payroll.AnswerWithFindings, Reference: "T-77",
		Workers:  []payroll.WorkerTax{{Person: person, Tax: 999_999_937, Months: 1}, {Person: "0000000000", Tax: 3}},
		Findings: []payroll.AnswerFinding{{Code: "T-9", Message: "<b>سخن سازمان</b>", Person: person, Field: "WP13"}},
		Payments: []payroll.Payment{{Slip: "200200", Amount: 55, State: payroll.SlipVoid}},
	})
	p = d.until(monthPath, "سبب دانسته نیست")
	for _, want := range []string{"۹۹۹٬۹۹۹٬۹۳۷ ریال", "اختلاف با برآورد", "T-77", "T-9", "نوع معافیت", "200200", "باطل", "۱ نفر رقم داده است", "0000000000"} {
		require.Contains(t, p.html, want)
	}
	require.NotContains(t, p.html, "<b>سخن")
	p = d.open(path)
	require.Contains(t, p.html, "T-9")
	require.Contains(t, p.html, path+"/lines")
	p = d.open(path + "/lines")
	require.Equal(t, http.StatusOK, p.status)
	for _, want := range []string{person, "T-9", "نوع معافیت", "پذیرفته شد، با ملاحظه", "بارگذاری کنید", "سبب دانسته نیست"} {
		require.Contains(t, p.html, want)
	}
	require.Equal(t, http.StatusNotFound, d.open("/tax-months/10101234562/1405-07").status)

	say(payroll.Answer{Key: "tax." + string(h.Employer) + ".0." + h.Period.String() + ".1", State: payroll.AnswerRejected})
	require.Contains(t, d.open(path).html, "پاسخ دیگری فرستاده است")
	require.Contains(t, d.open(monthPath).html, "پاسخ دیگری فرستاده است")
	require.NotEqual(t, http.StatusOK, d.open("/desk/answers").status, "an operator's")
	d.post("/sign-out", url.Values{})
	d.operator()
	require.Contains(t, d.open("/desk").html, `href="/desk/answers"`)
	p = d.open("/desk/answers")
	require.Contains(t, p.html, "با تصمیم پیشین سازمان")
	raw := regexp.MustCompile(`href="(/desk/answers/[^"]+)"`).FindStringSubmatch(p.html)
	require.NotNil(t, raw)
	require.Equal(t, "paper", d.open(raw[1]).html)
	p = d.post(raw[1]+"/settlement", url.Values{})
	require.Equal(t, "/desk/answers", p.path)
	require.Contains(t, p.html, "پاسخی کنار گذاشته نشده است")
}
