package sim

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Files are built here by hand, by writers of the tests' own.

// dbfBytes writes a table; a value is left or right aligned by its column.
func dbfBytes(date [3]byte, columns []dbfColumn, rows []map[string]string) []byte {
	var b bytes.Buffer
	width := 1
	for _, c := range columns {
		width += c.width
	}
	b.WriteByte(0x03)
	b.Write(date[:])
	_ = binary.Write(&b, binary.LittleEndian, uint32(len(rows)))
	_ = binary.Write(&b, binary.LittleEndian, uint16(33+32*len(columns)))
	_ = binary.Write(&b, binary.LittleEndian, uint16(width))
	b.Write(make([]byte, 17))
	b.Write([]byte{0x7E, 0, 0})
	at := 1
	for _, c := range columns {
		d := make([]byte, 32)
		copy(d, c.name)
		d[11], d[16] = c.kind, byte(c.width)
		binary.LittleEndian.PutUint32(d[12:], uint32(at))
		b.Write(d)
		at += c.width
	}
	b.WriteByte('\r')
	for _, r := range rows {
		b.WriteByte(' ')
		for _, c := range columns {
			pad := strings.Repeat(" ", c.width-len(r[c.name]))
			if c.kind == 'N' {
				b.WriteString(pad + r[c.name])
			} else {
				b.WriteString(r[c.name] + pad)
			}
		}
	}
	b.WriteByte(0x1A)
	return b.Bytes()
}

// iran writes Persian words right to left; any form of a letter will do.
func iran(s string) string {
	var out []byte
	for _, r := range s {
		for i, l := range iranLetters {
			if l == string(r) || r == ' ' {
				c := byte(i + 0x80)
				if r == ' ' {
					c = ' '
				}
				out = append([]byte{c}, out...)
				break
			}
		}
	}
	return string(out)
}

// testPerson is an invented worker.
type testPerson struct {
	code, insurance string
	days            int64
	daily, benefits int64
	seniority       int64
}

var testPeople = []testPerson{
	{"0012345679", "12345678", 30, 6000000, 52000000, 166667},
	{"0498123456", "23456789", 30, 5541850, 40000000, 0},
	{"1234567891", "34567890", 15, 40000000, 90000000, 0},
}

// ssoRowsFor gives a pair's rows for Mehr 1405, all shares worked out anew.
func ssoRowsFor(people []testPerson, listNo string) (kar map[string]string, wor []map[string]string) {
	var days, rooz, mah, maz, mash, totl, bime, koso, bic, inc int64
	for _, p := range people {
		wage := (p.daily + p.seniority) * p.days
		insurable := min(wage+p.benefits, 38792950*p.days)
		premium := (insurable*7 + 50) / 100
		wor = append(wor, map[string]string{
			"DSW_ID": "0123456789", "DSW_YY": "5", "DSW_MM": "7", "DSW_LISTNO": listNo, "DSW_ID1": p.insurance,
			"DSW_FNAME": iran("علی"), "DSW_LNAME": iran("رضایی پور"), "DSW_DNAME": iran("حسن"),
			"DSW_IDNO": "123", "DSW_IDPLC": iran("تهران"), "DSW_IDATE": "13700102", "DSW_BDATE": "13700101",
			"DSW_SEX": "\xA2\xA4\xF5", "DSW_NAT": iran("ایرانی"), "DSW_OCP": iran("کارگر"),
			"DSW_DD": fmt.Sprint(p.days), "DSW_ROOZ": fmt.Sprint(p.daily), "DSW_MAH": fmt.Sprint(wage),
			"DSW_MAZ": fmt.Sprint(p.benefits), "DSW_MASH": fmt.Sprint(insurable), "DSW_TOTL": fmt.Sprint(wage + p.benefits),
			"DSW_BIME": fmt.Sprint(premium), "DSW_PRATE": "0", "DSW_JOB": "00A123", "PER_NATCOD": p.code,
			"DSW_INC": fmt.Sprint(p.seniority), "DSW_SPOUSE": "0",
		})
		days, rooz, mah, maz = days+p.days, rooz+p.daily, mah+wage, maz+p.benefits
		mash, totl, bime = mash+insurable, totl+wage+p.benefits, bime+premium
		koso, bic, inc = koso+(insurable*20+50)/100, bic+(insurable*3+50)/100, inc+p.seniority*p.days
	}
	n := func(v int64) string { return fmt.Sprint(v) }
	kar = map[string]string{
		"DSK_ID": "0123456789", "DSK_NAME": iran("کارگاه نمونه"), "DSK_FARM": iran("رضا احمدی"), "DSK_ADRS": iran("تهران"),
		"DSK_KIND": "0", "DSK_YY": "5", "DSK_MM": "7", "DSK_LISTNO": listNo, "DSK_NUM": fmt.Sprint(len(people)),
		"DSK_TDD": n(days), "DSK_TROOZ": n(rooz), "DSK_TMAH": n(mah), "DSK_TMAZ": n(maz), "DSK_TMASH": n(mash),
		"DSK_TTOTL": n(totl), "DSK_TBIME": n(bime), "DSK_TKOSO": n(koso), "DSK_BIC": n(bic), "DSK_RATE": "30",
		"DSK_PRATE": "0", "DSK_BIMH": "0", "MON_PYM": "000", "DSK_INC": n(inc), "DSK_SPOUSE": "0",
	}
	return kar, wor
}

