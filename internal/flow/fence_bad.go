//go:build bad_fence

package flow

import "fehrest/internal/payroll"

// lineOf lets every version stand alone, and none wait for another. The drills are proved by it: they must see versions that leave
// while others are under way, or after later ones.
func lineOf(key payroll.DeliveryKey) string { return key.Key }
