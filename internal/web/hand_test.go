package web_test

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"testing"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/agency/gateway"
	"fehrest/internal/payroll"
	"fehrest/internal/store"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

// fill sends a form of fields, and a file when there is one.
func (d *desk) fill(action string, fields map[string]string, name string, file []byte) *page {
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for k, v := range fields {
		require.NoError(d.t, form.WriteField(k, v))
	}
	if file != nil {
		part, err := form.CreateFormFile("file", name)
		require.NoError(d.t, err)
		_, err = part.Write(file)
		require.NoError(d.t, err)
	}
	require.NoError(d.t, form.Close())
	req, err := http.NewRequest(http.MethodPost, d.url+action, &b)
	require.NoError(d.t, err)
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return d.do(req)
}

// until looks at a page until it shows what is wanted.
func (d *desk) until(path, wanted string) (p *page) {
	d.t.Helper()
	require.Eventually(d.t, func() bool {
		p = d.open(path)
		return regexp.MustCompile(wanted).MatchString(p.html)
	}, 20*time.Second, 50*time.Millisecond, "%s never showed %s", path, wanted)
	return p
}

// operator signs one in who runs the window.
func (d *desk) operator() {
	p := access.Principal{ID: store.NewID(), Name: "متصدی", Role: access.Operator}
	token := access.NewToken()
	require.NoError(d.t, d.window.Store.Tx(context.Background(), func(tx *store.Tx) error {
		if err := tx.AddPrincipal(context.Background(), p); err != nil {
			return err
		}
		return tx.AddToken(context.Background(), access.HashToken(token), p.ID, time.Time{})
	}))
	got := d.post("/sign-in", url.Values{"token": {token}})
	require.Equal(d.t, "/desk", got.path)
}

func TestPage_works_a_lane_by_hand_to_its_end(t *testing.T) {
	t.Parallel()
	d := sit(t)
	d.work()
	d.signIn()
	path := d.upload(d.open("/").button(t), "list.xlsx", d.workbook(d.good)).path
	p := d.until(path, `(?s)کار دستی.*کار دستی`)
	require.Contains(t, p.html, "سامانهٔ ارسال لیست حق بیمه")
	require.Contains(t, p.html, "DSKKAR00.DBF")
	uploaded := func(on string) *page {
		return d.post(path+"/deliveries/sso/uploaded", url.Values{"reference": {"1405-998"}, "on": {on}})
	}
	require.Contains(t, uploaded("دیروز").html, "روز خوانده نشد")
	require.Contains(t, uploaded("1405/08/16").html, "هنوز نرسیده است")
	require.Contains(t, uploaded("۱۴۰۵/۰۸/۱۴").html, "نمی‌تواند پیش از آن باشد", "before the files were made")
	p = uploaded("۱۴۰۵/۰۸/۱۵")
	require.Equal(t, http.StatusOK, p.status, p.html)
	require.Contains(t, p.html, "در درگاه سازمان ثبت شد؛ در انتظار پاسخ")
	require.Contains(t, p.html, "<bdi>1405-998</bdi>")
	require.Regexp(t, `روز ثبت در درگاه سازمان</dt><dd>۱۵ آبان ۱۴۰۵<`, p.html)

	p = d.fill(path+"/deliveries/sso/answer", map[string]string{"number": "123456789012345", "amount": "۷۸٬۸۸۸٬۹۸۶", "list_no": "01", "state": "open"}, "", nil)
	require.Equal(t, http.StatusOK, p.status, p.html)
	require.Contains(t, p.html, "123456789012345")
	require.Contains(t, p.html, "۷۸٬۸۸۸٬۹۸۶")

	p = d.fill(path+"/deliveries/tax/answer", nil, "tax.xlsx", []byte("no workbook"))
	require.GreaterOrEqual(t, p.status, 400)
	require.Contains(t, p.html, "ثبت پاسخ سازمان", "the list's page again, with what was wrong")
	p = d.fill(path+"/deliveries/tax/answer", nil, "tax.xlsx", figures(t, d.good.Lines[0].Person()))
	require.Equal(t, http.StatusOK, p.status, p.html)
	require.Equal(t, path, p.path)
	require.NotContains(t, p.html, "در انتظار", "both have answered")
	require.Equal(t, http.StatusNotFound, d.fill(path+"/deliveries/bank/answer", map[string]string{"state": "accepted"}, "", nil).status)
}

// figures is the tax administration's workbook of one person.
func figures(t *testing.T, person string) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	for i, row := range [][]any{{"person", "tax", "months", "several_employers"}, {person, 15_000_000, 7, "خیر"}} {
		require.NoError(t, f.SetSheetRow("Sheet1", "A"+strconv.Itoa(i+1), &row))
	}
	b, err := f.WriteToBuffer()
	require.NoError(t, err)
	return b.Bytes()
}

func TestPage_takes_the_organisations_words(t *testing.T) {
	t.Parallel()
	d := sit(t)
	d.work()
	d.signIn()
	path := d.upload(d.open("/").button(t), "list.xlsx", d.workbook(d.good)).path
	d.until(path, `(?s)کار دستی.*کار دستی`)
	p := d.fill(path+"/deliveries/tax/answer", map[string]string{"state": "rejected", "message": "فایل خوانده نشد"}, "", nil)
	require.Equal(t, http.StatusOK, p.status, p.html)
	require.Contains(t, p.html, "سازمان رد کرد")
	require.Contains(t, p.html, "فایل خوانده نشد")
}

