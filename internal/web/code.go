package web

import (
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"fehrest/internal/fault"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"
)

// code is an entry of the catalogue as the API shows it.
type code struct {
	fault.Entry
	Version  string     `json:"version"`
	Date     string     `json:"date"`
	Example  fault.Text `json:"example"`
	Examples []string   `json:"examples"`
	Late     []struct {
		Lane     fault.Lane `json:"lane"`
		Due      fault.Text `json:"due"`
		Penalty  fault.Text `json:"penalty"`
		Citation string     `json:"citation"`
	} `json:"late"`
}

// codePage is the catalogue as the API shows it.
type codePage struct {
	Version string `json:"version"`
	Date    string `json:"date"`
	Items   []code `json:"items"`
}

// example is a failing file and the passing one beside it.
type example struct {
	fail, pass exampleFile
	before     []exampleFile
	found      []fault.Fault // what the failing one gets
	status     int           // of the answer to a failing request
}

// exampleFile is one file of an example. A text's lines know whether the other file has them too.
type exampleFile struct {
	name  string
	lines []exampleLine // nil where it is no text
}

type exampleLine struct {
	text string
	own  bool // not in the other file
}

// codes shows the whole catalogue.
func (p *pages) codes(w http.ResponseWriter, r *http.Request) {
	var all codePage
	if err := p.get(w, r, "/v1/codes", &all); err != nil {
		p.fail(w, r, err)
		return
	}
	render(w, r, http.StatusOK, codesPage(&all, tokenOf(r) != ""))
}

// code shows one entry with its examples.
func (p *pages) code(w http.ResponseWriter, r *http.Request) {
	at := "/v1/codes/" + url.PathEscape(chi.URLParam(r, "code"))
	var c code
	if err := p.get(w, r, at, &c); err != nil {
		p.fail(w, r, err)
		return
	}
	examples, err := p.examplesOf(w, r, at+"/examples/", c.Examples)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	render(w, r, http.StatusOK, codeView(&c, examples, tokenOf(r) != ""))
}

// codeExample hands one file of an example to the browser.
func (p *pages) codeExample(w http.ResponseWriter, r *http.Request) {
	code, name := chi.URLParam(r, "code"), chi.URLParam(r, "name")
	p.pass(w, r, "/v1/codes/"+url.PathEscape(code)+"/examples/"+url.PathEscape(name), code+"-"+name)
}

func (p *pages) examplesOf(w http.ResponseWriter, r *http.Request, at string, names []string) (all []example, err error) {
	fetch := func(name string) (f exampleFile, err error) {
		f.name = name
		if !isText(name) {
			return f, nil
		}
		var text textOf
		if err = p.get(w, r, at+url.PathEscape(name), &text); err == nil {
			for line := range strings.Lines(string(text)) {
				f.lines = append(f.lines, exampleLine{text: strings.TrimRight(line, "\n")})
			}
		}
		return f, err
	}
	for _, name := range names {
		rest, failing := strings.CutPrefix(name, "fail")
		if !failing {
			continue
		}
		var e example
		stem := strings.TrimSuffix(rest, path.Ext(rest))
		i := slices.IndexFunc(names, func(n string) bool { return strings.TrimSuffix(n, path.Ext(n)) == "pass"+stem })
		if i < 0 {
			continue
		}
		if e.fail, err = fetch(name); err != nil {
			return nil, err
		}
		if e.pass, err = fetch(names[i]); err != nil {
			return nil, err
		}
		markOwn(e.fail.lines, e.pass.lines)
		markOwn(e.pass.lines, e.fail.lines)
		for _, n := range names {
			if strings.HasPrefix(n, "before") {
				e.before = append(e.before, exampleFile{name: n})
			}
		}
		var want struct {
			Status   int           `json:"status"`
			Findings []fault.Fault `json:"findings"`
		}
		if err := p.get(w, r, at+url.PathEscape("want"+stem+".json"), &want); err != nil {
			return nil, err
		}
		e.found, e.status = want.Findings, want.Status
		all = append(all, e)
	}
	return all, nil
}

// textOf takes an answer as the text it is.
type textOf string

func isText(name string) bool {
	return slices.Contains([]string{".json", ".http", ".csv"}, path.Ext(name))
}

// markOwn marks the lines that the other file does not have.
func markOwn(lines, other []exampleLine) {
	for i := range lines {
		same := func(l exampleLine) bool { return l.text == lines[i].text }
		lines[i].own = !slices.ContainsFunc(other, same)
	}
}

// family is a part of the catalogue that shares the letters of its codes.
type family struct {
	name  string
	title string
	codes []code
}

var familyTitles = []struct{ name, title string }{
	{"FILE", "فایل"},
	{"SHEET", "برگه و ستون‌ها"},
	{"MAP", "عنوان ستون‌ها"},
	{"CELL", "خانه‌ها"},
	{"ID", "هویت و کدها"},
	{"DATE", "تاریخ"},
	{"DAYS", "روزهای کارکرد"},
	{"WAGE", "دستمزد و مزایا"},
	{"PREM", "حق بیمه"},
	{"TAX", "مالیات"},
	{"ARR", "معوقه"},
	{"LIST", "لیست"},
	{"HIST", "مقایسه با لیست‌های پیشین"},
	{"JSON", "لیست به شکل JSON"},
	{"DBF", "فایل‌های دیسکت بیمه"},
	{"API", "درخواست نرم‌افزار"},
}

// families divides the catalogue in the order a list is looked through; letters without a title come last.
func (c *codePage) families() (all []family) {
	titled := familyTitles
	for _, x := range c.Items {
		name, _, _ := strings.Cut(x.Code, "-")
		if !slices.ContainsFunc(titled, func(f struct{ name, title string }) bool { return f.name == name }) {
			titled = append(titled[:len(titled):len(titled)], struct{ name, title string }{name, name})
		}
	}
	for _, t := range titled {
		f := family{name: t.name, title: t.title}
		for _, x := range c.Items {
			if strings.HasPrefix(x.Code, t.name+"-") {
				f.codes = append(f.codes, x)
			}
		}
		if len(f.codes) > 0 {
			all = append(all, f)
		}
	}
	return all
}

var classWords = map[fault.Class]string{
	fault.Gate:     "هنگام خواندن فایل",
	fault.Offline:  "از خود لیست، بی‌نیاز از ثبت‌ها؛ نرم‌افزار بررسی هم آن را می‌گوید",
	fault.Register: "با ثبت کارگاه یا لیست‌های پیشین، در خود پنجره",
}

var scopeWords = map[string]string{
	"file": "همهٔ فایل", "sheet": "برگه", "header": "برگهٔ کارگاه", "row": "ردیف", "cell": "خانه", "request": "درخواست",
}

// codeLane tells whom a code concerns.
func codeLane(c *code) string {
	if c.Lane == 0 {
		return "سازمانی که آن ستون را لازم دارد"
	}
	return lanesText(c.Lane)
}

func laneEnglish(l fault.Lane) string {
	switch l {
	case fault.SSO:
		return "Social Security Organization"
	case fault.Tax:
		return "tax administration"
	case fault.Both:
		return "both organisations"
	}
	return "of the column"
}

func exampleAddress(c *code, name string) templ.SafeURL {
	return templ.SafeURL("/codes/" + c.Code + "/examples/" + url.PathEscape(name))
}
