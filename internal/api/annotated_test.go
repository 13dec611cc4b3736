package api_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
)

func TestAnnotated_gives_the_workbook_back(t *testing.T) {
	t.Parallel()
	k := newRig(t)
	refused := k.send(k.workbook(k.faulty), "faulty", "")
	require.Equal(t, http.StatusUnprocessableEntity, refused.status)
	ids := []string{k.filed("?mode=draft")}
	var page struct {
		Items []struct {
			ID string `json:"id"`
		} `json:"items"`
	}
	k.get("employer", "/v1/lists").into(t, &page)
	for _, l := range page.Items {
		if l.ID != ids[0] {
			ids = append(ids, l.ID)
		}
	}
	require.Len(t, ids, 2, "a rejected list is kept")
	for i, id := range ids {
		a := k.get("employer", "/v1/lists/"+id+"/annotated.xlsx")
		require.Equal(t, http.StatusOK, a.status, string(a.body))
		require.Contains(t, a.header.Get("Content-Disposition"), "-findings.xlsx")
		require.Equal(t, "private, no-store", a.header.Get("Cache-Control"))
		f, err := excelize.OpenReader(bytes.NewReader(a.body))
		require.NoError(t, err)
		require.Equal(t, "یافته‌ها", f.GetSheetList()[len(f.GetSheetList())-1])
		notes, err := f.GetComments("لیست")
		require.NoError(t, err)
		wrong := 0
		for _, n := range notes {
			if strings.Contains(n.Text, "خطا") {
				wrong++
			}
		}
		require.Equal(t, i == 1, wrong > 0, "%v", notes)
		require.NoError(t, f.Close())
	}
	require.Equal(t, http.StatusNotFound, k.get("stranger", "/v1/lists/"+ids[0]+"/annotated.xlsx").status)
	require.Equal(t, http.StatusUnauthorized, k.get("", "/v1/lists/"+ids[0]+"/annotated.xlsx").status)
}
