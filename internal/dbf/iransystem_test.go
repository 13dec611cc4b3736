package dbf

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestIranSystem(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want string // bytes
		back string // where decoding gives another text
	}{
		"joined letters reversed":           {text: "علی", want: "\xFC\xF3\xE4"},
		"a number keeps its order":          {text: "خیابان 12 بهمن", want: "\xF6\xF5\xFA\x93\x20\x31\x32\x20\xF6\x91\x93\x91\xFE\xA1"},
		"a Latin run keeps its order":       {text: "شرکت ABC 12 (نو)", want: "\x28\xF8\xF7\x29\x20\x41\x42\x43\x20\x31\x32\x20\x96\xEE\xA4\xAA"},
		"non-joiner breaks joining":         {text: "لاله\u200cزاری", want: "\xFD\xA4\x90\xA5\x20\xF9\xF3\xF2", back: "لاله زاری"},
		"man":                               {text: "مرد", want: "\xA2\xA4\xF5"},
		"woman":                             {text: "زن", want: "\xF6\xA5"},
		"Iranian":                           {text: "ایرانی", want: "\xFC\xF7\x90\xA4\xFE\x90"},
		"lam-alef joined to the one before": {text: "سلام", want: "\xF4\xF2\xA8"},
		"lam-alef with hamza":               {text: "لأ لإ", want: "\xF2\x20\xF2", back: "لا لا"},
		"lam with madda is two letters":     {text: "لآ", want: "\x8D\xF3"},
		"a mark inside lam-alef":            {text: "ل\u064eا", want: "\xF2", back: "لا"},
		"non-joiner inside lam-alef":        {text: "ل\u200cا", want: "\x90\x20\xF1", back: "ل ا"},
		"tatweel dropped":                   {text: "علـــی", want: "\xFC\xF3\xE4", back: "علی"},
		"vowel marks dropped":               {text: "مُحَمَّد", want: "\xA2\xF5\x9F\xF5", back: "محمد"},
		"NFC before folding":                {text: "ا\u0654حمد", want: "\xA2\xF5\x9F\x90", back: "احمد"},
		"folded letters":                    {text: "مؤمنة", want: "\xF9\xF7\xF5\xF8\xF5", back: "مومنه"},
		"he with ye":                        {text: "خانۀ", want: "\xF9\xF7\x91\xA1", back: "خانه"},
		"Arabic letters":                    {text: "علي كاظم ى", want: "\xFD\x20\xF4\xE0\x91\xEE\x20\xFC\xF3\xE4", back: "علی کاظم ی"},
		"hamza joins to nothing":            {text: "بءب", want: "\x92\x8F\x92"},
		"ye with hamza in the middle":       {text: "رئیس", want: "\xA7\xFE\x8E\xA4"},
		"ye with hamza at the end":          {text: "شیئ", want: "\xFC\xFE\xAA", back: "شیی"},
		"forms of ain":                      {text: "ع عع ععع", want: "\xE2\xE3\xE4\x20\xE2\xE4\x20\xE1"},
		"forms of he":                       {text: "ه هه ههه", want: "\xF9\xFA\xFB\x20\xF9\xFB\x20\xF9"},
		"Persian digits":                    {text: "پلاک ۱۲۳", want: "\x81\x82\x83\x20\xED\xF2\x95"},
		"Arabic digits":                     {text: "٤٥", want: "\x84\x85", back: "۴۵"},
		"numbers stand right to left":       {text: "12-34/5", want: "5/34-12"},
		"numbers of both kinds":             {text: "۱۲ 34", want: "34 \x81\x82"},
		"signs inside a Latin run":          {text: "ABC-12/5.a: b,c", want: "ABC-12/5.a: b,c"},
		"a Latin run begun by a number":     {text: "کد 12 AB", want: "12 AB \xA2\xEE"},
		"signs at a Latin run's edges":      {text: "(A.) - ب", want: "\x92 - (.A)"},
		"square brackets":                   {text: "[ا]", want: "[\x90]"},
		"Persian comma and question mark":   {text: "ا،ب؟", want: "\x8C\x92\x8A\x90"},
		"no-break space":                    {text: "ا\u00a0ب", want: "\x92\xFF\x90"},
		"invisible signs dropped":           {text: "ع\u200dل\u200fی", want: "\xFC\xF3\xE4", back: "علی"},
		"empty":                             {},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, loss := IranSystem.Encode(tt.text)
			assert.Equal(t, []byte(tt.want), got)
			assert.Zero(t, loss)
			back := tt.back
			if back == "" {
				back = tt.text
			}
			assert.Equal(t, back, IranSystem.Decode(got))
		})
	}
}

func TestIranSystem_loss(t *testing.T) {
	t.Parallel()
	got, loss := IranSystem.Encode("ا؛ب«é½ڤ»\x07")
	assert.Equal(t, []byte("  ??? \x92 \x90"), got)
	assert.Equal(t, Loss{Letters: []rune("é½ڤ"), Spaced: []rune("؛«»\x07")}, loss)
}

func TestIranSystem_appends(t *testing.T) {
	t.Parallel()
	got, _ := IranSystem.Append([]byte("AB\xF1"), "ابی")
	assert.Equal(t, []byte("AB\xF1\xFC\x93\x90"), got)
}

// Writers differ in the forms they choose: every form is read as its letter.
func TestIranSystem_decodes_any_form(t *testing.T) {
	t.Parallel()
	for _, s := range shapes {
		letter := string([]rune(s.letters)[0])
		for _, b := range []byte{s.isolated, s.final, s.medial, s.initial} {
			if letter == "ئ" && (b == s.isolated || b == s.final) {
				continue // the bytes of ی
			}
			assert.Equal(t, letter, IranSystem.Decode([]byte{b}))
		}
	}
	assert.Equal(t, "ایرانی", IranSystem.Decode([]byte("\xFC\xF7\x91\xA4\xFE\x90")))
	assert.Equal(t, "مرد", IranSystem.Decode([]byte("\xA2\xA4\xF4")))
	assert.Equal(t, "علی", IranSystem.Decode([]byte("\xFC\x8B\xF3\xE4")))
	assert.Equal(t, "\uFFFD", IranSystem.Decode([]byte{0xB0}))
}

func TestIranSystem_text_survives(t *testing.T) {
	t.Parallel()
	letters := []rune("آءابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی۰۱۲۳۴۵۶۷۸۹0123456789ABCxyz    .-/:,()[]،؟!+*_%\u00a0")
	rapid.Check(t, func(t *rapid.T) {
		s := strings.ReplaceAll(rapid.StringOf(rapid.SampledFrom(append(letters, 'ئ'))).Draw(t, "text"), "ئ", "ئا")
		b, loss := IranSystem.Encode(s)
		require.Zero(t, loss)
		require.Equal(t, s, IranSystem.Decode(b))
		again, _ := IranSystem.Encode(IranSystem.Decode(b))
		require.Equal(t, b, again)
	})
}

func TestTurn_is_its_own_inverse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")
		got := bytes.Clone(b)
		turn(got)
		turn(got)
		require.Equal(t, b, got)
	})
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("\x28\xF8\xF7\x29\x20ABC 12\x20\x96\xEE\xA4\xAA"))
	f.Add([]byte("\x80\xF2 ?"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, e := range []Encoding{IranSystem, CP1256, UTF8} {
			text := e.Decode(b)
			again, _ := e.Encode(text)
			e.Decode(again)
		}
		_, _ = Guess([][]byte{b})
	})
}
