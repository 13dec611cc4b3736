package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"fehrest/internal/intake"
)

// mapFile holds a client's answers to unclear headers, beside the client's files: {header: key}.
const mapFile = "fehrest.map.json"

// ownFiles are those that the program itself reads or writes beside lists; they are none.
var ownFiles = []string{mapFile, "assessment.json", "findings.json", "demo.json"}

// source is one file to be read.
type source struct {
	path string
	root string // the folder of the arguments that it lies in, or its own
}

// inputs lists the files of the arguments; a folder gives every workbook, JSON list and ZIP below it, by name. many tells that
// the answer is a list of answers.
func inputs(args []string, without string) (files []source, many bool, err error) {
	for _, arg := range args {
		info, err := os.Stat(arg)
		if err != nil {
			return nil, false, &exit{exitUnreadable, fmt.Sprintf("%s is not there; check the name", arg)}
		}
		if !info.IsDir() {
			files = append(files, source{filepath.Clean(arg), filepath.Dir(arg)})
			continue
		}
		many = true
		below, err := listsBelow(arg, without)
		if err != nil {
			return nil, false, &exit{exitUnreadable, fmt.Sprintf("the folder %s cannot be read; check its permissions", arg)}
		}
		files = append(files, below...)
	}
	slices.SortFunc(files, func(a, b source) int { return strings.Compare(a.path, b.path) })
	files = slices.CompactFunc(files, func(a, b source) bool { return a.path == b.path })
	if len(files) == 0 {
		return nil, false, &exit{exitUnreadable, "no workbook (.xlsx, .xlsm), JSON list or ZIP was found"}
	}
	return files, many || len(files) > 1, nil
}

// listsBelow walks a folder, leaving out the one that is written to.
func listsBelow(folder, without string) (files []source, err error) {
	err = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && without != "" && path != folder && sameFolder(path, without):
			return filepath.SkipDir
		case !d.IsDir() && isList(path):
			files = append(files, source{path, folder})
		}
		return nil
	})
	return files, err
}

func sameFolder(a, b string) bool {
	x, errX := filepath.Abs(a)
	y, errY := filepath.Abs(b)
	return errX == nil && errY == nil && x == y
}

func isList(path string) bool {
	name := filepath.Base(path)
	// Excel keeps a lock file ~$name beside an open workbook.
	return intake.IsList(name) && !strings.HasPrefix(name, "~$") && !strings.HasPrefix(name, ".") && !slices.Contains(ownFiles, name)
}

// clientMaps are the answers of clients, read once a folder.
type clientMaps struct {
	mu    sync.Mutex
	known map[string]clientMap
}

type clientMap struct {
	answers map[string]string
	err     error
}

// of is the map for a file: that of its folder, else of the nearest folder above within the arguments; nil where there is none.
func (m *clientMaps) of(s source) (map[string]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	root := filepath.Clean(s.root)
	for dir := filepath.Dir(s.path); ; dir = filepath.Dir(dir) {
		if found := m.read(dir); found.answers != nil || found.err != nil || dir == root || dir == filepath.Dir(dir) {
			return found.answers, found.err
		}
	}
}

func (m *clientMaps) read(dir string) clientMap {
	if found, ok := m.known[dir]; ok {
		return found
	}
	if m.known == nil {
		m.known = map[string]clientMap{}
	}
	path, found := filepath.Join(dir, mapFile), clientMap{}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		if found.answers, err = readMap(path); err != nil {
			found.err = &exit{exitUnreadable, err.Error()}
		} else if found.answers == nil {
			found.answers = map[string]string{}
		}
	}
	m.known[dir] = found
	return found
}

// readMap reads {header: key}.
func readMap(path string) (answers map[string]string, err error) {
	if err := readJSON(path, &answers); err != nil {
		return nil, err
	}
	for _, header := range slices.Sorted(maps.Keys(answers)) {
		if key := answers[header]; intake.CheckMap(map[string]string{header: key}) != nil {
			return nil, usage("%s names a key that no column has: %q for %q; the template's second row holds them, and ignored leaves a column out", path, key, header)
		}
	}
	return answers, nil
}

// mapOf is where the answers for a file belong.
func mapOf(s source) string { return filepath.Join(filepath.Dir(s.path), mapFile) }
