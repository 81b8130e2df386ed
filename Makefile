# Each target stands for a few plain commands; README.md names them. `make` alone lists the targets.

PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run test check prove bench screenshots fmt lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

setup: .venv/installed ## create .venv from requirements.lock and install Careway into it

# A changed lock makes a new environment, so nothing of the old one can linger. The lock is complete and nothing is
# resolved again: asked for coverage[toml], older pips take the newest release, whose hash no lock can hold.
.venv/locked: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Careway needs Python 3.11 or later; name one with: make PYTHON=python3.13 …")'
	@echo "Creating .venv (half a minute)"
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/pip install -qq --no-deps --require-hashes --requirement requirements.lock
	@$(BIN)/pip check
	@touch $@

# Hatchling is in the lock, so the build needs no second download.
.venv/installed: .venv/locked pyproject.toml
	@$(BIN)/pip install -qq --no-deps --no-build-isolation --editable .
	@touch $@

# Twice does no harm: what is there stays, and the secrets are shown the first time only.
run: setup ## serve on 127.0.0.1:8000 with synthetic patients, kept in careway.db
	@$(BIN)/careway serve --migrate --demo --database sqlite:///careway.db

# Counting branches makes tests twice as slow, so it is done where every branch is meant to be met.
COUNTED := tests/unit tests/spec tests/vignettes

test: setup ## run the tests, with branch coverage of the core and the content
	$(BIN)/pytest -n auto $(COUNTED) --cov
	$(BIN)/pytest -n auto tests $(COUNTED:%=--ignore=%)

check: setup ## format, lint, types, import contracts, pathway content
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/careway pathway check

prove: setup ## run the laws again at full length (minutes)
	CAREWAY_PROVE=1 $(BIN)/pytest -n auto -m prove

bench: setup ## measure against the budgets in bench/
	$(BIN)/python -m bench.evaluate
	$(BIN)/python -m bench.events
	$(BIN)/python -m bench.clients
	$(BIN)/python -m bench.reminders
	$(BIN)/python -m bench.worklists
	$(BIN)/python -m bench.home
	$(BIN)/python -m bench.imports

screenshots: setup ## draw every page, both sizes, light and dark, with 0, 200 and 5,000 patients
	$(BIN)/python -m tests.web.screenshots

fmt: setup ## format the code and apply the safe lint fixes
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: setup ## resolve the newest allowed dependencies into the locks
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --upgrade \
	  --group dev pyproject.toml --output-file requirements.lock
	$(BIN)/python -m tests.oidc.locking

clean: ## remove .venv, caches and build products
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage .coverage.* dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
