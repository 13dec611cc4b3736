package web_test

import (
	"fmt"
	"html"
	"image"
	"image/color"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"fehrest/internal/seal"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"github.com/stretchr/testify/require"
)

var (
	boxOf  = regexp.MustCompile(`<svg viewBox="0 0 (\d+) \d+"`)
	pathOf = regexp.MustCompile(`<path d="([^"]+)"`)
	runOf  = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`)
)

// scanned reads the QR code of a page from its picture.
func scanned(t *testing.T, page string) string {
	t.Helper()
	const dots = 4 // a module
	var size int
	_, err := fmt.Sscan(boxOf.FindStringSubmatch(page)[1], &size)
	require.NoError(t, err)
	picture := image.NewGray(image.Rect(0, 0, size*dots, size*dots))
	for i := range picture.Pix {
		picture.Pix[i] = 255
	}
	for _, run := range runOf.FindAllString(pathOf.FindStringSubmatch(page)[1], -1) {
		var x, y, n, back int
		_, err := fmt.Sscanf(run, "M%d %dh%dv1h-%dz", &x, &y, &n, &back)
		require.NoError(t, err)
		require.Equal(t, n, back)
		for dy := range dots {
			for dx := range n * dots {
				picture.SetGray(x*dots+dx, y*dots+dy, color.Gray{})
			}
		}
	}
	bits, err := gozxing.NewBinaryBitmapFromImage(picture)
	require.NoError(t, err)
	// The picture is drawn, not photographed: the reader's search for a code askew finds wrong corners in one of a hundred.
	read, err := qrcode.NewQRCodeReader().Decode(bits, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true})
	require.NoError(t, err)
	return read.GetText()
}

func TestReceipt_is_printed_with_a_code_that_holds_it(t *testing.T) {
	t.Parallel()
	d := sit(t)
	p := d.upload(d.signIn().button(t), "لیست مهر.xlsx", d.workbook(d.good))
	require.Contains(t, d.open(p.path).html, `href="`+p.path+`/receipt"`)
	file := d.open(p.path + "/receipt.json")
	require.Contains(t, file.header.Get("Content-Disposition"), "attachment")
	require.NoError(t, seal.Verify([]byte(file.html), d.window.PublicKeys()))
	paper := d.open(p.path + "/receipt")
	require.Equal(t, http.StatusOK, paper.status)
	require.Contains(t, paper.html, `dir="rtl"`)
	text := scanned(t, paper.html)
	require.JSONEq(t, file.html, text)
	require.NoError(t, seal.Verify([]byte(text), d.window.PublicKeys()))
	changed := strings.Replace(text, `"version":1`, `"version":2`, 1)
	require.NotEqual(t, text, changed)
	require.ErrorIs(t, seal.Verify([]byte(changed), d.window.PublicKeys()), seal.ErrSignature)

	// The API's own address shows the same page to who would rather read one, signed in either way.
	for _, c := range []struct{ accept, token, kind string }{
		{"text/html,application/xhtml+xml", "", "text/html; charset=utf-8"},
		{"text/html", d.tokens["employer"], "text/html; charset=utf-8"},
		{"application/json", d.tokens["employer"], "application/json"},
	} {
		r, err := http.NewRequest(http.MethodGet, d.url+"/v1"+p.path+"/receipt", nil)
		require.NoError(t, err)
		r.Header.Set("Accept", c.accept)
		client := d.http
		if c.token != "" {
			r.Header.Set("Authorization", "Bearer "+c.token)
			client = http.DefaultClient
		}
		got, err := client.Do(r)
		require.NoError(t, err)
		require.NoError(t, got.Body.Close())
		require.Equal(t, http.StatusOK, got.StatusCode)
		require.Equal(t, c.kind, got.Header.Get("Content-Type"))
	}
}

func TestReceipt_of_a_rejected_list_does_not_pass_for_more(t *testing.T) {
	t.Parallel()
	d := sit(t)
	p := d.upload(d.signIn().button(t), "faulty.xlsx", d.workbook(d.faulty))
	paper := html.UnescapeString(d.open(p.path + "/receipt").html)
	require.Contains(t, paper, "لیست رد شد و به هیچ سازمانی فرستاده نشد")
	require.NoError(t, seal.Verify([]byte(scanned(t, paper)), d.window.PublicKeys()))
}
