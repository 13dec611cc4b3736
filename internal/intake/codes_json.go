package intake

import "fehrest/internal/fault"

// jsonCodes are what can be wrong with a list written as JSON.
var jsonCodes = []fault.Entry{
	{
		Code: "JSON-01", Class: fault.Gate, Severity: fault.Refuse, Lane: fault.Both, Scope: "file",
		Message: fault.Text{FA: "متن JSON نیست، ناقص است یا سند دومی پس از آن آمده (بایت {offset})", EN: "not JSON, truncated, or followed by a second document (byte {offset})"},
		Fix:     fault.Text{FA: "فایل را با نرم‌افزار خود دوباره بسازید و کامل بفرستید.", EN: "Write the file again with your software and send it whole."},
		Effect:  notRead,
	},
	{
		Code: "JSON-02", Class: fault.Gate, Severity: fault.Refuse, Lane: fault.Both, Scope: "file",
		Message: fault.Text{FA: "تودرتویی JSON بیش از {most} است (بایت {offset})", EN: "JSON nested deeper than {most} (byte {offset})"},
		Fix:     fault.Text{FA: "ساختار سند را از راهنما بردارید.", EN: "Use the document's structure as published."},
		Effect:  notRead,
	},
	{
		Code: "JSON-03", Class: fault.Gate, Severity: fault.Refuse, Lane: fault.Both, Scope: "cell",
		Message: fault.Text{FA: "کلید «{given}» دوبار آمده", EN: "the key {given} is given twice"},
		Fix:     fault.Text{FA: "یکی از دو مقدار را حذف کنید.", EN: "Remove one of the two values."},
		Effect:  notRead,
	},
	{
		Code: "JSON-04", Class: fault.Gate, Severity: fault.Refuse, Lane: fault.Both, Scope: "cell",
		Message: fault.Text{FA: "کلید «{given}» شناخته نیست", EN: "the key {given} is unknown"},
		Fix:     fault.Text{FA: "نام کلید را از جدول ستون‌ها بردارید.", EN: "Use the key of the published column table."},
		Effect:  notRead,
	},
	{
		Code: "JSON-05", Class: fault.Gate, Severity: fault.Error, Lane: fault.Both, Scope: "cell",
		Message: fault.Text{FA: "نوع مقدار {given} درست نیست؛ {what_fa} لازم است", EN: "{given} is of the wrong type; {what_en} is needed"},
		Fix:     fault.Text{FA: "مبلغ و تعداد را عدد بدون گیومه و فقط رقم، شناسه و تاریخ را متن بنویسید.", EN: "Write amounts and counts as bare digits, identifiers and dates as strings."},
		Effect:  stops,
	},
	{
		Code: "JSON-06", Class: fault.Gate, Severity: fault.Refuse, Lane: fault.Both, Scope: "file",
		Message: fault.Text{FA: "نویسهٔ نامعتبر در JSON (UTF-8 نیست یا نیمهٔ یک نویسه است، بایت {offset})", EN: "invalid UTF-8 or a lone surrogate (byte {offset})"},
		Fix:     fault.Text{FA: "فایل را با کدگذاری UTF-8 بسازید.", EN: "Write the file as UTF-8."},
		Effect:  notRead,
	},
}
