# The one door to every command. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
STAMP := $(VENV)/.made
CARGO := cargo
HISTORIES ?= 200
# The gate tries the same inputs every time; hunt tries new ones.
export PROPTEST_RNG_SEED ?= 1

RUST := Cargo.toml Cargo.lock $(shell find rust -name '*.rs' -o -name Cargo.toml)
MANIFESTS := pyproject.toml $(wildcard plugins/*/pyproject.toml)

.DEFAULT_GOAL := help
.PHONY: help build serve demo test test-rust test-mutants test-python hunt lint format bench mutants docs reference lock clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

# uv alone comes by pip, with its hash; it installs the rest, each with its hash.
$(STAMP)-tools: requirements/uv.txt requirements/dev.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@touch $@

$(STAMP)-build: $(STAMP)-tools $(RUST) $(MANIFESTS)
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --offline --reinstall-package helpdesk \
	  -e . $(addprefix -e ,$(dir $(wildcard plugins/*/pyproject.toml)))
	@touch $@

build: $(STAMP)-build ## create .venv with everything in it; .venv/bin/helpdesk is the command

serve: build ## run the service until interrupted
	$(BIN)/helpdesk serve

demo: build ## drive real input through the real doors and print what happened and why
	$(BIN)/helpdesk demo

test: test-rust test-mutants test-python ## run every test

test-rust: ## run the core's tests
	$(CARGO) test --quiet --locked --workspace

test-mutants: build test-rust ## try a sample of the core's mutants, half a minute
	$(BIN)/python scripts/mutants.py --count 6 --seconds 30 --trust

mutants: build ## try 100 mutants of the core; the tests must notice all but the listed equivalents
	$(BIN)/python scripts/mutants.py --count 100

test-python: build ## run the Python tests, three at a time: they often wait
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

hunt: build ## look for counterexamples on new random inputs, more of them: hours (HISTORIES=200)
	env -u PROPTEST_RNG_SEED PROPTEST_CASES=$(HISTORIES)00 $(CARGO) test --quiet --locked --release --workspace
	HELPDESK_TEST_HISTORIES=$(HISTORIES) HELPDESK_TEST_SHRINK=0 $(BIN)/python -m pytest tests/properties
	HELPDESK_TEST_HISTORIES=$(HISTORIES) $(BIN)/python -m pytest tests/regulation tests/unit plugins tests/integration/api/test_description.py

lint: build ## style, types, layers, Rust lints
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest helpdesk._slacore
	$(BIN)/lint-imports
	$(CARGO) fmt --all --check
	$(CARGO) clippy --quiet --locked --workspace --all-targets -- -D warnings
	$(CARGO) clippy --quiet --locked --workspace --features python -- -D warnings

bench: build ## measure the core against the C limits and its peers; ratios as a table and in .benchmarks/core.json
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/bench.txt
	$(BIN)/python -m benchmarks.run --json .benchmarks/core.json

format: build ## rewrite the sources in the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(CARGO) fmt --all

docs: build ## build the documentation site into site/
	$(BIN)/zensical build --clean

reference: build ## rewrite the pages that are drawn from the code
	$(BIN)/python scripts/reference.py

lock: $(STAMP)-tools ## resolve the dependencies anew and write the hash locks
	$(UV) lock --quiet --upgrade
	$(UV) export --quiet --frozen --no-emit-workspace --all-packages --group dev --no-group bench --format requirements.txt --no-header --no-annotate -o requirements/dev.txt
	$(UV) export --quiet --frozen --no-emit-workspace --all-packages --only-group bench --format requirements.txt --no-header --no-annotate -o requirements/bench.txt
	$(CARGO) update --quiet

clean: ## remove what the build made
	rm -rf $(VENV) target site
