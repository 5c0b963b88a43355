# Everything runs in .venv, made once from the locked dependencies; python3 is 3.11 or newer.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
# Tests of real servers wait half of their time: three of them keep two cores busy.
PYTEST ?= $(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help setup demo dev test lint format bench audit clean

help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(STAMP) ## make .venv with the tieout command in it

# The stamp is written last, so that an interrupted installation is done again.
$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "$(PYTHON) is older than 3.11: make PYTHON=/path/to/python3.13 $(MAKECMDGOALS)"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup ## the whole story on embedded systems, until Ctrl-C
	$(BIN)/tieout demo

dev: setup ## everything embedded, ready for work of your own, until Ctrl-C
	$(BIN)/tieout dev

test: lint ## all checks: style, types, imports, tests
	$(PYTEST)

lint: setup ## style, types and the import contract
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup ## bring the code into its style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup ## measure latency, throughput and billable actions
	$(BIN)/python -m bench

audit: setup ## compare what is installed with the locks, and the locks with known vulnerabilities
	$(BIN)/python -m workers.supply requirements.lock requirements-prod.lock

clean: ## remove everything that was made, the embedded state too
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .tieout
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
