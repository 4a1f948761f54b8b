# make demo    set everything up, build the demo workspace, serve it (PORT=8050)
# make test    set everything up, run the tests, browser tests included
# make check   formatting, lint, types, import rules, SQL style
PYTHON ?= python3
PORT ?= 8050
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test check docs screenshots clean
.DEFAULT_GOAL := demo

demo: $(VENV)/.run
	$(BIN)/spendboard demo --port $(PORT)

# Three processes on two cores: the tests wait for browsers, servers and disks much of their time.
test: $(VENV)/.tests
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder --durations=30

check: $(VENV)/.tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --processes 1 warehouse/sql
	$(BIN)/lint-imports --config setup.cfg

docs: $(VENV)/.tests
	$(BIN)/python -m warehouse.catalogue > docs/data.md
	$(BIN)/python scripts/command_line_page.py > docs/cli.md

screenshots: $(VENV)/.tests
	$(BIN)/python scripts/screenshots.py

$(VENV)/.run: setup.cfg pyproject.toml scripts/prepare.sh
	@sh scripts/prepare.sh $(PYTHON)
	@echo "Setting up $(VENV) (once; a minute or two) ..." >&2
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --editable .
	@touch $@

$(VENV)/.tests: $(VENV)/.run
	@sh scripts/prepare.sh $(PYTHON) tests
	$(PIP) install --editable '.[test]'
	@touch $@

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
