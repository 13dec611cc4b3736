package intake

import (
	"bytes"
	"io"
	"slices"
	"strconv"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/workbook"
)

const sheetGuide = "راهنما"

// guide is what the third sheet says.
var guide = []string{
	"این کارپوشه لیست یک کارگاه در یک ماه است؛ یک بار پر می‌شود و برای تأمین اجتماعی و سازمان امور مالیاتی فرستاده می‌شود.",
	"برگهٔ «کارگاه»: مشخصات کارگاه و ماه. مقدار هر سطر در ستون دوم نوشته می‌شود.",
	"برگهٔ «لیست»: هر نفر یک سطر، از سطر سوم. سطر دوم کلید ستون‌هاست و پنهان است؛ آن را پاک نکنید. ستون‌هایی را که لازم ندارید می‌توانید حذف کنید.",
	"روی عنوان هر ستون یادداشتی است که می‌گوید چیست، به چه شکل نوشته می‌شود و کدام سازمان آن را می‌خواهد.",
	"مبلغ‌ها به ریال و بدون اعشار است. کدها، شماره‌ها و تاریخ‌ها متن‌اند تا صفر اول آن‌ها نیفتد. تاریخ شمسی است، مانند 1405/07/01.",
	"کسی را که هنوز شماره بیمه ندارد با «نگه‌داشتن ردیف: بله» در لیست نگه دارید؛ فرستاده نمی‌شود تا کامل شود.",
	"ردیف خالی میان نفرات، خانهٔ ادغام‌شده و ردیف جمع لازم نیست.",
}

func guideSheet(more ...string) workbook.DraftSheet {
	return workbook.DraftSheet{
		Name: sheetGuide, RightToLeft: true, Columns: []workbook.DraftColumn{{Width: 130, Text: true}},
		Rows: func(yield func([]any) bool) {
			for _, line := range slices.Concat(guide, more) {
				if !yield([]any{line}) {
					return
				}
			}
		},
	}
}

// writeGuided writes the list with the guide, a note at each header, and the marks given.
func (d *drafted) writeGuided(w io.Writer, marks ...workbook.CellMark) error {
	if d.sheets == nil {
		d.sheets = []workbook.DraftSheet{guideSheet()}
	}
	var b bytes.Buffer
	if err := d.write(&b); err != nil {
		return err
	}
	book, err := workbook.Open(bytes.NewReader(b.Bytes()), int64(b.Len()), workbook.Limits{})
	if err != nil {
		return err
	}
	for i, k := range payroll.HeaderKeys() {
		marks = append(marks, workbook.CellMark{Sheet: sheetWorkshop, Row: i + 1, Column: 0, Note: noteOfKey(&k), Lasting: true})
	}
	for i, c := range d.columns {
		marks = append(marks, workbook.CellMark{Sheet: sheetList, Row: labelsRow, Column: i, Note: noteOfColumn(&c), Lasting: true})
	}
	return book.Mark(w, workbook.Markup{Cells: marks})
}

// noteOfColumn says what a column is, how it is written and who needs it.
func noteOfColumn(c *payroll.Column) string {
	text := c.Label + " (" + c.Key + ")\nشکل: " + shapeOf(c.Form, c.Limit, c.Values)
	switch {
	case c.Needs != 0:
		text += "\nلازم برای: " + laneFA(c.Needs)
	case c.Lanes != 0:
		text += "\nاختیاری؛ مربوط به: " + laneFA(c.Lanes)
	}
	if c.Once {
		text += "\nبرای هر نفر یک بار کافی است؛ از لیست پیشین پذیرفته‌شده برداشته می‌شود."
	}
	if _, ok := payroll.ColumnOf(c.Key); ok && c.Needs == fault.Both && (c.Key == payroll.ColNationalCode.Info().Key || c.Key == payroll.ColForeignerCode.Info().Key) {
		text += "\nبرای ایرانیان کد ملی و برای اتباع خارجی کد فراگیر."
	}
	return text
}

func noteOfKey(k *payroll.HeaderKey) string {
	text := k.Label + " (" + k.Key + ")\nشکل: " + shapeOf(k.Form, k.Limit, k.Values)
	if k.Required {
		return text + "\nلازم"
	}
	return text + "\nاختیاری"
}

// shapeOf says how a cell is written.
func shapeOf(f payroll.Form, limit int, values []payroll.Value) string {
	most := func(what string) string {
		if limit == 0 {
			return what
		}
		return what + "، حداکثر " + strconv.Itoa(limit)
	}
	switch f {
	case payroll.Name:
		return most("حروف فارسی")
	case payroll.Digits:
		return most("رقم، به صورت متن")
	case payroll.Money:
		return "مبلغ به ریال، عدد صحیح"
	case payroll.Count:
		return "عدد صحیح"
	case payroll.Date:
		return "تاریخ شمسی مانند 1405/07/01"
	case payroll.Month:
		return "سال و ماه مانند 1405/07"
	case payroll.Coded, payroll.YesNo, payroll.NoYes, payroll.Lanes:
		return "از فهرست کشویی؛ کد یا عنوان" + firstChoices(values)
	case payroll.Text:
	}
	return most("متن")
}

// firstChoices are a few of the choices.
func firstChoices(values []payroll.Value) string {
	const shown = 4
	text := ""
	for i, v := range values[:min(len(values), shown)] {
		text += []string{"، مانند ", "، "}[min(i, 1)] + shownValue(&v)
	}
	return text
}
