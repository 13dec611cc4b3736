package rule

import "fehrest/internal/fault"

// The same answer for a workshop that does not exist and one that is another's, so that nobody learns which.
var notYours = fault.Entry{
	Message: fault.Text{
		FA: "برای این کارگاه نمایندگی ثبت‌شده ندارید",
		EN: "you hold no registered mandate for this workshop",
	},
	Fix: fault.Text{
		FA: "کد کارگاه و شناسه کارفرما را بررسی کنید؛ اگر درست است، کارفرما باید نمایندگی شما را ثبت کند.",
		EN: "Check the workshop code and the employer's id; if they are right, the employer must register your mandate.",
	},
	Effect: fault.Text{
		FA: "چیزی از لیست نگهداری و به هیچ سازمانی فرستاده نمی‌شود.",
		EN: "Nothing of the list is kept or sent.",
	},
}

// registerTable holds the codes that only a register can find: earlier lists, workshops, the calendar of submissions.
func registerTable() []fault.Entry {
	entry := func(code string, s fault.Severity, lane fault.Lane, scope, field string, texts fault.Entry) fault.Entry {
		texts.Code, texts.Class, texts.Severity, texts.Lane, texts.Scope, texts.Field = code, fault.Register, s, lane, scope, field
		return texts
	}
	return []fault.Entry{
		entry("ID-12", fault.Error, fault.Both, "header", "workshop_code", notYours),
		entry("ID-17", fault.Error, fault.Both, "header", "employer_id", notYours),
		entry("ID-13", fault.Warning, fault.Both, "row", "national_code", fault.Entry{
			Message: fault.Text{
				FA: "این شخص در لیست پذیرفته‌شده پیشین این کارفرما چنین بود: {hint_fa}؛ کدام درست است؟",
				EN: "in an earlier accepted list of this employer this person stood so: {hint_en}; which is right?",
			},
			Fix: fault.Text{
				FA: "با شناسنامه مقایسه کنید؛ اگر مقدار تازه درست است کاری لازم نیست، وگرنه آن را درست کنید. اگر این دو یک نفر نیستند، کد ملی را درست کنید.",
				EN: "Compare with the birth certificate; if the new value is right nothing is to be done, else correct it. If they are two persons, correct the national code.",
			},
			Effect: warns,
		}),
		entry("ID-14", fault.Warning, fault.Both, "header", "exempt_five", fault.Entry{
			Message: fault.Text{
				FA: "معافیت پنج نفر در لیست «{given}» و در ثبت کارگاه «{expected}» است؛ ثبت کارگاه ملاک است",
				EN: "five-worker exemption: the list says {given}, the registry {expected}; the registry decides",
			},
			Fix: fault.Text{
				FA: "اگر سازمان معافیت را تغییر داده، نامه آن را برای ثبت کارگاه بفرستید.",
				EN: "If the organisation changed the exemption, have its letter entered in the workshop's registry.",
			},
			Effect:   warns,
			Citation: "قانون معافیت از پرداخت سهم بیمه کارفرمایانی که حداکثر پنج نفر کارگر دارند (۱۳۶۱/۱۲/۱۶)",
		}),
		entry("TAX-07", fault.Error, fault.Tax, "row", "", fault.Entry{
			Message: fault.Text{
				FA: "این شخص در لیست دیگری از همین ماه مالیاتی چنین است: {hint_fa}{where_fa}",
				EN: "in another list of the same tax month this person stands so: {hint_en}{where_en}",
			},
			Fix: fault.Text{
				FA: "کد را در هر دو لیست یکسان کنید؛ در فایل مالیاتی هر شخص یک ردیف دارد.",
				EN: "Make the code equal in both lists; the tax file has one row a person.",
			},
			Effect: stopsTax,
		}),
		entry("LIST-02", fault.Refuse, fault.Both, "header", "", fault.Entry{
			Message: fault.Text{
				FA: "برای این کارگاه، ماه و شماره لیست پیش از این لیستی با کد رهگیری {expected} ثبت شده است",
				EN: "a list of this workshop, month and list number is in force already, tracking code {expected}",
			},
			Fix: fault.Text{
				FA: "برای اصلاح، نوع ارسال را «اصلاحی» بنویسید و کد رهگیری لیست قبلی و علت را بیاورید؛ برای افراد تازه «متمم» با شماره لیست دیگر.",
				EN: "To correct it send a replacement naming that tracking code and the reason; for more persons a supplementary list under another number.",
			},
			Effect: fault.Text{FA: "لیست تازه ثبت نمی‌شود؛ لیست قبلی برقرار است.", EN: "The new list is not stored; the earlier one stands."},
		}),
		entry("LIST-03", fault.Refuse, fault.Both, "header", "replaces", fault.Entry{
			Message: fault.Text{
				FA: "«{given}» نسخه جاری این لیست نیست{hint_fa}",
				EN: "{given} is not the version in force{hint_en}",
			},
			Fix: fault.Text{
				FA: "کد رهگیری نسخه جاری را بنویسید و پیش از آن ببینید چه کسی آن را فرستاده است.",
				EN: "Name the version in force, after looking at who sent it.",
			},
			Effect: fault.Text{FA: "لیست تازه ثبت نمی‌شود؛ نسخه جاری برقرار است.", EN: "The new list is not stored; the version in force stands."},
		}),
		entry("HIST-01", fault.Warning, fault.Both, "row", "", fault.Entry{
			Message: fault.Text{
				FA: "{name} (کد {given}، ردیف {row} لیست ماه قبل) ترک کار نداشت و در این لیست نیست",
				EN: "{name} (code {given}, row {row} of last month's list) had no leaving date and is not in this list",
			},
			Fix: fault.Text{
				FA: "اگر رفته، او را با تاریخ ترک کار بیاورید (ترک در روز اول ماه: صفر روز)؛ اگر جا افتاده، اضافه کنید.",
				EN: "If he left, list him with the leaving date (on the month's first day: 0 days); if he was forgotten, add him.",
			},
			Effect: warns,
		}),
		entry("HIST-04", fault.Warning, fault.Both, "row", "days", fault.Entry{
			Message: fault.Text{
				FA: "روزهای این شخص با کارگاه دیگری در همین ماه روی هم {given} روز می‌شود؛ ماه {expected} روز دارد",
				EN: "with another workshop in the same month this person's days come to {given}; the month has {expected}",
			},
			Fix: fault.Text{
				FA: "روزهای کارکرد را با خود شخص بررسی کنید؛ نام کارگاه دیگر گفته نمی‌شود.",
				EN: "Check the days with the person; the other workshop is not named.",
			},
			Effect: warns,
		}),
	}
}
