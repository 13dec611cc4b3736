package web

import (
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"
)

// manyLists is what became of each list of a file; of a file of one list, its id.
type manyLists struct {
	ID     string `json:"id"`
	Upload struct {
		ID string `json:"id"`
	} `json:"upload"`
	Lists []oneOfMany `json:"lists"`
}

// oneOfMany is a receipt, or a problem and then has a status.
type oneOfMany struct {
	problem

	Workshop     string `json:"workshop_code"`
	ContractRow  string `json:"contract_row"`
	Period       string `json:"period"`
	ListNo       string `json:"list_no"`
	TrackingCode string `json:"tracking_code"`
	Repeated     bool   `json:"repeated"`
	Draft        bool   `json:"draft"`
	LeftOff      int    `json:"left_off"`

	Receipt *oneOfMany `json:"receipt"` // a problem's
}

// known is what says which list it is; nil of one that could not be read so far.
func (l *oneOfMany) known() *oneOfMany {
	if l.Status == 0 {
		return l
	}
	return l.Receipt
}

func (l *oneOfMany) word() word {
	switch {
	case l.Status != 0:
		return word{"رد شد", bad}
	case l.Draft:
		return word{"پیش‌نویس", waiting}
	case l.Repeated:
		return word{"پیش‌تر رسیده", quiet}
	}
	return word{"رسید", good}
}

// refused tells how many of the lists were.
func (m *manyLists) refused() (n int) {
	for i := range m.Lists {
		if m.Lists[i].Status != 0 {
			n++
		}
	}
	return n
}

// asMany reads an answer to a file of many lists, whatever its status: that is the lists' own.
func asMany(body []byte) (*manyLists, bool) {
	var m manyLists
	err := json.Unmarshal(body, &m)
	return &m, err == nil && m.Upload.ID != ""
}

// uploadOf shows what became of each list of a file.
func (p *pages) uploadOf(w http.ResponseWriter, r *http.Request) {
	var m manyLists
	if err := p.get(w, r, "/v1/uploads/"+url.PathEscape(chi.URLParam(r, "id")), &m); err != nil {
		p.fail(w, r, err)
		return
	}
	render(w, r, http.StatusOK, uploadView(&m))
}
