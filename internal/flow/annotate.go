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
	c, err := w.containerOf(ctx, p, id)
	if err != nil {
		return err
	}
	l := c.list
	var report intake.Report
	err = w.Store.Read(ctx, func(tx *store.Tx) error {
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
	h, err := w.holderOf(ctx, &c)
	if err != nil {
		return err
	}
	defer func() { _ = h.Close() }()
	o := intake.Options{Name: l.FileName, Limits: w.Limits, Temp: w.Spool, Book: w.Book, Agencies: w.agencies(), Workshop: &l.Header}
	to := &lateWriter{begin: func() io.Writer {
		free() // a slow reader holds no one up
		return begin(annotatedName(l.FileName))
	}}
	return h.opened.Annotate(ctx, to, c.position(), l.SHA256, c.whole(p), o, report)
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
