package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLaw_shows_every_parameter_with_its_source(t *testing.T) {
	t.Parallel()
	code, said, _ := fehrest(t, "law", "1399-05")
	require.Equal(t, exitAccepted, code)
	for _, part := range []string{
		"1399.yaml: 1399-04 – 1399-12",
		"max_daily_insurable: 4,457,663\n    سقف مشمول بیمه در روز، ریال · محل اختلاف (disputed) · بخشنامه دستمزد سال ۱۳۹۹ سازمان تأمین اجتماعی",
		"منابع درباره سقف از ۱ تیر ۱۳۹۹ اختلاف دارند",
		"brackets: 0% تا 360,000,000؛", "35% above", "نرخ حق بیمه، عادی، بیمه بیکاری", "premium.retired.worker: طبق مشخصات ثبت‌شدهٔ کارگاه",
	} {
		require.Contains(t, said, part)
	}
	require.NotContains(t, said, "marriage")

	code, said, _ = fehrest(t, "law", "1399-02", "--json")
	require.Equal(t, exitAccepted, code)
	var doc map[string]any
	require.NoError(t, json.Unmarshal([]byte(said), &doc))
	require.Equal(t, "1399-03", doc["to"])
	require.InDelta(t, 611_809, doc["minimum_daily_wage"].(map[string]any)["value"], 0)
	require.NotContains(t, doc, "marriage")
	require.Contains(t, doc["leaver_pay"], "note_fa")

	code, _, complaint := fehrest(t, "law", "1398-12")
	require.Equal(t, exitRejected, code)
	require.Contains(t, complaint, "the law book holds 1399-01 to 1405-12")
}
