# Everything runs in .venv, which the first use makes; only Python (3.11 or later) need be there.

PYTHON ?= python3
BIN := .venv/bin
CONFIG ?= config/lull.yaml

# Tests at once: one more than there are cores, as many of them wait.
AT_ONCE ?= $(shell expr $$(nproc) + 1)
FUZZ_SECONDS ?= 60
SCALE ?= 1.0
FAULTS ?=
FUZZ := message answer rules own_rule config http request frame proxy

# Bytecode is kept, whatever the caller says: the tests start hundreds of processes, which would each compile everything.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test everything check browser screenshots outside postgresql scenarios fuzz faults bench wheel clean

# Start Lull on 127.0.0.1:5353 with its admin on 127.0.0.1:8080.
run: .venv/installed
	exec $(BIN)/lull serve --config $(CONFIG)

# Everything that must hold and needs nothing but Python.
test: check
	$(BIN)/python -m pytest --numprocesses $(AT_ONCE) --dist loadfile --ignore=tests/browser --ignore=tests/outside

# All of it: what test, outside and postgresql run, in one go, so that no core waits for the end of a part; then the pages,
# as a browser does not bear with cores that others take.
everything: check
	$(BIN)/python -m pytest --numprocesses $(AT_ONCE) --dist loadfile --postgresql --ignore=tests/browser
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile tests/browser

# The quick half: style, types and floors.
check: .venv/tested
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The admin's pages in a real browser: needs /usr/bin/chromium (Debian: chromium).
browser: .venv/tested
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile tests/browser

# Pictures of every page into docs/screenshots: needs the same.
screenshots: .venv/tested
	$(BIN)/python -m tests.browser.screenshots

# Other programs at the other end: needs dig, delv, kdig, curl, w3m, fstrm_capture and dnstap-ldns (Debian: bind9-dnsutils,
# knot-dnsutils, curl, w3m, fstrm-bin, dnstap-ldns).
outside: .venv/tested
	$(BIN)/python -m pytest --numprocesses $(AT_ONCE) --dist loadfile tests/outside

# The database on PostgreSQL as well as on SQLite: needs a server, which the tests start (Debian: postgresql).
postgresql: .venv/tested
	$(BIN)/python -m pytest --numprocesses $(AT_ONCE) --dist loadfile --postgresql -k "postgresql or server" \
	  tests/store tests/daemon/test_postgresql.py

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

# Feed each target of fuzz/ with hostile bytes for FUZZ_SECONDS; one that fails leaves its input in fuzz/found/.
fuzz: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[fuzz]'
	for target in $(FUZZ); do $(BIN)/python fuzz/run.py $$target $(FUZZ_SECONDS) || exit 1; done

# Break the running daemon in every way, and tell in docs/reliability.md what was lost: some hours. Needs dnsperf, strace
# and libfaketime (Debian: dnsperf, strace, libfaketime). FAULTS names those to do, SCALE how much of the whole.
faults: .venv/tested
	$(BIN)/python -m tests.faults --scale $(SCALE) $(FAULTS)

# The wheel, into dist/. It fits on a floppy, and is to go on doing so.
wheel: .venv/installed
	rm -rf dist
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .
	test $$(stat --format %s dist/*.whl) -le 1440000

# Measure Lull beside its peers into docs/benchmark.md: half an hour, or three minutes with SHORT=1. Needs gcc and nsd, and
# measures those of dnsmasq, unbound, dnsdist, pdns-recursor, knot-resolver and bind9 that are installed (Debian's names).
# LISTS is a folder of block lists, POPULAR a file of popular names; ROUNDS, SECONDS, RULES, MOST, LIMIT, PEERS and PARTS
# are told by `python -m benchmarks.bench --help`. REPORT=1 only writes the report of the last run anew.
bench: .venv/tested
	$(BIN)/python -m benchmarks.bench $(if $(SHORT),--short) $(if $(REPORT),--report) $(if $(LISTS),--lists '$(LISTS)') \
	  $(if $(POPULAR),--popular '$(POPULAR)') $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SECONDS),--seconds $(SECONDS)) \
	  $(if $(RULES),--rules $(RULES)) $(if $(MOST),--most $(MOST)) $(if $(LIMIT),--limit $(LIMIT)) \
	  $(if $(PEERS),--peers '$(PEERS)') $(if $(PARTS),--parts '$(PARTS)')

clean:
	rm -rf .venv
