# Two commands on a fresh machine: `make demo` and `make test`. Each sets up all it needs in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test lint bench benchmark fuzz train report docs licences clean

$(STAMP): pyproject.toml requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit("Gouji needs Python 3.11 or later" if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.8
	$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	touch $(STAMP)

demo: $(STAMP)
	$(BIN)/python -m service.demo

test: lint
	$(BIN)/python -m pytest

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 $(BIN)/python -m benchmarks.extraction
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 $(BIN)/python -m benchmarks.pages

# Gouji beside its peers on the same documents, all made here (about ten minutes): docs/peers.md says what came out.
PEERS := .venv-peers
$(PEERS)/.installed: benchmarks/peers/requirements.txt $(STAMP)
	test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS)
	$(BIN)/uv pip install --quiet --no-deps --python $(PEERS)/bin/python -r benchmarks/peers/requirements.txt
	touch $@

benchmark: $(STAMP) $(PEERS)/.installed
	$(BIN)/python -m benchmarks.peers

# Mutated documents of every kind through their readers, guided by coverage (Linux).
fuzz: $(STAMP)
	$(BIN)/python -m benchmarks.fuzzing

# Makes the trained models anew (about twenty minutes; PDFs to learn from need LibreOffice and Chromium).
train: $(STAMP)
	$(BIN)/gouji train all

# Measures everything anew and writes docs/accuracy.md with its pictures (PDFs need LibreOffice and Chromium).
report: $(STAMP)
	$(BIN)/gouji report

# Builds the site of the docs into out/site; a link that leads nowhere fails it.
docs: $(STAMP)
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

# Lists the licences of all packages, and fails for one that is not allowed (pyproject.toml, tool.gouji.licences).
licences: $(STAMP)
	$(BIN)/python -m service.licences

clean:
	rm -rf $(VENV) $(PEERS) out .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
