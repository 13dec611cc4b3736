package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/flow"
	"fehrest/internal/rial"

	"github.com/spf13/cobra"
)

func arrearsCommand() *cobra.Command {
	var server, tokenFile, from, to, workshop string
	var send bool
	c := &cobra.Command{
		Use:   "arrears FILE --server URL",
		Short: "New wages for months that are filed: draft the supplementary lists of what is owed, show their effect, and send them with --send",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			token, err := readToken(tokenFile)
			if err != nil {
				return err
			}
			if server == "" {
				return usage("say where the window is: --server URL")
			}
			body, err := os.ReadFile(args[0])
			if err != nil {
				return &exit{exitUnreadable, fmt.Sprintf("%s cannot be read; check its name and permissions", args[0])}
			}
			query := url.Values{}
			for name, value := range map[string]string{"from": from, "to": to, "workshop_code": workshop} {
				if value != "" {
					query.Set(name, value)
				}
			}
			a := &arrears{sender{server: strings.TrimRight(server, "/"), token: token, http: &http.Client{Timeout: 5 * time.Minute}}}
			return a.file(c.Context(), legible{c.OutOrStdout()}, filepath.Base(args[0]), body, query, send)
		},
	}
	c.Flags().StringVar(&server, "server", "", "the window's `URL`")
	c.Flags().StringVar(&tokenFile, "token-file", "", "a `file` that holds the token; FEHREST_TOKEN otherwise")
	c.Flags().StringVar(&from, "from", "", "the first `month`, where the file names none")
	c.Flags().StringVar(&to, "to", "", "the last `month`")
	c.Flags().StringVar(&workshop, "workshop", "", "the workshop's `code`, where the file does not say")
	c.Flags().BoolVar(&send, "send", false, "send the drafts; look at their effect without it first")
	return c
}

// arrears speaks to one window about new wages.
type arrears struct{ sender }

// owedMonth is what the window says of one month.
type owedMonth struct {
	flow.ArrearsMonth
	Problem *struct {
		Code   string        `json:"code"`
		Detail string        `json:"detail"`
		Faults []fault.Fault `json:"faults"`
	} `json:"problem"`
}

// file drafts what is owed, prints each month, and sends the drafts where that is asked for.
func (a *arrears) file(ctx context.Context, w io.Writer, name string, body []byte, query url.Values, send bool) error {
	sum := sha256.Sum256(append([]byte(query.Encode()+"\x00"), body...)) // looked at first and sent later, it is the same drafts
	header := http.Header{
		"Content-Type": {contentType(name)}, "Idempotency-Key": {"arrears-" + hex.EncodeToString(sum[:])},
		"Content-Disposition": {`attachment; filename*=UTF-8''` + url.PathEscape(name)},
	}
	var made struct {
		Items []owedMonth `json:"items"`
	}
	if err := a.call(ctx, http.MethodPost, "/v1/arrears?"+query.Encode(), header, body, &made); err != nil {
		return err
	}
	worst := exitAccepted
	for i := range made.Items {
		code, err := a.month(ctx, w, &made.Items[i], send, header.Get("Idempotency-Key"))
		if err != nil {
			return err
		}
		worst = max(worst, code)
	}
	return silent(worst)
}

var owedWords = map[flow.ArrearsState]fault.Text{
	flow.ArrearsDrafted: {FA: "پیش‌نویس متمم", EN: "draft of a supplementary list"}, flow.ArrearsUnchanged: {FA: "همان است که ثبت شده", EN: "as it is filed"},
	flow.ArrearsNotFiled: {FA: "لیستی ثبت نشده است", EN: "no list is filed"}, flow.ArrearsRefused: {FA: "ساخته نشد", EN: "not made"},
	flow.ArrearsSent: {FA: "متمم پیش‌تر فرستاده شده", EN: "its supplementary list was sent before"}, flow.ArrearsWithdrawn: {FA: "پیش‌نویس آن پس گرفته شده", EN: "its draft was withdrawn"},
}

