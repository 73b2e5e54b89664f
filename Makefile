# Hamlets: the commands of the project. `make` alone lists them.
# Needs nothing but make and python3 (3.11 or newer).

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
LOCKS := requirements/setup.txt requirements/dev.txt
UV_COMPILE = $(BIN)/uv pip compile --quiet --generate-hashes --python-version 3.11 \
	--custom-compile-command "make lock"

# The demonstration keeps everything in demo/, its pseudonym key too, so that
# trying Hamlets leaves nothing in anybody's home folder.
DEMO := demo
DEMO_PRACTICES := 36
DEMO_PATIENTS := 270000
DEMO_MONTHS := 24
DEMO_PRACTICE := EX001
DEMO_STORE := $(DEMO)/store
DEMO_PORT := 8000
DEMO_CODE = $(shell find src -name '*.py' -o -name '*.toml' -o -name '*.html' -o -name '*.css')
HAMLETS := HAMLETS_KEY_FILE=$(DEMO)/pseudonym.key $(BIN)/hamlets

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo demo-figures demo-stop test test-slow test-postgres check format bench lock docs clean

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## Make .venv with everything (quick when nothing changed)

$(STAMP): pyproject.toml $(LOCKS)
	@command -v "$(PYTHON)" >/dev/null 2>&1 || { \
		echo "Hamlets needs Python 3.11 or newer, and there is no '$(PYTHON)' here." >&2; \
		echo "Install Python, or name it: make setup PYTHON=python3.12" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Hamlets needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) -V 2>&1)." >&2; \
		echo "Name a newer one: make setup PYTHON=python3.12" >&2; exit 1; }
	@echo "Setting up $(VENV)" >&2
	@test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r requirements/setup.txt
	@VIRTUAL_ENV="$(CURDIR)/$(VENV)" $(BIN)/uv pip sync --quiet --compile-bytecode \
		--require-hashes $(LOCKS)
	@VIRTUAL_ENV="$(CURDIR)/$(VENV)" $(BIN)/uv pip install --quiet --no-deps \
		--no-build-isolation -e .
	@touch $@

# In a terminal the site runs until Ctrl-C. Where nobody watches it goes on by itself and the
# command ends once it answers; `make demo-stop` ends it.
demo: demo-figures ## Make an invented borough, measure it, write reports, open the site
	@if [ -t 0 ] && [ -t 1 ]; then background=; else background=--background; fi; \
		$(HAMLETS) demo --store $(DEMO_STORE) --workspace $(DEMO)/workspace \
		--port $(DEMO_PORT) $$background

demo-stop: $(STAMP) ## End the site of the demonstration
	@$(HAMLETS) demo --stop --workspace $(DEMO)/workspace

demo-figures: $(DEMO)/borough.html $(DEMO)/practice.html
	@$(HAMLETS) measure --store $(DEMO_STORE) --measures upc,coc,slicc,opr
	@echo
	@echo "The reports, to open in a browser:"
	@echo "  the borough, $(DEMO_PRACTICES) practices: $(DEMO)/borough.html"
	@echo "  the practice $(DEMO_PRACTICE): $(DEMO)/practice.html"
	@echo "All of it is invented: no patient, practice or member of staff exists."

# Its names are invented too: with them, reception can look people up in the site.
# The store is published in one step, so a borough that was stopped half-way is made again.
$(DEMO_STORE)/CURRENT: | $(STAMP)
	@mkdir -p $(DEMO)
	@$(HAMLETS) synth --store $(DEMO_STORE) --practices $(DEMO_PRACTICES) \
		--patients $(DEMO_PATIENTS) --months $(DEMO_MONTHS) --seed 1 --identifiable

$(DEMO)/borough.html: $(DEMO_STORE)/CURRENT $(DEMO_CODE)
	@$(HAMLETS) report --store $(DEMO_STORE) --output $@

$(DEMO)/practice.html: $(DEMO_STORE)/CURRENT $(DEMO_CODE)
	@$(HAMLETS) report --store $(DEMO_STORE) --practice $(DEMO_PRACTICE) --output $@

test: $(STAMP) ## Run the tests (those marked slow or bench are left out)
	@$(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist worksteal

test-slow: $(STAMP) ## Run the tests marked slow: many more random instances, large stores
	@$(BIN)/pytest -m slow --numprocesses auto --maxprocesses 4 --dist worksteal

test-postgres: $(STAMP) ## The site's tests on a PostgreSQL of their own (Debian: postgresql)
	@tests/with-postgres $(BIN)/pytest --numprocesses auto --maxprocesses 4 \
		tests/web tests/resilience/test_site_writers.py tests/resilience/test_database_stops.py

check: $(STAMP) ## Format, lint, types, layers, documentation
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/pyright --project pyright-strict.json & strict=$$!; \
		$(BIN)/pyright && wait $$strict
	@$(BIN)/lint-imports
	@$(BIN)/mkdocs build --strict
	@$(BIN)/pytest --quiet -p no:randomly tests/docs/test_links.py

format: $(STAMP) ## Put the code into the project's format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

docs: $(STAMP) ## Write the generated pages of docs/ again, then build site/
	@$(BIN)/python docs/generate.py
	@$(BIN)/python -m tests.spec.write_reference
	@$(BIN)/python -m hamlets.records.table_schema > docs/reference/datapackage.json
	@$(BIN)/mkdocs build --strict

bench: test-slow ## Slow comparisons: the slow tests, and every engine at size, side by side
	@$(BIN)/python -m benchmarks

lock: $(STAMP) ## Resolve the requirements again (hashed, no addresses)
	@echo uv | $(UV_COMPILE) - -o requirements/setup.txt
	@$(UV_COMPILE) pyproject.toml -o requirements/base.txt
	@$(UV_COMPILE) pyproject.toml --extra web -o requirements/web.txt
	@$(UV_COMPILE) pyproject.toml --extra web --extra dev -o requirements/dev.txt

# The only thing that needs Node; what it makes is in the repository and in the package.
assets: ## Compile the styles of the site again (needs npm)
	@cd frontend && npm ci --silent --ignore-scripts && npm run --silent build

clean: ## Remove what the commands made, but for .venv
	@rm -rf $(DEMO) site .pytest_cache .ruff_cache .import_linter_cache .hypothesis
