package web

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"fehrest/internal/payroll"

	"rsc.io/qr"
)

// receipt shows a list's receipt to print. Its QR code holds the signed receipt itself, so that whoever reads the paper can
// verify it without the window: a text made for it alone would bind nothing that the signature covers.
func (p *pages) receipt(w http.ResponseWriter, r *http.Request) {
	var l list
	var text textOf
	var signed payroll.Receipt
	err := p.get(w, r, listPath(r), &l)
	if err == nil {
		err = p.get(w, r, listPath(r)+"/receipt", &text)
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), &signed)
	}
	if err != nil {
		p.fail(w, r, err)
		return
	}
	render(w, r, http.StatusOK, receiptView(&signed, &l, qrCode(string(text))))
}

// quietZone is the white border of a QR code, in modules, as its standard asks.
const quietZone = 4

// picture is a QR code as the path of its dark modules; without one it is empty.
type picture struct {
	size int // modules a side, the white border included
	path string
}

func (p picture) box() string { return "0 0 " + strconv.Itoa(p.size) + " " + strconv.Itoa(p.size) }

// qrCode draws a JSON document, without its white space. One that no QR code can hold, as of a list with very many rows held
// back, has no picture.
func qrCode(document string) (p picture) {
	var text bytes.Buffer
	if json.Compact(&text, []byte(document)) != nil {
		return p
	}
	code, err := qr.Encode(text.String(), qr.M)
	if err != nil {
		code, err = qr.Encode(text.String(), qr.L) // less is mended where the paper is dirty, but more fits
	}
	if err != nil {
		return p
	}
	p.size = code.Size + 2*quietZone
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for code.Black(x, y) {
				x++
			}
			if x > from {
				path.WriteString("M" + strconv.Itoa(from+quietZone) + " " + strconv.Itoa(y+quietZone) + "h" + strconv.Itoa(x-from) + "v1h-" + strconv.Itoa(x-from) + "z")
			}
		}
	}
	p.path = path.String()
	return p
}

// standing tells what the receipt is of: being received is not being accepted.
func standing(r *payroll.Receipt) string {
	switch {
	case r.Version > 0:
		return "لیست بررسی و برای ارسال ثبت شد. پاسخ سازمان‌ها جداگانه می‌آید و این رسید جای آن را نمی‌گیرد."
	case r.Verdicts.Passing() != 0:
		return "لیست به صورت پیش‌نویس نگه داشته شده و هنگام این رسید به هیچ سازمانی فرستاده نشده بود."
	}
	return "فایل رسید، ولی لیست رد شد و به هیچ سازمانی فرستاده نشد."
}
