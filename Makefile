# Verbatim's commands. `make` lists them.
.DEFAULT_GOAL := help
.PHONY: help run test check fast properties simulate fuzz chaos bench lint setup kafka lock clean
.DELETE_ON_ERROR:

bin := .venv/bin
for_running := .venv/for-running
for_working := .venv/for-working

help: ## list what make can do here
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

run: $(for_running) ## set up and run everything: Kafka, Postgres, both services; stop with Ctrl-C
	@exec $(bin)/verbatim up --stop-with-parent

test: setup kafka ## set up and run every test, on servers of their own
	@exec $(bin)/python -m pytest

check: test lint ## what CI runs: the tests, then ruff and mypy

fast: setup ## only the tests that need no server: the rules, in a minute or two
	@exec $(bin)/python -m pytest -m "not servers"

properties: setup ## what must hold of every decider, tried with many more stories than `make test` does
	@exec $(bin)/python -m pytest tests/properties --hypothesis-profile=many --timeout=3600

simulate: setup ## the writers in virtual time, through SEEDS=10000 worlds of trouble FROM=0
	@exec $(bin)/python -m tests.simulation --seeds $(or $(SEEDS),10000) --from $(or $(FROM),0)

fuzz: setup kafka ## ask both services at length what their OpenAPI allows, and what not: EXAMPLES=200 SEED=1 SECONDS=600
	@exec $(bin)/python -m tests.contract --examples $(or $(EXAMPLES),200) --seed $(or $(SEED),1) $(if $(SECONDS),--seconds $(SECONDS))

bench: setup kafka ## measure it beside its floors: PARTS=a,b ROUNDS=3 FULL=1; on a quiet machine (docs/benchmarks.md)
	@exec $(bin)/python -m benchmarks $(if $(PARTS),--parts $(PARTS)) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(FULL),--full)

chaos: setup kafka ## faults of SEED=1 under load, for SECONDS=180 or until COMMANDS=100000 were asked, and a check of everything
	@$(bin)/python -m tests.chaos --seed $(or $(SEED),1) --seconds $(or $(SECONDS),180) --commands $(or $(COMMANDS),100000)

lint: setup ## ruff and mypy
	@$(bin)/ruff format --check .
	@$(bin)/ruff check .
	@$(bin)/mypy

setup: $(for_working) ## make .venv with everything for working on Verbatim

kafka: $(for_working)
	@$(bin)/python -m deploy.embedded.kafka_jars

lock: ## compute the lock files anew from pyproject.toml (wants uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
	    --no-emit-index-url --no-emit-find-links pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
	    --no-emit-index-url --no-emit-find-links --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean: ## remove .venv and what the tools keep (never var/, which holds data)
	rm -rf .venv build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(for_running): requirements.lock deploy/virtualenv.sh
	@echo "fetching the Python packages into .venv (once, a minute or two) …"
	@deploy/virtualenv.sh requirements.lock
	@touch $@

$(for_working): requirements-dev.lock deploy/virtualenv.sh
	@echo "fetching the Python packages and the tools for working on it into .venv (once, a minute or two) …"
	@deploy/virtualenv.sh requirements-dev.lock
	@touch $@ $(for_running)
