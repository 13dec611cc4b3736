package workbook

import "fehrest/internal/fault"

var notRead = fault.Text{
	FA: "فایل به‌عنوان لیست ثبت نمی‌شود و به هیچ سازمانی فرستاده نمی‌شود.",
	EN: "The file is not stored as a list and is sent to no organisation.",
}

var saveAgain = fault.Text{
	FA: "فایل را در اکسل باز کنید، با قالب xlsx ذخیره کنید و دوباره بفرستید.",
	EN: "Open the file in Excel, save it as xlsx and send it again.",
}

// Codes are the catalogue's entries for whole files. Messages use what_fa, what_en and part of Refusal.Words,
// and {expected} where a limit is named.
var Codes = []fault.Entry{
	{
		Code: "FILE-01", Class: fault.Gate, Severity: fault.Refuse, Lane: fault.Both, Scope: "file",
		Message: fault.Text{FA: "فایل خالی است", EN: "the file is empty"},
		Fix:     fault.Text{FA: "فایل درست را انتخاب کنید و دوباره بفرستید.", EN: "Choose the right file and send it again."},
		Effect:  notRead,
	},
	{
		Code: "FILE-02", Class: fault.Gate, Severity: fault.Refuse, Lane: fault.Both, Scope: "file",
		Message: fault.Text{FA: "حجم فایل بیش از حد مجاز است (حد: {expected})", EN: "the file is larger than the limit of {expected}"},
		Fix: fault.Text{
			FA: "تصویرها و برگه‌های اضافه را حذف کنید یا لیست را در چند شماره لیست بفرستید.",
			EN: "Remove pictures and extra sheets, or send the list as several list numbers.",
		},
		Effect: notRead,
	},
	{
		Code: "FILE-03", Class: fault.Gate, Severity: fault.Refuse, Lane: fault.Both, Scope: "file",
		Message: fault.Text{FA: "محتوای فایل اکسل نیست یا قالب آن پشتیبانی نمی‌شود: {what_fa}", EN: "the file is not a supported workbook: it looks like {what_en}"},
		Fix:     saveAgain,
		Effect:  notRead,
	},
	{
		Code: "FILE-04", Class: fault.Gate, Severity: fault.Refuse, Lane: fault.Both, Scope: "file",
		Message: fault.Text{FA: "فایل اکسل قدیمی یا رمزدار است: {what_fa}", EN: "the file is an old or protected workbook: {what_en}"},
		Fix: fault.Text{
			FA: "رمز فایل را بردارید و آن را با قالب xlsx ذخیره کنید.",
			EN: "Remove the password and save the file as xlsx.",
		},
		Effect: notRead,
	},
	{
		Code: "FILE-05", Class: fault.Gate, Severity: fault.Refuse, Lane: fault.Both, Scope: "file",
		Message: fault.Text{FA: "فایل خراب است: {what_fa}", EN: "the file is damaged: {what_en}"},
		Fix:     saveAgain,
		Effect:  notRead,
	},
	{
		Code: "FILE-06", Class: fault.Gate, Severity: fault.Refuse, Lane: fault.Both, Scope: "file",
		Message: fault.Text{FA: "حجم فایل پس از باز شدن بیش از حد مجاز است: {what_fa}", EN: "the file expands beyond what is allowed: {what_en}"},
		Fix:     saveAgain,
		Effect:  notRead,
	},
	{
		Code: "FILE-07", Class: fault.Gate, Severity: fault.Refuse, Lane: fault.Both, Scope: "file",
		Message: fault.Text{FA: "فایل نامعتبر است: {what_fa}", EN: "the file is invalid: {what_en}"},
		Fix:     saveAgain,
		Effect:  notRead,
	},
	{
		Code: "FILE-08", Class: fault.Gate, Severity: fault.Refuse, Lane: fault.Both, Scope: "file",
		Message: fault.Text{FA: "فایل نامعتبر است: {what_fa}", EN: "the file is invalid: {what_en}"},
		Fix:     saveAgain,
		Effect:  notRead,
	},
	{
		Code: "FILE-09", Class: fault.Gate, Severity: fault.Warning, Lane: fault.Both, Scope: "file",
		Message: fault.Text{FA: "فایل {what_fa}", EN: "about the file: {what_en}"},
		Fix: fault.Text{
			FA: "برای فایل‌های بعدی فقط مقدارها را در قالب xlsx ذخیره کنید.",
			EN: "Next time save values only, as xlsx.",
		},
		Effect: fault.Text{
			FA: "لیست پذیرفته می‌شود؛ تنها مقدارهای ذخیره‌شدهٔ خانه‌ها خوانده شده است.",
			EN: "The list is accepted; only stored cell values were read.",
		},
	},
	{
		Code: "FILE-10", Class: fault.Gate, Severity: fault.Refuse, Lane: fault.Both, Scope: "file",
		Message: fault.Text{FA: "تقویم ۱۹۰۴ فعال است؛ تاریخ‌ها را متنی بنویسید", EN: "the workbook uses the 1904 date system; write dates as text"},
		Fix: fault.Text{
			FA: "در تنظیمات پیشرفتهٔ اکسل «Use 1904 date system» را خاموش کنید و تاریخ‌ها را متنی (۱۴۰۵/۰۷/۰۱) بنویسید.",
			EN: "Turn off \"Use 1904 date system\" in Excel's advanced options and write dates as text (1405/07/01).",
		},
		Effect: notRead,
	},
}
