package workbook

import "embed"

// Examples hold in testdata/<CODE> a failing and a passing file of every code of whole files.
//
//go:embed testdata
var Examples embed.FS
