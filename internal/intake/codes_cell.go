package intake

import (
	"bytes"
	"unicode/utf8"

	"fehrest/internal/fault"
)

// cellCodes are what can be wrong with one cell before any rule of law looks at it. CELL-12 stands with the rules that know
// what a row needs, CELL-14 to CELL-16 with the organisations' fields.
var cellCodes = []fault.Entry{
	{
		Code: "CELL-01", Class: fault.Gate, Severity: fault.Error, Lane: fault.Both, Scope: "cell",
		Message: fault.Text{FA: "فرمول محاسبه نشده؛ در اکسل ذخیره کنید", EN: "the formula has no stored value; save the file in Excel"},
		Fix:     fault.Text{FA: "فایل را در اکسل باز و ذخیره کنید تا فرمول‌ها محاسبه شوند، یا مقدار را بنویسید.", EN: "Open and save the file in Excel so that formulas are calculated, or write the value."},
		Effect:  stops,
	},
	{
		Code: "CELL-02", Class: fault.Gate, Severity: fault.Error, Lane: fault.Both, Scope: "cell",
		Message: fault.Text{FA: "خطای {given} در {cell}", EN: "error {given} in {cell}"},
		Fix:     fault.Text{FA: "فرمول خانه را درست کنید یا مقدار را بنویسید.", EN: "Correct the cell's formula or write the value."},
		Effect:  stops,
	},
	{
		Code: "CELL-03", Class: fault.Gate, Severity: fault.Error, Lane: fault.Both, Scope: "cell",
		Message: fault.Text{FA: "«{given}» عدد نیست؛ فقط عدد و به ریال بنویسید{hint_fa}", EN: "“{given}” is not a number; write digits only, in rials{hint_en}"},
		Fix:     fault.Text{FA: "فقط رقم بنویسید، بدون واحد و بدون ممیز؛ مبلغ‌ها به ریال است.", EN: "Write digits only, without a unit or a slash; amounts are in rials."},
		Effect:  stops,
	},
	{
		Code: "CELL-04", Class: fault.Gate, Severity: fault.Error, Lane: fault.Both, Scope: "cell",
		Message: fault.Text{FA: "«{given}» عدد صحیح نیست؛ مبلغ به ریال و روزهای کارکرد باید عدد صحیح باشد", EN: "“{given}” is not a whole number; rials and days are whole"},
		Fix:     fault.Text{FA: "عدد را بدون اعشار بنویسید؛ این پنجره هیچ عددی را خودش گرد نمی‌کند.", EN: "Round it yourself; nothing is rounded for you."},
		Effect:  stops,
	},
	{
		Code: "CELL-05", Class: fault.Gate, Severity: fault.Error, Lane: fault.Both, Scope: "cell",
		Message: fault.Text{FA: "«{given}»: مقدار منفی مجاز نیست", EN: "“{given}”: negative values are not allowed"},
		Fix:     fault.Text{FA: "مبلغ یا روز را بدون علامت منفی بنویسید؛ کسورات در ستون خودش می‌آید، آن هم بدون منفی.", EN: "Write the amount or days without a sign; deductions have their own column, without a sign too."},
		Effect:  stops,
	},
	{
		Code: "CELL-06", Class: fault.Gate, Severity: fault.Error, Lane: fault.Both, Scope: "cell",
		Message: fault.Text{
			FA: "{given} خارج از محدوده است؛ عدد بزرگ‌تر از دقت اکسل است (۹٬۰۰۷٬۱۹۹٬۲۵۴٬۷۴۰٬۹۹۱)",
			EN: "{given} is out of range: larger than a spreadsheet holds exactly (9,007,199,254,740,991)",
		},
		Fix:    fault.Text{FA: "مبلغ درست را به ریال بنویسید.", EN: "Write the right amount in rials."},
		Effect: stops,
	},
	{
		Code: "CELL-07", Class: fault.Gate, Severity: fault.Error, Lane: fault.Both, Scope: "cell",
		Message: fault.Text{FA: "کاراکتر نامجاز یا پنهان جهت متن در این خانه هست ({hidden})", EN: "the cell holds a control character or a hidden direction mark ({hidden})"},
		Fix:     fault.Text{FA: "خانه را پاک کنید و متن را دوباره تایپ کنید.", EN: "Clear the cell and type the text again."},
		Effect:  stops,
	},
	{
		Code: "CELL-08", Class: fault.Gate, Severity: fault.Error, Lane: fault.Both, Scope: "cell",
		Message: fault.Text{FA: "در نام «{given}» یکی از نویسه‌های \" ' < > & آمده", EN: "the name “{given}” holds one of \" ' < > &"},
		Fix:     fault.Text{FA: "نام را بدون این نویسه‌ها بنویسید.", EN: "Write the name without these characters."},
		Effect:  stops,
	},
	{
		Code: "CELL-09", Class: fault.Gate, Severity: fault.Error, Lane: fault.Both, Scope: "cell",
		Message: fault.Text{FA: "در «{given}» نویسه‌ای جز حروف فارسی آمده؛ نام فقط حروف فارسی", EN: "“{given}” holds something other than Persian letters; names are in Persian letters"},
		Fix:     fault.Text{FA: "نام را با حروف فارسی و بدون رقم و علامت بنویسید (برای اتباع خارجی حروف لاتین هم مجاز است).", EN: "Write the name in Persian letters without digits or signs (foreigners' names may be Latin)."},
		Effect:  stops,
	},
	{
		Code: "CELL-10", Class: fault.Gate, Severity: fault.Error, Lane: fault.Both, Scope: "cell",
		Message: fault.Text{FA: "متن بیش از {expected} کاراکتر دارد", EN: "the text is longer than {expected} characters"},
		Fix:     fault.Text{FA: "متن را کوتاه‌تر بنویسید.", EN: "Shorten the text."},
		Effect:  stops,
	},
	{
		Code: "CELL-11", Class: fault.Gate, Severity: fault.Info, Lane: fault.Both, Scope: "cell",
		Message: fault.Text{FA: "هنگام خواندن تغییر کرد: «{given}» ← «{expected_fa}» {why_fa}", EN: "changed while reading: “{given}” became “{expected}” {why_en}"},
		Fix:     noAction,
		Effect:  informs,
	},
	{
		Code: "CELL-13", Class: fault.Gate, Severity: fault.Error, Lane: fault.Both, Scope: "cell",
		Message: fault.Text{FA: "«{given}» از مقدارهای مجاز نیست: {expected}", EN: "“{given}” is not one of the allowed values: {expected}"},
		Fix:     fault.Text{FA: "یکی از مقدارهای مجاز را بنویسید.", EN: "Write one of the allowed values."},
		Effect:  stops,
	},
	{
		Code: "DATE-01", Class: fault.Offline, Severity: fault.Error, Lane: fault.Both, Scope: "cell",
		Message: fault.Text{FA: "تاریخ {given} وجود ندارد{hint_fa}", EN: "there is no day {given}{hint_en}"},
		Fix:     fault.Text{FA: "روز و ماه را با تقویم درست کنید.", EN: "Correct the day or month by the calendar."},
		Effect:  stops,
	},
	{
		Code: "DATE-02", Class: fault.Offline, Severity: fault.Error, Lane: fault.Both, Scope: "cell",
		Message: fault.Text{FA: "«{given}» فهمیده نشد؛ تاریخ شمسی با سال چهاررقمی به شکل {expected}", EN: "“{given}” is not understood; write a Solar Hijri date with a four-digit year, such as {expected}"},
		Fix:     fault.Text{FA: "تاریخ را شمسی و متنی، مانند ۱۴۰۵/۰۷/۰۱، بنویسید.", EN: "Write the date in the Solar Hijri calendar as text, such as 1405/07/01."},
		Effect:  stops,
	},
}

