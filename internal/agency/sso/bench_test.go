package sso

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"fehrest/internal/agency"
	"fehrest/internal/dbf"
	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"

	"github.com/stretchr/testify/require"
)

// manyWorkers is a list with names, jobs and amounts that differ from row to row.
func manyWorkers(n int) *payroll.FiledList {
	first := []string{"محمدرضا", "فاطمه", "علی", "زهرا", "امیرحسین", "مریم", "گل‌محمد"}
	family := []string{"حسینی", "کریمی", "رضایی", "قاسمی", "نظری", "احمدی", "موسوی", "جعفری", "صادقی", "یوسفی", "ملکی", "باقری", "اکبری"}
	from := []string{"", " نژاد", " پور", "‌زاده", " اصل", " فرد", " تبریزی", " اصفهانی", " شیرازی", " یزدی", " کرمانی"}
	jobs := []string{"کارگر ساده تولید", "حسابدار", "سرپرست شیفت", "راننده"}
	l := &payroll.FiledList{Header: payroll.Header{Workshop: "0123456789", Period: mehr, ListNo: "01", WorkshopName: "کارگاه"}}
	for i := range n {
		sex := "male"
		if i%3 == 1 {
			sex = "female"
		}
		l.Lines = append(l.Lines, payroll.Filed{Line: payroll.Line{
			Row: i + 3, NationalCode: payroll.NationalCode(fmt.Sprintf("%010d", i)), FirstName: first[i%len(first)], LastName: family[i%len(family)] + from[i%len(from)],
			FatherName: first[(i+3)%len(first)], IDNumber: strconv.Itoa(i), IssuePlace: "تهران", IssueDate: jalali.Date{Year: 1385, Month: 1, Day: 1 + i%28},
			BirthDate: jalali.Date{Year: 1365, Month: 1 + i%12, Day: 1}, Sex: sex, InsuranceNumber: payroll.InsuranceNumber(fmt.Sprintf("%08d", i)),
			JobCode: "003456", JobTitle: jobs[i%len(jobs)], ReportedTo: fault.Both, Days: 30, DailyWage: 5_541_850 + rial.Amount(i%1000),
			DailySeniority: 166_667, Pay: payroll.Pay{payroll.Marriage: 5_000_000},
		}, Assessed: payroll.Assessed{
			MonthlyWage: 171_255_510, Seniority: 5_000_010, Benefits: 57_000_000, Insurable: 228_255_510, Total: 230_000_000,
			WorkerPremium: 15_977_886, EmployerPremium: 45_651_102, Unemployment: 6_847_665,
		}})
	}
	return l
}

// writePlain makes the workers' table the straight way: bytes that are encoded already, numbers by strconv, no layout, no
// totals, no check.
func writePlain(header []byte, ready []plainRow, widths []int) []byte {
	length := 1
	for _, n := range widths {
		length += n
	}
	out := make([]byte, 0, len(header)+len(ready)*length+1)
	out = append(out, header...)
	blank := bytes.Repeat([]byte{' '}, length)
	record := bytes.Clone(blank)
	var digits [20]byte
	for i := range ready {
		copy(record, blank)
		at := 1
		for j, n := range widths {
			if v := ready[i][j]; v.text != nil {
				copy(record[at:], v.text)
			} else {
				b := strconv.AppendInt(digits[:0], v.number, 10)
				copy(record[at+n-len(b):], b)
			}
			at += n
		}
		out = append(out, record...)
	}
	return append(out, 0x1A)
}

type plainRow [29]struct {
	text   []byte
	number int64
}

// BenchmarkRow11 encodes 100,000 workers from their lines (in parts, as their totals ask) and compares the time with a
// straight byte writer's of the same bytes, in turn in one run, medians of both; the goal is 3x at most.
func BenchmarkRow11(b *testing.B) {
	list := manyWorkers(100_000)
	book, err := law.Load()
	require.NoError(b, err)
	for _, a := range []Agency{{Book: book}, {Book: book, Encoding: dbf.CP1256}} {
		b.Run(a.Encoding.String(), func(b *testing.B) {
			ready, widths := prepare(a, list)
			header := make([]byte, 961)
			var ours, plain []time.Duration
			for b.Loop() {
				for range 7 {
					runtime.GC()
					start := time.Now()
					require.NotEmpty(b, writePlain(header, ready, widths))
					plain = append(plain, time.Since(start))
					runtime.GC()
					start = time.Now()
					_, err := a.Encode(agency.Parcel{List: list})
					ours = append(ours, time.Since(start))
					require.NoError(b, err)
				}
			}
			slices.Sort(ours)
			slices.Sort(plain)
			b.ReportMetric(float64(plain[len(plain)/2].Microseconds())/1000, "plain-ms")
			b.ReportMetric(float64(ours[len(ours)/2].Microseconds())/1000, "ours-ms")
			b.ReportMetric(float64(ours[len(ours)/2])/float64(plain[len(plain)/2]), "x-of-plain")
			b.ReportMetric(3, "goal-x")
		})
	}
}

func prepare(a Agency, list *payroll.FiledList) (rows []plainRow, widths []int) {
	for _, f := range worLayout {
		widths = append(widths, f.width)
	}
	for _, p := range a.split(list) {
		for w := range a.records(&p) {
			var row plainRow
			for i, f := range worLayout {
				switch v := f.at(w).(type) {
				case *string:
					row[i].text, _ = a.Encoding.Encode(*v)
				case *int64:
					row[i].number = *v
				}
			}
			rows = append(rows, row)
		}
	}
	return rows, widths
}
