# Everything a user or a CI machine does with the project. `make help` lists it.
#   make run ENV=real DATA_ROOT=/media/hospital WORKERS=8
#   make run PYTHON=/opt/python3.13/bin/python3        another interpreter for the environment

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test lint format viz bench airflow clean

VENV := .venv
BIN := $(VENV)/bin
comma := ,
PIP := $(BIN)/python -m pip --disable-pip-version-check install
ENV ?=
DATA_ROOT ?=
WORKERS ?=
OPTIONS := $(if $(ENV),--env=$(ENV)) $(if $(DATA_ROOT),--params=data_root=$(DATA_ROOT))

# The first one that is new enough; its own command says what to do if none is.
PYTHON ?= $(shell for each in python3 python3.13 python3.12 python3.11; do \
	if $$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	then echo $$each; break; fi; done)

help: ## list what can be made
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

run: $(VENV)/installed ## run every study; what is stored and fresh is not computed again
	@$(BIN)/kedro run --runner=fairtrial.storage.runner.SpawnRunner --only-missing-outputs \
		$(if $(WORKERS),--runner-params=max_workers=$(WORKERS)) $(OPTIONS)

test: $(VENV)/installed-dev ## run all tests
	@OMP_NUM_THREADS=1 $(BIN)/pytest -n auto --dist loadfile

lint: $(VENV)/installed-dev ## check style, types and the floors of the house
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/installed-dev ## put the code into shape
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

viz: $(VENV)/installed ## draw the pipelines in the browser
	$(BIN)/kedro viz run $(OPTIONS)

bench: $(VENV)/installed-dev ## run the benchmarks, each of which compares two things in one run
	@for script in benchmarks/*.py; do $(BIN)/python $$script; done

airflow: $(VENV)/installed-airflow ## write one Airflow DAG a study into build/airflow
	$(BIN)/kedro airflow create --env=$(or $(ENV),local) --target-dir=build/airflow \
		--jinja-file=conf/airflow_dag.py.j2 \
		--params="project=$(CURDIR)$(if $(DATA_ROOT),$(comma)data_root=$(DATA_ROOT))"

clean: ## remove the environment and caches; results in data/ stay
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage*
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps are older than pyproject.toml when its dependencies may have changed.
$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "Fairtrial needs Python 3.11 or newer; found: $$(python3 --version 2>&1 || true)." >&2; \
		echo "Install one, or name it: make PYTHON=/path/to/python3.13" >&2; exit 1; fi
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is older than Python 3.11: make PYTHON=/path/to/python3.13" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "$(PYTHON) cannot make environments; on Debian: apt install python3-venv" >&2; exit 1; }

$(VENV)/installed: pyproject.toml | $(BIN)/python
	$(PIP) -e .
	@touch $@

$(VENV)/installed-dev: pyproject.toml | $(BIN)/python
	$(PIP) -e '.[dev]'
	@touch $@ $(VENV)/installed $(VENV)/installed-airflow

$(VENV)/installed-airflow: pyproject.toml | $(BIN)/python
	$(PIP) -e '.[airflow]'
	@touch $@ $(VENV)/installed
