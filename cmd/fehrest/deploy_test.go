package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"fehrest/internal/meter"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"
)

const deployDir = samplesDir + "/deploy"

// The examples of how to run the program name what it really has: commands, flags, settings, figures, paths.
func TestDeploy_examples(t *testing.T) {
	t.Parallel()
	files := deployFiles(t)
	t.Run("name settings that exist", func(t *testing.T) {
		t.Parallel()
		known := []string{"FEHREST_TOKEN"}
		of := reflect.TypeFor[setting]()
		for i := range of.NumField() {
			known = append(known, of.Field(i).Tag.Get("env"))
		}
		for _, l := range limitSettings {
			known = append(known, l.name)
		}
		named := 0
		for path, b := range files {
			for _, name := range regexp.MustCompile(`\b(FEHREST_[A-Z_]+|DATABASE_URL)\b`).FindAllString(string(b), -1) {
				named++
				require.Contains(t, known, name, path)
			}
		}
		require.Greater(t, named, 20)
	})
	t.Run("name commands that exist", func(t *testing.T) {
		t.Parallel()
		var commands [][]string
		for path, b := range files {
			if filepath.Ext(path) == ".service" {
				started := regexp.MustCompile(`(?m)^ExecStart=/usr/local/bin/fehrest (.+)$`).FindSubmatch(b)
				require.NotNil(t, started, path)
				commands = append(commands, strings.Fields(string(started[1])))
			}
		}
		for _, d := range documents(t, files, "kubernetes") {
			for _, c := range find(d, "containers") {
				for _, c := range c.([]any) {
					commands = append(commands, words(c.(map[string]any)["args"]))
				}
			}
		}
		for name, service := range documents(t, files, "compose.yaml")[0]["services"].(map[string]any) {
			if s := service.(map[string]any); s["image"] == "fehrest" {
				commands = append(commands, words(s["command"]))
				require.Equal(t, "30s", s["stop_grace_period"], name)
				require.NotContains(t, s, "tmpfs", "files on their way in would count as memory")
			}
		}
		require.Len(t, commands, 9)
		for _, c := range commands {
			code, help, complaint := fehrest(t, append(c, "--help")...)
			require.Equal(t, exitAccepted, code, "%v: %s", c, complaint)
			require.Contains(t, help, "fehrest "+c[0], c)
		}
	})
	t.Run("name figures that exist", func(t *testing.T) {
		t.Parallel()
		series := allSeries(t)
		var alerts struct {
			Groups []struct {
				Name  string
				Rules []struct {
					Alert, Expr string
					For         string
					Labels      struct{ Severity string }
					Annotations struct{ Summary, Action string }
				}
			}
		}
		require.NoError(t, yaml.NewDecoder(bytes.NewReader(files["prometheus/alerts.yaml"]), yaml.Strict()).Decode(&alerts))
		require.Len(t, alerts.Groups, 1)
		names := []string{}
		for _, r := range alerts.Groups[0].Rules {
			require.NotContains(t, names, r.Alert)
			names = append(names, r.Alert)
			require.Contains(t, []string{"page", "ticket"}, r.Labels.Severity, r.Alert)
			require.NotEmpty(t, r.Annotations.Summary, r.Alert)
			require.NotEmpty(t, r.Annotations.Action, r.Alert)
			requireSound(t, series, r.Expr)
		}
		require.Greater(t, len(names), 10)
		var board struct {
			Panels []struct {
				Title   string
				GridPos struct{ X, W int }
				Targets []struct{ Expr string }
			}
		}
		require.NoError(t, json.Unmarshal(files["grafana/fehrest.json"], &board))
		require.Greater(t, len(board.Panels), 10)
		for _, p := range board.Panels {
			require.NotEmpty(t, p.Targets, p.Title)
			require.LessOrEqual(t, p.GridPos.X+p.GridPos.W, 24, p.Title)
			for _, target := range p.Targets {
				requireSound(t, series, target.Expr)
			}
		}
	})
	t.Run("name objects and paths that exist", func(t *testing.T) {
		t.Parallel()
		all := documents(t, files, "kubernetes")
		have := map[string]bool{}
		for _, d := range all {
			if meta, ok := d["metadata"].(map[string]any); ok {
				have[d["kind"].(string)+" "+meta["name"].(string)] = true
			}
		}
		for _, kind := range []string{"Deployment fehrest-window", "Deployment fehrest-worker", "Job fehrest-migrate", "PodDisruptionBudget fehrest-window", "PodDisruptionBudget fehrest-worker", "Service fehrest"} {
			require.True(t, have[kind], kind)
		}
		probes := 0
		for _, d := range all {
			for _, ref := range append(find(d, "secretRef"), find(d, "secretKeyRef")...) {
				require.True(t, have["Secret "+ref.(map[string]any)["name"].(string)], ref)
			}
			for _, name := range find(d, "secretName") {
				require.True(t, have["Secret "+name.(string)], name)
			}
			for _, ref := range find(d, "configMapRef") {
				require.True(t, have["ConfigMap "+ref.(map[string]any)["name"].(string)], ref)
			}
			for _, get := range find(d, "httpGet") {
				probes++
				require.Contains(t, []any{"/healthz", "/readyz"}, get.(map[string]any)["path"])
			}
			if grace := find(d, "terminationGracePeriodSeconds"); len(grace) > 0 {
				require.GreaterOrEqual(t, grace[0], uint64(30))
			}
		}
		require.Equal(t, 6, probes)
		for _, r := range documents(t, files, "kubernetes/kustomization.yaml")[0]["resources"].([]any) {
			require.Contains(t, files, "kubernetes/"+r.(string))
		}
		for _, scrape := range []string{"prometheus/prometheus.yaml", "prometheus/kubernetes.yaml"} {
			d := documents(t, files, scrape)[0]
			require.Equal(t, []any{"alerts.yaml"}, d["rule_files"], scrape)
			require.Equal(t, []any{"fehrest"}, find(d, "job_name"), "the alerts know the programs by this name")
		}
	})
}

