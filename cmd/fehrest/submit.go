package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"fehrest/internal/fault"
	"fehrest/internal/payroll"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
)

func submitCommand() *cobra.Command {
	var server, tokenFile, lanes string
	var wait bool
	c := &cobra.Command{
		Use:   "submit FILE|DIR… --server URL",
		Short: "Send lists to a window; sending again after a break gives the same receipts",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			token, err := readToken(tokenFile)
			if err != nil {
				return err
			}
			if server == "" {
				return usage("say where the window is: --server URL")
			}
			if lanes != "" {
				if _, err := parseLanes(lanes); err != nil && lanes != "passing" {
					return err
				}
			}
			files, _, err := inputs(args, "")
			if err != nil {
				return err
			}
			s := &sender{server: strings.TrimRight(server, "/"), token: token, lanes: lanes, progress: c.ErrOrStderr(), http: &http.Client{Timeout: 5 * time.Minute}}
			worst := exitAccepted
			for _, f := range files {
				code, err := s.file(c.Context(), legible{c.OutOrStdout()}, f.path, wait)
				if err != nil {
					return err
				}
				worst = max(worst, code)
			}
			return silent(worst)
		},
	}
	c.Flags().StringVar(&server, "server", "", "the window's `URL`")
	c.Flags().StringVar(&tokenFile, "token-file", "", "a `file` that holds the token; FEHREST_TOKEN otherwise")
	c.Flags().StringVar(&lanes, "lanes", "", "send to both (the default), sso, tax, or the passing ones")
	c.Flags().BoolVar(&wait, "wait", false, "wait until both organisations have answered")
	return c
}

func readToken(file string) (string, error) {
	if file == "" {
		if t := os.Getenv("FEHREST_TOKEN"); t != "" {
			return t, nil
		}
		return "", usage("a token is needed: set FEHREST_TOKEN or give --token-file")
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return "", usage("the token file cannot be read; check its name and permissions")
	}
	return strings.TrimSpace(string(b)), nil
}

// sender sends files to one window and reads its answers.
type sender struct {
	server, token, lanes string
	progress             io.Writer // nil shows none
	http                 *http.Client
}

// answer is what the window said to a list: a receipt, or a problem with its faults. To a file of many lists it said so of each.
type answer struct {
	Status  int             `json:"-"`
	Receipt payroll.Receipt `json:"-"`
	Problem struct {
		Status  int              `json:"status"`
		Code    string           `json:"code"`
		Detail  string           `json:"detail"`
		Faults  []fault.Fault    `json:"faults"`
		Receipt *payroll.Receipt `json:"receipt"`
	} `json:"-"`
	Replayed bool   `json:"-"` // what an earlier sending was told; the window judged nothing now
	Repeated bool   `json:"repeated"`
	HeldLane string `json:"held_lane"`

	Upload *payroll.UploadReceipt `json:"upload"`
	Lists  []json.RawMessage      `json:"lists"`
}

// answerOf reads a document that answers one list, or a file of many.
func answerOf(status int, raw []byte) (*answer, error) {
	a := &answer{Status: status}
	if err := json.Unmarshal(raw, a); err != nil {
		return nil, err
	}
	if a.Upload != nil {
		return a, nil
	}
	if status >= http.StatusBadRequest {
		return a, json.Unmarshal(raw, &a.Problem)
	}
	return a, json.Unmarshal(raw, &a.Receipt)
}

