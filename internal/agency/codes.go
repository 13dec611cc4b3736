package agency

import "fehrest/internal/fault"

// codes are what an organisation's fields can say against a list.
var codes = []fault.Entry{
	{
		Code: "CELL-14", Class: fault.Offline, Severity: fault.Error, Scope: "cell",
		Message: fault.Text{
			FA: "مبلغ {given} ریال در فایل سازمان ({field}) جا نمی‌شود؛ بیش از ۱۲ رقم (حق تأهل ۱۰ رقم) فرستادنی نیست",
			EN: "{given} does not fit {field}: no more than 12 digits (10 of the marriage allowance) can be filed",
		},
		Fix:    fault.Text{FA: "مبلغ را بررسی کنید و درست و به ریال بنویسید.", EN: "Check the amount and write it in rials."},
		Effect: fault.Text{FA: "تا اصلاح نشود لیست به سازمان‌هایی که این مبلغ را لازم دارند فرستاده نمی‌شود.", EN: "Until it is corrected the list does not go to the organisations that need this amount."},
	},
	{
		Code: "CELL-15", Class: fault.Offline, Severity: fault.Info, Lane: fault.Both, Scope: "cell",
		Message: fault.Text{
			FA: "«{given}» در فایل سازمان ({field}) جا نمی‌شود و «{expected}» نوشته می‌شود؛ خود لیست کامل می‌ماند",
			EN: "“{given}” is longer than the organisation's field {field} and is written “{expected}”; the list itself keeps the whole text",
		},
		Fix:    fault.Text{FA: "اگر کوتاه‌شدهٔ آن را نمی‌پسندید، خودتان کوتاه‌تر بنویسید؛ وگرنه کاری لازم نیست.", EN: "Shorten it yourself if the cut is not right; else nothing is to be done."},
		Effect: fault.Text{FA: "تنها اطلاع است و در پذیرش لیست اثری ندارد.", EN: "Information only: it does not change the verdict."},
	},
	{
		Code: "CELL-16", Class: fault.Offline, Severity: fault.Error, Lane: fault.SSO, Scope: "cell",
		Message: fault.Text{
			FA: "حرف «{letters}» در فایل تأمین اجتماعی نوشتنی نیست",
			EN: "the letter “{letters}” cannot be written in the SSO's file",
		},
		Fix:    fault.Text{FA: "این کلمه را با حروف فارسی بنویسید.", EN: "Write the word in Persian letters."},
		Effect: fault.Text{FA: "تا اصلاح نشود لیست به سازمان تأمین اجتماعی فرستاده نمی‌شود؛ بخش مالیات جداگانه سنجیده می‌شود.", EN: "Until it is corrected the list does not go to the Social Security Organization; the tax side is judged apart."},
	},
	{
		Code: "LIST-07", Class: fault.Offline, Severity: fault.Warning, Lane: fault.SSO, Scope: "header",
		Message: fault.Text{
			FA: "جمع لیست در خانهٔ {field} فایل تأمین اجتماعی جا نمی‌شود؛ لیست در چند جفت فایل با شماره‌های پشت سر هم نوشته می‌شود و آن شماره‌ها در این ماه گرفته است (پذیرش آن در درگاه سازمان آزموده نشده است)",
			EN: "a total does not fit {field} of the SSO's file; the list is written as several file pairs with consecutive list numbers, which are then taken for the month (acceptance by the portal is not proven)",
		},
		Fix:    fault.Text{FA: "اگر بخواهید، خودتان لیست را در چند شماره لیست بفرستید.", EN: "Divide the list into several list numbers yourself if you prefer."},
		Effect: fault.Text{FA: "لیست فرستاده می‌شود؛ برای هر شماره یک قبض پرداخت صادر می‌شود.", EN: "The list is sent, with one payment slip a number."},
	},
}

var table = fault.TableOf(codes)

// Codes are the catalogue entries of this package.
func Codes() []fault.Entry { return codes }

// Entry finds one of them; the code must exist.
func Entry(code string) *fault.Entry { return table[code] }
