package payroll

import (
	"strconv"
	"strings"

	"fehrest/internal/fault"
	"fehrest/internal/jalali"
)

// DeliveryKey is a stable delivery key, read back into what it names: a list's version at the SSO, or a tax month's version.
type DeliveryKey struct {
	Key     string
	Lane    Lane
	List    Identity         // of an SSO key
	Month   TaxMonthIdentity // of a tax key
	Version int
}

// ParseDeliveryKey reads what Identity.Key and TaxMonthIdentity.Key write; ok is false for anything else.
func ParseDeliveryKey(s string) (k DeliveryKey, ok bool) {
	parts := strings.Split(s, ".")
	k.Key = s
	last := len(parts) - 1
	version, err := strconv.Atoi(parts[last])
	if err != nil || version < 1 {
		return DeliveryKey{}, false
	}
	k.Version = version
	switch {
	case parts[0] == "sso" && last == 5:
		k.Lane = fault.SSO
		k.List = Identity{Workshop: WorkshopCode(parts[1]), ContractRow: parts[2], ListNo: parts[4]}
		k.List.Period, err = jalali.ParseMonth(parts[3])
		ok = err == nil && k.List.Key(version) == s
	case parts[0] == "tax" && last == 4:
		k.Lane = fault.Tax
		k.Month = TaxMonthIdentity{Employer: EmployerID(parts[1]), FileNo: parts[2]}
		if k.Month.FileNo == "0" {
			k.Month.FileNo = ""
		}
		k.Month.Period, err = jalali.ParseMonth(parts[3])
		ok = err == nil && k.Month.Key(version) == s
	}
	if !ok {
		return DeliveryKey{}, false
	}
	return k, true
}

// Sequence is the key without its version: what the versions of one thing have in common.
func (k DeliveryKey) Sequence() string { return strings.TrimSuffix(k.Key, "."+strconv.Itoa(k.Version)) }
