package web_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
)

// replacement is the good list with one wage raised, in place of version 1.
func (d *desk) replacement() []byte {
	c := d.good
	c.Header.Kind, c.Header.Replaces, c.Header.Reason = payroll.Replacement, "v1", "مزد یک نفر اصلاح شد"
	c.Lines = append([]payroll.Line{}, c.Lines...)
	c.Lines[0].DailyWage += 100_000
	return d.workbook(c)
}

func TestPage_shows_what_a_draft_changes_and_sends_it_from_there(t *testing.T) {
	t.Parallel()
	d := sit(t)
	button := d.signIn().button(t)
	first := d.upload(button, "list.xlsx", d.workbook(d.good))
	require.NotContains(t, first.html, "/difference", "an original that is sent changes nothing")
	draft := d.upload(d.open("/").button(t)+"&mode=draft", "again.xlsx", d.replacement())
	require.Contains(t, draft.html, `href="`+draft.path+`/difference"`)
	p := d.open(draft.path + "/difference")
	require.Equal(t, http.StatusOK, p.status)
	days := d.good.Lines[0].Days
	for _, says := range []string{
		"مزد یک نفر اصلاح شد", `href="` + first.path + `"`, "۰ افزوده، ۰ حذف، ۱ تغییر", string(d.good.Lines[0].NationalCode), "دستمزد روزانه",
		"DSKWOR00.DBF", "ریال بیشتر", "برآورد مالیات همهٔ ماه",
	} {
		require.Contains(t, p.html, says)
	}
	require.Positive(t, days)
	require.Contains(t, d.open(first.path).html, "در راه سازمان‌ها", "nothing is sent by looking")
	p = d.post(draft.path+"/submission", url.Values{"key": {rand.Text()}})
	require.Contains(t, p.html, "در راه سازمان‌ها", p.html)
	require.Contains(t, d.open(draft.path+"/difference").html, "۱ تغییر", "it can be looked at afterwards")
	require.Equal(t, http.StatusNotFound, d.open("/lists/x/difference").status)
}

func TestPage_withdraws_a_list_and_says_why_no_more(t *testing.T) {
	t.Parallel()
	d := sit(t)
	p := d.upload(d.signIn().button(t), "list.xlsx", d.workbook(d.good))
	path := p.path + "/withdrawal"
	require.Contains(t, p.html, `href="`+path+`"`)
	require.Contains(t, p.html, "پس گرفتنی است")
	ask := d.open(path)
	require.Contains(t, ask.html, "لیست را پس می‌گیرم")
	require.Contains(t, ask.html, "همین دوره و شماره را دوباره می‌توانید بفرستید")
	gone := d.post(path, nil)
	require.Equal(t, p.path, gone.path)
	require.Contains(t, gone.html, "پس گرفته شد")
	require.NotContains(t, gone.html, path)

	d.work()
	p = d.upload(d.open("/").button(t), "list.xlsx", d.workbook(d.good))
	require.Eventually(t, func() bool { return strings.Count(d.open(p.path).html, "بارگذاری کردم") == 2 }, 20*time.Second, 100*time.Millisecond)
	require.Contains(t, d.open(p.path).html, "تا وقتی ثبت نکرده‌اید که فایل‌ها در سامانه سازمان بارگذاری شده است پس گرفتنی است")
	d.post(p.path+"/deliveries/sso/uploaded", url.Values{"reference": {"1405-1"}})
	page := d.open(p.path)
	require.Contains(t, page.html, "دیگر پس گرفتنی نیست: ارسال به تأمین اجتماعی در")
	require.NotContains(t, page.html, p.path+"/withdrawal")
	late := d.post(p.path+"/withdrawal", nil)
	require.Equal(t, http.StatusConflict, late.status)
	require.Contains(t, late.html, "دیگر پس گرفتنی نیست")
	require.NotContains(t, d.open(p.path+"/withdrawal").html, "لیست را پس می‌گیرم")
}

// form sends a file with fields beside it.
func (d *desk) form(path, name string, file []byte, fields url.Values) *page {
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for key := range fields {
		require.NoError(d.t, form.WriteField(key, fields.Get(key)))
	}
	part, err := form.CreateFormFile("file", name)
	require.NoError(d.t, err)
	_, err = part.Write(file)
	require.NoError(d.t, err)
	require.NoError(d.t, form.Close())
	req, err := http.NewRequest(http.MethodPost, d.url+path, &b)
	require.NoError(d.t, err)
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return d.do(req)
}

func TestPage_makes_supplementary_lists_of_new_wages(t *testing.T) {
	t.Parallel()
	d := sit(t)
	d.upload(d.signIn().button(t), "list.xlsx", d.workbook(d.good))
	path := "/workshops/" + string(d.good.Header.Workshop) + "/arrears"
	require.Contains(t, d.open("/").html, `href="`+path+`"`)
	require.Contains(t, d.open(path).html, `<option value="1405-07">مهر ۱۴۰۵</option>`)
	l := &d.good.Lines[0]
	wages := func(daily int64) []byte {
		return fmt.Appendf(nil, `{"workshop": {}, "lines": [{"national_code": %q, "daily_wage": %d}]}`, l.NationalCode, daily)
	}
	months := url.Values{"key": {rand.Text()}, "from": {"1405-06"}, "to": {"1405-07"}}
	p := d.form(path, "wages.json", wages(int64(l.DailyWage)+100_000), months)
	require.Equal(t, http.StatusOK, p.status, p.html)
	require.Contains(t, p.html, "لیستی ثبت نشده است")
	link := regexp.MustCompile(`href="(/lists/[^"]+)/difference"`).FindStringSubmatch(p.html)
	require.NotNil(t, link, p.html)
	require.Contains(t, d.open(link[1]+"/difference").html, "بر لیست‌های همین ماه افزوده می‌شود")
	months.Set("key", rand.Text())
	p = d.form(path, "wages.json", wages(int64(l.DailyWage)-1), months)
	require.Contains(t, p.html, "متمم مبلغ منفی ندارد")
	require.Contains(t, d.post(link[1]+"/submission", url.Values{"key": {rand.Text()}}).html, "در راه سازمان‌ها")
	months.Set("to", "")
	require.Contains(t, d.form(path, "wages.json", wages(1), months).html, "بازه ماه‌ها آغاز و پایان دارد")
}
