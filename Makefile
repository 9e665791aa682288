# Two commands matter: `make crawl` and `make test`. `make` alone lists the rest, under the headings `##@`.
.DEFAULT_GOAL := help
.PHONY: help crawl test outage hostile alerts exports ten-days kills stops shuffles every-skin web web-pictures psql runs migrate demo lint coverage format requirements dist deploy accuracy real-pages site-outages revisits discovery bench bench-storage bench-exports bench-growth bench-rendering renderers rooms crawl-picture docs clean
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

help: ## list these targets
	@awk -F ':.*## ' '/^##@/ {print "\n" substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.crawl: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and f"Python 3.11 or newer is needed, {sys.executable} is {sys.version.split()[0]}: make PYTHON=/path/to/python3 …")'
	@echo "Building the environment in $(VENV) (once) …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.crawl
	@echo "Adding the tools for tests …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

# Folder of the embedded database and of the crawl's log.
DATA_DIR ?= .data
export DATA_DIR

##@ First: crawl a site, and look at what was stored

crawl: $(VENV)/.crawl ## crawl SITE_URL (unset: the bundled site) into DATABASE_URL (unset: an embedded PostgreSQL)
	@mkdir -p $(DATA_DIR)
	@test -z "$$(find $(DATA_DIR) -maxdepth 1 -name crawl.log -size +10M)" || mv -f $(DATA_DIR)/crawl.log $(DATA_DIR)/crawl.log.1
	@$(BIN)/scrapy db upgrade
	@$(if $(SITE_URL),,$(BIN)/python -m demo --port $(DEMO_PORT) --day $(DAY) --skin $(SKIN) --) \
		$(BIN)/scrapy crawl smartdaily $(if $(SITE_URL),,-a mode=full) \
		-s LOG_FILE=$(DATA_DIR)/crawl.log -s PROGRESS_ENABLED=1 -s SUMMARY_ENABLED=1 $(ARGS)

# The bundled site. Its port is fixed, as it is part of the URLs. Its days pass in seconds, before any article is due again, so it
# is walked in full.
DEMO_PORT ?= 8765
DAY ?= 9
SKIN ?= glued

psql: $(VENV)/.crawl ## open the database in psql
	@$(BIN)/scrapy db psql

$(VENV)/.web: requirements-web.txt $(VENV)/.crawl
	@echo "Adding the packages of the pages …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-web.txt
	@touch $@

web: $(VENV)/.web ## serve pages on sites, runs and articles (ARGS=--port 8780)
	@$(BIN)/scrapy web $(ARGS)

runs: $(VENV)/.crawl ## list past runs
	@$(BIN)/scrapy runs

migrate: $(VENV)/.crawl ## migrate the database's schema to this version
	@$(BIN)/scrapy db upgrade

demo: $(VENV)/.crawl ## serve the bundled site (DAY, SKIN, DEMO_PORT)
	@$(BIN)/python -m demo --port $(DEMO_PORT) --day $(DAY) --skin $(SKIN)

##@ Tests

# Four workers for two cores: a fifth of the time is spent waiting for servers that are down on purpose. If Python may not write
# bytecode, as in many images, each worker and each process that it starts would compile all modules again.
test: $(VENV)/.dev ## run every test (TESTS=tests/storage: only those)
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 4 --dist worksteal -q $(TESTS)

##@ Long tests, which make test leaves out

outage: $(VENV)/.dev ## crawl while the database is unavailable for a minute, in each of the ways in tests/faults
	@OUTAGE_SECONDS=60 $(BIN)/python -m pytest -n 2 -q tests/faults/test_outages.py -k comes_back

ten-days: $(VENV)/.dev ## crawl the bundled site incrementally on each of its days, and compare with full crawls
	@INCREMENTAL_DAYS=10 $(BIN)/python -m pytest -q --log-cli-level=INFO tests/crawl/test_incremental.py -k each_day

kills: $(VENV)/.dev ## kill twenty crawls at random times, and compare the result of the next runs with the site's access log
	@KILLS=20 $(BIN)/python -m pytest -q --log-cli-level=INFO tests/crawl/test_kill.py