// mehr is the last day of Mehr 1405 as a DBF date: 22 October 2026.
var mehr = [3]byte{126, 10, 22}

func ssoFilesOf(kar map[string]string, wor []map[string]string) ssoFiles {
	return ssoFiles{
		karName: karName, kar: dbfBytes(mehr, karColumns, []map[string]string{kar}),
		worName: worName, wor: dbfBytes(mehr, worColumns, wor),
	}
}

func ssoTestFiles() ssoFiles {
	kar, wor := ssoRowsFor(testPeople, "01")
	return ssoFilesOf(kar, wor)
}

// pack zips entries given as name, content, name, content.
func pack(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range entries {
		w, err := z.Create(e.name)
		require.NoError(t, err)
		_, err = w.Write(e.data)
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.Bytes()
}

func packSSO(t *testing.T, f ssoFiles) []byte {
	return pack(t, entry{f.karName, f.kar}, entry{f.worName, f.wor})
}

// taxTestLines gives the values of one person's WP and WH of 1405, 1-based by
// the administration's numbers, net of the given tax.
func taxTestLines(code string, cash, tax int64) (wp, wh []string) {
	wp = strings.Split("1,"+code+",علی,رضایی,حسن,13700101,123,تهران,4,2,12345678,تامین اجتماعی,1,103,103,1234567890,تهران خیابان یک,17,کارگر,1,14000101,,", ",")
	wh = make([]string, 39)
	for i := range wh {
		wh[i] = "0"
	}
	wh[0], wh[1], wh[2], wh[3], wh[4], wh[5] = code, "1", "1", "1", "84", "1"
	wh[8], wh[10] = "1", "1"
	wh[6], wh[34] = fmt.Sprint(cash), fmt.Sprint(cash-tax)
	return wp, wh
}

func taxTestFiles(m month, wp, wh [][]string) taxFiles {
	text := func(lines [][]string) []byte {
		var b strings.Builder
		b.WriteString("\uFEFF")
		for _, l := range lines {
			b.WriteString(strings.Join(l, ",") + "\r\n")
		}
		return []byte(b.String())
	}
	return taxFiles{
		wpName: "WP" + m.compact() + ".txt", wp: text(wp),
		whName: "WH" + m.compact() + ".txt", wh: text(wh), period: m,
	}
}

func packTax(t *testing.T, f taxFiles) []byte {
	return pack(t, entry{f.wpName, f.wp}, entry{f.whName, f.wh})
}
