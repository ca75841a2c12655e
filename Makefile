# Everything runs in .venv, which the first use makes; only Python (3.11 or later) need be there.

PYTHON ?= python3
BIN := .venv/bin
CONFIG ?= config/lull.yaml

.PHONY: run test check browser scenarios clean

# Start Lull on 127.0.0.1:5353 with its admin on 127.0.0.1:8080.
run: .venv/installed
	exec $(BIN)/lull serve --config $(CONFIG)

# Everything that must hold and needs nothing but Python.
test: check
	$(BIN)/python -m pytest --ignore=tests/browser

# The quick half: style, types and floors.
check: .venv/tested
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The admin's pages in a real browser: needs /usr/bin/chromium (Debian: chromium).
browser: .venv/tested
	$(BIN)/python -m pytest tests/browser

# Write the outputs of the scenarios anew, to be reviewed as a diff.
scenarios: .venv/tested
	$(BIN)/python -m pytest tests/scenarios --regen

.venv/installed: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

.venv/tested: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

clean:
	rm -rf .venv
