package synth

import (
	"slices"
	"strconv"
	"strings"

	"fehrest/internal/payroll"
)

// written are the columns of a client's list, with the header of the template and another that payrolls use.
var written = []struct {
	id           payroll.ColumnID
	plain, other string
}{
	{payroll.ColRow, "ردیف", "ر"},
	{payroll.ColNationalCode, "کد ملی", "شماره ملی"},
	{payroll.ColFirstName, "نام", "نام پرسنل"},
	{payroll.ColLastName, "نام خانوادگی", "فامیلی"},
	{payroll.ColFatherName, "نام پدر", "پدر"},
	{payroll.ColBirthDate, "تاریخ تولد", "متولد"},
	{payroll.ColIDNumber, "شماره شناسنامه", "ش.ش"},
	{payroll.ColIssuePlace, "محل صدور", "صادره از"},
	{payroll.ColSex, "جنسیت", "مرد/زن"},
	{payroll.ColInsuranceNumber, "شماره بیمه", "ش بیمه"},
	{payroll.ColJobCode, "کد شغل", "کد شغل بیمه"},
	{payroll.ColJobTitle, "عنوان شغل", "سمت"},
	{payroll.ColReportedTo, "ارسال به", "ارسال به"},
	{payroll.ColStartDate, "تاریخ شروع به کار", "تاریخ استخدام"},
	{payroll.ColDays, "روزهای کارکرد", "كاركرد"},
	{payroll.ColDailyWage, "دستمزد روزانه", "مزد شغل روزانه"},
	{payroll.ColDailySeniority, "پایه سنوات روزانه", "سنوات روزانه"},
	{payroll.Housing.Column(), "حق مسکن", "کمک هزینه مسکن (ریال)"},
	{payroll.Grocery.Column(), "بن کارگری", "خواربار"},
	{payroll.Marriage.Column(), "حق تأهل", "حق همسر"},
	{payroll.Child.Column(), "حق اولاد", "حق فرزند"},
	{payroll.Overtime.Column(), "اضافه‌کاری", "مبلغ اضافه کاری"},
	{payroll.Bonus.Column(), "پاداش", "پاداش ماهانه"},
	{payroll.ColEducation, "مدرک تحصیلی", "میزان تحصیلات"},
	{payroll.ColEmploymentType, "نوع استخدام", "وضعیت استخدام"},
	{payroll.ColJobFamily, "رسته شغلی", "رسته"},
}

func writtenColumns() (ids []payroll.ColumnID) {
	for _, w := range written {
		ids = append(ids, w.id)
	}
	return ids
}

// headers choose one of the two.
type headers bool

const (
	plainHeaders headers = false
	otherHeaders headers = true
)

// listGrid is the sheet of the list, its header in row 1.
type listGrid struct{ grid }

func (c *client) grid(h headers) listGrid {
	g := listGrid{grid{name: listSheet, rows: make([][]any, len(c.lines)+1)}}
	for _, w := range written {
		title := w.plain
		if h == otherHeaders {
			title = w.other
		}
		g.rows[0] = append(g.rows[0], title)
		for i := range c.lines {
			g.rows[i+1] = append(g.rows[i+1], value(&c.lines[i], w.id, true))
		}
	}
	return g
}

func (g *listGrid) column(title string) int { return slices.Index(g.rows[0], any(title)) }

func (g *listGrid) rename(title, as string) { g.rows[0][g.column(title)] = as }

func (g *listGrid) set(worker int, title string, v any) { g.rows[worker+1][g.column(title)] = v }

// with adds a column that holds the same in every row.
func (g *listGrid) with(title string, v any) {
	g.rows[0] = append(g.rows[0], title)
	for i := range g.rows[1:] {
		g.rows[i+1] = append(g.rows[i+1], v)
	}
}

// shuffle changes the order of the columns.
func (c *client) shuffle(g *listGrid) {
	order := c.rand.Perm(len(g.rows[0]))
	for i, row := range g.rows {
		moved := make([]any, len(row))
		for to, from := range order {
			moved[to] = row[from]
		}
		g.rows[i] = moved
	}
}

// total adds the row of sums.
func (g *listGrid) total() {
	sums := make([]any, len(g.rows[0]))
	sums[g.column("نام")] = "جمع کل"
	for column := g.column("روزهای کارکرد"); column <= g.column("پاداش"); column++ {
		var sum int64
		for _, row := range g.rows[1:] {
			n, _ := row[column].(int64)
			sum += n
		}
		sums[column] = sum
	}
	g.rows = append(g.rows, sums)
}

// group writes the header in two rows: a title over the person's columns and one over his pay, the other columns over both.
func (g *listGrid) group() {
	below := g.rows[0]
	above := make([]any, len(below))
	lower := make([]any, len(below))
	stretch := func(title, from, to string) {
		first, last := g.column(from), g.column(to)
		above[first] = title
		copy(lower[first:last+1], below[first:last+1])
		g.merged = append(g.merged, cellName(first, 1)+":"+cellName(last, 1))
	}
	stretch("مشخصات فردی", "نام", "جنسیت")
	stretch("مزایا", "حق مسکن", "حق اولاد")
	overtime := g.column("اضافه‌کاری")
	above[overtime], lower[overtime] = "اضافه کاری", "مبلغ"
	for column, title := range below {
		if above[column] == nil && lower[column] == nil {
			above[column] = title
			g.merged = append(g.merged, cellName(column, 1)+":"+cellName(column, 2))
		}
	}
	g.rows = append([][]any{above, lower}, g.rows[1:]...)
}

// share divides the workers among three workshops of the employer.
func (c *client) share(g *listGrid) {
	g.with("کد کارگاه", string(c.header.Workshop))
	column := g.column("کد کارگاه")
	for i := range g.rows[1:] {
		// Digits from the front, so that the codes are no other client's.
		code := strconv.Itoa(1+i%3) + string(c.header.Workshop[1:])
		g.rows[i+1][column] = code
	}
}

// asTexts writes every number as text: amounts grouped, in Persian digits.
func (g *listGrid) asTexts() {
	for i, row := range g.rows[1:] {
		for column, v := range row {
			switch v := v.(type) {
			case int64:
				g.rows[i+1][column] = persian(grouped(v))
			case string:
				g.rows[i+1][column] = persian(v)
			}
		}
	}
}

func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "٬" + s[i:]
	}
	return s
}

func persian(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r - '0' + '۰'
		}
		return r
	}, s)
}