// numberHint tells the likely reason why a text is no number.
func numberHint(text []byte) fault.Text {
	switch {
	case bytes.Contains(fold(nil, text), toman):
		return fault.Text{FA: "؛ مبلغ به تومان نوشته شده، آن را ده برابر و به ریال بنویسید", EN: "; it says toman: write ten times the number, in rials"}
	case bytes.Contains(text, []byte("ریال")):
		return fault.Text{FA: "؛ واحد را ننویسید", EN: "; leave the unit out"}
	case bytes.ContainsAny(text, "/"):
		return fault.Text{FA: "؛ / در عدد مجاز نیست، مبلغ را بدون ممیز بنویسید", EN: "; / is not allowed in a number"}
	case pointed.Match(text):
		return fault.Text{FA: "؛ نقطه ممکن است جداکننده هزارگان باشد، مبلغ را بی‌نقطه بنویسید", EN: "; its point may stand for thousands: write it without"}
	}
	for _, r := range string(text) {
		if r >= utf8.RuneSelf && separator([]byte(string(r))) == 0 {
			if v, _ := digitAt([]byte(string(r))); v < 0 && traitOf(r)&^rewrite != letter {
				return fault.Text{FA: "؛ عدد با کیبورد نامتعارف تایپ شده", EN: "; it was typed with letters or digits of another script"}
			}
		}
	}
	return fault.Text{}
}
