package api

import (
	"cmp"
	"embed"
	"io/fs"
	"path"
	"slices"
	"strings"

	"fehrest/internal/agency"
	"fehrest/internal/flow"
	"fehrest/internal/intake"
	"fehrest/internal/rule"
	"fehrest/internal/workbook"
)

// requestExamples hold a failing and a passing request of every code that requests raise.
//
//go:embed testdata/API-*
var requestExamples embed.FS

// exampleFiles hold the cases of the catalogue, each beside the package that raises its code.
var exampleFiles = []fs.FS{workbook.Examples, intake.Examples, agency.Examples, rule.Examples, flow.Examples, requestExamples}

// Examples lists the files of a code's cases, the failing ones first, with the file system that holds them under their
// names; nil where there are none.
func Examples(code string) (in fs.FS, names []string) {
	for _, files := range exampleFiles {
		entries, err := fs.ReadDir(files, path.Join("testdata", code))
		if err != nil {
			continue
		}
		for _, e := range entries {
			names = append(names, e.Name())
		}
		slices.SortFunc(names, func(a, b string) int {
			return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(stem(a), stem(b)))
		})
		if in, err = fs.Sub(files, path.Join("testdata", code)); err == nil {
			return in, names
		}
	}
	return nil, nil
}

func rank(name string) int {
	return slices.IndexFunc([]string{"fail", "pass", "before", ""}, func(p string) bool { return strings.HasPrefix(name, p) })
}

// stem is a name without its ending: the plain case stands before those that have a name.
func stem(name string) string { return strings.TrimSuffix(name, path.Ext(name)) }
