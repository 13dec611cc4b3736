package web

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/law"
	"fehrest/internal/payroll"
	"fehrest/internal/rial"
)

// figures are the runs of a text that hold a digit.
var figures = regexp.MustCompile(`[0-9A-Za-z_./,+#%-]*[0-9][0-9A-Za-z_./,+#%-]*`)

// The marks that keep a run in its own direction: between Persian words 1405-07 would be shown month first.
const (
	isolate = "\u2066"
	closing = "\u2069"
)

// fa writes the digits of running text as Persian readers do. Words with a Latin letter, such as a code, a cell or what the
// sender wrote, keep theirs: they are looked for as they stand.
func fa(s string) string {
	return figures.ReplaceAllStringFunc(s, func(run string) string {
		if strings.ContainsFunc(run, func(c rune) bool { return c >= 'A' && c <= 'z' && c != '_' }) {
			return isolate + run + closing
		}
		out := strings.Map(func(c rune) rune {
			switch {
			case c >= '0' && c <= '9':
				return c - '0' + '۰'
			case c == '%':
				return '٪'
			}
			return c
		}, run)
		if strings.Contains(strings.Trim(run, "-"), "-") {
			return isolate + out + closing
		}
		return out
	})
}

// ascii reads Persian and Arabic digits as the API takes them.
func ascii(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= '۰' && c <= '۹':
			return c - '۰' + '0'
		case c >= '٠' && c <= '٩':
			return c - '٠' + '0'
		}
		return c
	}, s)
}

func count(n int) string { return fa(strings.ReplaceAll(rial.Amount(n).Grouped(), ",", "٬")) }

func money(a rial.Amount) string { return fa(strings.ReplaceAll(a.Grouped(), ",", "٬")) + " ریال" }

var monthNames = [...]string{
	"", "فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند",
}

// month writes a period such as 1405-07 as مهر ۱۴۰۵.
func month(period string) string {
	m, err := jalali.ParseMonth(period)
	if err != nil {
		return fa(period)
	}
	return monthNames[m.Month] + " " + fa(strconv.Itoa(m.Year))
}

// day writes a Jalali date such as 1405-08-30 or 1405/08/30 in words.
func day(date string) string {
	d, err := jalali.ParseDate(date)
	if err != nil {
		return fa(date)
	}
	return fa(strconv.Itoa(d.Day)) + " " + monthNames[d.Month] + " " + fa(strconv.Itoa(d.Year))
}

// Tehran has kept one offset all year since 1402, before the window's first list.
var tehran = time.FixedZone("Asia/Tehran", int((3*time.Hour + 30*time.Minute).Seconds()))

// moment writes a time as Tehran's day and hour.
func moment(t time.Time) string {
	of := dayOf(t)
	if of == "" {
		return ""
	}
	return of + "، ساعت " + fa(t.In(tehran).Format("15:04"))
}

// dayOf writes a time as Tehran's day; nothing for no time.
func dayOf(t time.Time) string {
	d, err := jalali.FromTime(t.In(tehran))
	if err != nil || t.IsZero() {
		return ""
	}
	return day(d.String())
}

// word is how a state or verdict is told: in a few words, with the class of its colour.
type word struct{ text, class string }

// The classes of colour. Colour never stands alone: the words say the same.
const (
	good    = "good"
	waiting = "waiting"
	bad     = "bad"
	quiet   = "quiet"
)

var laneStates = map[payroll.State]word{
	payroll.LaneNotAddressed:   {"این لیست کاری با این سازمان ندارد", quiet},
	payroll.NotSent:            {"فرستاده نشده", quiet},
	payroll.Due:                {"در نوبت ساخت فایل ماه", waiting},
	payroll.Queued:             {"در صف ارسال", waiting},
	payroll.Sending:            {"در حال ارسال", waiting},
	payroll.Sent:               {"فرستاده شد؛ در انتظار پاسخ", waiting},
	payroll.ByHand:             {"فایل‌ها آماده‌اند؛ در درگاه سازمان بارگذاری کنید", waiting},
	payroll.AnswerAccepted:     {"پذیرفته شد", good},
	payroll.AnswerWithFindings: {"پذیرفته شد، با ملاحظه", good},
	payroll.AnswerRejected:     {"سازمان رد کرد", bad},
	payroll.NeedsAttention:     {"نیازمند رسیدگی", bad},
	payroll.Superseded:         {"نسخهٔ تازه‌تر جای آن را گرفت", quiet},
}