stops: $(VENV)/.dev ## stop a hundred crawls in their first five seconds, and look for runs without an end
	@STOPS=1 $(BIN)/python -m pytest -q tests/crawl/test_overlap.py -k while_it_begins

shuffles: $(VENV)/.dev ## crawl forty times with answers in random order, and look for revisions that no edit made
	@SHUFFLES=40 $(BIN)/python -m pytest -q --log-cli-level=INFO tests/crawl/test_shuffled.py

hostile: $(VENV)/.dev ## crawl sites without an end, write huge texts, and twenty times eight sites at once into one database
	@HOSTILE=1 $(BIN)/python -m pytest -q tests/crawl/test_budgets.py tests/storage/test_hostile.py

# The libraries that read exports are ten times as large as the crawler.
$(VENV)-readers/.ready: requirements-readers.txt
	@echo "Building the environment of the libraries that read exports in $(VENV)-readers …"
	@$(PYTHON) -m venv $(VENV)-readers
	@echo '*' > $(VENV)-readers/.gitignore
	@$(VENV)-readers/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-readers.txt
	@touch $@

exports: $(VENV)-readers/.ready ## export to Parquet, S3 and feeds, and read that by pandas, Polars, DuckDB, networkx and feedparser
	@$(VENV)-readers/bin/python -m pytest -n 2 -q tests/export

every-skin: $(VENV)/.dev ## run the slow tests that make test skips: every skin, on the last day, and long tests with a browser
	@EVERY_SKIN=1 $(BIN)/python -m pytest -n 2 -q tests/crawl/test_every_skin.py tests/rendering

alerts: $(VENV)/.dev ## scrape the metrics by Debian's Prometheus while each alert's fault is made and mended
	@PROMETHEUS=1 $(BIN)/python -m pytest -q --log-cli-level=INFO tests/metrics

web-pictures: $(VENV)/.dev ## photograph every page of scrapy web in Chromium into PICTURES (needs make renderers, and fonts-noto-cjk)
	@WEB_PICTURES=$(PICTURES) $(BIN)/python -m pytest -q tests/web

PICTURES ?= $(DATA_DIR)/pictures

##@ Development

lint: $(VENV)/.dev ## lint, types, import contracts, workflows
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/actionlint

coverage: $(VENV)/.dev ## run every test with coverage; fails below the minimum in pyproject.toml (TESTS=tests/storage: those, without a minimum)
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 4 --dist worksteal -q --cov --cov-report=term:skip-covered $(if $(TESTS),--cov-fail-under=0) $(TESTS)

format: $(VENV)/.dev ## format the code
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

COMPILE := uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate --generate-hashes

requirements: ## compile the pins in requirements*.txt from pyproject.toml (needs uv)
	$(COMPILE) pyproject.toml -o requirements.txt
	$(COMPILE) -c requirements.txt --extra playwright pyproject.toml -o requirements-playwright.txt
	$(COMPILE) -c requirements.txt --extra metrics pyproject.toml -o requirements-metrics.txt
	$(COMPILE) -c requirements.txt --extra web pyproject.toml -o requirements-web.txt
	$(COMPILE) -c requirements.txt --extra discover pyproject.toml -o requirements-discover.txt
	$(COMPILE) -c requirements.txt --extra images pyproject.toml -o requirements-images.txt
	$(COMPILE) -c requirements.txt --extra archive pyproject.toml -o requirements-archive.txt
	$(COMPILE) -c requirements.txt --extra export pyproject.toml -o requirements-export.txt
	$(COMPILE) -c requirements.txt --extra fleet pyproject.toml -o requirements-fleet.txt
	$(COMPILE) -c requirements.txt --group dev pyproject.toml -o requirements-dev.txt
	$(COMPILE) -c requirements-export.txt --extra export --group dev --group readers pyproject.toml -o requirements-readers.txt
	$(COMPILE) -c requirements-dev.txt --group scrapyd pyproject.toml -o requirements-scrapyd.txt
	$(COMPILE) --group pyproject.toml:dist -o requirements-dist.txt
	$(COMPILE) -c requirements.txt bench/requirements.in -o bench/requirements.txt
	$(COMPILE) tools/docs-requirements.in -o tools/docs-requirements.txt
	$(COMPILE) --no-emit-package lupa --no-emit-package psutil renderers/splash-requirements.in -o renderers/splash-requirements.txt

