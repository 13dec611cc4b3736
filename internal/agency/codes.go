package agency

import "fehrest/internal/fault"

// codes are what an organisation's fields can say against a list.
var codes = []fault.Entry{
	{
		Code: "CELL-14", Class: fault.Offline, Severity: fault.Error, Scope: "cell",
		Message: fault.Text{
			FA: "رقم {given} در خانهٔ {field} جا نمی‌شود؛ بیش از ۱۲ رقم (حق تأهل ۱۰ رقم) فرستادنی نیست",
			EN: "{given} does not fit {field}: no more than 12 digits (10 of the marriage allowance) can be filed",
		},
		Fix:    fault.Text{FA: "مبلغ را به ریال و درست بنویسید", EN: "write the amount in rials, correctly"},
		Effect: fault.Text{FA: "لیست به سازمانی که این مبلغ را می‌خواهد فرستاده نمی‌شود", EN: "the list is not sent to the organisation that needs this amount"},
	},
	{
		Code: "CELL-15", Class: fault.Offline, Severity: fault.Info, Lane: fault.Both, Scope: "cell",
		Message: fault.Text{
			FA: "«{given}» در فایل سازمان ({field}) جا نمی‌شود و «{expected}» نوشته می‌شود؛ خود لیست کامل می‌ماند",
			EN: "“{given}” is longer than the organisation's field {field} and is written “{expected}”; the list itself keeps the whole text",
		},
		Fix:    fault.Text{FA: "اگر کوتاه‌شده درست نیست، خودتان کوتاه بنویسید", EN: "shorten it yourself if the cut is not right"},
		Effect: fault.Text{FA: "مانع ارسال نیست", EN: "does not hold the list"},
	},
	{
		Code: "CELL-16", Class: fault.Offline, Severity: fault.Error, Lane: fault.SSO, Scope: "cell",
		Message: fault.Text{
			FA: "حرف «{letters}» در فایل تأمین اجتماعی نوشتنی نیست",
			EN: "the letter “{letters}” cannot be written in the SSO's file",
		},
		Fix:    fault.Text{FA: "آن را با حروف فارسی بنویسید", EN: "write it in Persian letters"},
		Effect: fault.Text{FA: "لیست به تأمین اجتماعی فرستاده نمی‌شود", EN: "the list is not sent to the SSO"},
	},
	{
		Code: "LIST-07", Class: fault.Offline, Severity: fault.Warning, Lane: fault.SSO, Scope: "header", Field: "list_no",
		Message: fault.Text{
			FA: "جمع لیست در خانهٔ {field} فایل تأمین اجتماعی جا نمی‌شود؛ لیست در چند جفت فایل با شماره‌های پشت سر هم نوشته می‌شود و آن شماره‌ها در این ماه گرفته است (پذیرش آن در پرتال آزموده نشده)",
			EN: "a total does not fit {field} of the SSO's file; the list is written as several file pairs with consecutive list numbers, which are then taken for the month (acceptance by the portal is not proven)",
		},
		Fix:    fault.Text{FA: "اگر می‌خواهید، خودتان لیست را به چند شماره تقسیم کنید", EN: "divide the list into several list numbers yourself if you prefer"},
		Effect: fault.Text{FA: "برای هر بخش یک قبض صادر می‌شود", EN: "one payment slip a part"},
	},
}

var table = fault.TableOf(codes)

// Codes are the catalogue entries of this package.
func Codes() []fault.Entry { return codes }

// Entry finds one of them; the code must exist.
func Entry(code string) *fault.Entry { return table[code] }
