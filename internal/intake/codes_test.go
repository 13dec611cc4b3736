package intake

import (
	"testing"

	"fehrest/internal/fault"

	"github.com/stretchr/testify/require"
)

func TestCodes_are_whole_entries_in_order(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	last := ""
	for _, e := range Codes() {
		require.False(t, seen[e.Code], e.Code)
		seen[e.Code] = true
		require.GreaterOrEqual(t, familyOf(e.Code), 0, e.Code)
		require.Negative(t, compareCodes(last, e.Code), "%s after %s", e.Code, last)
		last = e.Code
		require.NotEmpty(t, e.Scope, e.Code)
		for _, text := range []fault.Text{e.Message, e.Fix, e.Effect} {
			require.NotEmpty(t, text.FA, e.Code)
			require.NotEmpty(t, text.EN, e.Code)
		}
	}
	for _, e := range []*fault.Entry{codeSheet13, codeCell14, codeJSON06, codeDate02, codeList10} {
		require.NotNil(t, e)
	}
}

func TestAliases_mean_one_thing_each(t *testing.T) {
	t.Parallel()
	said := map[string]string{}
	for _, row := range aliasRows() {
		m, ok := listMeaning(row[0])
		require.True(t, ok, "%s is no key", row[0])
		if m.role == header {
			continue // the workshop's sheet: the same word may name a column of the list
		}
		word := normal(row[1])
		if had, twice := said[word]; twice {
			require.Equal(t, had, row[0], "«%s» means two things", row[1])
		}
		said[word] = row[0]
		got := listWords[word]
		if row[2] != "" {
			require.Equal(t, ambiguous, got.role, row[1])
			require.NotEmpty(t, got.say().FA)
			continue
		}
		require.Equal(t, m, got, row[1])
	}
	listLabels(func(key, label string) {
		m, _ := listMeaning(key)
		require.Equal(t, m, listWords[normal(label)], "the template's own header «%s»", label)
		require.Equal(t, m, listWords[normal(key)], key)
		require.False(t, inTomans(label))
	})
	workshopLabels(func(key, label string) {
		m, _ := workshopMeaning(key)
		require.Equal(t, m, workshopWords[normal(label)], label)
	})
}

func TestNormal(t *testing.T) {
	t.Parallel()
	for header, same := range map[string]string{
		"كد ملي": "کد ملی", " کد\u200cملی ": "کدملی", "کد\u00a0ملی:": "کد ملی", "مبلغ اضافه‌کاری (ریال)": "اضافه کاری", "جمع حق مسکن(ریال)": "حق مسکن",
		"حق مسؤولیت": "حق مسوولیت", "بیمه ۷٪": "بیمه 7%", "NATIONAL_CODE": "national_code", "تأهل": "تاهل", "کد ملی *": "کد ملی",
	} {
		require.Equal(t, normal(same), normal(header), header)
	}
	require.NotEqual(t, normal("جمعه کاری"), normal("ه کاری"), "whole words only")
	require.NotEmpty(t, normal("جمع"))
}

func TestCheckMap(t *testing.T) {
	t.Parallel()
	require.NoError(t, CheckMap(map[string]string{"x": "daily_seniority", "y": "ignored", "z": "first_name+last_name"}))
	require.ErrorIs(t, CheckMap(map[string]string{"x": "wage"}), ErrMapKey)
}