// each gives the answers to the lists of a file.
func (a *answer) each() ([]*answer, error) {
	if a.Upload == nil {
		return []*answer{a}, nil
	}
	var all []*answer
	for _, raw := range a.Lists {
		var of struct {
			Status int `json:"status"` // of a problem only
		}
		if err := json.Unmarshal(raw, &of); err != nil {
			return nil, err
		}
		one, err := answerOf(max(of.Status, http.StatusOK), raw)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

const (
	attempts = 8                // that fail
	patience = 10 * time.Minute // while the window asks to come back: a file of many lists may take as long
)

// file sends one file and prints what came of it, a line a list.
func (s *sender) file(ctx context.Context, w io.Writer, path string, wait bool) (int, error) {
	body, err := os.ReadFile(path)
	if err != nil {
		return 0, &exit{exitUnreadable, fmt.Sprintf("%s cannot be read; check its permissions", path)}
	}
	lists, err := s.answers(ctx, filepath.Base(path), body)
	if err != nil {
		return 0, err
	}
	worst := exitAccepted
	for i, one := range lists {
		label := path
		if len(lists) > 1 {
			label = fmt.Sprintf("%s [%d/%d]", path, i+1, len(lists)) // in the order of the file
		}
		worst = max(worst, one.print(w, label))
		if wait && one.Status < http.StatusBadRequest {
			if err := s.wait(ctx, w, one.Receipt.ID); err != nil {
				return worst, err
			}
		}
	}
	return worst, nil
}

// answers sends a file and returns what was said of each of its lists. What an earlier sending of the same content was told
// stands, unless a list was refused or is withdrawn: that is to be judged anew.
func (s *sender) answers(ctx context.Context, name string, body []byte) ([]*answer, error) {
	a, err := s.send(ctx, name, body, "")
	if err != nil {
		return nil, err
	}
	lists, err := a.each()
	if err != nil {
		return nil, unreadableAnswer
	}
	if !a.Replayed {
		return lists, nil
	}
	if stand, err := s.stand(ctx, lists); stand || err != nil {
		return lists, err
	}
	if a, err = s.send(ctx, name, body, rand.Text()); err != nil {
		return nil, err
	}
	if lists, err = a.each(); err != nil {
		return nil, unreadableAnswer
	}
	return lists, nil
}

// stand tells whether all lists were taken and none was withdrawn since.
func (s *sender) stand(ctx context.Context, lists []*answer) (bool, error) {
	for _, one := range lists {
		if one.Status >= http.StatusBadRequest {
			return false, nil
		}
		v, err := s.list(ctx, one.Receipt.ID, "/state")
		if err != nil || v.State == payroll.Withdrawn {
			return false, err
		}
	}
	return true, nil
}

var unreadableAnswer = &exit{exitTransport, "the window's answer cannot be read; run the same command again, lists already received keep their receipts"}

// print writes one list's answer and tells the exit code it means.
func (a *answer) print(w io.Writer, label string) int {
	if a.Status >= http.StatusBadRequest {
		_, _ = fmt.Fprintf(w, "%s: رد شد — refused %s %s\n", label, a.Problem.Code, a.Problem.Detail)
		for _, f := range worstFirst(a.Problem.Faults) {
			_, _ = fmt.Fprintf(w, "  %-7s %s %s %s — %s\n", f.Severity, f.Code, f.Cell, f.Message.FA, f.Message.EN)
		}
		switch a.Status {
		case http.StatusBadRequest, http.StatusUnsupportedMediaType, http.StatusRequestEntityTooLarge:
			return exitUnreadable
		}
		return exitRejected
	}
	r := a.Receipt
	_, _ = fmt.Fprintf(w, "%s: رسید — receipt %s v%d (%s-%s %s %s)%s\n", label, r.TrackingCode, r.Version, r.Workshop, r.ContractRow, r.Period, r.ListNo, repeated(a.Repeated))
	if a.HeldLane != "" {
		_, _ = fmt.Fprintf(w, "  پیش‌نویس: لیست برای %s رد است و چیزی فرستاده نشد — draft: %s does not pass, nothing was sent\n", a.HeldLane, a.HeldLane)
	}
	return exitAccepted
}

func repeated(yes bool) string {
	if yes {
		return " تکراری — sent before"
	}
	return ""
}

// send posts one file. Its key is made of its content and of the filing it belongs to, so that a repeated sending gives the
// same receipts, whatever happened to the first.
func (s *sender) send(ctx context.Context, name string, body []byte, filing string) (*answer, error) {
	sum := sha256.Sum256(append([]byte(s.lanes+filing+"\x00"), body...))
	target := s.server + "/v1/lists"
	if s.lanes != "" {
		target += "?lanes=" + url.QueryEscape(s.lanes)
	}
	for failed, waited := 0, time.Duration(0); failed < attempts && waited < patience; {
		var reader io.Reader = bytes.NewReader(body)
		if s.progress != nil {
			bar := progressbar.NewOptions64(int64(len(body)), progressbar.OptionSetWriter(s.progress), progressbar.OptionSetDescription(name),
				progressbar.OptionShowBytes(true), progressbar.OptionClearOnFinish())
			barred := progressbar.NewReader(reader, bar)
			reader = &barred
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, reader)
		if err != nil {
			return nil, usage("--server is not a URL")
		}
		req.ContentLength = int64(len(body))
		req.Header.Set("Authorization", "Bearer "+s.token)
		req.Header.Set("Content-Type", contentType(name))
		req.Header.Set("Content-Disposition", `attachment; filename*=UTF-8''`+url.PathEscape(name))
		req.Header.Set("Idempotency-Key", "submit-"+hex.EncodeToString(sum[:]))
		resp, err := s.http.Do(req)
		if err == nil {
			a, retry, err := decodeAnswer(resp)
			if err == nil && retry == 0 {
				return a, nil
			}
			if refused := (*exit)(nil); errors.As(err, &refused) {
				return nil, refused
			}
			if err == nil {
				if err := pause(ctx, retry); err != nil {
					return nil, err
				}
				waited += retry
				continue
			}
		}
		if ctx.Err() != nil {
			return nil, &exit{exitTransport, "stopped; run the same command again, lists already received keep their receipts"}
		}
		if err := pause(ctx, time.Duration(1<<failed)*250*time.Millisecond); err != nil {
			return nil, err
		}
		failed++
	}
	return nil, &exit{exitTransport, "the window does not answer; check the address and run the same command again, lists already received keep their receipts"}
}

func contentType(name string) string {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".json":
		return "application/json"
	case ".zip":
		return "application/zip"
	}
	return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
}

// decodeAnswer reads the window's answer; retry is above zero when it asks to come back.
func decodeAnswer(resp *http.Response) (a *answer, retry time.Duration, err error) {
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	if err != nil {
		return nil, 0, err
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
		return nil, time.Duration(max(seconds, 1)) * time.Second, nil
	case http.StatusUnauthorized, http.StatusForbidden:
		return nil, 0, &exit{exitUsage, "the window does not know this token, or it may not send lists; ask for another"}
	}
	if resp.StatusCode >= 500 {
		return nil, 0, errors.New("server error")
	}
	if a, err = answerOf(resp.StatusCode, raw); err != nil {
		return nil, 0, err
	}
	if a.Problem.Code == "API-03" {
		return a, time.Second, nil // an earlier attempt of ours is still being worked on
	}
	a.Replayed = resp.Header.Get("Idempotency-Replayed") != ""
	return a, 0, nil
}

// pause waits, or ends early when the program is told to stop.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return &exit{exitTransport, "stopped; run the same command again, lists already received keep their receipts"}
	case <-t.C:
		return nil
	}
}

