package workbook

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzTokeniser holds the tokeniser against encoding/xml: a document that is taken has the same elements and texts.
func FuzzTokeniser(f *testing.F) {
	for _, doc := range []string{
		`<a/>`, `<?xml version="1.0" encoding="UTF-8"?><a><b c="1" d='&lt;'/>x&amp;y<![CDATA[<z>]]></a>`, "\uFEFF<a>\r\nb\r</a>\n", `<x:a xmlns:x="u"><x:b/><y:c/>z</x:a>`,
		`<a><!-- - --><?pi x?>&#1593;&#x644;</a>`, `<!DOCTYPE a><a/>`, `<a>]]></a>`, `<a><!-- -- --></a>`, `<a b="1" b="2"/>`, "<a\tb = '\n' ></a >", `<a>` + strings.Repeat("<b>", 70),
	} {
		f.Add(doc, 7)
	}
	f.Fuzz(func(t *testing.T, doc string, step int) {
		ours, err := tokensOf(doc, step)
		if err != nil {
			require.ErrorAs(t, err, new(*Refusal))
			return
		}
		theirs, err := tokensByXML(doc)
		require.NoError(t, err)
		require.Equal(t, theirs, ours)
	})
}

// slowly gives a few bytes at a time, so that every token is cut somewhere.
type slowly struct {
	from io.Reader
	step int
}

func (s slowly) Read(b []byte) (int, error) { return s.from.Read(b[:min(len(b), s.step)]) }

func tokensOf(doc string, step int) (string, error) {
	a := &Archive{limits: Limits{}.OrDefault()}
	s := a.newScanner(&part{name: "x"}, slowly{strings.NewReader(doc), step&15 + 1})
	s.window = s.window[:64]
	if err := s.prolog(); err != nil {
		return "", err
	}
	var out strings.Builder
	var text []byte
	for {
		switch k, err := s.next(); {
		case err != nil:
			return "", err
		case k == tokenEOF:
			return out.String(), nil
		case k == tokenText && len(s.marks) > 0:
			if text, err = s.decode(text[:0], s.text, s.literal); err != nil {
				return "", err
			}
			out.Write(text)
		case k == tokenStart:
			name := s.open[s.marks[len(s.marks)-1]:]
			out.WriteString("<" + string(name[bytes.IndexByte(name, ':')+1:]))
			for _, a := range s.attrs {
				out.WriteString(" " + string(a.name[bytes.IndexByte(a.name, ':')+1:]) + "=" + string(a.value))
			}
			out.WriteString(">")
		case k == tokenEnd:
			out.WriteString("</>")
		}
	}
}

func tokensByXML(doc string) (string, error) {
	d := xml.NewDecoder(strings.NewReader(strings.TrimPrefix(doc, "\uFEFF")))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	var out strings.Builder
	depth := 0
	for {
		k, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out.String(), nil
		}
		if err != nil {
			return "", err
		}
		switch k := k.(type) {
		case xml.StartElement:
			depth++
			out.WriteString("<" + k.Name.Local)
			for _, a := range k.Attr {
				out.WriteString(" " + a.Name.Local + "=" + a.Value)
			}
			out.WriteString(">")
		case xml.EndElement:
			depth--
			out.WriteString("</>")
		case xml.CharData:
			if depth > 0 {
				out.Write(k)
			}
		}
	}
}
