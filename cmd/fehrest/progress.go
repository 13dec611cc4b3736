package main

import (
	"io"
	"os"

	"github.com/schollz/progressbar/v3"
)

// progress shows how many files are done, on a terminal only.
type progress struct{ bar *progressbar.ProgressBar }

func newProgress(w io.Writer, files int, what string) progress {
	f, ok := w.(*os.File)
	if !ok || files < 2 {
		return progress{}
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return progress{}
	}
	return progress{progressbar.NewOptions(files, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what),
		progressbar.OptionShowCount(), progressbar.OptionClearOnFinish())}
}

// step tells that another file is done.
func (p progress) step() {
	if p.bar != nil {
		_ = p.bar.Add(1)
	}
}

// aside takes the bar away before something is printed.
func (p progress) aside() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
