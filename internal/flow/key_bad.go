//go:build bad_key

package flow

import (
	"fmt"

	"fehrest/internal/store"
)

// keySent is another key at every attempt. The drills are proved by it: they must see what an organisation takes in twice.
func keySent(d *store.Delivery) string {
	if d.Attempts == 0 {
		return d.Key
	}
	return fmt.Sprintf("%s%02d", d.Key, d.Attempts)
}
