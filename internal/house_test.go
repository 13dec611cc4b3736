// Package internal_test holds the house's floors: what may import what. The README draws the same picture.
package internal_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// floors are the rooms, lowest first. A room imports rooms of lower floors only.
var floors = [][]string{
	{"rial", "jalali", "fault", "seal", "meter", "localpg"},
	{"payroll", "dbf", "workbook"},
	{"law"},
	{"rule"},
	{"agency"},
	{"agency/sso", "agency/tax", "agency/gateway", "agency/hand"},
	{"synth"},
	{"intake"},
	{"access"},
	{"store/sqlc"},
	{"store"},
	{"flow"},
	{"api", "web"},
}

// atHome says which rooms may hold a third-party module. A room that is not here holds none; tests are free.
var atHome = map[string][]string{
	"github.com/jalaali/go-jalaali":              {"jalali"},
	"github.com/gowebpki/jcs":                    {"seal"},
	"github.com/yaronf/httpsign":                 {"seal"},
	"github.com/dunglas/httpsfv":                 {"seal"},
	"golang.org/x/text":                          {"dbf", "intake"},
	"github.com/xuri/excelize/v2":                {"workbook"},
	"github.com/goccy/go-yaml":                   {"law"},
	"github.com/google/uuid":                     {"agency", "agency/hand", "access", "store", "store/sqlc", "flow", "api", "web"},
	"github.com/jackc/pgx/v5":                    {"store", "store/sqlc", "flow", "localpg"},
	"github.com/prometheus/client_golang":        {"meter"},
	"github.com/vgarvardt/pgx-google-uuid/v5":    {"store"},
	"github.com/riverqueue/river":                {"store", "flow"},
	"github.com/pressly/goose/v3":                {"store"},
	"github.com/fergusstrange/embedded-postgres": {"localpg"},
	"github.com/go-chi/chi/v5":                   {"api", "web"},
	"github.com/danielgtaylor/huma/v2":           {"api"},
	"github.com/a-h/templ":                       {"web"},
	"rsc.io/qr":                                  {"web"},
}

// helpersOfTests may import what they like.
var helpersOfTests = []string{"store/storetest", "localpg/withpg", "intake/hostile", "intake/casetest", "drill"}

func TestImports_point_down_and_modules_stay_at_home(t *testing.T) {
	t.Parallel()
	floorOf := map[string]int{}
	for i, rooms := range floors {
		for _, r := range rooms {
			floorOf[r] = i
		}
	}
	for room, imports := range importsOf(t, ".") {
		if slices.Contains(helpersOfTests, room) {
			continue
		}
		floor, known := floorOf[room]
		require.True(t, known, "internal/%s is no room of the house: add it to this test and to the README's picture in one commit", room)
		for _, path := range imports {
			if inner, ok := strings.CutPrefix(path, "fehrest/internal/"); ok {
				require.Less(t, floorOf[inner], floor, "internal/%s imports internal/%s, which does not lie below it", room, inner)
				continue
			}
			if strings.HasPrefix(path, "fehrest/") || !strings.Contains(path, ".") {
				continue // migrations, samples, or the standard library
			}
			home := ""
			for module := range atHome {
				if (path == module || strings.HasPrefix(path, module+"/")) && len(module) > len(home) {
					home = module
				}
			}
			require.True(t, slices.Contains(atHome[home], room), "internal/%s imports %s, whose home is elsewhere: %v", room, path, atHome[home])
		}
	}
}

func TestSimulator_shares_nothing_with_the_product(t *testing.T) {
	t.Parallel()
	for room, imports := range importsOf(t, "../cmd/agencysim") {
		for _, path := range imports {
			require.False(t, strings.HasPrefix(path, "fehrest/internal/"), "cmd/agencysim/%s imports %s", room, path)
		}
	}
}

// importsOf lists the imports of every package below root, without its tests.
func importsOf(t *testing.T, root string) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || d.Name() == "tools" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		room, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		for _, i := range f.Imports {
			p, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			found[filepath.ToSlash(room)] = append(found[filepath.ToSlash(room)], p)
		}
		return nil
	})
	require.NoError(t, err)
	require.NotEmpty(t, found)
	return found
}
