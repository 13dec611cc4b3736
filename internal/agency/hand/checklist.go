// Package hand knows the lane of an organisation without a gateway: what its user uploads himself and what he enters back.
// It knows no portal's address and talks to none.
package hand

import (
	"strings"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"
)

// portals are the two places where files are uploaded, and what the user gets there.
var portals = map[fault.Lane]struct{ at, pack, back fault.Text }{
	fault.SSO: {
		at: fault.Text{
			FA: "سامانهٔ ارسال لیست حق بیمهٔ سازمان تأمین اجتماعی",
			EN: "the Social Security Organization's portal for insurance lists",
		},
		pack: fault.Text{
			FA: "هر دو فایل یک لیست را با همین نام‌ها و بدون پوشه در یک فایل ZIP بگذارید؛ هر پوشهٔ 1، 2 … یک لیست با شمارهٔ خودش است.",
			EN: "Put both files of a list into one ZIP, under these names and without a folder; each folder 1, 2 … is a list with a number of its own.",
		},
		back: fault.Text{
			FA: "برای هر لیست: شمارهٔ لیست (list_no)، شمارهٔ قبض (number)، مبلغ به ریال (amount) و وضعیت قبض (state: open باز، collected وصول‌شده، void باطل).",
			EN: "Of each list: its number (list_no), the slip's number (number), the amount in rials (amount) and the slip's state (state: open, collected, void).",
		},
	},
	fault.Tax: {
		at: fault.Text{
			FA: "سامانهٔ مالیات بر درآمد حقوق سازمان امور مالیاتی",
			EN: "the tax administration's portal for salary tax",
		},
		pack: fault.Text{
			FA: "فایل اشخاص (WP) و فایل حقوق (WH) را با همین نام‌ها بارگذاری کنید.",
			EN: "Upload the persons' file (WP) and the pay file (WH) under these names.",
		},
		back: fault.Text{
			FA: "از هر نفر: کد ملی یا F و کد فراگیر (person)، مالیات به ریال (tax)، تعداد ماه‌ها (months) و بیش از یک کارفرما (several_employers: بله یا خیر).",
			EN: "Of each person: national code, or F and the foreigner's code (person), the tax in rials (tax), the months (months), more than one employer (several_employers: yes or no).",
		},
	},
}

// declarations are what a user declares who has no one to list.
var declarations = map[fault.Lane]fault.Text{
	fault.SSO: {
		FA: "نبود کارگر (فاقد کارگر) را برای این کارگاه و ماه اعلام کنید؛ فایلی برای بارگذاری نیست.",
		EN: "Declare that the workshop had no workers in the month (فاقد کارگر); there is no file to upload.",
	},
	fault.Tax: {
		FA: "اعلام کنید که در این ماه حقوقی پرداخت نشده است؛ فایلی برای بارگذاری نیست.",
		EN: "Declare that no salary was paid in the month; there is no file to upload.",
	},
}

// Checklist tells the user in a few lines what to upload where, and what to enter when the organisation has answered. Without files
// there is only a declaration to make. A key that is not a delivery's gives no text.
func Checklist(key string, files []string) fault.Text {
	k, ok := payroll.ParseDeliveryKey(key)
	if !ok {
		return fault.Text{}
	}
	p := portals[k.Lane]
	step := declarations[k.Lane]
	if len(files) > 0 {
		list := strings.Join(files, "\n   ")
		step.FA = "این فایل‌ها را بارگذاری کنید:\n   " + list + "\n   " + p.pack.FA
		step.EN = "Upload these files:\n   " + list + "\n   " + p.pack.EN
	}
	return fault.Text{
		FA: "۱. وارد " + p.at.FA + " شوید.\n۲. " + step.FA +
			"\n۳. شماره‌ای را که سامانه می‌دهد همین‌جا ثبت کنید تا «فرستاده‌شده» شود.\n۴. پس از پاسخ سازمان، آن را در یک فایل اکسل یا JSON وارد کنید. " +
			p.back.FA + "\nکلید این ارسال: " + key,
		EN: "1. Sign in to " + p.at.EN + ".\n2. " + step.EN +
			"\n3. Enter the number that the portal gives, so that the delivery is marked as sent.\n4. When the organisation has answered, enter its answer as a workbook or JSON. " +
			p.back.EN + "\nThe key of this delivery: " + key,
	}
}
