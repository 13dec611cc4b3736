package sim

import (
	"bytes"
	"fmt"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func testRates(t *testing.T) *rates {
	r, err := loadRates()
	require.NoError(t, err)
	return r
}

func judgeTestSSO(t *testing.T, f ssoFiles) judgement {
	return judgeSSO([]ssoFiles{f}, nil, testRates(t), &collector{})
}

// named tells whether a finding of the code names the field.
func named(found []Finding, code, field string) bool {
	return slices.ContainsFunc(found, func(f Finding) bool { return f.Code == code && f.Field == field })
}

func TestSSOPairAccepted(t *testing.T) {
	t.Parallel()
	j := judgeTestSSO(t, ssoTestFiles())
	require.Empty(t, j.findings)
	require.Len(t, j.bills, 1)
	// 7 %, 20 % and 3 % of 237,000,010 + 206,255,500 + 581,894,250, each row rounded half up.
	assert.Equal(t, bill{listNo: "01", amount: 307_544_929, due: "1405-08-30"}, j.bills[0])
}

func TestSSOPairOfOlderLayoutAccepted(t *testing.T) {
	t.Parallel()
	kar, wor := ssoRowsFor(testPeople, "01")
	var rooz int64
	for i, p := range testPeople {
		wor[i]["DSW_ROOZ"] = fmt.Sprint(p.daily + p.seniority)
		rooz += p.daily + p.seniority
	}
	kar["DSK_TROOZ"] = fmt.Sprint(rooz)
	f := ssoFilesOf(kar, wor)
	f.kar = dbfBytes(mehr, karColumns[:23], []map[string]string{kar})
	f.wor = dbfBytes(mehr, worColumns[:27], wor)
	assert.Empty(t, judgeTestSSO(t, f).findings)
}

// TestSSODigitNamed changes one value at a time and expects its field to be
// named.
func TestSSODigitNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ field, value, code, named string }{
		{"DSW_ROOZ", "6000001", "SIM-11", "DSK_TROOZ"},
		{"DSW_MAH", "185000110", "SIM-15", "DSW_MAH"},
		{"DSW_MAZ", "52000001", "SIM-16", "DSW_MASH"},
		{"DSW_MASH", "237000011", "SIM-16", "DSW_MASH"},
		{"DSW_TOTL", "237000009", "SIM-17", "DSW_TOTL"},
		{"DSW_BIME", "16590002", "SIM-18", "DSW_BIME"},
		{"DSW_INC", "166668", "SIM-11", "DSK_INC"},
		{"DSW_SPOUSE", "1", "SIM-11", "DSK_SPOUSE"},
		{"DSW_DD", "32", "SIM-14", "DSW_DD"},
		{"DSW_PRATE", "1", "SIM-09", "DSW_PRATE"},
		{"DSW_BDATE", "13701301", "SIM-13", "DSW_BDATE"},
		{"DSW_IDATE", "13690102", "SIM-13", "DSW_IDATE"},
		{"DSW_SDATE", "14050801", "SIM-13", "DSW_SDATE"},
		{"DSW_EDATE", "14050699", "SIM-13", "DSW_EDATE"},
		{"DSW_SDATE", "14050710", "SIM-14", "DSW_DD"},
		{"PER_NATCOD", "0012345678", "SIM-12", "PER_NATCOD"},
		{"PER_NATCOD", "0498123456", "SIM-21", "PER_NATCOD"},
		{"DSW_ID1", "1234567X", "SIM-12", "DSW_ID1"},
		{"DSW_JOB", "00a123", "SIM-12", "DSW_JOB"},
		{"DSW_ID", "0123456788", "SIM-08", "DSW_ID"},
		{"DSW_YY", "4", "SIM-08", "DSW_YY"},
		{"DSW_MM", "8", "SIM-08", "DSW_MM"},
		{"DSW_LISTNO", "02", "SIM-08", "DSW_LISTNO"},
		{"DSW_SEX", "\xA2\xA4\xF4", "SIM-09", "DSW_SEX"},
		{"DSW_FNAME", "", "SIM-22", "DSW_FNAME"},
		{"DSW_LNAME", iran("رضا") + "<", "SIM-07", "DSW_LNAME"},
		{"DSW_LNAME", " " + iran("رضا"), "SIM-07", "DSW_LNAME"},
		{"DSW_LNAME", "\xB5\xB6", "SIM-07", "DSW_LNAME"},
		{"DSW_LNAME", "????", "SIM-07", "DSW_LNAME"},
		{"DSK_ID", "0123456780", "SIM-08", "DSK_ID"},
		{"DSK_MM", "8", "SIM-08", "DSK_MM"},
		{"DSK_KIND", "1", "SIM-09", "DSK_KIND"},
		{"DSK_NUM", "4", "SIM-10", "DSK_NUM"},
		{"DSK_TDD", "76", "SIM-11", "DSK_TDD"},
		{"DSK_TROOZ", "51541851", "SIM-11", "DSK_TROOZ"},
		{"DSK_TMAH", "1", "SIM-11", "DSK_TMAH"},
		{"DSK_TMAZ", "1", "SIM-11", "DSK_TMAZ"},
		{"DSK_TMASH", "1", "SIM-11", "DSK_TMASH"},
		{"DSK_TTOTL", "1", "SIM-11", "DSK_TTOTL"},
		{"DSK_TBIME", "1", "SIM-11", "DSK_TBIME"},
		{"DSK_TKOSO", "205029953", "SIM-19", "DSK_TKOSO"},
		{"DSK_BIC", "30754494", "SIM-20", "DSK_BIC"},
		{"DSK_BIMH", "7", "SIM-20", "DSK_BIMH"},
		{"DSK_RATE", "20", "SIM-09", "DSK_RATE"},
		{"DSK_PRATE", "1", "SIM-09", "DSK_PRATE"},
		{"DSK_INC", "0", "SIM-11", "DSK_INC"},
		{"DSK_SPOUSE", "1", "SIM-11", "DSK_SPOUSE"},
		{"DSK_TMAZ", "12 4", "SIM-06", "DSK_TMAZ"},
		{"DSK_YY", "2", "SIM-23", "DSK_YY"},
	} {
		t.Run(c.field+" "+c.value, func(t *testing.T) {
			t.Parallel()
			kar, wor := ssoRowsFor(testPeople, "01")
			row := kar
			if _, ok := wor[0][c.field]; ok || c.field[:3] == "DSW" {
				row = wor[0]
			}
			row[c.field] = c.value
			found := judgeTestSSO(t, ssoFilesOf(kar, wor)).findings
			assert.True(t, named(found, c.code, c.named), "%v", found)
		})
	}
}

