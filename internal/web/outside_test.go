package web_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"fehrest/internal/store"

	"github.com/stretchr/testify/require"
)

// A month that was filed outside the window before with persons whom no list holds: list, month and desk say why it waits, until an
// operator lets the new file stand alone.
func TestPage_says_that_a_month_filed_outside_waits_and_an_operator_lets_it_go(t *testing.T) {
	t.Parallel()
	d := sit(t)
	month := d.good.Header.TaxMonth()
	ctx := context.Background()
	require.NoError(t, d.window.Store.Tx(ctx, func(tx *store.Tx) error {
		persons := []store.PastTaxPerson{{Person: string(d.good.Lines[0].NationalCode)}, {Person: "0012345679"}, {Person: "0023456783"}}
		return tx.KeepPastTaxPersons(ctx, month, persons, time.Now())
	}))
	d.work()
	d.signIn()
	const why = "با ۳ نفر فرستاده شده است و ۲ نفر آنان در هیچ‌یک از لیست‌های"
	path := d.upload(d.open("/").button(t), "list.xlsx", d.workbook(d.good)).path
	p := d.until(path, why)
	link := regexp.MustCompile(`href="(/tax-months/[^"]+)"`).FindStringSubmatch(p.html)
	require.NotNil(t, link)
	monthPath := strings.ReplaceAll(link[1], "&amp;", "&")
	require.Contains(t, d.open(monthPath).html, why)
	p = d.open("/desk")
	require.Contains(t, p.html, why)
	require.NotContains(t, p.html, "/replay")

	d.operator()
	p = d.open("/desk")
	require.Contains(t, p.html, "به‌تنهایی جای ماهی را می‌گیرد")
	action := regexp.MustCompile(`action="(/desk/[^"]+/replay)"`).FindStringSubmatch(p.html)
	require.NotNil(t, action)
	d.post(action[1], nil)
	require.Eventually(t, func() bool { return !strings.Contains(d.open("/desk").html, why) }, time.Minute, 50*time.Millisecond)
}
