package workbook

import "fehrest/internal/fault"

// words says a reason to the sender. A reason without words of its own is not shown to be clever about.
func words(reason string) fault.Text {
	if t, ok := reasonWords[reason]; ok {
		return t
	}
	return fault.Text{FA: "نوع ناشناخته", EN: "unknown kind"}
}

var reasonWords = map[string]fault.Text{
	LooksJSON:   {FA: "JSON", EN: "JSON"},
	LooksOLE:    {FA: "اکسل قدیمی (xls)", EN: "old Excel (xls)"},
	LooksHTML:   {FA: "صفحهٔ وب (HTML)", EN: "a web page (HTML)"},
	LooksXML:    {FA: "سند XML", EN: "an XML document"},
	LooksCSV:    {FA: "متن جداشده با ویرگول (CSV)", EN: "delimited text (CSV)"},
	LooksText:   {FA: "متن ساده", EN: "plain text"},
	LooksPDF:    {FA: "سند PDF", EN: "a PDF document"},
	LooksImage:  {FA: "تصویر", EN: "a picture"},
	LooksPacked: {FA: "بایگانی فشرده از نوع دیگر", EN: "an archive of another kind"},
	LooksDBF:    {FA: "یک جدول DBF تنها؛ DSKKAR00.DBF و DSKWOR00.DBF را با هم در یک ZIP بفرستید", EN: "a DBF table on its own; send DSKKAR00.DBF and DSKWOR00.DBF together in one ZIP"},
	LooksBinary: {FA: "دادهٔ ناشناخته", EN: "unknown data"},

	whyEmpty:     {FA: "بدون محتوا", EN: "no content"},
	whyTooLarge:  {FA: "بزرگ‌تر از حد", EN: "over the limit"},
	whyPolyglot:  {FA: "دو قالب در یک فایل", EN: "two formats in one file"},
	whyODS:       {FA: "صفحه‌گستردهٔ OpenDocument (ods)", EN: "an OpenDocument spreadsheet (ods)"},
	whyXLSB:      {FA: "اکسل دودویی (xlsb)", EN: "a binary Excel workbook (xlsb)"},
	whyNumbers:   {FA: "سند Numbers اپل", EN: "an Apple Numbers document"},
	whyForeign:   {FA: "سند آفیس دیگر", EN: "another kind of Office document"},
	whyEncrypted: {FA: "رمزدار", EN: "protected by a password"},

	whyTruncated:  {FA: "فایل ناقص رسیده؛ دوباره بفرستید", EN: "the file arrived incomplete; send it again"},
	whyDirectory:  {FA: "فهرست درونی فایل نادرست است", EN: "the file's own directory is wrong"},
	whyCRC:        {FA: "جمع کنترلی نمی‌خواند", EN: "a checksum does not match"},
	whySize:       {FA: "اندازهٔ اعلام‌شده نمی‌خواند", EN: "a declared size does not match"},
	whyDeflate:    {FA: "دادهٔ فشرده خراب است", EN: "compressed data is damaged"},
	whyMissing:    {FA: "یک بخش لازم نیست", EN: "a required part is missing"},
	whyTypes:      {FA: "فهرست نوع بخش‌ها نیست یا نادرست است", EN: "the list of content types is missing or wrong"},
	whyMalformed:  {FA: "ساختار XML شکسته است", EN: "broken XML"},
	whyEncoding:   {FA: "کدگذاری نویسه‌ها UTF-8 نیست", EN: "the character encoding is not UTF-8"},
	whyUTF8:       {FA: "نویسهٔ نامعتبر", EN: "invalid characters"},
	whyEntity:     {FA: "ارجاع نویسهٔ ناشناخته", EN: "an unknown character reference"},
	whyAttribute:  {FA: "ویژگی نادرست", EN: "a wrong attribute"},
	whyIndex:      {FA: "ارجاع به متنی که در فایل نیست", EN: "a reference to a text that is not in the file"},
	whyCellType:   {FA: "نوع خانه ناشناخته است", EN: "an unknown cell type"},
	whyCell:       {FA: "محتوای خانه نادرست است", EN: "a cell's content is wrong"},
	whyStyle:      {FA: "قالب خانه در فایل نیست", EN: "a cell's style is not in the file"},
	whyUnexpected: {FA: "بخش ناشناخته میان داده‌ها", EN: "something unknown among the data"},

	whyEntries: {FA: "تعداد بخش‌های فایل بیش از حد است", EN: "too many parts"},
	whyOverlap: {FA: "بخش‌های فایل روی هم افتاده‌اند", EN: "parts overlap"},
	whyPart:    {FA: "یک بخش پس از باز شدن بیش از حد بزرگ است", EN: "a part expands beyond the limit"},
	whyTotal:   {FA: "فایل پس از باز شدن بیش از حد بزرگ است", EN: "the file expands beyond the limit"},
	whyRatio:   {FA: "نسبت فشردگی غیرعادی است", EN: "an abnormal compression ratio"},
	whyText:    {FA: "متن یک خانه بیش از حد بلند است", EN: "a text is longer than any cell may hold"},
	whyStrings: {FA: "حجم متن‌های فایل بیش از حد است", EN: "the texts take too much room"},
	whyTexts:   {FA: "تعداد متن‌های فایل بیش از حد است", EN: "too many texts"},
	whyRanges:  {FA: "تعداد تعریف‌ها بیش از حد است", EN: "too many definitions"},

	whyDuplicate:  {FA: "یک بخش دو بار آمده", EN: "a part appears twice"},
	whyName:       {FA: "نام یک بخش نامجاز است", EN: "a part has a forbidden name"},
	whyMethod:     {FA: "روش فشرده‌سازی ناشناخته", EN: "an unknown compression method"},
	whySymlink:    {FA: "پیوند به بیرون از فایل", EN: "a link out of the file"},
	whyRemote:     {FA: "برگه‌ای به بیرون از فایل اشاره دارد", EN: "a sheet points out of the file"},
	whyUnresolved: {FA: "برگه‌ای به بخشی اشاره دارد که در فایل نیست", EN: "a sheet points to a part that is not in the file"},

	whyDoctype: {FA: "تعریف DOCTYPE مجاز نیست", EN: "a DOCTYPE is not allowed"},
	whyDepth:   {FA: "تودرتویی بیش از حد", EN: "nesting too deep"},
	whyAttrs:   {FA: "ویژگی‌های بیش از حد", EN: "too many attributes"},

	whyExternal: {FA: "به فایل دیگری لینک دارد؛ مقدار ذخیره‌شده خوانده شد", EN: "it links to another file; the stored values were read"},
	whyMacros:   {FA: "ماکرو دارد؛ اجرا نمی‌شود", EN: "it has macros; they are not run"},
	whyEmbedded: {FA: "شیء جاسازی‌شده دارد؛ نادیده گرفته شد", EN: "it has embedded objects; they were ignored"},
	why1904:     {FA: "تقویم ۱۹۰۴ فعال است", EN: "the 1904 date system is on"},

	whyRowNumber: {FA: "شمارهٔ ردیف نامعتبر", EN: "an invalid row number"},
	whyRowOrder:  {FA: "ترتیب ردیف‌ها خراب است", EN: "rows are out of order or repeated"},
	whyCellOrder: {FA: "ترتیب خانه‌های ردیف خراب است", EN: "cells are out of order or repeated"},
	whyReference: {FA: "نشانی خانه نامعتبر است", EN: "an invalid cell reference"},
	whyOtherRow:  {FA: "نشانی خانه از ردیف دیگری است", EN: "a cell is addressed to another row"},
	whyLastRow:   {FA: "در انتهای برگه خانهٔ پُر مانده؛ ردیف‌های اضافه را حذف کنید", EN: "a filled cell at the very end of the sheet; delete the extra rows"},
	whyColumn:    {FA: "ستون اضافه", EN: "a stray column"},
}