func TestSSOHeaderByteNamed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		at    int
		value byte
		code  string
		field string
	}{
		"version":      {0, 0x04, "SIM-03", "version"},
		"date":         {3, 21, "SIM-03", "date"},
		"language":     {29, 0, "SIM-03", "language"},
		"offset":       {32 + 12, 2, "SIM-03", "DSW_ID"},
		"column name":  {32 + 4, 'X', "SIM-04", "DSW_ID"},
		"column width": {32 + 16, 11, "SIM-04", "DSW_ID"},
		"count":        {4, 4, "SIM-05", ""},
		"deleted":      {961, '*', "SIM-05", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := ssoTestFiles()
			f.wor = bytes.Clone(f.wor)
			f.wor[c.at] = c.value
			found := judgeTestSSO(t, f).findings
			assert.True(t, named(found, c.code, c.field), "%v", found)
		})
	}
}

func TestSSOKinds(t *testing.T) {
	t.Parallel()
	share := func(p testPerson, rate int64) int64 {
		return (min((p.daily+p.seniority)*p.days+p.benefits, 38792950*p.days)*rate + 50) / 100
	}
	t.Run("manager owes no unemployment", func(t *testing.T) {
		t.Parallel()
		kar, wor := ssoRowsFor(testPeople, "01")
		kar["DSK_BIC"] = fmt.Sprint(share(testPeople[0], 3) + share(testPeople[2], 3))
		assert.Empty(t, judgeTestSSO(t, ssoFilesOf(kar, wor)).findings)
	})
	t.Run("foreigner has no national code and owes no unemployment", func(t *testing.T) {
		t.Parallel()
		kar, wor := ssoRowsFor(testPeople, "01")
		wor[1]["DSW_NAT"], wor[1]["PER_NATCOD"] = iran("افغانی"), ""
		assert.True(t, named(judgeTestSSO(t, ssoFilesOf(kar, wor)).findings, "SIM-20", "DSK_BIC"))
		kar["DSK_BIC"] = fmt.Sprint(share(testPeople[0], 3) + share(testPeople[2], 3))
		assert.Empty(t, judgeTestSSO(t, ssoFilesOf(kar, wor)).findings)
	})
	t.Run("exempt workshop owes for its first five no employer's share", func(t *testing.T) {
		t.Parallel()
		kar, wor := ssoRowsFor(testPeople, "01")
		kar["DSK_TKOSO"] = "0"
		assert.Empty(t, judgeTestSSO(t, ssoFilesOf(kar, wor)).findings)
	})
	t.Run("apprentice below the minimum: the gap is the employer's", func(t *testing.T) {
		t.Parallel()
		people := slices.Clone(testPeople)
		people[1].daily, people[1].benefits = 2_000_000, 0
		kar, wor := ssoRowsFor(people, "01")
		worker := share(people[1], 7)
		own := (5541850*30*27+50)/100 - worker
		kar["DSK_TKOSO"] = fmt.Sprint(share(people[0], 20) + own + share(people[2], 20))
		kar["DSK_BIC"] = fmt.Sprint(share(people[0], 3) + share(people[2], 3))
		assert.Empty(t, judgeTestSSO(t, ssoFilesOf(kar, wor)).findings)
	})
	t.Run("leaver of the month's first day", func(t *testing.T) {
		t.Parallel()
		people := slices.Clone(testPeople)
		people[1].days, people[1].benefits = 0, 0
		kar, wor := ssoRowsFor(people, "01")
		wor[1]["DSW_EDATE"] = "14050701"
		assert.Empty(t, judgeTestSSO(t, ssoFilesOf(kar, wor)).findings)
	})
}

