package dbf

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strconv"
	"testing"
	"time"
)

// workerTable is a table of 29 fields in records of 469 bytes.
func workerTable(records uint32) Header {
	text := []int{10, 12, 8, 60, 60, 60, 15, 30, 8, 8, 3, 10, 50, 8, 8, 6, 10, 10}
	number := []int{2, 2, 2, 12, 12, 12, 12, 12, 12, 2, 12}
	h := Header{Records: records, Date: Date{2026, 10, 22}}
	for i, width := range append(text, number...) {
		kind := Character
		if i >= len(text) {
			kind = Number
		}
		h.Fields = append(h.Fields, Field{Name: fmt.Sprintf("F%02d", i+1), Type: kind, Width: width})
	}
	return h
}

var workerTexts = []string{
	"1234567890", "01", "12345678", "محمدرضا", "حسینی نژاد", "غلامعلی", "1234567890", "تهران", "13850101", "13650101",
	"مرد", "ایرانی", "کارگر ساده تولید", "", "", "123456", "1234567890", "5000000",
}

var workerNumbers = []int64{5, 7, 31, 5541850, 171797350, 22000000, 193797350, 220000000, 13565815, 0, 94000}

// writePlain writes the table the straight way: texts that are bytes already,
// numbers by strconv, no check, no layout.
func writePlain(out io.Writer, h Header, texts [][]byte) error {
	w := bufio.NewWriterSize(out, blockLen)
	if _, err := w.Write(header(h)); err != nil {
		return err
	}
	blank := bytes.Repeat([]byte{' '}, recordLen(h.Fields))
	record := bytes.Clone(blank)
	var digits [20]byte
	for n := range h.Records {
		copy(record, blank)
		at := 1
		for i, f := range h.Fields {
			if i < len(texts) {
				copy(record[at:], texts[i])
			} else {
				b := strconv.AppendInt(digits[:0], workerNumbers[i-len(texts)]+int64(n&1), 10)
				copy(record[at+f.Width-len(b):], b)
			}
			at += f.Width
		}
		if _, err := w.Write(record); err != nil {
			return err
		}
	}
	if err := w.WriteByte(endOfFile); err != nil {
		return err
	}
	return w.Flush()
}

func writeTable(out io.Writer, h Header, text func(i int) []byte) error {
	w, err := NewWriter(out, h)
	if err != nil {
		return err
	}
	for n := range h.Records {
		for i := range workerTexts {
			w.Text(i, text(i))
		}
		for i, v := range workerNumbers {
			w.Int(len(workerTexts)+i, v+int64(n&1))
		}
		if err := w.Next(); err != nil {
			return err
		}
	}
	return w.Close()
}

// BenchmarkWriter writes 100,000 records of 29 fields and compares the time
// with a straight byte writer's, both in one run; the goal is 3x at most.
// "bytes" writes texts that are bytes already, "iran-system" encodes names,
// places and jobs too; the words for sex and nationality are encoded once.
func BenchmarkWriter(b *testing.B) {
	h := workerTable(100_000)
	ready := make([][]byte, len(workerTexts))
	for i, s := range workerTexts {
		ready[i], _ = IranSystem.Encode(s)
	}
	var scratch []byte
	ways := []struct {
		name string
		text func(i int) []byte
	}{
		{"bytes", func(i int) []byte { return ready[i] }},
		{"iran-system", func(i int) []byte {
			if len(ready[i]) == len(workerTexts[i]) || i == 10 || i == 11 {
				return ready[i]
			}
			scratch, _ = IranSystem.Append(scratch[:0], workerTexts[i])
			return scratch
		}},
	}
	for _, way := range ways {
		b.Run(way.name, func(b *testing.B) {
			b.ReportAllocs()
			var ours, plain time.Duration
			for b.Loop() {
				start := time.Now()
				if err := writePlain(io.Discard, h, ready); err != nil {
					b.Fatal(err)
				}
				plain += time.Since(start)
				start = time.Now()
				if err := writeTable(io.Discard, h, way.text); err != nil {
					b.Fatal(err)
				}
				ours += time.Since(start)
			}
			b.ReportMetric(float64(plain.Milliseconds())/float64(b.N), "plain-ms")
			b.ReportMetric(float64(ours.Milliseconds())/float64(b.N), "ours-ms")
			b.ReportMetric(float64(ours)/float64(plain), "x-of-plain")
		})
	}
}
