// Package migrations holds the database's schema as forward-only steps; it runs nothing.
package migrations

import "embed"

// FS holds every step, named 0001_….sql and upward.
//
//go:embed *.sql
var FS embed.FS
