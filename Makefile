# Needs Go, git and make; everything else is pinned in a go.mod and built on first use.

FUZZTIME ?= 30s
VULNDB ?= https://vuln.go.dev
COVERAGE_FLOOR := 95

# tools/ is a module of its own, so that an importer never sees it; tools/lint pins what checks the code.
MODULES := . tools tools/revision tools/linearizability tools/browser examples/service
# $(call in,module,tool) runs a tool of tools/lint in a module.
in = go -C $(1) tool -modfile='$(CURDIR)/tools/lint/go.mod' $(2)
config := --config '$(CURDIR)/.golangci.yml'

# Without paths in them, packages are built once, wherever a copy of the tree lies: tests and updates make some.
export GOFLAGS := $(shell go env GOFLAGS) -trimpath

# The race detector needs cgo and a C compiler.
cc = $(firstword $(shell go env CC))
race = $(shell [ "$$(go env CGO_ENABLED)" = 1 ] && command -v $(cc) >/dev/null 2>&1 && echo -race)

update := go run ./cmd/heygen-webhook update --sandbox --endpoint-id demo --url https://example.com/hook --all-events

.DEFAULT_GOAL := help
.PHONY: help run test generate spec-diff update lint fmt vuln fuzz mutants bench bench-record cover tidy

help: ## list the targets
	@echo 'usage: make <target>'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: ## change a webhook endpoint in the sandbox, from the command line
	@echo 'The sandbox stands in for HeyGen, on this machine. It holds one webhook endpoint, demo.'
	@echo 'This gives it another URL and every event:'
	@echo
	@echo '$$ $(update)'
	@$(update)

# All is compiled first, because some tests build programs, and with empty caches each would compile the same packages.
# -vet=off, because lint runs go vet.
# -count=1 for tools/ and tools/revision, because the test cache does not look at files outside a module, and its tests read api/.
test: test-client ## run every test, with the race detector where there is a C compiler
	go -C tools/revision test -vet=off -count=1 ./...

# The race detector would take longer over tools/revision, which shares next to nothing, than over all the others. Its
# tests start from a page of their own, so that no update changes what they say.
.PHONY: test-client
test-client: ## run the tests that a new document can fail: all but those of updates
	@$(if $(race),,echo 'no C compiler: the tests run without the race detector')
	@go list -export ./... >/dev/null
	go test -vet=off $(race) ./...
	go -C tools test -vet=off $(race) -count=1 ./...
	go -C tools/linearizability test -vet=off $(race) ./...
	go -C examples/service test -vet=off $(race) ./...

generate: ## make openapi.json, api/corrected.json and generated/ from api/
	go generate ./...

# A tool of its own go.mod, because "go run" would hide the exit status: 3 if something breaks, 2 if nothing could be said.
spec-diff: export DOC := $(DOC)
spec-diff: export REPORT := $(REPORT)
spec-diff: export FORMAT := $(or $(FORMAT),text)
spec-diff: ## report what a new document changes: DOC=path or URL, REPORT=file for JSON, FORMAT=text, markdown or json
	@go -C tools/revision tool spec-diff -C '$(CURDIR)' -format "$$FORMAT" -report "$$REPORT" "$$DOC"

update: export DOC := $(DOC)
update: export TESTS := $(or $(TESTS),test)
update: ## make everything from a new document, or leave the tree as it is: DOC=path or URL, DROP=1 removes obsolete corrections
	@go -C tools/revision tool update -C '$(CURDIR)' -tests "$$TESTS" $(if $(filter 1,$(DROP)),-drop) -- "$$DOC"

lint: ## check formatting, go vet, golangci-lint and the workflows
	@unformatted=$$("$$(go env GOROOT)/bin/gofmt" -l .) && \
	if [ -n "$$unformatted" ]; then printf 'not formatted (run "make fmt"):\n%s\n' "$$unformatted"; exit 1; fi
	@set -e; for module in $(MODULES); do \
		echo "lint $$module"; \
		go -C $$module vet ./...; \
		$(call in,$$module,golangci-lint run $(config) ./...); \
	done
	@echo 'lint .github/workflows'
	@go tool -modfile=tools/actionlint/go.mod actionlint

fmt: ## format the code
	@set -e; for module in $(MODULES); do $(call in,$$module,golangci-lint fmt $(config)); done

# govulncheck exits with 3 for a vulnerability.
vuln: ## look for known vulnerabilities; needs the network
	@for module in $(MODULES); do \
		echo "govulncheck $$module"; \
		output=$$($(call in,$$module,govulncheck -db $(VULNDB) ./...) 2>&1); status=$$?; \
		printf '%s\n' "$$output"; \
		case "$$status $$output" in \
		0*) ;; \
		1*'fetching vulnerabilities: '* | 1*'creating client: '*) \
			echo "SKIPPED $$module: the vulnerability database $(VULNDB) cannot be reached; nothing was checked";; \
		*) exit 1;; \
		esac; \
	done

