package intake_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"testing"

	"fehrest/internal/fault"
	"fehrest/internal/intake"
	"fehrest/internal/payroll"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

// draft is a workbook as a test changes it before it is written: a good list of three workers to begin with.
type draft struct {
	labels  []string
	values  map[string]any
	columns []string
	rows    []map[string]any // by header
	edits   []func(f *excelize.File)
	options []func(o *intake.Options)
	list    string
	pack    func(t testing.TB, file []byte) []byte
}

const list = "لیست"

func good() *draft {
	d := &draft{list: list, values: map[string]any{}}
	d.set("کد کارگاه", "0123456789").set("سال و ماه عملکرد", "1405-07").set("نام کارگاه", "کارگاه نمونه").set("نام کارفرما", "شرکت نمونه").
		set("شناسه ملی / کد ملی کارفرما", "10380284790").set("آدرس کارگاه", "تهران، خیابان نمونه").set("کد پستی کارگاه", "1411713114")
	d.columns = []string{
		"ردیف", "کد ملی", "ملیت", "نام", "نام خانوادگی", "نام پدر", "تاریخ تولد", "شماره شناسنامه", "محل صدور", "جنسیت", "شماره بیمه", "کد شغل", "عنوان شغل",
		"نوع بیمه‌شده", "تاریخ شروع به کار", "روزهای کارکرد", "دستمزد روزانه", "حق مسکن", "بن کارگری", "اضافه‌کاری", "مدرک تحصیلی", "نوع استخدام", "رسته شغلی",
	}
	d.worker("0012345679", "علی", "محمدی", "12345678").worker("0084575948", "زهرا", "کریمی", "12345679").worker("0499370899", "رضا", "احمدی", "12345680")
	return d
}

func (d *draft) set(label string, value any) *draft {
	if _, had := d.values[label]; !had {
		d.labels = append(d.labels, label)
	}
	d.values[label] = value
	return d
}

func (d *draft) unset(label string) *draft {
	d.labels = slices.DeleteFunc(d.labels, func(l string) bool { return l == label })
	return d
}

func (d *draft) worker(code, first, last, insurance string) *draft {
	d.rows = append(d.rows, map[string]any{
		"ردیف": len(d.rows) + 1, "کد ملی": code, "نام": first, "نام خانوادگی": last, "نام پدر": "حسین", "تاریخ تولد": "1370/05/06", "شماره شناسنامه": code, "محل صدور": "تهران",
		"جنسیت": "مرد", "شماره بیمه": insurance, "کد شغل": "413110", "عنوان شغل": "کارشناس", "نوع بیمه‌شده": "عادی", "تاریخ شروع به کار": "1400/01/01", "روزهای کارکرد": 30,
		"دستمزد روزانه": 5_600_000, "حق مسکن": 30_000_000, "بن کارگری": 22_000_000, "مدرک تحصیلی": "لیسانس", "نوع استخدام": "1", "رسته شغلی": "2",
	})
	return d
}

// cell sets a cell of the second worker, in row 3 of the sheet; a header that is not there becomes a column.
func (d *draft) cell(header string, value any) *draft { return d.at(1, header, value) }

func (d *draft) at(worker int, header string, value any) *draft {
	if !slices.Contains(d.columns, header) {
		d.columns = append(d.columns, header)
	}
	d.rows[worker][header] = value
	return d
}

func (d *draft) drop(header string) *draft {
	d.columns = slices.DeleteFunc(d.columns, func(c string) bool { return c == header })
	return d
}

func (d *draft) rename(header, as string) *draft {
	i := slices.Index(d.columns, header)
	d.columns[i] = as
	for _, r := range d.rows {
		r[as] = r[header]
	}
	return d
}

func (d *draft) edit(f func(f *excelize.File)) *draft {
	d.edits = append(d.edits, f)
	return d
}

func (d *draft) with(f func(o *intake.Options)) *draft {
	d.options = append(d.options, f)
	return d
}

// name is the sheet's own name of a cell of a column, such as D3.
func (d *draft) name(header string, row int) string {
	name, _ := excelize.CoordinatesToCellName(slices.Index(d.columns, header)+1, row)
	return name
}

func (d *draft) bytes(t testing.TB) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	require.NoError(t, f.SetSheetName("Sheet1", d.list))
	if len(d.labels) > 0 {
		_, err := f.NewSheet("کارگاه")
		require.NoError(t, err)
		for i, l := range d.labels {
			require.NoError(t, f.SetSheetRow("کارگاه", "A"+strconv.Itoa(i+1), &[]any{l, d.values[l]}))
		}
	}
	for i, c := range d.columns {
		at, _ := excelize.CoordinatesToCellName(i+1, 1)
		require.NoError(t, f.SetCellValue(d.list, at, c))
		for r, row := range d.rows {
			at, _ = excelize.CoordinatesToCellName(i+1, r+2)
			if v := row[c]; v != nil {
				require.NoError(t, f.SetCellValue(d.list, at, v))
			}
		}
	}
	for _, e := range d.edits {
		e(f)
	}
	var b bytes.Buffer
	_, err := f.WriteTo(&b)
	require.NoError(t, err)
	if d.pack != nil {
		return d.pack(t, b.Bytes())
	}
	return b.Bytes()
}

func (d *draft) read(t testing.TB) (*intake.Result, []payroll.Filed) {
	t.Helper()
	o := options(t)
	for _, f := range d.options {
		f(&o)
	}
	return read(t, d.bytes(t), o)
}

// document is a JSON list as a test changes it.
type document struct {
	Workshop map[string]any   `json:"workshop"`
	Lines    []map[string]any `json:"lines"`
}

func goodDocument() document {
	worker := func(code, first, insurance string) map[string]any {
		return map[string]any{
			"national_code": code, "first_name": first, "last_name": "محمدی", "father_name": "حسین", "birth_date": "1370/05/06", "id_number": code, "sex": "male",
			"insurance_number": insurance, "job_code": "413110", "job_title": "کارشناس", "insured_kind": "normal", "start_date": "1400/01/01", "days": 30,
			"daily_wage": 5_600_000, "housing": 30_000_000, "grocery": 22_000_000, "education": "4", "employment_type": "1", "job_family": "2",
		}
	}
	return document{
		Workshop: map[string]any{
			"workshop_code": "0123456789", "period": "1405-07", "workshop_name": "کارگاه نمونه", "employer_name": "شرکت نمونه", "employer_id": "10380284790",
			"address": "تهران، خیابان نمونه", "postal_code": "1411713114",
		},
		Lines: []map[string]any{worker("0012345679", "علی", "12345678"), worker("0084575948", "رضا", "12345679")},
	}
}

func (d document) bytes(t testing.TB) []byte {
	t.Helper()
	b, err := json.Marshal(d)
	require.NoError(t, err)
	return b
}

func (d document) line(key string, value any) document {
	d.Lines[1] = maps.Clone(d.Lines[1])
	d.Lines[1][key] = value
	return d
}

// codes are the findings' codes, errors and worse first; infos are left out unless asked.
func codesOf(r *intake.Result, from fault.Severity) []string {
	codes := []string{}
	for _, f := range r.Findings.All() {
		if f.Severity >= from {
			codes = append(codes, f.Code)
		}
	}
	return codes
}

func find(r *intake.Result, code string) *fault.Fault {
	for _, f := range r.Findings.All() {
		if f.Code == code {
			return &f
		}
	}
	return nil
}
