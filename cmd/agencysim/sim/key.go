package sim

import (
	"strconv"
	"strings"
)

// deliveryKey is the stable name of one delivery, read apart.
type deliveryKey struct {
	text     string
	agency   string
	owner    string // sso: workshop code; tax: employer id
	file     string // sso: contract row; tax: tax file number, 0 when none
	period   month
	listNo   string // sso only
	version  int
	identity string // the key without its version: what versions are counted in
}

// parseKey reads sso.{workshop}.{contract_row}.{yyyy-mm}.{list_no}.{version} or
// tax.{employer_id}.{tax_file_no or 0}.{yyyy-mm}.{version}.
func parseKey(agency, text string) (deliveryKey, bool) {
	p := strings.Split(text, ".")
	k := deliveryKey{text: text, agency: agency}
	want := 5
	if agency == agencySSO {
		want = 6
	}
	if len(p) != want || p[0] != agency {
		return k, false
	}
	k.owner, k.file = p[1], p[2]
	var ok bool
	if k.period, ok = parseMonth(p[3]); !ok || !digits(k.owner) || !digits(k.file) {
		return k, false
	}
	last := p[len(p)-1]
	v, err := strconv.Atoi(last)
	if err != nil || v < 1 || strconv.Itoa(v) != last {
		return k, false
	}
	k.version, k.identity = v, strings.TrimSuffix(text, "."+last)
	if agency == agencySSO {
		k.listNo = p[4]
		return k, len(k.owner) == 10 && len(k.file) == 3 && digits(k.listNo) && len(k.listNo) <= 12
	}
	return k, true
}
