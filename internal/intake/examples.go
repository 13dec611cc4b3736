package intake

import "embed"

// Examples hold in testdata/<CODE> a failing and a passing file of every code that reading raises.
//
//go:embed testdata
var Examples embed.FS