// reasons are why a lane waits or stands still, in the words of the page; one that has none is shown as it came.
var reasons = map[string]string{
	"no tax file is made for this month; its lists are kept as history": "برای این ماه فایل مالیاتی ساخته نمی‌شود؛ لیست به عنوان سابقه می‌ماند",
	"its files cannot be made":                                       "فایل‌های آن ساخته نشد",
	"the window failed to send it time and again":                    "پنجره بارها نتوانست آن را بفرستد؛ متصدی پنجره رسیدگی می‌کند",
	"the month's files failed to be made time and again":             "ساخت فایل این ماه بارها ناتمام ماند؛ متصدی پنجره رسیدگی می‌کند و لیست از دست نرفته است",
	"the organisation confirmed the receipt, and no longer knows it": "سازمان دریافت فایل را تأیید کرده بود و اکنون دیگر آن را نمی‌شناسد؛ متصدی پنجره رسیدگی می‌کند",
	"the organisation refuses to be asked whether it has it":         "سازمان نمی‌گوید آیا این تحویل را دارد و بی آن چیزی دوباره فرستاده نمی‌شود؛ متصدی پنجره رسیدگی می‌کند",
	"no acknowledgement yet; it is asked and tried again":            "سازمان هنوز دریافت را تأیید نکرده است؛ پنجره خودش دوباره می‌کوشد",
	"the tax month is empty and goes by hand":                        "این ماه مالیاتی کسی را ندارد؛ آن را خودتان در درگاه سازمان اعلام کنید",
	"a nil list has no file and goes by hand":                        "لیست فاقد کارگر فایلی ندارد؛ آن را خودتان در درگاه سازمان اعلام کنید",
	"all its lists were withdrawn before anything was sent":          "همهٔ لیست‌های این ماه پیش از ارسال پس گرفته شد",
	"its files equal those of a rejected version":                    "فایل‌ها همان فایل‌های نسخه‌ای است که سازمان رد کرد",
	"withdrawn":                      "پیش از ارسال پس گرفته شد",
	"TAX-07":                         "کدهای یک نفر در دو لیست این ماه با هم نمی‌خواند (TAX-07)",
	"an answer names another digest": "پاسخی رسید که از فایل دیگری سخن می‌گوید",
	"the organisation holds another digest or a later version under this key": "نزد سازمان فایل دیگر یا نسخهٔ تازه‌تری از همین لیست هست",
	"the organisation refuses the request":                                    "سازمان درخواست را نپذیرفت",
	"no acknowledgement within the time set":                                  "سازمان در زمان تعیین‌شده دریافت فایل را تأیید نکرد",
	"overtaken":                                                               "نسخهٔ تازه‌تر جای آن را گرفت",
	"set aside by an operator for a later version":                            "متصدی آن را برای نسخهٔ تازه‌تر کنار گذاشت",
	"equal": "فایل‌ها همان فایل‌های نسخهٔ پیش است",
}

func because(reason string) string {
	if text, ok := reasons[reason]; ok {
		return text
	}
	const outside = "filed outside this window before with %d persons; %d of them are in none of the lists sent here"
	var persons, missing int
	if _, err := fmt.Sscanf(reason, outside, &persons, &missing); err == nil {
		return fa(fmt.Sprintf("این ماه پیش‌تر بیرون از این پنجره با %d نفر فرستاده شده است و %d نفر آنان در هیچ‌یک از لیست‌های اینجا نیستند؛ فایل ماه نمی‌رود تا لیست آنان هم برسد یا متصدی تأیید کند که همین فایل به‌تنهایی جای ماه را بگیرد",
			persons, missing))
	}
	return reason
}

// keptOnly is what a month for which no file is made says in place of laneStates.
var keptOnly = word{"فایلی ساخته نمی‌شود؛ لیست به عنوان سابقه می‌ماند", quiet}

// stateOfLane tells how one organisation's side stands.
func stateOfLane(l *lane) word {
	if l.State == payroll.LaneNotAddressed && l.Key != "" {
		return keptOnly
	}
	switch {
	case l.declared():
		return word{"فایلی ندارد؛ در درگاه سازمان اعلام کنید", waiting}
	case l.State == payroll.Sent && l.ByHand:
		return word{"در درگاه سازمان ثبت شد؛ در انتظار پاسخ", waiting}
	}
	return said(laneStates, l.State)
}

var listStates = map[payroll.ListState]word{
	payroll.Withdrawn:            {"پس گرفته شد", quiet},
	payroll.Replaced:             {"جایگزین شد", quiet},
	payroll.Draft:                {"پیش‌نویس؛ فرستاده نشده", waiting},
	payroll.RejectedList:         {"رد شد؛ فرستاده نشد", bad},
	payroll.ListNeedsAttention:   {"نیازمند رسیدگی", bad},
	payroll.Submitted:            {"در راه سازمان‌ها", waiting},
	payroll.SettledWithRejection: {"پاسخ آمد؛ یک سازمان رد کرد", bad},
	payroll.Answered:             {"هر دو پاسخ رسید", good},
}

