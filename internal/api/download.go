package api

import (
	"net/http"
	"net/url"
)

// sendFile answers with a file under its own name.
func sendFile(w http.ResponseWriter, name, contentType string, b []byte) {
	nameFile(w, name, contentType)
	_, _ = w.Write(b) // the reader went away: there is no one left to tell
}

func nameFile(w http.ResponseWriter, name, contentType string) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(name))
}
