# Needs Go, git and make, and a C compiler for the race detector; everything else is pinned and built on first use.

# tools/ is a module of its own, so that an importer never sees what it needs; tools/lint pins what checks the code.
export MODULES := . tools examples
# Without paths in them, packages are built once, wherever a copy of the tree lies: tests and updates make some.
export GOFLAGS := $(shell go env GOFLAGS) -trimpath
# $(value DOC) leaves a dollar sign in a file name or URL as it is; make would expand it, which can run commands.
override DOC := $(value DOC)
override API := $(or $(value API),v1)
override REPORT := $(value REPORT)
override TESTS := $(value TESTS)
export API DOC REPORT TESTS
export FUZZTIME ?= 30s

race = $(shell scripts/has-race && echo -race)
update := go run ./cmd/heygen-webhook endpoints update --sandbox --endpoint-id demo --url https://example.com/hook --all-events

.DEFAULT_GOAL := help
.PHONY: help run test generate spec-diff update lint fmt bench fuzz test-browser contract-live tidy

help: ## list the targets
	@echo 'usage: make <target>'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: ## change a webhook endpoint in the sandbox, from the command line
	@echo 'The sandbox stands in for HeyGen, on this machine. It holds one webhook endpoint, demo.'
	@echo 'This gives it another URL and every event:'
	@echo
	@echo '$$ $(update)'
	@$(update)

# The race detector is for what importers link: with it, everything is compiled once more. -vet=off, because lint runs go
# vet; -count=1 for tools/, because the test cache does not look at files outside a module.
test: ## run the tests of every module, those of this one with the race detector if there is a C compiler
	go test -vet=off $(race) ./...
	go -C examples test -vet=off ./...
	go -C tools test -vet=off -count=1 ./...

generate: ## make openapi.json, the corrected documents, generated/ and docs/deviations.md from api/
	go generate ./...

spec-diff: ## report what a new document changes: DOC=path or URL, API=v1 or v3, FORMAT=text, markdown or json, REPORT=file
	@scripts/spec-diff

update: ## make everything from a new document, or leave the tree as it was: DOC=path or URL, API=v1 or v3; see docs/updating.md
	@scripts/update

lint: ## check formatting, go.mod files, go vet, golangci-lint, scripts and workflows
	@scripts/lint

fmt: ## format the code
	@for module in $(MODULES); do scripts/golangci-lint "$$module" fmt || exit; done

bench: ## run the benchmarks; fails past a bar
	@scripts/bench

fuzz: ## run each fuzz target in turn for FUZZTIME (30s)
	@scripts/fuzz

test-browser: ## test the sandbox's page in headless Chromium; fails where there is no browser
	go -C tools test -count=1 -timeout 5m -tags browser ./browser

contract-live: ## check the real HeyGen by the contract, API=v1 or v3; sends only what HEYGEN_* variables name
	@scripts/contract-live

tidy: ## tidy every go.mod
	@for module in $(MODULES) tools/lint; do go -C "$$module" mod tidy || exit; done
