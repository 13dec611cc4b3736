package api_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"fehrest/internal/api"
	"fehrest/internal/payroll"
	"fehrest/internal/seal"

	"github.com/stretchr/testify/require"
)

// bundleAnswer is what a file of many lists is answered with.
type bundleAnswer struct {
	Upload payroll.UploadReceipt `json:"upload"`
	Lists  []json.RawMessage     `json:"lists"`
}

func zipped(t testing.TB, members ...[]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i, m := range members {
		w, err := z.Create(string(rune('a'+i)) + ".xlsx")
		require.NoError(t, err)
		_, err = w.Write(m)
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.Bytes()
}

func TestSubmit_many_answers_each_list_and_the_same_again(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	file := zipped(t, k.workbook(k.good), k.workbook(k.faulty), []byte("no list"))
	a := k.send(file, "one", "")
	require.Equal(t, http.StatusAccepted, a.status, string(a.body))
	var got bundleAnswer
	a.into(t, &got)
	require.Len(t, got.Lists, 3)
	upload, err := json.Marshal(got.Upload)
	require.NoError(t, err)
	require.NoError(t, seal.Verify(upload, k.window.PublicKeys()))
	require.NoError(t, seal.Verify(got.Lists[0], k.window.PublicKeys()), "a list's answer is its receipt as signed")
	var rejected, unread api.Problem
	require.NoError(t, json.Unmarshal(got.Lists[1], &rejected))
	require.Equal(t, http.StatusUnprocessableEntity, rejected.Status)
	require.NotEmpty(t, rejected.ID, "a rejected list is kept with its findings")
	require.NoError(t, json.Unmarshal(got.Lists[2], &unread))
	require.Equal(t, "FILE-03", unread.Code)

	same := func(other *answer) {
		t.Helper()
		require.Equal(t, http.StatusAccepted, other.status)
		var again bundleAnswer
		other.into(t, &again)
		require.Equal(t, got.Upload, again.Upload)
		require.JSONEq(t, string(got.Lists[0]), string(again.Lists[0]))
		for i, was := range []api.Problem{1: rejected, 2: unread} {
			if i == 0 {
				continue
			}
			var now api.Problem
			require.NoError(t, json.Unmarshal(again.Lists[i], &now))
			was.Instance, now.Instance = "", "" // names one answer
			require.Equal(t, was, now)
		}
	}
	require.Empty(t, a.header.Get("Idempotency-Replayed"))
	second := k.send(file, "one", "")
	require.Equal(t, "true", second.header.Get("Idempotency-Replayed"))
	same(second)
	for i, list := range [][]byte{k.workbook(k.good), k.workbook(k.faulty)} { // in force, and rejected
		key := fmt.Sprint("key ", i)
		require.Empty(t, k.send(list, key, "").header.Get("Idempotency-Replayed"))
		require.Equal(t, "true", k.send(list, key, "").header.Get("Idempotency-Replayed"))
	}
	require.Equal(t, "/v1/uploads/"+got.Upload.ID, a.header.Get("Location"))
	same(k.get("employer", a.header.Get("Location")))
	require.Equal(t, http.StatusNotFound, k.get("accountant", a.header.Get("Location")).status, "another's upload is not there")
	require.Equal(t, http.StatusNotFound, k.get("employer", "/v1/uploads/none").status)

	again := k.send(file, "two", "")
	require.Equal(t, http.StatusOK, again.status, "nothing new was sent")
	all := k.send(zipped(t, k.workbook(k.faulty), []byte("no list")), "three", "")
	require.Equal(t, http.StatusUnprocessableEntity, all.status, string(all.body))
}

func TestTitles_are_answered_a_client(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	path := "/v1/workshops/" + string(k.good.Header.Workshop) + "/titles"
	put := func(who, body string) *answer {
		return k.ask(who, http.MethodPut, path, strings.NewReader(body), "Content-Type", "application/json")
	}
	require.JSONEq(t, `{}`, string(k.get("employer", path).body))
	require.Equal(t, http.StatusOK, put("employer", `{"مسکن": "housing"}`).status)
	require.JSONEq(t, `{"مسکن": "housing"}`, string(k.get("employer", path).body))
	require.Equal(t, http.StatusBadRequest, put("employer", `{"مسکن": "house"}`).status)
	require.Equal(t, http.StatusBadRequest, put("employer", `{"a\u0000b": "housing"}`).status, "no text that the database cannot hold")
	require.Equal(t, http.StatusNotFound, put("stranger", `{"مسکن": "housing"}`).status)
	require.Equal(t, http.StatusNotFound, k.get("stranger", path).status)
	require.JSONEq(t, `{"مسکن": "housing"}`, string(k.get("employer", path).body))
}
