// Package hand knows the lane of an organisation without a gateway: what its user uploads himself and what he enters back.
// It knows no portal's address and talks to none.
package hand

import (
	"fmt"
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

// declarations are what a user declares who has no one to list, and what comes back.
var declarations = map[fault.Lane]struct{ what, back fault.Text }{
	fault.SSO: {
		what: fault.Text{
			FA: "نبود کارگر (فاقد کارگر) را برای %s اعلام کنید؛ فایلی برای بارگذاری نیست.",
			EN: "Declare that there were no workers (فاقد کارگر): %s. There is no file to upload.",
		},
		back: fault.Text{FA: "اگر قبضی صادر شد آن را هم وارد کنید.", EN: "If a slip is issued, enter it too."},
	},
	fault.Tax: {
		what: fault.Text{
			FA: "اعلام کنید که حقوقی پرداخت نشده است: %s؛ فایلی برای بارگذاری نیست.",
			EN: "Declare that no salary was paid: %s. There is no file to upload.",
		},
	},
}

// Checklist tells the user in a few lines what to upload where, and what to enter when the organisation has answered. Without files
// there is only a declaration to make. A key that is not a delivery's gives no text.
func Checklist(key string, files []string) fault.Text {
	k, ok := payroll.ParseDeliveryKey(key)
	if !ok {
		return fault.Text{}
	}
	if len(files) == 0 {
		return declaration(k)
	}
	p, list := portals[k.Lane], strings.Join(files, "\n   ")
	return fault.Text{
		FA: "۱. وارد " + p.at.FA + " شوید.\n۲. این فایل‌ها را بارگذاری کنید:\n   " + list + "\n   " + p.pack.FA +
			"\n۳. شماره‌ای را که سامانه می‌دهد همین‌جا ثبت کنید تا «فرستاده‌شده» شود.\n۴. پس از پاسخ سازمان، آن را در یک فایل اکسل یا JSON وارد کنید. " +
			p.back.FA + "\nکلید این ارسال: " + key,
		EN: "1. Sign in to " + p.at.EN + ".\n2. Upload these files:\n   " + list + "\n   " + p.pack.EN +
			"\n3. Enter the number that the portal gives, so that the delivery is marked as sent.\n4. When the organisation has answered, enter its answer as a workbook or JSON. " +
			p.back.EN + "\nThe key of this delivery: " + key,
	}
}

func declaration(k payroll.DeliveryKey) fault.Text {
	p, d, of := portals[k.Lane], declarations[k.Lane], declaredOf(k)
	return fault.Text{
		FA: "۱. وارد " + p.at.FA + " شوید.\n۲. " + fmt.Sprintf(d.what.FA, of.FA) +
			"\n۳. شماره و روزی را که سامانه برای این اعلام می‌دهد همین‌جا ثبت کنید تا «فرستاده‌شده» شود.\n۴. پس از پاسخ سازمان، آن را همین‌جا ثبت کنید. " +
			d.back.FA + "\nکلید این ارسال: " + k.Key,
		EN: "1. Sign in to " + p.at.EN + ".\n2. " + fmt.Sprintf(d.what.EN, of.EN) +
			"\n3. Enter the number and the day that the portal gives for this declaration, so that it is marked as sent.\n4. When the organisation has answered, enter what it said. " +
			d.back.EN + "\nThe key of this delivery: " + k.Key,
	}
}

// declaredOf names what a declaration is about, in the portals' own terms.
func declaredOf(k payroll.DeliveryKey) fault.Text {
	if k.Lane == fault.SSO {
		return fault.Text{
			FA: fmt.Sprintf("کارگاه %s، ردیف پیمان %s، ماه %s", k.List.Workshop, k.List.ContractRow, k.List.Period),
			EN: fmt.Sprintf("workshop %s, contract row %s, month %s", k.List.Workshop, k.List.ContractRow, k.List.Period),
		}
	}
	return fault.Text{
		FA: fmt.Sprintf("کارفرما %s، ماه %s", k.Month.Employer, k.Month.Period),
		EN: fmt.Sprintf("employer %s, month %s", k.Month.Employer, k.Month.Period),
	}
}
