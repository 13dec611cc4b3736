package agency

import "embed"

// Examples hold in testdata/<CODE> a failing and a passing list of every code that an organisation's fields raise.
//
//go:embed testdata
var Examples embed.FS