// laneView is one lane of a list as the window shows it.
type laneView struct {
	State     payroll.State     `json:"state"`
	Key       string            `json:"key"`
	Reference string            `json:"reference"`
	Payments  []payroll.Payment `json:"payments"`
}

// listView is a list as the window shows it.
type listView struct {
	ID         string            `json:"id"`
	State      payroll.ListState `json:"state"`
	Deliveries struct {
		SSO laneView `json:"sso"`
		Tax laneView `json:"tax"`
	} `json:"deliveries"`
}

func (v *listView) settled() bool {
	return v.State != payroll.Submitted && v.State != ""
}

// wait follows a list until both organisations have answered and prints their references and slips.
func (s *sender) wait(ctx context.Context, w io.Writer, id string) error {
	v, err := s.settle(ctx, id)
	if err != nil {
		return err
	}
	printLane(w, "sso", v.Deliveries.SSO)
	printLane(w, "tax", v.Deliveries.Tax)
	return nil
}

// settle follows a list until nothing more is awaited, and returns it whole.
func (s *sender) settle(ctx context.Context, id string) (*listView, error) {
	for {
		v, err := s.list(ctx, id, "/state")
		if err != nil {
			return nil, err
		}
		if v.settled() {
			return s.list(ctx, id, "")
		}
		if err := pause(ctx, 500*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

// list reads a list, or the part of it at a path below it; what that part does not tell is left empty.
func (s *sender) list(ctx context.Context, id, part string) (*listView, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.server+"/v1/lists/"+url.PathEscape(id)+part, nil)
	if err != nil {
		return nil, usage("--server is not a URL")
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	resp, err := s.http.Do(req)
	if err != nil {
		return nil, &exit{exitTransport, "the window does not answer; the list is received, look at its state later"}
	}
	defer func() { _ = resp.Body.Close() }()
	var v listView
	if resp.StatusCode != http.StatusOK || json.NewDecoder(resp.Body).Decode(&v) != nil {
		return nil, &exit{exitTransport, "the window did not show the list's state; look again later"}
	}
	return &v, nil
}

func printLane(w io.Writer, name string, l laneView) {
	_, _ = fmt.Fprintf(w, "  %s %s", name, l.State)
	if l.Reference != "" {
		_, _ = fmt.Fprintf(w, " reference %s", l.Reference)
	}
	for _, p := range l.Payments {
		_, _ = fmt.Fprintf(w, " slip %s %s rials due %s", p.Slip, p.Amount.Grouped(), p.Due)
	}
	_, _ = fmt.Fprintln(w)
}
