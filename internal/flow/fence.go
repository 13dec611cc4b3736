//go:build !bad_fence

package flow

import "fehrest/internal/payroll"

// lineOf names the versions that a delivery stands in line with: they go one at a time, in their order.
func lineOf(key payroll.DeliveryKey) string { return key.Sequence() }