func TestSSOSplitList(t *testing.T) {
	t.Parallel()
	part := func(people []testPerson, no string, dir string) ssoFiles {
		kar, wor := ssoRowsFor(people, no)
		f := ssoFilesOf(kar, wor)
		f.karName, f.worName = dir+karName, dir+worName
		return f
	}
	key, ok := parseKey(agencySSO, "sso.0123456789.000.1405-07.01.1")
	require.True(t, ok)
	one, two := part(testPeople[:2], "01", "1/"), part(testPeople[2:], "03", "2/")
	body := pack(t, entry{one.karName, one.kar}, entry{one.worName, one.wor}, entry{two.karName, two.kar}, entry{two.worName, two.wor})
	c := &collector{}
	j := judgeSSO(ssoParts(openPackage("x.zip", body, c), c), &key, testRates(t), c)
	require.Empty(t, j.findings)
	require.Len(t, j.bills, 2)
	assert.Equal(t, "03", j.bills[1].listNo)

	c = &collector{}
	same := part(testPeople[:1], "01", "2/")
	j = judgeSSO([]ssoFiles{one, same}, &key, testRates(t), c)
	assert.True(t, named(j.findings, "SIM-08", "DSK_LISTNO"))
	assert.True(t, named(j.findings, "SIM-21", "PER_NATCOD"))
}

func TestSSOKeyMismatch(t *testing.T) {
	t.Parallel()
	for field, text := range map[string]string{
		"DSK_ID":     "sso.0123456788.000.1405-07.01.1",
		"MON_PYM":    "sso.0123456789.001.1405-07.01.1",
		"DSK_MM":     "sso.0123456789.000.1405-06.01.1",
		"DSK_LISTNO": "sso.0123456789.000.1405-07.02.1",
	} {
		key, ok := parseKey(agencySSO, text)
		require.True(t, ok)
		j := judgeSSO([]ssoFiles{ssoTestFiles()}, &key, testRates(t), &collector{})
		assert.True(t, named(j.findings, "SIM-02", field), "%s: %v", text, j.findings)
	}
}

func TestDecodeIranSystem(t *testing.T) {
	t.Parallel()
	for stored, want := range map[string]string{
		"\xFC\xF3\xE4": "علی",
		"\xF6\xF5\xFA\x93\x20\x31\x32\x20\xF6\x91\x93\x91\xFE\xA1":         "خیابان 12 بهمن",
		"\x28\xF8\xF7\x29\x20\x41\x42\x43\x20\x31\x32\x20\x96\xEE\xA4\xAA": "شرکت ABC 12 (نو)",
		"\xFD\xA4\x90\xA5\x20\xF9\xF3\xF2":                                 "لاله زاری",
		"\xFC\xF7\x90\xA4\xFE\x90":                                         "ایرانی",
	} {
		got, ok := decodeIranSystem([]byte(stored))
		assert.True(t, ok)
		assert.Equal(t, want, got)
	}
	_, ok := decodeIranSystem([]byte{0xB3})
	assert.False(t, ok)
}

func TestSSOCP1256Accepted(t *testing.T) {
	t.Parallel()
	kar, wor := ssoRowsFor(testPeople, "01")
	for _, w := range wor {
		w["DSW_SEX"], w["DSW_NAT"] = "\xE3\xD1\xCF", "\xC7\xED\xD1\xC7\xE4\xED"
		w["DSW_FNAME"], w["DSW_LNAME"], w["DSW_DNAME"] = "\xDA\xE1\xED", "\xDA\xE1\xED", "\xDA\xE1\xED"
		w["DSW_IDPLC"], w["DSW_OCP"] = "", ""
	}
	kar["DSK_NAME"], kar["DSK_FARM"], kar["DSK_ADRS"] = "\xDA\xE1\xED", "", ""
	assert.Empty(t, judgeTestSSO(t, ssoFilesOf(kar, wor)).findings)
}

func TestCalendar(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "1405-12-29", month{1405, 12}.lastDay())
	assert.Equal(t, "1403-12-30", month{1403, 12}.lastDay())
	assert.Equal(t, "2026-10-22", day{1405, 7, 30}.gregorian().Format("2006-01-02"))
	assert.Equal(t, "2025-03-20", day{1403, 12, 30}.gregorian().Format("2006-01-02"))
	_, ok := parseDay("14041230")
	assert.False(t, ok)
}

func TestLeftOutOfManyRows(t *testing.T) {
	t.Parallel()
	shares := make([]int64, 200)
	for i := range shares {
		shares[i] = 5_000_000 + int64(i)*7919
	}
	_, v := leftOut(shares, shares[3]+shares[77]+shares[150])
	assert.Equal(t, explained, v)
	_, v = leftOut(shares, 1_000_000)
	assert.Equal(t, impossible, v)
	_, v = leftOut(shares, -1)
	assert.Equal(t, impossible, v)
	assert.EqualValues(t, 3, roundHalfUp(big.NewRat(5, 2)))
}
