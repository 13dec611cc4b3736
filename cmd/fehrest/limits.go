package main

import (
	"math"
	"os"
	"strconv"
	"strings"

	"fehrest/internal/intake"
)

// limitSettings are the environment's names of the bounds of a file. Sizes may end in KB, MB or GB.
var limitSettings = []struct {
	name string
	most int64
	set  func(*intake.Limits, int64)
}{
	{"FEHREST_MAX_FILE", math.MaxInt64, func(l *intake.Limits, n int64) { l.Workbook.File = n }},
	{"FEHREST_MAX_JSON", math.MaxInt64, func(l *intake.Limits, n int64) { l.JSON = n }},
	{"FEHREST_MAX_EXPANDED", math.MaxInt64, func(l *intake.Limits, n int64) { l.Workbook.Total = n }},
	{"FEHREST_MAX_PART", math.MaxInt64, func(l *intake.Limits, n int64) { l.Workbook.Part = n }},
	{"FEHREST_MAX_RATIO", math.MaxInt64, func(l *intake.Limits, n int64) { l.Workbook.Ratio = n }},
	{"FEHREST_MAX_ENTRIES", math.MaxUint16, func(l *intake.Limits, n int64) { l.Workbook.Entries = int(n) }},
	{"FEHREST_MAX_SHARED_TEXT", 4 << 30, func(l *intake.Limits, n int64) { l.Workbook.SharedBytes = n }},
	{"FEHREST_MAX_SHARED_TEXTS", math.MaxInt32, func(l *intake.Limits, n int64) { l.Workbook.SharedStrings = int(n) }},
	{"FEHREST_MAX_DEPTH", 1000, func(l *intake.Limits, n int64) { l.Workbook.Depth = int(n) }},
	{"FEHREST_MAX_JSON_DEPTH", 1000, func(l *intake.Limits, n int64) { l.JSONDepth = int(n) }},
	{"FEHREST_MAX_ROWS", intake.MostWorkers, func(l *intake.Limits, n int64) { l.Rows = int(n) }},
	{"FEHREST_MAX_COLUMNS", intake.MostColumns, func(l *intake.Limits, n int64) { l.Workbook.Columns = int(n) }},
}

// fileLimits reads the bounds of a file from the environment; what is not set keeps its default.
func fileLimits() (intake.Limits, error) {
	var l intake.Limits
	for _, s := range limitSettings {
		v, ok := os.LookupEnv(s.name)
		if !ok || v == "" {
			continue
		}
		n, ok := parseSize(v)
		if !ok {
			return l, usage("%s is not a whole number such as 200, 64MB or 1GB; correct it or take it away", s.name)
		}
		if n > s.most {
			return l, usage("%s is %d at most; correct it or take it away", s.name, s.most)
		}
		s.set(&l, n)
	}
	return l, nil
}

// parseSize reads a whole number above zero, of bytes where a unit says so.
func parseSize(v string) (int64, bool) {
	shift := 0
	for i, unit := range []string{"KB", "MB", "GB"} {
		if head, ok := strings.CutSuffix(strings.ToUpper(v), unit); ok {
			v, shift = strings.TrimSpace(head), 10*(i+1)
		}
	}
	n, err := strconv.ParseInt(v, 10, 64)
	return n << shift, err == nil && n > 0 && n <= math.MaxInt64>>shift
}
