package sim

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// checkPath judges a package, a file of a pair, or every pair below a folder,
// and writes a line a finding. It returns the number of findings.
func checkPath(agency, path string, stdout io.Writer) (int, error) {
	r, err := loadRates()
	if err != nil {
		return 0, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	c := &collector{file: path}
	pairs := 0
	judge := func(entries []entry, c *collector) {
		if agency == agencySSO {
			parts := ssoParts(entries, c)
			pairs += len(parts)
			judgeSSO(parts, nil, r, c)
		} else if f, ok := taxPair(entries, c); ok {
			pairs++
			judgeTax(f, nil, nil, r, c)
		}
	}
	if !info.IsDir() && strings.EqualFold(filepath.Ext(path), ".zip") {
		b, err := os.ReadFile(path)
		if err != nil {
			return 0, err
		}
		if entries := openPackage(path, b, c); len(c.all) == 0 {
			judge(entries, c)
		}
	} else if err := eachPair(agency, path, info.IsDir(), func(dir string, entries []entry) {
		part := &collector{file: dir}
		judge(entries, part)
		for _, f := range part.all {
			f.File = filepath.Join(dir, f.File)
			c.all = append(c.all, f)
		}
	}); err != nil {
		return 0, err
	}
	if pairs == 0 && len(c.all) == 0 {
		c.add("SIM-01", "", 0, "", "no pair", map[string]string{agencySSO: karName + " and " + worName, agencyTax: "WPyyyymm.txt and WHyyyymm.txt"}[agency])
	}
	for _, f := range c.all {
		if err := f.print(stdout); err != nil {
			return 0, err
		}
	}
	return len(c.all), nil
}

// eachPair gathers the files of each pair by folder, and month where the name
// has one. For a single file its own pair is taken.
func eachPair(agency, path string, isDir bool, judge func(dir string, entries []entry)) error {
	groups := map[string][]entry{}
	only := ""
	root := path
	if !isDir {
		root = filepath.Dir(path)
		only = groupOf(agency, root, filepath.Base(path))
		if only == "" {
			return fmt.Errorf("%s is neither a ZIP nor a file of this organisation", path)
		}
	}
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if !isDir && p != root {
				return fs.SkipDir
			}
			return nil
		}
		g := groupOf(agency, filepath.Dir(p), d.Name())
		if g == "" || only != "" && g != only {
			return nil
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		groups[g] = append(groups[g], entry{d.Name(), b})
		return nil
	})
	if err != nil {
		return err
	}
	names := make([]string, 0, len(groups))
	for g := range groups {
		names = append(names, g)
	}
	sort.Strings(names)
	for _, g := range names {
		dir, _, _ := strings.Cut(g, "\x00")
		judge(dir, groups[g])
	}
	return nil
}

// groupOf names the pair a file belongs to; empty when it is no such file.
func groupOf(agency, dir, name string) string {
	if agency == agencySSO && (strings.EqualFold(name, karName) || strings.EqualFold(name, worName)) {
		return dir
	}
	if _, m, ok := taxName(name); ok && agency == agencyTax {
		return dir + "\x00" + m.compact()
	}
	return ""
}
