# ARGS adds flags to the command of a target: make run ARGS='--addr 127.0.0.1:9090', make test ARGS='-run TestSubmit'.
ARGS ?=

# The tools are a module of their own. Without cgo sqlc takes its SQL parser ready-made instead of compiling it for minutes.
TOOL   := CGO_ENABLED=0 go tool -modfile=internal/tools/go.mod
WITHPG := go run ./internal/localpg/withpg

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

.PHONY: run run-once
run: postgres ## the whole window on this machine, until Ctrl-C (fehrest demo)
	go run ./cmd/fehrest demo $(ARGS)

run-once: postgres ## the same, ending when both organisations have answered
	go run ./cmd/fehrest demo --once $(ARGS)

.PHONY: test
test: postgres ## all tests, on one throwaway PostgreSQL or on DATABASE_URL
	$(WITHPG) -- go test $(ARGS) ./...

.PHONY: check format vet staticcheck generated race
check: format vet staticcheck generated race ## what a change must pass: the five below

format: ## no file that gofumpt would change
	@wrong=$$($(TOOL) gofumpt -l .) || exit 1; \
	if [ -n "$$wrong" ]; then echo "gofumpt -w would change:"; echo "$$wrong"; exit 1; fi

vet: ## go vet
	go vet ./...

# Persian words need the zero-width non-joiner, which ST1018 would have written as an escape sequence.
staticcheck: ## staticcheck
	$(TOOL) staticcheck -checks inherit,-ST1018 ./...

# Compares with what lies in the tree, committed or not; stale files are left behind made anew.
generated: ## the generated files are what the generators make
	@sums() { grep -rlE --include='*.go' '^// Code generated .* DO NOT EDIT' . | LC_ALL=C sort | xargs -r sha256sum; }; \
	before=$$(sums); $(MAKE) --no-print-directory generate || exit 1; after=$$(sums); \
	if [ "$$before" != "$$after" ]; then echo "generated files were stale and are now made anew; commit them"; git status --short; exit 1; fi

race: postgres ## all tests with the race detector, where there is a C compiler
	@cc=$$(go env CC); \
	if command -v $${cc%% *} >/dev/null; then race=-race; export CGO_ENABLED=1; \
	else race=; echo "no C compiler ($$cc): testing without the race detector"; fi; \
	set -x; $(WITHPG) -- go test $$race $(ARGS) ./...

.PHONY: browser
browser: postgres ## the page in Chromium, on a whole window (needs node, npm and chromium)
	cd internal/web && npm ci --no-audit --no-fund --ignore-scripts && node --test browser/

.PHONY: bench
bench: postgres ## speed on this machine, and the storm of a month's last night; a slow figure fails nothing
	$(WITHPG) -durable -- go test -p 1 -timeout 30m -run '^$$' -bench . $(ARGS) ./...
	go run ./internal/drill --storm

.PHONY: drill drill-proof
drill: postgres ## break what can break under traffic and check that nothing is lost or doubled; SEED= and ONLY=name,… repeat
	go run ./internal/drill $(if $(SEED),--seed $(SEED)) $(if $(ONLY),--only $(ONLY)) $(ARGS)

drill-proof: postgres ## see that the drills' checker fails on builds that break a promise
	go run ./internal/drill --proof $(ARGS)

# How long make fuzz works on each target. Without its own bound Go's minimiser may stand still for a minute at one case.
FUZZTIME ?= 60s

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME, one after another, and 10,000 damaged files of each kind; what is found is kept in testdata/fuzz
	@failed=0; \
	for dir in $$(grep -rl --include='*_test.go' '^func Fuzz' cmd internal | xargs -r -n1 dirname | sort -u); do \
		for target in $$(grep -rhoE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' $$dir/*_test.go | cut -c6- | sort); do \
			out=$$(go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x ./$$dir 2>&1); status=$$?; \
			execs=$$(printf '%s\n' "$$out" | sed -n 's/.*execs: \([0-9]*\).*/\1/p' | tail -1); \
			if [ $$status = 0 ]; then printf '%-18s %-18s clean  %12s execs\n' $${dir#internal/} $$target $${execs:-0}; \
			else printf '%-18s %-18s FAILED after %s execs\n%s\n' $${dir#internal/} $$target "$${execs:-0}" "$$out"; failed=1; fi; \
		done; \
	done; \
	FEHREST_MUTATIONS=10000 go test -count=1 -run '^TestDamage' ./internal/workbook || failed=1; \
	exit $$failed

.PHONY: hostile
hostile: ## every hostile file of the tests into OUT=dir, with expected.csv: file, row, code, HTTP status
	@test -n "$(OUT)" || { echo "say where: make hostile OUT=dir"; exit 2; }
	go test -count=1 -run '^TestHostile_files' ./internal/intake -args -hostile "$(abspath $(OUT))"

.PHONY: generate
generate: ## make the generated files anew (sqlc, templ)
	@find . -name sqlc.yaml | while read -r f; do $(TOOL) sqlc generate -f "$$f" || exit 1; done
	@if [ -n "$$(find internal -name '*.templ' -print -quit)" ]; then $(TOOL) templ generate -path internal; fi

# The package would otherwise make and start a cluster of its own on port 5432.
CREATECLUSTER := /etc/postgresql-common/createcluster.d

.PHONY: postgres
postgres: ## PostgreSQL's server, where it is missing and can be installed
	@if [ -n "$$DATABASE_URL$$PG_HOME" ] || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v pg_ctl >/dev/null; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "installing Debian's postgresql, the server only, without a cluster"; \
		mkdir -p $(CREATECLUSTER); echo "create_main_cluster = false" > $(CREATECLUSTER)/fehrest.conf; \
		apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends postgresql </dev/null; \
		installed=$$?; \
		rm -f $(CREATECLUSTER)/fehrest.conf; rmdir $(CREATECLUSTER) 2>/dev/null; \
		[ $$installed = 0 ] && exit 0; \
	fi; \
	echo "PostgreSQL's server is not installed; the program will download one at its first start"
