package api

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/intake"
)

// Limits of one upload beside those of its file, which are settings.
const (
	formFrame = 1 << 20 // bytes a form may add around its file
	formParts = 16      // parts of a form, its file included
	keyLength = 200     // characters of an Idempotency-Key
)

// acceptedTypes are what a list may be sent as. What it really is shows in its first bytes.
var acceptedTypes = []string{
	"", // not said
	"application/json",
	"application/octet-stream",
	"application/vnd.ms-excel", // what some desktops call every workbook
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	"application/zip",
}

// incoming is one list while it arrives. Its body ends with a fault.Problem when the form around it turns out to be wrong.
type incoming struct {
	body  io.Reader
	name  string
	limit int64
	kind  string // content type

	limits intake.Limits
}

// receive finds the list in a request: its whole body, or the one file of a form.
func receive(w http.ResponseWriter, r *http.Request, limits intake.Limits) (*incoming, error) {
	if e := r.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return nil, &fault.Problem{Kind: fault.Unsupported, Code: "API-05"}
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil && r.Header.Get("Content-Type") != "" {
		return nil, &fault.Problem{Kind: fault.Unsupported, Code: "API-05"}
	}
	frame := int64(0)
	if kind == "multipart/form-data" {
		frame = formFrame
	}
	if most := max(limits.JSON, limits.Workbook.File); r.ContentLength > most+frame {
		return nil, intake.TooLarge(r.ContentLength, most)
	}
	body := &patient{body: r.Body, control: http.NewResponseController(w)}
	if kind == "multipart/form-data" {
		return fromForm(body, params["boundary"], limits)
	}
	if !slices.Contains(acceptedTypes, kind) {
		return nil, &fault.Problem{Kind: fault.Unsupported, Code: "API-05"}
	}
	in := &incoming{name: nameOf(r.Header.Get("Content-Disposition")), kind: kind, limits: limits}
	return in.measured(body, r.ContentLength)
}

// measured gives the body the limit of what its first bytes say it is.
func (in *incoming) measured(body io.Reader, length int64) (*incoming, error) {
	b := bufio.NewReaderSize(body, 64<<10)
	first, _ := b.Peek(64) // a body that cannot be read says so when it is read
	in.body, in.limit = b, in.limits.Workbook.File
	if trimmed := bytes.TrimLeft(first, "\xef\xbb\xbf \t\r\n"); len(trimmed) > 0 && (trimmed[0] == '{' || trimmed[0] == '[') {
		in.limit = in.limits.JSON
	}
	if length > in.limit {
		return nil, intake.TooLarge(length, in.limit)
	}
	return in, nil
}

// fromForm finds the one file of a form; parts before it are skipped.
func fromForm(body io.Reader, boundary string, limits intake.Limits) (*incoming, error) {
	if boundary == "" {
		return nil, badForm(nil)
	}
	whole := &ceiling{body: body, left: formFrame}
	form := &form{reader: multipart.NewReader(whole, boundary), whole: whole}
	for {
		p, err := form.next()
		if err != nil {
			return nil, badForm(err)
		}
		if p == nil {
			return nil, badForm(errors.New("no file"))
		}
		if !isFile(p) {
			continue
		}
		if p.FormName() != "file" {
			return nil, badForm(errors.New("a file of another name"))
		}
		form.file = p
		in := &incoming{name: cleanName(p.FileName()), kind: p.Header.Get("Content-Type"), limits: limits}
		whole.left += max(limits.JSON, limits.Workbook.File) // what is too large for its kind is told as FILE-02
		return in.measured(form, -1)
	}
}

// ceiling ends a form that is larger than its file and its frame may be.
type ceiling struct {
	body io.Reader
	left int64
}

func (c *ceiling) Read(b []byte) (int, error) {
	if c.left <= 0 {
		return 0, badForm(errors.New("too much around the file"))
	}
	n, err := c.body.Read(b)
	c.left -= int64(n)
	return n, err
}

func badForm(err error) error { return &fault.Problem{Kind: fault.Malformed, Code: "API-04", Err: err} }

// form reads the file of a form, and at its end whether nothing but small fields follows.
type form struct {
	reader *multipart.Reader
	whole  *ceiling
	file   *multipart.Part
	parts  int
	end    error
}

// next returns the next part, nil after the last.
func (f *form) next() (*multipart.Part, error) {
	if f.parts++; f.parts > formParts {
		return nil, errors.New("too many parts")
	}
	p, err := f.reader.NextRawPart()
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	return p, err
}

func (f *form) Read(b []byte) (int, error) {
	if f.end != nil {
		return 0, f.end
	}
	n, err := f.file.Read(b)
	switch {
	case err == io.EOF:
		err = f.rest()
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = cutShort(err)
	}
	f.end = err
	return n, err
}

// cutShort is the failure of a form that ends within its file.
func cutShort(err error) error {
	f := catalogue().byCode["FILE-05"].At(fault.Place{}, "", "", "what_fa", "فایل ناقص رسیده؛ دوباره بفرستید", "what_en", "the file arrived incomplete; send it again")
	return &fault.Problem{Kind: fault.Malformed, Code: "FILE-05", Text: f.Message, Faults: []fault.Fault{f}, Err: err}
}

func (f *form) rest() error {
	f.whole.left = min(f.whole.left, formFrame)
	for {
		p, err := f.next()
		if err != nil {
			return badForm(err)
		}
		if p == nil {
			return io.EOF
		}
		if isFile(p) {
			return badForm(errors.New("a second file"))
		}
	}
}

func isFile(p *multipart.Part) bool {
	_, params, _ := mime.ParseMediaType(p.Header.Get("Content-Disposition"))
	_, has := params["filename"]
	return has || p.FormName() == "file"
}

// nameOf takes the file name out of a Content-Disposition header.
func nameOf(disposition string) string {
	_, params, err := mime.ParseMediaType(disposition)
	if err != nil {
		return ""
	}
	return cleanName(params["filename"])
}

// cleanName keeps of a sender's file name what may be shown and stored: no folder, no control or direction character, and
// at most 120 characters.
func cleanName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	if name == "." || name == "/" || name == ".." {
		return ""
	}
	kept := []rune{}
	for _, c := range name {
		if c < 0x20 || c == 0x7f || (c >= 0x80 && c < 0xa0) || (c >= 0x200e && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
			(c >= 0x2066 && c <= 0x2069) || c == 0xfeff || c == 0xfffd || c == 0x61c {
			continue
		}
		if kept = append(kept, c); len(kept) == 120 {
			break
		}
	}
	return string(kept)
}

// uploadPause is how long a sender may stand still in mid upload. Server bounds an upload's whole time.
const uploadPause = time.Minute

// patient reads a body that may take long, but not one that stands still.
type patient struct {
	body    io.Reader
	control *http.ResponseController
}

func (p *patient) Read(b []byte) (int, error) {
	// A deadline in the past ends a read that waits; there may be no connection, and then none waits.
	t := time.AfterFunc(uploadPause, func() { _ = p.control.SetReadDeadline(time.Unix(1, 0)) })
	defer t.Stop()
	return p.body.Read(b)
}
