package api

import (
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-chi/chi/v5"
)

// annotated answers with the list's workbook, its findings marked in it, as it is read from the disk.
func (s *server) annotated(w http.ResponseWriter, r *http.Request) {
	begun := false
	err := s.Window.Annotated(r.Context(), principal(r.Context()), chi.URLParam(r, "id"), func(name string) io.Writer {
		begun = true
		w.Header().Set("Cache-Control", "private, no-store")
		nameFile(w, name, workbookType)
		return w
	})
	switch {
	case err != nil && begun:
		panic(http.ErrAbortHandler) // what is sent already must not pass for the whole
	case err != nil:
		s.send(w, r, err)
	}
}

func documentAnnotated(_ *server, op *huma.Operation) {
	bytesOf(op, "the workbook that was sent, or one made of the list in another format, with a fill and a note at each finding and the sheet of findings", workbookType)
}
