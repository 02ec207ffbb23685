# Every command of the project. A fresh machine needs make and Python 3.11 or newer.

PYTHON ?= python3
LINES ?= 1000 10000 100000
INVOICES ?= 1
ROWS ?= 1000000
ACTUALS ?= 5000000
PORT ?= 8088
MINUTES ?=
SEED ?=
WITHOUT ?=

BIN := .venv/bin
STAMP := .venv/installed
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

.DEFAULT_GOAL := help
.PHONY: help setup browser demo test check check-python check-types check-imports check-sql \
	faults chaos bench pictures docs lock clean

help: ## list these commands
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

setup: $(STAMP) ## make .venv with exactly what requirements.lock names

$(STAMP): pyproject.toml requirements.lock requirements-bootstrap.txt
	@command -v $(PYTHON) >/dev/null || { \
		echo "Twofold needs Python 3.11 or newer: $(PYTHON) was not found (set PYTHON=...)."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Twofold needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V) (set PYTHON=...)."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "$(PYTHON) has no venv module: install it (Debian: apt-get install python3-venv)."; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bootstrap.txt
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup ## the whole flow, from an hour of work to the ledger, and the pages to look at it
	$(BIN)/twofold demo
	$(BIN)/twofold up --port $(PORT)
	@for person in "Project manager  paula" "Accountant  anton" "Integration admin  ines" \
			"Auditor  olga" "Administrator  adam"; do \
		printf '%-18s ' "$${person%  *}"; \
		$(BIN)/twofold person link "$${person##*  }" --url http://127.0.0.1:$(PORT); done
	@echo "Each link signs in once, within the hour; make others with twofold person link."
	@echo "twofold down stops it all."

browser:
	@command -v chromium >/dev/null || { \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			apt-get update && DEBIAN_FRONTEND=noninteractive \
				apt-get install --yes --no-install-recommends chromium fonts-dejavu-core; \
		else \
			echo "The tests of the pages need Chromium: sudo apt-get install --yes chromium"; exit 1; \
		fi; }

test: setup browser ## the tests, on the embedded PostgreSQL or on TWOFOLD_POSTGRES_BIN
	$(BIN)/pytest -n auto --dist worksteal -q $(if $(WITHOUT),-m "not $(WITHOUT)")

check: check-python check-types check-imports check-sql ## format, lint, types, architecture, SQL layout

check-python: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

check-types: setup
	$(BIN)/basedpyright

check-imports: setup
	$(BIN)/lint-imports

check-sql: setup
	$(BIN)/sqlfluff lint --processes 0 --disable-progress-bar src

faults: setup ## the fault matrix: its tests, and docs/faults.md from what they say
	TWOFOLD_FAULT_REPORT=docs/faults.md $(BIN)/pytest -n auto -q -m fault

chaos: setup ## everything dies at random for three minutes, or: make chaos MINUTES=60 SEED=7
	$(BIN)/python -m tests.chaos $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED))

bench: setup ## speed against the bars: make bench LINES="1000 100000" ROWS=1000000 ACTUALS=5000000
	$(BIN)/python -m tests.bench --lines $(LINES) --invoices $(INVOICES) --rows $(ROWS)
	$(if $(filter-out 0,$(ACTUALS)),$(BIN)/python -m tests.bench.pages --actuals $(ACTUALS))

pictures: setup browser ## the pages at three widths, light and dark, into build/pictures; those of the docs anew
	mkdir -p build/pictures docs/images
	TWOFOLD_PICTURES=build/pictures $(BIN)/pytest -q tests/web/test_pictures.py
	for name in home backlog proposals journey dual-write; do \
		cp build/pictures/$$name-1280-light.png docs/images/$$name.png; done
	cp build/pictures/ages-1280-light.png docs/tours/project_manager-backlog.png
	cp build/pictures/limits-1280-light.png docs/tours/project_manager-limits.png
	cp build/pictures/journal-1280-light.png docs/tours/accountant-journal.png
	cp build/pictures/proposal-1280-light.png docs/tours/accountant-proposal.png

docs: setup ## write the reference pages from the code
	$(BIN)/python tools/docs_reference.py

lock: setup ## resolve the dependencies of pyproject.toml anew
	$(COMPILE) --all-extras pyproject.toml -o requirements.lock
	grep -E '^uv==' requirements.lock | tr -d ' \\' | $(COMPILE) --no-annotate - -o requirements-bootstrap.txt

clean: ## remove the environment and caches; data in TWOFOLD_HOME stays
	rm -rf .venv build dist .pytest_cache .ruff_cache .hypothesis .coverage htmlcov
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