func (a *arrears) month(ctx context.Context, w io.Writer, m *owedMonth, send bool, key string) (int, error) {
	word := owedWords[m.State]
	_, _ = fmt.Fprintf(w, "%s %s-%s: %s — %s", m.Period, m.Workshop, m.ContractRow, word.FA, word.EN)
	if m.List != "" {
		_, _ = fmt.Fprintf(w, " %s, %d نفر — persons, %s", m.ListNo, m.Persons, m.TrackingCode)
	}
	_, _ = fmt.Fprintln(w)
	for _, r := range m.Refusals {
		figures := ""
		if r.Filed != "" {
			figures = fmt.Sprintf(" %s: %s → %s", r.Field, r.Filed, r.New)
		}
		_, _ = fmt.Fprintf(w, "  row %d %s%s %s — %s\n", r.Row, r.Person, figures, r.Why.FA, r.Why.EN)
	}
	if p := m.Problem; p != nil {
		_, _ = fmt.Fprintf(w, "  %s %s\n", p.Code, p.Detail)
		for _, f := range worstFirst(p.Faults) {
			_, _ = fmt.Fprintf(w, "  %-7s %s %s %s — %s\n", f.Severity, f.Code, f.Cell, f.Message.FA, f.Message.EN)
		}
	}
	if m.State == flow.ArrearsRefused {
		return exitRejected, nil
	}
	if m.State != flow.ArrearsDrafted {
		return exitAccepted, nil
	}
	var d flow.Difference
	if err := a.call(ctx, http.MethodGet, "/v1/lists/"+m.List+"/difference", nil, nil, &d); err != nil {
		return 0, err
	}
	_, _ = fmt.Fprintf(w, "  حق بیمه — premium +%s rials; برآورد مالیات — tax estimate %s → %s rials\n",
		(d.Premium.After - d.Premium.Before).Grouped(), d.Estimate.Before.Grouped(), d.Estimate.After.Grouped())
	a.leftOver(w, m)
	if !send {
		_, _ = fmt.Fprintln(w, "  فرستاده نشد؛ برای ارسال همین فرمان را با --send بدهید — not sent; the same command with --send sends it")
		return exitAccepted, nil
	}
	err := a.call(ctx, http.MethodPost, "/v1/lists/"+m.List+"/submission", http.Header{"Idempotency-Key": {key}}, nil, nil)
	if err != nil {
		return 0, err
	}
	_, _ = fmt.Fprintln(w, "  فرستاده شد — sent")
	return exitAccepted, nil
}

// leftOver prints what rounding leaves between two rows and one.
func (a *arrears) leftOver(w io.Writer, m *owedMonth) {
	if m.Premium == nil || m.Premium.LeftOver == (flow.Shares{}) {
		return
	}
	x := m.Premium.LeftOver
	_, _ = fmt.Fprintf(w, "  worker %s, employer %s, unemployment %s:", signed(x.Worker), signed(x.Employer), signed(x.Unemployment))
	for _, why := range m.Premium.Why {
		_, _ = fmt.Fprintf(w, " %s — %s", why.FA, why.EN)
	}
	_, _ = fmt.Fprintln(w)
}

func signed(a rial.Amount) string {
	if a < 0 {
		return "-" + (-a).Grouped()
	}
	return "+" + a.Grouped()
}

// call asks the window and decodes its answer. What it refuses is told in its own words.
func (a *arrears) call(ctx context.Context, method, path string, header http.Header, body []byte, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, a.server+path, bytes.NewReader(body))
	if err != nil {
		return usage("--server is not a URL")
	}
	if header != nil {
		req.Header = header.Clone()
	}
	req.Header.Set("Authorization", "Bearer "+a.token)
	resp, err := a.http.Do(req)
	if err != nil {
		return &exit{exitTransport, "the window does not answer; run the same command again, nothing is done twice"}
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	if err != nil {
		return &exit{exitTransport, "the window's answer broke off; run the same command again, nothing is done twice"}
	}
	if resp.StatusCode >= http.StatusBadRequest {
		var p struct {
			Code    string     `json:"code"`
			Message fault.Text `json:"message"`
		}
		_ = json.Unmarshal(raw, &p)
		code := exitRejected
		if resp.StatusCode >= http.StatusInternalServerError {
			code = exitTransport
		}
		return &exit{code, strings.TrimSpace(p.Code + " " + p.Message.FA + " — " + p.Message.EN)}
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return unreadableAnswer
	}
	return nil
}
