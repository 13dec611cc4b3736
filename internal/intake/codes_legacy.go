package intake

import (
	"fehrest/internal/dbf"
	"fehrest/internal/fault"
)

// legacyCodes are what can be wrong with the organisations' own files when they are read.
var legacyCodes = []fault.Entry{
	{
		Code: "DBF-01", Class: fault.Gate, Severity: fault.Refuse, Lane: fault.SSO, Scope: "file",
		Message: fault.Text{
			FA: "تعداد رکوردها با اندازهٔ فایل نمی‌خواند: {what_fa}",
			EN: "record count and file size disagree: {what_en}",
		},
		Fix:    fault.Text{FA: "فایل را دوباره از نرم‌افزار حقوق بگیرید و کامل بفرستید.", EN: "Export the file again and send it whole."},
		Effect: notRead,
	},
	{
		Code: "DBF-02", Class: fault.Gate, Severity: fault.Refuse, Lane: fault.SSO, Scope: "file",
		Message: fault.Text{FA: "سرآیند فایل DBF خراب است: {what_fa}", EN: "the DBF file's header is damaged: {what_en}"},
		Fix:     fault.Text{FA: "فایل را دوباره از نرم‌افزار حقوق بگیرید.", EN: "Export the file again."},
		Effect:  notRead,
	},
	{
		Code: "DBF-03", Class: fault.Gate, Severity: fault.Refuse, Lane: fault.SSO, Scope: "file",
		Message: fault.Text{
			FA: "این نوع فایل DBF خوانده نمی‌شود: {what_fa}؛ دی‌بیس ۳ بدون فایل memo لازم است",
			EN: "this kind of DBF file is not read: {what_en}; dBASE III without a memo file is needed",
		},
		Fix:    fault.Text{FA: "فایل را با قالب لیست بیمه (دی‌بیس ۳) ذخیره کنید.", EN: "Save the file as dBASE III, the format of insurance lists."},
		Effect: notRead,
	},
	{
		Code: "DBF-04", Class: fault.Gate, Severity: fault.Refuse, Lane: fault.SSO, Scope: "file",
		Message: fault.Text{
			FA: "کدگذاری متن فایل معلوم نشد: {what_fa}",
			EN: "the encoding of the file's texts cannot be told: {what_en}",
		},
		Fix: fault.Text{
			FA: "در نرم‌افزار حقوق خروجی «ایران‌سیستم» را برگزینید و فایل را دوباره بسازید؛ نامی که خوانا نیست ثبت نمی‌شود.",
			EN: "Choose the Iran System output in your payroll program and export again; a name that cannot be read is never stored.",
		},
		Effect: notRead,
	},
	{
		Code: "DBF-05", Class: fault.Gate, Severity: fault.Info, Lane: fault.SSO, Scope: "file",
		Message: fault.Text{FA: "{given} رکورد حذف‌شده خوانده نشد", EN: "{given} deleted records were left out"},
		Fix:     noAction,
		Effect:  informs,
	},
	{
		Code: "LIST-01", Class: fault.Offline, Severity: fault.Error, Lane: fault.Both, Scope: "header",
		Message: fault.Text{
			FA: "جمع {name} در فایل کارگاه {given} است؛ {what_fa} {expected} می‌شود",
			EN: "{name} is {given} in the workshop's file; {what_en} {expected}",
		},
		Fix: fault.Text{
			FA: "ببینید ردیفی افتاده یا رقمی تغییر کرده است؛ هر دو فایل را با هم دوباره بسازید.",
			EN: "See whether a row is missing or a figure was changed; export both files again together.",
		},
		Effect: stopsBoth,
	},
	{
		Code: "LIST-06", Class: fault.Offline, Severity: fault.Error, Lane: fault.Both, Scope: "header",
		Message: fault.Text{FA: "دو فایل یک جفت نیست: {what_fa}", EN: "the two files are no pair: {what_en}"},
		Fix: fault.Text{
			FA: "هر دو فایل همان کارگاه، ماه و لیست را با هم در یک ZIP بفرستید.",
			EN: "Send both files of the same workshop, month and list together in one ZIP.",
		},
		Effect: stopsBoth,
	},
}

// dbfPart names what in a table is damaged, in words.
func dbfPart(e *dbf.FormatError) fault.Text {
	words := map[dbf.Part]fault.Text{
		dbf.PartVersion:      {FA: "نسخهٔ قالب", EN: "version"},
		dbf.PartEncryption:   {FA: "رمزگذاری", EN: "encryption"},
		dbf.PartFieldType:    {FA: "نوع ستون", EN: "field type"},
		dbf.PartHeaderLength: {FA: "طول سرآیند", EN: "header length"},
		dbf.PartFieldCount:   {FA: "تعداد ستون‌ها", EN: "field count"},
		dbf.PartFieldName:    {FA: "نام ستون", EN: "field name"},
		dbf.PartFieldWidth:   {FA: "پهنای ستون", EN: "field width"},
		dbf.PartTerminator:   {FA: "پایان سرآیند", EN: "terminator"},
		dbf.PartRecordLength: {FA: "طول رکورد", EN: "record length"},
		dbf.PartRecordFlag:   {FA: "آغاز رکورد", EN: "record flag"},
		dbf.PartRecords:      {FA: "تعداد رکورد", EN: "records"},
		dbf.PartEndMark:      {FA: "نشانهٔ پایان میان رکوردها", EN: "end mark among the records"},
	}
	return words[e.Part]
}

// The entries that reading the organisations' own files raises.
var (
	codeDBF01, codeDBF02, codeDBF03, codeDBF04, codeDBF05 = table["DBF-01"], table["DBF-02"], table["DBF-03"], table["DBF-04"], table["DBF-05"]
	codeList01, codeList06                                = table["LIST-01"], table["LIST-06"]
)
