# Everything runs in .venv, made from constraints.txt with the python3 of this machine (3.11 to 3.13).
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
INSTALL = $(BIN)/python -m pip install --quiet --no-compile --constraint constraints.txt

.PHONY: demo newcomer test lint bench docs check-report
.DELETE_ON_ERROR:

demo: $(VENV)/.run  ## the example plant: scorecard, chances of its targets, a better plan; a report and files in demo/
	$(BIN)/tocfin demo --out demo

newcomer:  ## the first ten minutes, cold: clone, demo, report, a changed scenario, compare; every hint is followed
	$(PYTHON) .ci/newcomer

test: $(VENV)/.ready  ## the whole suite
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal

lint: $(VENV)/.ready  ## style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bench: $(VENV)/.bench  ## speed, against DuckDB, Polars, SimPy and NumPy; asserts its numbers
	$(BIN)/python -m pytest benchmarks -o addopts= -s
	mkdir -p benchmarks/results
	$(BIN)/python benchmarks/bench_kpi.py --json benchmarks/results/kpi.json
	$(BIN)/python benchmarks/bench_simulate.py --json benchmarks/results/simulate.json
	$(BIN)/python benchmarks/readme_table.py benchmarks/results/simulate.json

docs: $(VENV)/.docs benchmarks/results/quick.json  ## the site, from pages and from what the program declares; warnings are errors
	$(BIN)/python -m sphinx -W -q -b html docs docs/_build

benchmarks/results/quick.json: $(VENV)/.ready  # what the site says of speed where make bench was not run: this machine
	mkdir -p benchmarks/results
	$(BIN)/tocfin bench --quick --format json > $@

$(VENV)/.docs: $(VENV)/.ready
	$(INSTALL) --editable '.[docs]'
	touch $@

check-report: $(VENV)/.ready  ## the report as people see it: browser, paper, office, where these are
	$(BIN)/python benchmarks/check_report.py

$(VENV)/.run: pyproject.toml constraints.txt  # what a user has; modules are compiled when they are first imported
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --editable '.[report]'
	touch $@

$(VENV)/.ready: $(VENV)/.run
	$(INSTALL) --editable '.[dev]'
	touch $@

$(VENV)/.bench: $(VENV)/.ready
	$(INSTALL) --editable '.[bench]'
	touch $@
