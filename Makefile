# Everything a person runs. `make` alone lists the commands.
# Needs Python 3.11 or later and nothing else; PYTHON=... chooses which one.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
LOCKED := $(BIN)/python -m pip --disable-pip-version-check --no-input install --quiet
TEST_JOBS ?= 2
TESTS ?= tests
PYTEST_ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help web serve test quick check build docs lock format clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

web: ## build what the pages need beyond HTML, where Node.js is there
	@tools/build_web.sh

serve: $(VENV)/runtime.stamp web ## build the graph from data/ and serve it on http://127.0.0.1:8000
	@MINERALGRAPH_STORE=$${MINERALGRAPH_STORE:-var/store} $(BIN)/mineralgraph serve

test: $(VENV)/dev.stamp ## run every test that needs no extra server, with the coverage floor
	@$(BIN)/python -m pytest $(TESTS) -n $(TEST_JOBS) --dist worksteal \
		--cov --cov-report=term $(PYTEST_ARGS)

quick: $(VENV)/dev.stamp ## run the tests without measuring coverage; TESTS=path narrows
	@$(BIN)/python -m pytest $(TESTS) -n $(TEST_JOBS) --dist worksteal -q $(PYTEST_ARGS)

check: $(VENV)/dev.stamp ## lint, formatting, types, import layers, size ceilings
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python tools/check_sizes.py

format: $(VENV)/dev.stamp ## format the Python files and mend what the linter can mend
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

build: $(VENV)/runtime.stamp ## compile data/ to one sorted N-Quads file, checked and validated
	@$(BIN)/mineralgraph build --out build/mineralgraph.nq

docs: $(VENV)/dev.stamp ## write docs/reference anew, and the output that the pages show
	@$(BIN)/python tools/reference_docs.py
	@$(BIN)/python tools/ontology_docs.py
	@$(BIN)/python tools/console_blocks.py

lock: ## pin the dependencies anew (needs uv, or pip-tools)
	@PYTHON="$(PYTHON)" sh tools/lock.sh

clean: ## remove what is made: environment, store, caches
	rm -rf $(VENV) var build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*

# The stamps say which lock an environment holds, so that a second run installs nothing.
$(VENV)/runtime.stamp: requirements.lock pyproject.toml | $(BIN)/python
	@if [ requirements-dev.lock -ot $(VENV)/dev.stamp ]; then :; else \
		echo "Installing the pinned packages into $(VENV) (the first time only) ..."; \
		$(LOCKED) --require-hashes -r requirements.lock; fi
	@$(LOCKED) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock pyproject.toml | $(BIN)/python
	@echo "Installing the pinned packages and test tools into $(VENV) (the first time only) ..."
	@$(LOCKED) --require-hashes -r requirements-dev.lock
	@$(LOCKED) --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/runtime.stamp

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "error: no $(PYTHON) here"; \
		echo "hint: install Python 3.11 or later, or say PYTHON=/path/to/python"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "error: $$($(PYTHON) --version) is too old"; \
		echo "hint: Python 3.11 or later is needed; say PYTHON=python3.12, for example"; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { \
		echo "hint: on Debian and Ubuntu the venv module is in the package python3-venv"; exit 2; }
