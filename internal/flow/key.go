//go:build !bad_key

package flow

import "fehrest/internal/store"

// keySent is the key that a delivery goes under: the same however often it is sent.
func keySent(d *store.Delivery) string { return d.Key }
