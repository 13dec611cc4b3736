package web_test

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPage_orders_a_closure_and_cancels_it(t *testing.T) {
	t.Parallel()
	d := sit(t)
	path := "/workshops/" + string(d.good.Header.Workshop) + "/closures"
	require.Contains(t, d.signIn().html, `href="`+path+`"`)
	p := d.open(path)
	require.Contains(t, p.html, "دستوری برای این کارگاه ثبت نشده است")
	require.Contains(t, p.html, `<option value="1405-07">مهر ۱۴۰۵</option>`, "the next month to be filed")
	form := url.Values{"key": {rand.Text()}, "first": {"1405-10"}, "last": {"1405-12"}}
	for range 2 {
		p = d.post(path, form)
		require.Equal(t, http.StatusOK, p.status, p.html)
	}
	require.Contains(t, p.html, "دی ۱۴۰۵ تا اسفند ۱۴۰۵")
	require.Contains(t, p.html, "از ۱ بهمن ۱۴۰۵")

	form.Set("key", rand.Text())
	p = d.post(path, form)
	require.Equal(t, http.StatusConflict, p.status)
	require.Contains(t, p.html, "نخست آن را لغو کنید")
	form.Set("last", "")
	require.Contains(t, d.post(path, form).html, "ماه پایان هر دو لازم است")

	cancel := regexp.MustCompile(`action="(/workshops/[^"]+/cancellation)"`).FindStringSubmatch(p.html)
	require.NotNil(t, cancel)
	p = d.post(cancel[1], nil)
	require.Contains(t, p.html, "لغو شد")
	require.NotContains(t, p.html, "/cancellation")
	require.Equal(t, http.StatusNotFound, d.open("/workshops/0000000000/closures").status)
}
