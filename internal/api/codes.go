package api

import (
	"cmp"
	"slices"
	"sync"

	"fehrest/internal/fault"
	"fehrest/internal/intake"
)

// Codes is the part of the catalogue that requests raise, before any list is read.
func Codes() []fault.Entry { return slices.Clone(requestCodes) }

// Catalogue is every code the window can give, by code: of files and cells, of the rules, of the organisations' fields and of
// requests.
func Catalogue() []fault.Entry { return slices.Clone(catalogue().entries) }

var catalogue = sync.OnceValue(func() published {
	all := slices.Concat(intake.Codes(), requestCodes)
	slices.SortFunc(all, func(a, b fault.Entry) int { return cmp.Compare(a.Code, b.Code) })
	return published{all, fault.TableOf(all)}
})

// published is the catalogue in order and by code.
type published struct {
	entries []fault.Entry
	byCode  fault.Table
}

var nothingReceived = fault.Text{
	FA: "درخواست پذیرفته نشد و چیزی ثبت نشد.",
	EN: "The request was not accepted and nothing was stored.",
}

var requestCodes = []fault.Entry{
	{
		Code: "API-01", Class: fault.Gate, Severity: fault.Refuse, Lane: fault.Both, Scope: "request",
		Message: fault.Text{
			FA: "سرآیند Idempotency-Key نیست یا بلندتر از ۲۰۰ نویسه است",
			EN: "the header Idempotency-Key is missing or longer than 200 characters",
		},
		Fix: fault.Text{
			FA: "برای هر ارسال یک کلید یکتا تا ۲۰۰ نویسه بفرستید و در تکرار همان ارسال همان کلید را نگه دارید.",
			EN: "Send one unique key of at most 200 characters a filing, and the same key when the filing is repeated.",
		},
		Effect: nothingReceived,
	},
	{
		Code: "API-02", Class: fault.Gate, Severity: fault.Refuse, Lane: fault.Both, Scope: "request",
		Message: fault.Text{
			FA: "این کلید پیش‌تر برای محتوای دیگری به کار رفته است",
			EN: "this key was already used for other content",
		},
		Fix: fault.Text{
			FA: "برای فایل تازه کلید تازه بفرستید؛ رسید نخست همراه این پاسخ است.",
			EN: "Send a new key with the new file; the first receipt comes with this answer.",
		},
		Effect: nothingReceived,
	},
	{
		Code: "API-03", Class: fault.Gate, Severity: fault.Refuse, Lane: fault.Both, Scope: "request",
		Message: fault.Text{
			FA: "درخواستی با همین کلید هنوز در حال انجام است",
			EN: "a request with this key is still in flight",
		},
		Fix: fault.Text{
			FA: "پس از زمان گفته‌شده در Retry-After همان درخواست را با همان کلید دوباره بفرستید.",
			EN: "Send the same request with the same key again after Retry-After.",
		},
		Effect: fault.Text{
			FA: "درخواست نخست ادامه دارد و تنها یک بار ثبت می‌شود.",
			EN: "The first request goes on and is stored once.",
		},
	},
	{
		Code: "API-04", Class: fault.Gate, Severity: fault.Refuse, Lane: fault.Both, Scope: "request",
		Message: fault.Text{
			FA: "فرم باید درست یک فایل با نام file داشته باشد",
			EN: "the form must hold exactly one file, named file",
		},
		Fix: fault.Text{
			FA: "هر لیست را در یک درخواست جدا بفرستید.",
			EN: "Send each list in a request of its own.",
		},
		Effect: nothingReceived,
	},
	{
		Code: "API-05", Class: fault.Gate, Severity: fault.Refuse, Lane: fault.Both, Scope: "request",
		Message: fault.Text{
			FA: "نوع یا فشرده‌سازی محتوا پذیرفته نیست",
			EN: "the content type or content encoding is not accepted",
		},
		Fix: fault.Text{
			FA: "فایل xlsx یا JSON را بدون Content-Encoding و با نوع محتوای خودش بفرستید.",
			EN: "Send the xlsx or JSON file without Content-Encoding and with its own content type.",
		},
		Effect: nothingReceived,
	},
}
