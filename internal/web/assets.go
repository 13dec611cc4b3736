package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"
)

//go:embed assets/*.css assets/*.js assets/*.woff2
var files embed.FS

// addresses are the assets by name with a part of their digest, so that a browser may keep them for ever.
var addresses = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	names, _ := fs.Glob(files, "assets/*")
	for _, name := range names {
		b, _ := files.ReadFile(name)
		sum := sha256.Sum256(b)
		all[path.Base(name)] = "/assets/" + path.Base(name) + "?v=" + hex.EncodeToString(sum[:6])
	}
	return all
})

func address(name string) string { return addresses()[name] }

var assetTypes = map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".woff2": "font/woff2"}

func asset(w http.ResponseWriter, r *http.Request) {
	name := chi.URLParam(r, "name")
	b, err := files.ReadFile("assets/" + path.Base(name))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", assetTypes[path.Ext(name)])
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(b))
}
