package intake

import "fehrest/internal/fault"

// sheetCodes are what can be wrong with the sheets and their headers.
var sheetCodes = []fault.Entry{
	{
		Code: "SHEET-01", Class: fault.Gate, Severity: fault.Refuse, Lane: fault.Both, Scope: "sheet",
		Message: fault.Text{
			FA: "برگهٔ داده یافت نشد: در ردیف ۱ یا ۲ هیچ برگهٔ آشکاری عنوان ستون‌های لیست (دست‌کم پنج عنوان شناخته‌شده) نیست{sheets_fa}",
			EN: "no list found: no visible sheet has a header row (row 1 or 2 with at least five known headers){sheets_en}",
		},
		Fix: fault.Text{
			FA: "عنوان ستون‌ها را در ردیف ۱ یا ۲ برگهٔ لیست بنویسید یا قالب آماده را پر کنید.",
			EN: "Write the column headers in row 1 or 2 of the list's sheet, or fill in the template.",
		},
		Effect: notRead,
	},
	{
		Code: "SHEET-02", Class: fault.Gate, Severity: fault.Refuse, Lane: fault.Both, Scope: "sheet",
		Message: fault.Text{
			FA: "فقط یک برگه مجاز است: {sheets_fa}",
			EN: "more than one sheet holds a list: {sheets_en}",
		},
		Fix: fault.Text{
			FA: "برگه‌های اضافه (مخفی هم) را حذف کنید یا برگهٔ لیست را هنگام ارسال انتخاب کنید.",
			EN: "Delete the other sheets, hidden ones too, or choose the sheet when sending.",
		},
		Effect: notRead,
	},
	{
		Code: "SHEET-03", Class: fault.Gate, Severity: fault.Refuse, Scope: "sheet",
		Message: fault.Text{
			FA: "ستون «{header_fa}» نیست و {count} ردیف به آن نیاز دارد",
			EN: "the column {header_en} is missing and {count} rows need it",
		},
		Fix: fault.Text{
			FA: "ستون را با همین عنوان بیفزایید؛ اگر با عنوان دیگری در فایل هست، یک بار مشخص کنید کدام ستون است.",
			EN: "Add the column under this header; if the file has it under another, say once which it is.",
		},
		Effect: stopsColumn,
	},
	{
		Code: "SHEET-04", Class: fault.Gate, Severity: fault.Refuse, Lane: fault.Both, Scope: "sheet",
		Message: fault.Text{
			FA: "ستون «{header_fa}» دوبار آمده ({first} و {second})",
			EN: "the column {header_en} is given twice ({first} and {second})",
		},
		Fix:    fault.Text{FA: "یکی از دو ستون را حذف کنید.", EN: "Delete one of the two columns."},
		Effect: notRead,
	},
	{
		Code: "SHEET-05", Class: fault.Gate, Severity: fault.Warning, Lane: fault.Both, Scope: "sheet",
		Message: fault.Text{
			FA: "ستون ناشناختهٔ «{given}» نادیده گرفته شد و به هیچ سازمانی فرستاده نمی‌شود",
			EN: "the unknown column “{given}” was not read and is sent to no one",
		},
		Fix: fault.Text{
			FA: "اگر این ستون حقوق یا مزایاست، عنوانش را از قالب بردارید یا یک بار مشخص کنید کدام ستون قالب است.",
			EN: "If it holds pay, use the template's header, or say once which column of the template it is.",
		},
		Effect: warns,
	},
	{
		Code: "SHEET-06", Class: fault.Gate, Severity: fault.Refuse, Lane: fault.Both, Scope: "sheet",
		Message: fault.Text{
			FA: "ترتیب ردیف‌ها یا خانه‌ها خراب است: {what_fa}",
			EN: "rows or cells are out of order: {what_en}",
		},
		Fix:    fault.Text{FA: "فایل را در اکسل باز و ذخیره کنید و دوباره بفرستید.", EN: "Open the file in Excel, save it and send it again."},
		Effect: notRead,
	},
	{
		Code: "SHEET-07", Class: fault.Gate, Severity: fault.Refuse, Lane: fault.Both, Scope: "sheet",
		Message: fault.Text{
			FA: "ردیف یا ستون بیش از حد است: {what_fa}",
			EN: "too many rows or columns: {what_en}",
		},
		Fix: fault.Text{
			FA: "ردیف‌ها و ستون‌های اضافه را حذف کنید؛ لیست‌های بزرگ‌تر را در چند شماره لیست بفرستید.",
			EN: "Delete the extra rows and columns; send larger lists as several list numbers.",
		},
		Effect: notRead,
	},
	{
		Code: "SHEET-08", Class: fault.Gate, Severity: fault.Error, Lane: fault.Both, Scope: "sheet",
		Message: fault.Text{
			FA: "سلول‌های ادغام‌شده را جدا کنید ({given})",
			EN: "unmerge the cells {given}",
		},
		Fix: fault.Text{
			FA: "خانه‌ها را انتخاب کنید، «Merge & Center» را خاموش کنید و هر خانه را پر کنید.",
			EN: "Select the cells, switch Merge & Center off and fill every cell.",
		},
		Effect: stopsBoth,
	},
	{
		Code: "SHEET-09", Class: fault.Gate, Severity: fault.Error, Lane: fault.Both, Scope: "row",
		Message: fault.Text{
			FA: "{what_fa} فیلتر یا مخفی شده؛ فیلتر را بردارید (Unhide)",
			EN: "{what_en} is filtered or hidden; remove the filter or unhide it",
		},
		Fix: fault.Text{
			FA: "همهٔ ردیف‌ها و ستون‌ها را نمایان کنید؛ هیچ‌کس پنهانی فرستاده نمی‌شود.",
			EN: "Unhide all rows and columns; nobody is filed unseen.",
		},
		Effect: stopsBoth,
	},
	{
		Code: "SHEET-10", Class: fault.Gate, Severity: fault.Warning, Lane: fault.Both, Scope: "row",
		Message: fault.Text{FA: "ردیف خالی {given}", EN: "empty row {given}"},
		Fix:     fault.Text{FA: "ردیف‌های خالی میان کارکنان را حذف کنید.", EN: "Delete the empty rows between workers."},
		Effect:  warns,
	},
	{
		Code: "SHEET-11", Class: fault.Gate, Severity: fault.Info, Lane: fault.Both, Scope: "row",
		Message: fault.Text{FA: "ردیف جمع برای کنترل استفاده شد", EN: "the totals row was used as a control"},
		Fix:     noAction,
		Effect:  informs,
	},
	{
		Code: "SHEET-12", Class: fault.Gate, Severity: fault.Refuse, Lane: fault.Both, Scope: "sheet",
		Message: fault.Text{
			FA: "هیچ ردیفی در لیست نیست؛ اگر کارگاه این ماه کارگر نداشته، نوع ارسال را «فاقد کارگر» بگذارید",
			EN: "there is no worker in the list; if nobody worked this month, set the kind to nil",
		},
		Fix:    fault.Text{FA: "ردیف کارکنان را بنویسید یا نوع ارسال را «فاقد کارگر» بگذارید.", EN: "Write the workers' rows, or set the kind to nil."},
		Effect: stopsBoth,
	},
	{
		Code: "SHEET-13", Class: fault.Gate, Severity: fault.Refuse, Lane: fault.Both, Scope: "sheet",
		Message: fault.Text{
			FA: "«{header_fa}» در برگهٔ کارگاه نیست و از جای دیگری هم معلوم نشد",
			EN: "{header_en} is missing from the workshop sheet and no other source gave it",
		},
		Fix: fault.Text{
			FA: "مقدار را در برگهٔ «کارگاه» جلوی همین عنوان بنویسید.",
			EN: "Write the value beside this label on the workshop sheet.",
		},
		Effect: stopsBoth,
	},
	{
		Code: "MAP-01", Class: fault.Gate, Severity: fault.Error, Lane: fault.Both, Scope: "cell",
		Message: fault.Text{
			FA: "عنوان «{given}» روشن نیست: {what_fa}",
			EN: "the header “{given}” is not clear: {what_en}",
		},
		Fix: fault.Text{
			FA: "عنوان ستون را روشن بنویسید، یا یک بار مشخص کنید کدام ستون قالب است؛ پاسخ برای این کارفرما نگه داشته می‌شود.",
			EN: "Write a clear header, or answer once which it is; the answer is kept for this client.",
		},
		Effect: stopsBoth,
	},
	{
		Code: "LIST-10", Class: fault.Gate, Severity: fault.Warning, Lane: fault.Both, Scope: "header",
		Message: fault.Text{
			FA: "جمع ستون «{header_fa}» {given} نوشته شده، جمع ردیف‌ها {expected} است",
			EN: "the total of {header_en} is written {given}, the rows add up to {expected}",
		},
		Fix: fault.Text{
			FA: "اگر ردیفی افتاده یا دوباره آمده لیست را درست کنید؛ خود جمع فرستاده نمی‌شود.",
			EN: "Correct the list if a row is missing or repeated; the total itself is not sent.",
		},
		Effect: warns,
	},
}
