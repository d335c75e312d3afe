# `make demo` and `make test` do all their own set-up; see CONTRIBUTING.md.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help demo test model lint bench effect notebooks clean check-system

help:  ## say what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 12

demo: .venv/.demo model  ## watch the local model solve a task in a real kernel
	@$(BIN)/codeact-jupyter demo

test: .venv/.test .venv-oldest/.ready .venv-bare/.ready lint model  ## all checks and tests
	$(BIN)/python -m pytest

model: .venv/.demo  ## fetch the local model, once
	@$(BIN)/codeact-jupyter model path >/dev/null 2>&1 || $(BIN)/codeact-jupyter model pull

lint: .venv/.test  ## style, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell codeact_jupyter tests notebooks benchmarks *.md

bench: .venv/.test  ## the figures of benchmarks/, each against a plain cell in the same run
	$(BIN)/python -m benchmarks

effect: .venv/.test model  ## thirty questions: the product beside the plain loop of the paper
	$(BIN)/python -m benchmarks.effect --seen --unseen

notebooks: .venv/.test  ## run the notebooks with the local model and keep their outputs
	$(BIN)/python notebooks/record.py

clean:  ## remove the environments and caches
	rm -rf .venv .venv-oldest .venv-bare .mypy_cache .ruff_cache .pytest_cache .hypothesis

check-system:
	@command -v $(PYTHON) >/dev/null || \
	  { echo "Python is missing. Install it: sudo apt install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed, $(PYTHON) is $$($(PYTHON) -V)." \
	    "Name another one: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "Python's venv is missing. Install it: sudo apt install python3-venv"; exit 1; }

# A stamp is newer than pyproject.toml when its environment holds what that asks for.
.venv/.made: | check-system
	$(PYTHON) -m venv .venv
	@touch $@

.venv/.demo: pyproject.toml .venv/.made
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[demo]'
	@touch $@

.venv/.test: pyproject.toml .venv/.made
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
	@touch .venv/.demo $@

# The oldest pair that we support.
.venv-oldest/.ready: pyproject.toml | check-system
	$(PYTHON) -m venv .venv-oldest
	.venv-oldest/bin/python -m pip install --quiet --disable-pip-version-check -e . \
	  ipykernel==6.29.5 ipython==8.37.0 matplotlib pandas
	@touch $@

# What a stranger has who was sent an export: no codeact_jupyter.
.venv-bare/.ready: pyproject.toml | check-system
	$(PYTHON) -m venv .venv-bare
	.venv-bare/bin/python -m pip install --quiet --disable-pip-version-check \
	  ipykernel matplotlib pandas
	@touch $@
