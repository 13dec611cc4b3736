package flow

import "embed"

// Examples hold in testdata/<CODE> a failing and a passing list of every code that only the registry and earlier lists can
// raise, with the lists that were filed before them.
//
//go:embed testdata
var Examples embed.FS
