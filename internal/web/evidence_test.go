package web_test

import (
	"context"
	"encoding/json"
	"html"
	"net/http"
	"testing"
	"time"

	"fehrest/internal/access"
	"fehrest/internal/fault"
	"fehrest/internal/jalali"
	"fehrest/internal/seal"
	"fehrest/internal/store"

	"github.com/stretchr/testify/require"
)

func TestEvidence_is_given_to_the_employers_concerned(t *testing.T) {
	t.Parallel()
	d := sit(t)
	p := d.upload(d.signIn().button(t), "لیست مهر.xlsx", d.workbook(d.good))
	at := time.Date(2026, 11, 21, 20, 30, 0, 0, time.UTC) // 24:00 of 1405/08/30 in Tehran
	_, err := d.window.Store.Jobs().Exec(context.Background(),
		"INSERT INTO shared.heartbeats SELECT generate_series($1::timestamptz, $2, '1 minute')", at.Add(-49*time.Hour), at.Add(-76*time.Minute))
	require.NoError(t, err)
	_, err = d.window.Store.Jobs().Exec(context.Background(), "INSERT INTO shared.heartbeats VALUES ($1)", at)
	require.NoError(t, err)
	const link = `href="/evidence/1405-07#sso-1405-08-30"`
	require.NotContains(t, d.open(p.path).html, link)
	before := d.open("/evidence/1405-07")
	require.Equal(t, http.StatusOK, before.status)
	require.Contains(t, html.UnescapeString(before.html), "گواهی‌ای نیست")

	d.window.Now = func() time.Time { return at.Add(time.Hour) }
	paper := d.open("/evidence/1405-07")
	require.Equal(t, http.StatusOK, paper.status)
	text := scanned(t, paper.html)
	require.NoError(t, seal.Verify([]byte(text), d.window.PublicKeys()))
	require.Contains(t, paper.html, "data-print")
	require.Contains(t, paper.html, `id="sso-1405-08-30"`, "where the list's page leads, also of a workshop that has longer")
	require.Contains(t, paper.html, `id="sso-1405-09-30"`)
	require.Contains(t, html.UnescapeString(paper.html), "سازمان هنوز آن را نپذیرفته است")
	file := d.open("/evidence/1405-07/sso/1405-08-30.json")
	require.Contains(t, file.header.Get("Content-Disposition"), "attachment")
	require.NoError(t, seal.Verify([]byte(file.html), d.window.PublicKeys()))
	require.JSONEq(t, text, file.html)
	require.Equal(t, http.StatusNotFound, d.open("/evidence/1405-07/sso/1405-09-30.json").status)
	require.Equal(t, http.StatusNotFound, d.open("/evidence/1420-01").status)

	shown := html.UnescapeString(d.open(p.path).html)
	require.Contains(t, shown, link)
	require.Contains(t, shown, "۷۵ دقیقه")
	due, err := jalali.ParseDate("1405/08/30")
	require.NoError(t, err)
	month, err := jalali.ParseMonth("1405-07")
	require.NoError(t, err)
	operator := access.Principal{ID: store.NewID(), Name: "متصدی", Role: access.Operator}
	require.NoError(t, d.window.AcceptEvidence(context.Background(), operator, month, fault.SSO, due, "5020/77"))
	require.Contains(t, d.open(p.path).html, "5020/77")
	require.Contains(t, d.open("/evidence/1405-07").html, "5020/77")
	var list struct {
		Due struct {
			SSO     string `json:"sso"`
			Outages []struct {
				Organisation string `json:"organisation"`
				Minutes      int    `json:"minutes"`
				Record       string `json:"record"`
				Number       string `json:"accepted_number"`
			} `json:"outages"`
		} `json:"due"`
	}
	r, err := http.NewRequest(http.MethodGet, d.url+"/v1"+p.path, nil)
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer "+d.tokens[access.Employer])
	require.NoError(t, json.Unmarshal([]byte(d.do(r).html), &list))
	require.Equal(t, "1405/08/30", list.Due.SSO)
	require.Len(t, list.Due.Outages, 2)
	require.Equal(t, "sso", list.Due.Outages[0].Organisation)
	require.Equal(t, 75, list.Due.Outages[0].Minutes)
	require.Equal(t, "/v1/evidence/1405-07", list.Due.Outages[0].Record)
	require.Equal(t, "5020/77", list.Due.Outages[0].Number)
	require.Empty(t, list.Due.Outages[1].Number)
}
