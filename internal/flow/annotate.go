package flow

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"strings"
	"sync"

	"fehrest/internal/access"
	"fehrest/internal/fault"
	"fehrest/internal/intake"
	"fehrest/internal/store"
)

// retryAnnotated is how many seconds one who found the marking busy may wait.
const retryAnnotated = 5

// Annotated writes the workbook of a list with its findings marked in it, a rejected list's too. begin is asked for the
// writer once all is made, and told the workbook's name; an error before that is a *fault.Problem or the window's own.
// One list is marked at a time; Busy while another is.
func (w *Window) Annotated(ctx context.Context, p access.Principal, id string, begin func(name string) io.Writer) error {
	if !w.marking.TryLock() {
		return &fault.Problem{Kind: fault.Busy, RetryAfter: retryAnnotated, Text: fault.Text{
			FA: "کارپوشهٔ دیگری در دست نشانه‌گذاری است؛ چند ثانیه دیگر دوباره بخواهید", EN: "another workbook is being marked; ask again in a few seconds",
		}}
	}
	free := sync.OnceFunc(w.marking.Unlock)
	defer free()
	file := &spool{dir: w.spoolFolder()}
	defer file.close()
	var report intake.Report
	var l *store.List
	err := w.Store.Read(ctx, func(tx *store.Tx) (err error) {
		if l, err = w.held(ctx, tx, p, id); err != nil {
			return err
		}
		kept, err := tx.Findings(ctx, l.Header.Workshop, l.ID)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(kept, &report); err != nil {
			return fmt.Errorf("flow: kept report: %w", err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	kept := &original{ctx: ctx, store: w.Store, workshop: l.Header.Workshop, sha: l.SHA256}
	if _, err := io.Copy(file, kept); err != nil {
		return err
	}
	o := intake.Options{Name: l.FileName, Limits: w.Limits, Temp: w.Spool, Book: w.Book, Agencies: w.agencies(), Workshop: &l.Header}
	r := file.reader()
	to := &lateWriter{begin: func() io.Writer {
		free() // a slow reader holds no one up
		return begin(annotatedName(l.FileName))
	}}
	return intake.Annotate(ctx, to, r, r.Size(), o, report)
}

func annotatedName(name string) string {
	return strings.TrimSuffix(name, path.Ext(name)) + "-findings.xlsx"
}

// lateWriter asks for its writer at the first byte.
type lateWriter struct {
	begin func() io.Writer
	to    io.Writer
}

func (w *lateWriter) Write(b []byte) (int, error) {
	if w.to == nil {
		w.to = w.begin()
	}
	return w.to.Write(b)
}