rooms: $(VENV)/.dev ## draw the rooms and their imports into docs/architecture.md
	@$(BIN)/python -m tools.rooms docs/architecture.md

$(VENV)-docs/.ready: tools/docs-requirements.txt
	@echo "Building the environment of the docs in $(VENV)-docs …"
	@$(PYTHON) -m venv $(VENV)-docs
	@echo '*' > $(VENV)-docs/.gitignore
	@$(VENV)-docs/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tools/docs-requirements.txt
	@touch $@

docs: $(VENV)-docs/.ready ## build the site of the docs into build/site; fails at a link without a target
	@NO_MKDOCS_2_WARNING=1 $(VENV)-docs/bin/mkdocs build

deploy: $(VENV)/.dev ## deploy the crawler to the scrapyd at SCRAPYD_URL (SCRAPYD_USERNAME, SCRAPYD_PASSWORD)
	@$(BIN)/python -m deploy $(TARGET)

##@ Measurements and a picture for the docs

crawl-picture: $(VENV)/.crawl ## draw docs/crawl.svg, what make crawl prints
	@$(BIN)/python -m tools.terminal docs/crawl.svg make crawl

# The peers have an environment of their own. Both files are complete lists of pins, so no dependency is left to resolve.
$(VENV)-bench/.peers: requirements.txt bench/requirements.txt
	@echo "Building the environment of the bench's peers in $(VENV)-bench …"
	@$(PYTHON) -m venv $(VENV)-bench
	@echo '*' > $(VENV)-bench/.gitignore
	@$(VENV)-bench/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.txt -r bench/requirements.txt
	@touch $@

# A folder of labelled pages; docs/accuracy.md describes its files.
PAGES ?=

accuracy: $(VENV)-bench/.peers ## compare the reading of labelled PAGES with known extractors; writes the table of docs/accuracy.md (ARGS=--check)
	@$(if $(PAGES),,echo "make accuracy: name a folder of labelled pages: make accuracy PAGES=FOLDER" >&2; exit 2)
	@$(VENV)-bench/bin/python -W ignore -m bench.accuracy $(PAGES) --write docs/accuracy.md $(ARGS)

real-pages: $(VENV)/.crawl ## crawl the labelled PAGES, served as one site, into a temporary database
	@$(if $(PAGES),,echo "make real-pages: name a folder of labelled pages: make real-pages PAGES=FOLDER" >&2; exit 2)
	@$(BIN)/python -m bench.real_pages $(PAGES)

site-outages: $(VENV)/.crawl ## crawl the bundled site during outages of its own, and compare the database afterwards; writes the table of docs/operations.md
	@$(BIN)/python -m bench.outages --write docs/operations.md $(ARGS)

revisits: $(VENV)/.crawl ## crawl the bundled site for a fortnight by several schedules of revisits; writes the table of docs/operations.md
	@$(BIN)/python -m bench.revisits --write docs/operations.md $(ARGS)

discovery: $(VENV)/.dev ## crawl sites by lists, by feeds and by both; writes the table of docs/discovery.md
	@$(BIN)/python -m bench.discovery --write docs/discovery.md $(ARGS)

