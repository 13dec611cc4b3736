package rule

import "embed"

// Examples hold in testdata/<CODE> a failing and a passing list of every code that rules raise.
//
//go:embed testdata
var Examples embed.FS
