package flow

import (
	"fehrest/internal/agency"
	"fehrest/internal/fault"
	"fehrest/internal/payroll"
	"fehrest/internal/store"
)

// Why a delivery without a file goes by hand.
const (
	reasonNilList    = "a nil list has no file and goes by hand"
	reasonEmptyMonth = "the tax month is empty and goes by hand"
)

// declared tells whether there is nothing to write into an organisation's files: a nil list (فاقد کارگر), or a tax month of no one.
// It is declared by hand, whether or not the lane has a gateway.
func declared(p agency.Parcel) bool {
	if p.List != nil {
		return p.List.Header.Kind == payroll.Nil
	}
	return p.Month != nil && len(p.Month.Persons) == 0
}

// reasonByHand is why a delivery is worked by hand though its lane may have a gateway; blank where it has files.
func reasonByHand(lane fault.Lane, p *store.Parcel) string {
	switch {
	case len(p.Files) > 0:
		return ""
	case lane == fault.Tax:
		return reasonEmptyMonth
	}
	return reasonNilList
}