bench-storage: $(VENV)/.dev ## measure writing, growth, the feed, near-duplicates, search and two crawls at once (ARGS=--small: in a minute or two)
	@$(BIN)/python -m bench.storage writing --write docs/operations.md $(ARGS)
	@$(BIN)/python -m bench.storage growth --write docs/operations.md $(ARGS)
	@$(BIN)/python -m bench.storage feed --write docs/consuming.md $(ARGS)
	@$(BIN)/python -m bench.storage near-duplicates $(ARGS)
	@$(BIN)/python -m bench.storage search $(ARGS)
	@$(BIN)/python -m bench.storage reading --write docs/consuming.md $(ARGS)
	@$(BIN)/python -m bench.storage pages --write docs/web.md $(ARGS)
	@$(BIN)/python -m bench.storage crawlers --write docs/operations.md $(ARGS)
	@$(BIN)/python -m bench.storage two-sites $(ARGS)

bench-exports: $(VENV)-readers/.ready ## measure the export of a million articles; writes the table of docs/exports.md (ARGS=--small)
	@$(VENV)-readers/bin/python -m bench.storage export --write docs/exports.md $(ARGS)

bench-growth: $(VENV)/.crawl ## crawl sites of 1,000 and 10,000 articles, and into a database of a million; writes the tables of docs/performance.md (ARGS=--large: 100,000 too)
	@$(BIN)/python -m bench.growth --write docs/performance.md $(ARGS)

bench: $(VENV)/.crawl ## crawl beside a bare Scrapy spider and other crawlers, and measure starts; writes the tables of docs/performance.md (ARGS=--small)
	@$(BIN)/python -m bench.speed crawls --write docs/performance.md $(ARGS)
	@$(BIN)/python -m bench.speed start --write docs/performance.md $(if $(findstring --small,$(ARGS)),--small)

bench-rendering: $(VENV)/.dev ## crawl without and with Splash and Chromium; writes the tables of docs/rendering.md (ARGS=--small)
	@$(BIN)/python -m bench.rendering --write docs/rendering.md $(ARGS)

##@ Packages, renderers, cleaning

$(VENV)-dist/.ready: requirements-dist.txt
	@$(PYTHON) -m venv $(VENV)-dist
	@echo '*' > $(VENV)-dist/.gitignore
	@$(VENV)-dist/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dist.txt
	@touch $@

dist: $(VENV)-dist/.ready ## build the sdist and the wheel into dist/, check them, and install the wheel in an empty environment
	@rm -rf dist
	@$(VENV)-dist/bin/python -m build >/dev/null
	@$(VENV)-dist/bin/twine check --strict dist/*
	@.ci/try-wheel $(PYTHON) dist/*.whl

# Packages that render pages for tests/rendering and the benchmark. Only Debian has QtWebKit; lupa is Debian's too, as Splash's scripts
# fail with that from PyPI.
RENDERERS := python3-venv python3-pyqt5.qtwebkit python3-pyqt5.qtwebengine python3-pyqt5.qtsvg python3-lupa python3-psutil chromium

renderers: ## install Splash and Chromium for the tests that render pages (on Debian, as root)
	@missing=; for each in $(RENDERERS); do \
		dpkg-query --show --showformat '$${Status}' $$each 2>/dev/null | grep -q ' installed$$' || missing="$$missing $$each"; done; \
	test -z "$$missing" || { \
		test $$(id -u) = 0 && command -v apt-get >/dev/null || { echo "make renderers: run it as root on Debian, or install these packages first:$$missing" >&2; exit 1; }; \
		echo "Installing$$missing …"; export DEBIAN_FRONTEND=noninteractive; \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends $$missing >/dev/null; }
	@$(MAKE) --silent $(VENV)-splash/.ready

# Not $(PYTHON), as Debian's packages are for Debian's interpreter.
$(VENV)-splash/.ready: renderers/splash-requirements.txt
	@echo "Building the environment of Splash in $(VENV)-splash …"
	@/usr/bin/python3 -m venv --system-site-packages $(VENV)-splash
	@echo '*' > $(VENV)-splash/.gitignore
	@$(VENV)-splash/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r renderers/splash-requirements.txt
	@touch $@

clean: ## remove the environments and caches, but not the data
	rm -rf $(VENV) .venv-bench .venv-splash .venv-dist .venv-readers .venv-docs .mypy_cache .ruff_cache .pytest_cache .coverage build dist *.egg-info
