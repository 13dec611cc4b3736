package storetest

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"regexp"
	"sync"
	"testing"
	"time"

	"fehrest/internal/payroll"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// Log is a window's log, shown with the test. Once the test has ended nothing in it may tell of a person, an employer or a wage.
func Log(t testing.TB, level slog.Level) *slog.Logger {
	t.Helper()
	kept := &keptLog{}
	t.Cleanup(func() { requireSilent(t, "the log", kept.String()) })
	return slog.New(slog.NewTextHandler(io.MultiWriter(t.Output(), kept), &slog.HandlerOptions{Level: level}))
}

// keptLog keeps what is logged.
type keptLog struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (k *keptLog) Write(b []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.b.Write(b)
}

func (k *keptLog) String() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.b.String()
}

// requireSilentJobs looks at the jobs of a database that a test leaves: their arguments and what went wrong with them.
func requireSilentJobs(t testing.TB, url string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	require.NoError(t, err)
	defer func() { _ = conn.Close(ctx) }()
	rows, err := conn.Query(ctx, "SELECT kind || ' ' || args || ' ' || metadata || ' ' || COALESCE(errors::text, '') FROM river.river_job")
	require.NoError(t, err)
	jobs, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	for _, job := range jobs {
		requireSilent(t, "a job", ownerOf.ReplaceAllString(job, ""))
	}
}

var (
	// A delivery is named by its workshop's code or its tax month's id.
	ownerOf = regexp.MustCompile(`"(owner|workshop)": "[^"]*"`)

	persian = regexp.MustCompile(`\p{Arabic}+|\\u06[0-9a-f]{2}`) // names, for all else there is said in English
	tenFold = regexp.MustCompile(`\b\d{10}\b`)
	figures = regexp.MustCompile(`\b(5600000|876500\d\d|10380284790)\b`) // wage, insurance numbers and employer of the tests' lists
)

func requireSilent(t testing.TB, where, said string) {
	t.Helper()
	tell := func(at []int) {
		t.Errorf("%s holds %q: %q", where, said[at[0]:at[1]], said[max(at[0]-200, 0):min(at[1]+60, len(said))])
	}
	for _, form := range []*regexp.Regexp{persian, figures} {
		if at := form.FindStringIndex(said); at != nil {
			tell(at)
		}
	}
	for _, at := range tenFold.FindAllStringIndex(said, -1) {
		if payroll.NationalCode(said[at[0]:at[1]]).Check() == payroll.Valid {
			tell(at)
		}
	}
}