func TestPage_of_the_desk_replays_at_a_click(t *testing.T) {
	t.Parallel()
	d := sit(t)
	refuses := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.WriteHeader(http.StatusBadRequest)
	}))
	t.Cleanup(refuses.Close)
	d.window.SSO.Gateway = &gateway.Client{URL: refuses.URL, Keys: d.window.Keys, HTTP: gateway.NewHTTP(time.Second)}
	d.work()
	d.signIn()
	d.upload(d.open("/").button(t), "list.xlsx", d.workbook(d.good))
	p := d.until("/desk", "سازمان درخواست را نپذیرفت")
	require.Contains(t, p.html, "نوبت پنجره")
	require.NotContains(t, p.html, "ارسال دوباره</button>", "an employer looks on")
	found := regexp.MustCompile(`href="(/lists/[^"]+)">دیدن لیست`).FindStringSubmatch(p.html)
	require.NotNil(t, found)
	require.Contains(t, d.open(found[1]).html, "سازمان درخواست را نپذیرفت", "his list tells why, in words")

	d.operator()
	p = d.until("/desk", "ارسال دوباره</button>")
	require.NotContains(t, p.html, "دیدن لیست", "an operator opens no list")
	require.Contains(t, p.html, "نخست کلید از سازمان پرسیده می‌شود", "what it does is said before it is done")
	require.Contains(t, d.open("/desk?lane=tax").html, "چیزی نیازمند رسیدگی نیست")
	require.Contains(t, d.open("/desk?lane=sso&hours=x").html, "ارسال دوباره</button>")
	require.Contains(t, d.open("/desk?hours=24").html, "چیزی نیازمند رسیدگی نیست")
	action := regexp.MustCompile(`action="(/desk/[^"]+/replay)"`).FindStringSubmatch(p.html)
	require.NotNil(t, action)
	require.Equal(t, "/desk", d.post(action[1], nil).path)
	require.Equal(t, http.StatusNotFound, d.post("/desk/x/y/replay", nil).status)
	d.until("/desk", "سازمان درخواست را نپذیرفت")
}

func TestPage_of_a_lane_by_hand_asks_what_was_not_uploaded(t *testing.T) {
	t.Parallel()
	d := sit(t)
	d.work()
	d.signIn()
	d.upload(d.open("/").button(t), "list.xlsx", d.workbook(d.good))
	p := d.until("/lanes/sso/by-hand", `name="delivery"`)
	require.Contains(t, p.html, "لیست ۰۱، نسخهٔ ۱")
	require.NotContains(t, p.html, `name="confirmed"`, "there is no gateway to send it by")
	key := regexp.MustCompile(`name="delivery" value="([^"]+)"`).FindStringSubmatch(p.html)[1]
	p = d.post("/lanes/sso/switch", url.Values{"confirmed": {key}})
	require.Equal(t, http.StatusConflict, p.status)
	require.Contains(t, p.html, "درگاه ندارد")
	require.Equal(t, http.StatusNotFound, d.open("/lanes/bank/by-hand").status)
}

func TestPage_of_a_nil_list_says_what_to_declare_where(t *testing.T) {
	t.Parallel()
	d := sit(t)
	d.work()
	d.signIn()
	none := d.good
	none.Header.Kind, none.Lines = payroll.Nil, nil
	path := d.upload(d.open("/").button(t), "list.xlsx", d.workbook(none)).path
	p := d.until(path, `(?s)اعلام کردم.*اعلام کردم`)
	require.NotContains(t, p.html, "فایل‌ها آماده‌اند")
	require.NotContains(t, p.html, "شمارهٔ قبض")
	require.NotContains(t, p.html, `type="file"`)
	require.Contains(t, p.html, "فایلی ندارد؛ در درگاه سازمان اعلام کنید")
	require.Contains(t, p.html, "نبود کارگر (فاقد کارگر) را برای کارگاه "+string(none.Header.Workshop))

	// The SSO's from the list's page, the tax administration's from the lane's.
	p = d.post(path+"/deliveries/sso/uploaded", url.Values{"reference": {"98-1"}, "on": {"1405/08/15"}})
	require.Contains(t, p.html, "98-1")
	p = d.until("/lanes/tax/by-hand", "اعلام کردنی است")
	require.NotContains(t, p.html, `name="confirmed"`)
	key := regexp.MustCompile(`name="delivery" value="([^"]+)"`).FindStringSubmatch(p.html)[1]
	require.Equal(t, http.StatusUnprocessableEntity, d.post("/lanes/tax/uploaded", url.Values{"delivery": {key}, "reference": {""}}).status)
	require.Equal(t, http.StatusNotFound, d.post("/lanes/sso/uploaded", url.Values{"delivery": {key}, "reference": {"1"}}).status)
	p = d.post("/lanes/tax/uploaded", url.Values{"delivery": {key}, "reference": {"98-2"}})
	require.Equal(t, "/lanes/tax/by-hand", p.path)
	require.Contains(t, p.html, "تحویل بارگذاری‌نشده‌ای نیست")
	for _, lane := range []string{"sso", "tax"} {
		p = d.fill(path+"/deliveries/"+lane+"/answer", map[string]string{"state": "accepted"}, "", nil)
		require.Equal(t, http.StatusOK, p.status, p.html)
	}
	require.Contains(t, p.html, "هر دو پاسخ رسید")
}