// deployFiles are the examples by path.
func deployFiles(t *testing.T) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	require.NoError(t, filepath.WalkDir(deployDir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		rel, _ := filepath.Rel(deployDir, path)
		files[filepath.ToSlash(rel)] = b
		return err
	}))
	return files
}

// documents are the YAML documents of all files below a path.
func documents(t *testing.T, files map[string][]byte, below string) (all []map[string]any) {
	t.Helper()
	for path, b := range files {
		if !strings.HasPrefix(path, below) || filepath.Ext(path) != ".yaml" {
			continue
		}
		for d := yaml.NewDecoder(bytes.NewReader(b)); ; {
			var doc map[string]any
			err := d.Decode(&doc)
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err, path)
			all = append(all, doc)
		}
	}
	require.NotEmpty(t, all, below)
	return all
}

// find lists the values of a key, wherever it stands.
func find(in any, key string) (found []any) {
	switch v := in.(type) {
	case map[string]any:
		for k, inner := range v {
			if k == key {
				found = append(found, inner)
			}
			found = append(found, find(inner, key)...)
		}
	case []any:
		for _, inner := range v {
			found = append(found, find(inner, key)...)
		}
	}
	return found
}

func words(of any) (all []string) {
	for _, w := range of.([]any) {
		all = append(all, w.(string))
	}
	return all
}

var (
	sample   = regexp.MustCompile(`(?m)^([a-z_]+)(?:\{(.*)\})? \S+$`)
	selector = regexp.MustCompile(`\b((?:fehrest|process|go)_[a-z_]+)(?:\{([^}]*)\})?`)
	matcher  = regexp.MustCompile(`([a-z_]+)(=~|=)"([^"]*)"`)
)

// allSeries are the series that a program shows, by name, each with its labels.
func allSeries(t *testing.T) map[string][]map[string]string {
	t.Helper()
	m := meter.New()
	m.Requested(http.MethodGet, "/v1/lists", http.StatusServiceUnavailable, 0)
	m.Watch(func(context.Context) (meter.Picture, error) {
		return meter.Picture{Breakers: map[string]string{"sso": "closed", "tax": "closed"}, Pools: []meter.Pool{{Name: "api"}}}, nil
	})
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	all := map[string][]map[string]string{}
	for _, s := range sample.FindAllStringSubmatch(w.Body.String(), -1) {
		labels := map[string]string{"job": "fehrest"} // given by who reads them
		for _, l := range matcher.FindAllStringSubmatch(s[2], -1) {
			labels[l[1]] = l[3]
		}
		all[s[1]] = append(all[s[1]], labels)
	}
	return all
}

// requireSound holds that every figure an expression names would find a series, and that its brackets are in order.
func requireSound(t *testing.T, series map[string][]map[string]string, expr string) {
	t.Helper()
	for _, pair := range []string{"()", "{}", "[]"} {
		require.Equal(t, strings.Count(expr, pair[:1]), strings.Count(expr, pair[1:]), expr)
	}
	for _, s := range selector.FindAllStringSubmatch(expr, -1) {
		require.Contains(t, series, s[1], expr)
		require.True(t, slices.ContainsFunc(series[s[1]], func(labels map[string]string) bool {
			for _, m := range matcher.FindAllStringSubmatch(s[2], -1) {
				want := regexp.QuoteMeta(m[3])
				if m[2] == "=~" {
					want = m[3]
				}
				if !regexp.MustCompile("^(?:" + want + ")$").MatchString(labels[m[1]]) {
					return false
				}
			}
			return true
		}), "no series is %s of %s", s[0], expr)
	}
}
