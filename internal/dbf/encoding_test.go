package dbf

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestCP1256(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want string
		back string
	}{
		"man":                  {text: "مرد", want: "\xE3\xD1\xCF"},
		"woman":                {text: "زن", want: "\xD2\xE4"},
		"Persian ye":           {text: "ایرانی", want: "\xC7\xED\xD1\xC7\xE4\xED"},
		"Persian kaf":          {text: "کاظم", want: "\x98\xC7\xD9\xE3"},
		"Arabic kaf, ye, alef": {text: "\u0643\u064aى", want: "\x98\xED\xED", back: "کیی"},
		"Persian letters":      {text: "پچژگ", want: "\x81\x8D\x8E\x90"},
		"digits":               {text: "پلاک ۱۲ ٣", want: "\x81\xE1\xC7\x98 12 3", back: "پلاک 12 3"},
		"he with ye":           {text: "خانۀ", want: "\xCE\xC7\xE4\xE5", back: "خانه"},
		"non-joiner":           {text: "می\u200cرود", want: "\xE3\xED \xD1\xE6\xCF", back: "می رود"},
		"marks and tatweel":    {text: "مُحـمد", want: "\xE3\xCD\xE3\xCF", back: "محمد"},
		"reading order":        {text: "شرکت ABC (نو)", want: "\xD4\xD1\x98\xCA ABC (\xE4\xE6)"},
		"hamza kept":           {text: "رئیس مؤمن أ", want: "\xD1\xC6\xED\xD3 \xE3\xC4\xE3\xE4 \xC3"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, loss := CP1256.Encode(tt.text)
			assert.Equal(t, []byte(tt.want), got)
			assert.Zero(t, loss)
			back := tt.back
			if back == "" {
				back = tt.text
			}
			assert.Equal(t, back, CP1256.Decode(got))
		})
	}
}

func TestCP1256_loss(t *testing.T) {
	t.Parallel()
	got, loss := CP1256.Encode("ا←ڤ\n")
	assert.Equal(t, []byte("\xC7 ? "), got)
	assert.Equal(t, Loss{Letters: []rune("ڤ"), Spaced: []rune("←\n")}, loss)
}

func TestCP1256_text_survives(t *testing.T) {
	t.Parallel()
	letters := []rune("آءأإؤئاةبپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی0123456789ABCxyz .-/:,()،؟؛«»")
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.SampledFrom(letters)).Draw(t, "text")
		b, loss := CP1256.Encode(s)
		require.Zero(t, loss)
		require.Equal(t, s, CP1256.Decode(b))
	})
}

func TestUTF8(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "علی", UTF8.Decode([]byte("علی")))
	assert.Equal(t, "ا\uFFFD", UTF8.Decode([]byte("ا\xD8")))
	got, loss := UTF8.Encode("ا\u0653ب ۱")
	assert.Equal(t, "آب ۱", string(got))
	assert.Zero(t, loss)
}

func TestEncoding_names(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "iran-system", IranSystem.String())
	assert.Equal(t, "cp1256", CP1256.String())
	assert.Equal(t, "utf-8", UTF8.String())
}

func TestGuess(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		samples []string
		want    Encoding
		err     error
	}{
		"man in Iran System":             {samples: []string{"\xA2\xA4\xF5"}, want: IranSystem},
		"woman in Iran System, padded":   {samples: []string{"   ", "\xF6\xA5\x20"}, want: IranSystem},
		"Iranian in Iran System":         {samples: []string{"\xFC\xF7\x90\xA4\xFE\x90    "}, want: IranSystem},
		"Iranian with another alef":      {samples: []string{"\xFC\xF7\x91\xA4\xFE\x90"}, want: IranSystem},
		"man in cp1256":                  {samples: []string{"\xE3\xD1\xCF"}, want: CP1256},
		"woman in cp1256":                {samples: []string{"\xD2\xE4 "}, want: CP1256},
		"Iranian in cp1256":              {samples: []string{"\xC7\xED\xD1\xC7\xE4\xED"}, want: CP1256},
		"Iranian with alef maksura":      {samples: []string{"\xC7\xED\xD1\xC7\xE4\xEC"}, want: CP1256},
		"a name in UTF-8":                {samples: []string{"???", "رضا"}, want: UTF8},
		"UTF-8 cut by the field's width": {samples: []string{"مرد"[:3], "ایرانی"[:9]}, want: UTF8},
		"question marks":                 {samples: []string{"???", "?????? ", "", "12"}, err: ErrQuestionMarks},
		"one text of question marks":     {samples: []string{"???", "\xA2\xA4\xF5"}, want: IranSystem},
		"nothing":                        {err: ErrNoEvidence},
		"blanks":                         {samples: []string{"   ", "\x00\x00"}, err: ErrNoEvidence},
		"Latin only":                     {samples: []string{"M", "IRAN"}, err: ErrNoEvidence},
		"unknown words":                  {samples: []string{"\xC7\xE3"}, err: ErrNoEvidence},
		"unknown words, question marks":  {samples: []string{"???", "\xC7\xE3"}, err: ErrNoEvidence},
		"words of two encodings":         {samples: []string{"\xE3\xD1\xCF", "\xA2\xA4\xF5"}, err: ErrNoEvidence},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			samples := make([][]byte, len(tt.samples))
			for i, s := range tt.samples {
				samples[i] = []byte(s)
			}
			got, err := Guess(samples)
			require.ErrorIs(t, err, tt.err)
			assert.Equal(t, tt.want, got)
		})
	}
}
