package payroll

// HeaderID is a key of the sheet «کارگاه», its place in the header table.
type HeaderID uint8

// The keys of the workshop sheet.
const (
	KeyWorkshopCode HeaderID = iota
	KeyContractRow
	KeyPeriod
	KeyTaxPeriod
	KeyListNo
	KeyKind
	KeyReplaces
	KeyReason
	KeyWorkshopName
	KeyEmployerName
	KeyEmployerID
	KeyAddress
	KeyPostalCode
	KeyTaxOfficeCode
	KeyTaxFileNo
	KeyExemptFive
	KeyDescription

	// HeaderCount is how many keys the workshop sheet has.
	HeaderCount
)

// HeaderKey is one row of the header table.
type HeaderKey struct {
	Key      string // public and never renamed
	Label    string
	Form     Form
	Limit    int
	Required bool // a list without it, or without a registry that knows it, is refused (SHEET-13)
	Values   []Value
	// Field points into a header: *string, *jalali.Month or *bool, as the form says.
	Field func(*Header) any
}

var headerKeys = [HeaderCount]HeaderKey{
	{Key: "workshop_code", Label: "کد کارگاه", Form: Digits, Limit: 10, Required: true, Field: func(h *Header) any { return (*string)(&h.Workshop) }},
	{Key: "contract_row", Label: "ردیف پیمان", Form: Digits, Limit: 3, Field: func(h *Header) any { return &h.ContractRow }},
	{Key: "period", Label: "سال و ماه عملکرد", Form: Month, Required: true, Field: func(h *Header) any { return &h.Period }},
	{Key: "tax_period", Label: "ماه تخصیص یا پرداخت", Form: Month, Field: func(h *Header) any { return &h.TaxPeriod }},
	{Key: "list_no", Label: "شماره لیست", Form: Digits, Limit: 12, Field: func(h *Header) any { return &h.ListNo }},
	{Key: "kind", Label: "نوع ارسال", Form: Coded, Values: listKinds, Field: func(h *Header) any { return (*string)(&h.Kind) }},
	{Key: "replaces", Label: "کد رهگیری لیست قبلی", Form: Text, Limit: 20, Field: func(h *Header) any { return &h.Replaces }},
	{Key: "reason", Label: "علت اصلاح", Form: Text, Limit: 200, Field: func(h *Header) any { return &h.Reason }},
	{Key: "workshop_name", Label: "نام کارگاه", Form: Text, Limit: 100, Required: true, Field: func(h *Header) any { return &h.WorkshopName }},
	{Key: "employer_name", Label: "نام کارفرما", Form: Text, Limit: 100, Required: true, Field: func(h *Header) any { return &h.EmployerName }},
	{Key: "employer_id", Label: "شناسه ملی / کد ملی کارفرما", Form: Digits, Limit: 14, Required: true, Field: func(h *Header) any { return (*string)(&h.Employer) }},
	{Key: "address", Label: "آدرس کارگاه", Form: Text, Limit: 200, Required: true, Field: func(h *Header) any { return &h.Address }},
	{Key: "postal_code", Label: "کد پستی کارگاه", Form: Digits, Limit: 10, Required: true, Field: func(h *Header) any { return (*string)(&h.PostalCode) }},
	{Key: "tax_office_code", Label: "کد اداره امور مالیاتی", Form: Digits, Limit: 20, Field: func(h *Header) any { return &h.TaxOfficeCode }},
	{Key: "tax_file_no", Label: "شماره (کلاسه) پرونده مالیاتی", Form: Digits, Limit: 20, Field: func(h *Header) any { return &h.TaxFileNo }},
	{Key: "exempt_five", Label: "مشمول معافیت پنج نفر", Form: YesNo, Values: yesNo, Field: func(h *Header) any { return &h.ExemptFive }},
	{Key: "description", Label: "شرح لیست", Form: Text, Limit: 100, Field: func(h *Header) any { return &h.Description }},
}

var headerByKey = indexHeader()

func indexHeader() map[string]HeaderID {
	m := make(map[string]HeaderID, HeaderCount)
	for id := range HeaderCount {
		m[headerKeys[id].Key] = id
	}
	return m
}

// HeaderKeys is the whole table in the template's order.
func HeaderKeys() []HeaderKey { return headerKeys[:] }

// Info is the key's row of the table.
func (id HeaderID) Info() *HeaderKey { return &headerKeys[id] }

// HeaderOf finds a key of the workshop sheet by its public name.
func HeaderOf(key string) (HeaderID, bool) {
	id, ok := headerByKey[key]
	return id, ok
}
