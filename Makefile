# `make demo` and `make test` do all their own set-up; see CONTRIBUTING.md.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

# The newest ipykernel and IPython are in .venv; each file in tests/pairs names an older pair,
# which gets an environment of that name: tests/pairs/oldest.txt makes .venv-oldest.
PAIRS := $(patsubst tests/pairs/%.txt,.venv-%/.ready,$(wildcard tests/pairs/*.txt))

.PHONY: help demo test model lint bench effect notebooks clean check-system

help:  ## say what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 12

demo: .venv/.demo model  ## watch the local model solve a task in a real kernel
	@$(BIN)/codeact-jupyter demo

test: .venv/.test $(PAIRS) .venv-bare/.ready lint model  ## all checks and tests
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
	rm -rf .venv .venv-* .mypy_cache .ruff_cache .pytest_cache .hypothesis

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
	$(PIP) install -e '.[demo]'
	@touch $@

.venv/.test: pyproject.toml .venv/.made
	$(PIP) install -e '.[test]'
	@touch .venv/.demo $@

# The others are filled by the pip of .venv: one of their own takes seconds to make.
.venv-%/.ready: tests/pairs/%.txt pyproject.toml | .venv/.made
	$(PYTHON) -m venv --without-pip .venv-$*
	$(PIP) --python .venv-$*/bin/python install -e . -r $< matplotlib pandas
	@touch $@

# What a stranger has who was sent an export: no codeact_jupyter.
.venv-bare/.ready: pyproject.toml | .venv/.made
	$(PYTHON) -m venv --without-pip .venv-bare
	$(PIP) --python .venv-bare/bin/python install ipykernel matplotlib pandas
	@touch $@
