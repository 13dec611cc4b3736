// Package samples holds lists of invented people, one folder a case. The demonstration's lists travel with the program.
package samples

import "embed"

// Demo is the folder demo: one employer's month, in the order of its file names.
//
//go:embed demo/*.xlsx
var Demo embed.FS
