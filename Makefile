# The two commands of a newcomer are `make run` and `make test`; both set up all they need and are safe to repeat.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
PATH := $(CURDIR)/.venv/bin:$(CURDIR)/.venv/node/bin:$(PATH)
export PATH

DESKTOP := web/desktop
DESKTOP_SOURCES := $(shell find $(DESKTOP)/src $(DESKTOP)/public $(DESKTOP)/index.html $(DESKTOP)/*.ts $(DESKTOP)/*.json -type f 2>/dev/null)

.PHONY: help run setup setup-test test test-python test-desktop check bench format lock clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

run: setup ## Set up what is missing and start the hotline in demo mode (Ctrl-C stops it)
	@exec $(BIN)/hotline up --demo

setup: .venv/.system-run .venv/.python $(DESKTOP)/dist/index.html ## Set up what `make run` needs

setup-test: setup .venv/.system-test ## Set up what `make test` needs as well

test: setup-test test-desktop test-python ## Set up and run every test (unit, contract, real Asterisk, Chromium)

test-desktop:
	@cd $(DESKTOP) && npm test --silent

test-python:
	@$(BIN)/python -m pytest -n 2 --dist loadgroup

check: setup ## Formatting, lint, types, direction of imports
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@cd $(DESKTOP) && npm run --silent check

bench: setup-test ## Measure; prints a table and writes bench-*.json
	@$(BIN)/python -m tests.bench

format: setup ## Rewrite Python sources in the one format
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

lock: .venv/.python ## Pin all Python dependencies anew, with hashes
	@$(BIN)/pip install -q uv && $(BIN)/uv pip compile -q --universal --generate-hashes --no-annotate --no-header \
		--all-extras --python-version 3.11 pyproject.toml -o .ci/requirements.lock

clean: ## Remove what was built here (not the cached Asterisk, not var/)
	@rm -rf .venv $(DESKTOP)/node_modules $(DESKTOP)/dist .mypy_cache .ruff_cache .pytest_cache

.venv/.system-run: .ci/system-packages
	@.ci/system-packages run && mkdir -p .venv && touch $@

.venv/.system-test: .ci/system-packages .venv/.python
	@.ci/system-packages test && touch $@

.venv/.python: pyproject.toml .ci/requirements.lock .venv/.system-run
	@echo "== Python packages"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: set PYTHON=…"; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r .ci/requirements.lock
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps -e .
	@touch $@

.venv/.node: .venv/.python
	@.ci/node && touch $@

$(DESKTOP)/node_modules/.stamp: $(DESKTOP)/package-lock.json .venv/.node
	@echo "== Desktop packages"
	@cd $(DESKTOP) && npm ci --loglevel=error --no-audit --no-fund && touch node_modules/.stamp

$(DESKTOP)/dist/index.html: $(DESKTOP)/node_modules/.stamp $(DESKTOP_SOURCES)
	@echo "== Desktop build"
	@cd $(DESKTOP) && npm run --silent build && touch dist/index.html
