# Examhall: every day's commands. Only git, make and Python >= 3.11 are assumed.
SHELL := /bin/sh
PORT ?= 8123
JSON ?= var/bench.json
PY := .venv/bin/python
EXAMHALL := .venv/bin/examhall
CORES := $(shell nproc 2>/dev/null || echo 2)
NO_BROWSER := tests --ignore tests/journeys --ignore tests/browser
STAMPS := .venv/.stamps
LONGEST := tests/journeys/test_network_cut.py # begins first, so that nothing waits for it at the end

# What is compiled once need not be compiled again by each of the many programs that the tests start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup chromium demo run check test fast journeys browser detectors client bench docs schemas screenshots lock clean

setup: $(STAMPS)/python $(STAMPS)/client $(STAMPS)/models ## environment in .venv, client built, models

$(STAMPS)/python: requirements/dev.txt pyproject.toml tools/setup-python.sh
	sh tools/setup-python.sh
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/client: $(STAMPS)/python client/package-lock.json $(shell find client/src -type f 2>/dev/null) client/build.mjs
	sh tools/setup-client.sh
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/models: $(STAMPS)/python src/examhall/incidents/weights/models.toml
	sh tools/setup-models.sh
	@mkdir -p $(STAMPS) && touch $@

chromium: $(STAMPS)/python # after it, because both may ask apt
	sh tools/setup-browser.sh

demo: setup ## a running site with an open exam, staff and simulated candidates
	$(EXAMHALL) demo --port $(PORT)

run: setup ## the doors alone, on the data of var/
	$(EXAMHALL) migrate --quiet
	$(EXAMHALL) serve --port $(PORT)

check: $(STAMPS)/python $(STAMPS)/client ## everything that can be said without running the product
	.venv/bin/ruff check --output-format concise .
	.venv/bin/ruff format --check -q .
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(PY) tools/schemas.py --check
	$(PY) tools/requirements.py --check
	EXAMHALL_VAR_DIR=.venv/check $(PY) -m django makemigrations --check --dry-run --settings examhall.site.settings_django
	.venv/bin/codespell README.md CHANGELOG.md docs changes
	sh tools/npm.sh run types

test: ## everything that proves it works
	$(MAKE) -j 3 check client $(STAMPS)/models chromium
	$(MAKE) -j 2 -Oline --no-print-directory fast journeys

client: $(STAMPS)/client ## the client's own tests
	sh tools/npm.sh test

# The stories spend much of their time waiting for real time to pass; what only computes takes the cores they leave,
# and gives them back at once (nice).
fast: setup ## every lane but the browser, on SQLite and on PostgreSQL
	nice $(PY) -m pytest -q -n $(CORES) --dist loadfile $(NO_BROWSER)
	DATABASE_LANE=postgresql nice $(PY) -m pytest -q -n $(CORES) --dist loadfile $(NO_BROWSER) \
		--ignore tests/detectors --ignore tests/contract --ignore-glob '*/test_rules_*'

journeys browser: setup chromium ## stories in a real browser
	$(PY) -m pytest -q -n $(CORES) --dist loadfile --no-loadscope-reorder $(LONGEST) tests/journeys
	$(PY) -m pytest -q -n $(CORES) --dist loadfile tests/browser

detectors: setup
	$(PY) -m pytest -q tests/detectors

bench: setup ## measure; prints ratios against a reference run beside them
	@mkdir -p $(dir $(JSON))
	$(PY) -m bench --json $(JSON)

docs: $(STAMPS)/python ## regenerate what is generated
	$(PY) tools/requirements.py

schemas: $(STAMPS)/python ## words, tables and wire shapes for the client
	$(PY) tools/schemas.py
	$(PY) tools/look_words.py

screenshots: setup chromium ## pictures of every page, from the demo
	$(PY) tools/screenshots.py

lock: ## make the lock files anew, without addresses
	.venv/bin/pip-compile -q --strip-extras --extra dev --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --allow-unsafe --no-header -o requirements/dev.txt pyproject.toml

clean:
	rm -rf .venv var client/node_modules src/examhall/site/static/build