fuzz: ## run each fuzz target in turn for FUZZTIME (30s)
	@set -e; targets=$$(grep -rHo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' . || true); \
	[ -n "$$targets" ] || echo 'no fuzz target'; \
	printf '%s\n' "$$targets" | sed -n 's/^\(.*\)\/[^/]*:func \(.*\)$$/\1 \2/p' | while read -r directory target; do \
		echo "$$target in $$directory"; \
		go -C "$$directory" test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1s . </dev/null; \
	done

mutants: ## check that the tests of wrapper and wire notice each fault of tools/mutants/mutants.yaml
	go -C tools run ./mutants

bench: ## run the benchmarks; fails past a bar
	go test -run '^$$' -bench . -benchmem ./...
	go run ./tests/bench
	go -C tools/revision run ./bench

bench-record: ## run the benchmarks of the client and of updates and write them to docs/
	go run ./tests/bench -record docs/benchmarks.md
	go -C tools/revision run ./bench -record docs/benchmarks-update.md

cover: ## measure the statements the tests of wrapper and wire cover; at least 95 % each
	@go test -cover ./wrapper ./wire | awk ' \
		{ print } \
		match($$0, /coverage: [0-9.]+%/) { \
			packages++; \
			percent = substr($$0, RSTART + 10, RLENGTH - 11); \
			if (percent + 0 < $(COVERAGE_FLOOR)) { low = 1; print "below the floor of $(COVERAGE_FLOOR) %: " $$2 } \
		} \
		/^(---|FAIL)/ { failed = 1 } \
		END { exit failed || low || packages != 2 }'

tidy: ## tidy every go.mod
	@set -e; for module in $(MODULES) tools/lint tools/actionlint; do go -C $$module mod tidy; done

.PHONY: revisions
revisions: ## update a clone to each revision of tools/revision/testdata; RUN=pattern chooses some, TESTS=test runs all tests
	go -C tools/revision run ./revisions -run '$(RUN)' -tests '$(or $(TESTS),test-client)'

.PHONY: test-shells
test-shells: ## press Tab in bash, zsh, fish and pwsh; fails where one is missing
	go test -count=1 -timeout 5m -tags shells -run TestShellsComplete ./cmd/heygen-webhook

.PHONY: test-browser
test-browser: ## drive the sandbox's page in headless Chromium; fails where there is no browser
	go -C tools/browser test -count=1 -timeout 5m ./...

.PHONY: renderer
renderer: export VERSION := $(VERSION)
renderer: ## write the renderer of the sandbox's page anew, from npm: VERSION=another one
	go -C tools run ./renderer -version "$$VERSION" '$(CURDIR)/cmd/heygen-webhook/page/swagger-ui'

.PHONY: contract-mutants
contract-mutants: ## score the contract kit by mutants of the documents; fails if one is judged wrongly
	go run ./tests/contractmutants

.PHONY: contract-live
contract-live: ## ask the real HeyGen whether it keeps the contract; sends only what HEYGEN_* variables name
	@if [ -n "$$HEYGEN_API_KEY" ] && [ -n "$$HEYGEN_ENDPOINT_ID" ] && [ -n "$$HEYGEN_ENDPOINT_URL" ]; then \
		go run ./cmd/heygen-webhook contract check --document published --har contract-live.har; \
	else \
		echo 'SKIPPED: nothing was sent and nothing was tested. Set HEYGEN_API_KEY, HEYGEN_ENDPOINT_ID (of an endpoint to'; \
		echo 'throw away) and HEYGEN_ENDPOINT_URL (the callback URL it has and is to have afterwards);'; \
		echo 'HEYGEN_BASE_URL is another server than https://api.heygen.com.'; \
	fi

.PHONY: readme
readme: ## write into the README what "make run" prints
	go test ./tests -run TestTheREADMEShowsARun -update

BASE ?= origin/main
.PHONY: api-diff
api-diff: ## compare the Go API with that of BASE (origin/main); fails if it breaks and the CHANGELOG does not say so
	@set -e; scratch=$$(mktemp -d); \
	trap 'git worktree remove --force "$$scratch/base"; rm -rf "$$scratch"' EXIT; \
	git worktree add -q --detach "$$scratch/base" '$(BASE)'; \
	$(call in,"$$scratch/base",apidiff -m -w "$$scratch/api" github.com/heygen-go/heygen); \
	$(call in,.,apidiff -m "$$scratch/api" github.com/heygen-go/heygen); \
	$(call in,.,apidiff -m -incompatible "$$scratch/api" github.com/heygen-go/heygen) >"$$scratch/breaking"; \
	if [ -s "$$scratch/breaking" ] && git diff --quiet '$(BASE)' -- CHANGELOG.md; then \
		echo 'The Go API breaks, and CHANGELOG.md does not say so.'; exit 1; \
	fi