// stateOf tells how a list stands; of an answer that came alone it says so.
func stateOf(l *list) word {
	sso, tax := l.Deliveries.SSO.State, l.Deliveries.Tax.State
	if l.State == payroll.Answered && (sso == payroll.NotSent || tax == payroll.NotSent) {
		return word{"یک پاسخ رسید؛ به سازمان دیگر فرستاده نشده", waiting}
	}
	if l.State == payroll.Answered && sso == payroll.LaneNotAddressed && tax == payroll.LaneNotAddressed {
		return keptOnly
	}
	if l.State == payroll.Answered && (sso == payroll.LaneNotAddressed || tax == payroll.LaneNotAddressed) {
		return word{"پاسخ رسید", good}
	}
	return said(listStates, l.State)
}

var verdictWords = map[payroll.Verdict]word{
	payroll.NotAddressed:         {"کاری با این سازمان ندارد", quiet},
	payroll.Accepted:             {"بی‌ایراد", good},
	payroll.AcceptedWithWarnings: {"پذیرفتنی، با هشدار", good},
	payroll.Rejected:             {"رد", bad},
	payroll.Unreadable:           {"خوانده نشد", bad},
}

var severityWords = map[fault.Severity]word{
	fault.Refuse:  {"رد کامل", bad},
	fault.Error:   {"خطا", bad},
	fault.Warning: {"هشدار", waiting},
	fault.Info:    {"اطلاع", quiet},
}

var kindWords = map[payroll.Kind]string{
	payroll.Original: "اصلی", payroll.Replacement: "اصلاحی", payroll.Change: "اصلاح چند نفر",
	payroll.Supplementary: "متمم", payroll.Nil: "فاقد کارگر",
}

// chargeWords name what a penalty is for.
var chargeWords = map[string]string{law.PenaltyList: "لیست", law.PenaltyPayment: "پرداخت"}

// chargeNote tells how a penalty is reckoned, by which law, and whether it is an estimate.
func chargeNote(c *law.Charge, late bool) string {
	s := rate(c.Rate) + " " + c.Basis.FA + "، " + money(c.Of)
	switch {
	case c.Monthly && late:
		s += "، " + count(c.Months) + " ماه"
	case c.Monthly:
		s += "، برای هر ماه"
	}
	s += " (" + fa(c.ReferenceFA)
	if c.Estimate {
		s += "؛ برآورد"
	}
	return s + ")"
}

// rate writes a rate in percent, with a tenth where it has one: ۲٫۵ درصد.
func rate(r rial.Rate) string {
	num, den := r.Fraction()
	if num*100%den == 0 {
		return fa(strconv.FormatInt(num*100/den, 10)) + " درصد"
	}
	if num*1000%den == 0 {
		return fa(strconv.FormatInt(num*100/den, 10)) + "٫" + fa(strconv.FormatInt(num*1000/den%10, 10)) + " درصد"
	}
	return fa(r.String())
}

var paymentStates = map[string]string{"open": "پرداخت‌نشده", "collected": "وصول‌شده", "void": "باطل"}

func laneName(l fault.Lane) string {
	if l == fault.Tax {
		return "سازمان امور مالیاتی"
	}
	return "سازمان تأمین اجتماعی"
}

// said finds the words of a state; one it does not know is shown as it came.
func said[K ~string](words map[K]word, k K) word {
	if w, ok := words[k]; ok {
		return w
	}
	return word{string(k), quiet}
}

// fieldLabel is the trade's word for a field's public key.
func fieldLabel(key string) string {
	if id, ok := payroll.ColumnOf(key); ok {
		return id.Info().Label
	}
	if id, ok := payroll.HeaderOf(key); ok {
		return id.Info().Label
	}
	return ""
}

// where tells a finding's place in words, beside the cell itself.
func where(x fault.Fault) string {
	var parts []string
	if x.Sheet != "" && !strings.HasPrefix(x.Cell, "/") { // a JSON document has no sheets
		parts = append(parts, "برگهٔ «"+x.Sheet+"»")
	}
	if x.Row > 0 {
		parts = append(parts, "ردیف "+fa(strconv.Itoa(x.Row)))
	}
	if x.Cell == "" && x.Column != "" { // a field of an organisation's own file
		parts = append(parts, x.Column)
	}
	if label := fieldLabel(x.Field); label != "" {
		parts = append(parts, label)
	}
	return strings.Join(parts, "، ")
}
