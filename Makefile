# `make` alone lists the targets. Everything that needs an environment makes it first, once (see .ci/setup).
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || echo python3)
BIN := .venv/bin
SETUP := @$(PYTHON) .ci/setup
STAGE := @$(BIN)/python .ci/stage.py
PACKAGES := dialer pacing routing agent_ws recordings portfolio journal consoles sip_lab migrations bench
STAGES := lint types contracts unit system-python simulation conformance integration lab docker browser web-test
PACING_GATE := --short --scenarios R1,bursty --agents 15 --seeds 2 --hours 2 --tick 1 --gate 1.0 \
  --policies progressive,per-idle,per-logged,cadencia
ON_SYSTEM_PYTHON := tests/unit/dialer/store tests/unit/dialer/test_time_limit.py tests/unit/dialer/ami \
  tests/unit/dialer/engine/test_engine.py tests/integration/cli/test_supervise.py \
  tests/integration/cli/test_ending.py
UV_LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --fork-strategy fewest --no-emit-index-url --no-emit-find-links --no-header --upgrade

# Some images forbid Python to keep what it has compiled: every process of ours would then compile again for seconds.
unexport PYTHONDONTWRITEBYTECODE

# Side by side; calls that wait cost little. One engine of containers is one laboratory's.
LAB_FLOORS := $(if $(filter docker,$(or $(LAB),$(SIP_LAB_ON))),1,3)

# LAB=docker: the laboratory's programs run in containers, for `demo`, `lab` and `faults`.
export SIP_LAB_ON := $(or $(LAB),$(SIP_LAB_ON))

.DEFAULT_GOAL := help
.PHONY: help setup setup-venv setup-system setup-web setup-pbx setup-browser demo test $(STAGES) \
  bench-connect bench-calls bench-demo bench-pacing bench-days cap-days bench-limit bench-progress bench-operating-point \
  bench-portfolio \
  faults pictures try-docs try-image lab-docker mutants lock fmt clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Python environment, consoles, Asterisk's packages, browser for tests
	$(SETUP) venv system web pbx browser
setup-venv:
	$(SETUP) venv
setup-system:
	$(SETUP) venv system
setup-web:
	$(SETUP) venv web
setup-pbx:
	$(SETUP) venv web pbx
setup-browser:
	$(SETUP) venv web pbx browser

demo: setup-pbx ## run a whole predictive campaign on this machine, with consoles to log in to (DEBTORS=300 BOTS=8 CAMPAIGNS=1 PORT=8000; LAB=docker: on containers)
	@exec $(BIN)/cadencia demo $(if $(DEBTORS),--debtors $(DEBTORS)) $(if $(BOTS),--bots $(BOTS)) \
	  $(if $(CAMPAIGNS),--campaigns $(CAMPAIGNS)) $(if $(PORT),--port $(PORT))

test: setup ## every check below, in this order, stopping at the first that fails
	$(STAGE) all $(STAGES)

lint: setup-venv ## ruff: rules and format; no two migrations of one number
	$(STAGE) run $(BIN)/ruff check . -- $(BIN)/ruff format --check . \
	  -- $(BIN)/python -c "from dialer.store.migrate import read_migrations; read_migrations()"
types: setup-venv ## mypy --strict on our packages, the tests and set-up
	$(STAGE) run $(BIN)/mypy $(addprefix -p ,$(PACKAGES)) \
	  -- $(BIN)/mypy tests -- $(BIN)/mypy .ci/stage.py .ci/runtime_lock.py .ci/build_hook.py $(wildcard .ci/setup/*.py)
contracts: setup-venv ## import contracts: who may import whom
	$(STAGE) run $(BIN)/lint-imports --no-logo
unit: setup-venv ## unit tests: no input or output, seconds
	$(STAGE) pytest tests/unit -n 2
system-python: setup-system ## beginning, ending and waiting on the distribution's own Python (Debian 12: 3.11.2)
	$(STAGE) system $(ON_SYSTEM_PYTHON)
simulation: setup-venv ## simulated floors against theory and the exact limit; ours against tuned ratios
	$(STAGE) pytest tests/simulation -n 2
	$(STAGE) run $(BIN)/python -m bench.pacing $(PACING_GATE)
conformance: setup-venv ## one suite for each port, on its fake and on the real thing
	$(STAGE) pytest tests/conformance -n 2
integration: setup-web ## tests with a real Postgres and Valkey
	$(STAGE) pytest tests/integration -m 'not alone' -n 2 --dist loadfile
	$(STAGE) pytest tests/integration -m alone
lab: setup-browser ## tests with real telephone calls (LAB=docker: on containers)
	$(STAGE) pytest tests/lab -m 'not alone' -n $(LAB_FLOORS) --dist loadfile
	$(STAGE) pytest tests/lab -m alone
docker: setup-pbx ## the product on the laboratory's containers; left out where no Docker engine can be had
	$(STAGE) docker tests/docker
browser: setup-browser ## tests of the consoles in Chromium
	$(STAGE) pytest tests/browser -n 2
pictures: setup-browser ## the README's pictures, both languages, taken from a running demo (minutes)
	$(STAGE) run $(BIN)/python -m tests.browser.pictures
web-test: setup-web ## front end: vue-tsc and vitest
	$(STAGE) npm consoles/web types test

bench-connect: setup-pbx ## from the human verdict to agent and customer talking: p50, p95, p99
	$(STAGE) run $(BIN)/python -m bench.connect
bench-calls: setup-pbx ## whole calls per second through the core, beside bare AMI
	$(STAGE) run $(BIN)/python -m bench.calls
bench-pacing: setup-venv ## occupancy and abandonment of our pacing beside others', in simulated days (hours)
	$(STAGE) run $(BIN)/python -m bench.pacing
bench-days: setup-venv ## days of ours over the limit when each day is judged: 100 of 15 and of 50 agents (an hour)
	$(STAGE) run $(BIN)/python -m bench.days
cap-days: setup-venv ## hostile days under the abandonment cap, none of which may end above its limit (DAYS=100; a quarter of an hour)
	$(STAGE) run $(BIN)/python -m bench.cap_days --days $(or $(DAYS),100)
bench-limit: setup-venv ## how near ours comes to the exact limit in the Markov twin: 5, 15, 50, 200 agents (an hour)
	$(STAGE) run $(BIN)/python -m bench.limit --agents 5,15,50,200
bench-progress: setup-pbx ## who or what answered: ours beside Asterisk's AMD() on the same clips, and what listening costs
	$(STAGE) run $(BIN)/python -m bench.progress
bench-operating-point: setup-venv ## how long a machine may go on before it is told: whom each choice loses, class by class
	$(STAGE) run $(BIN)/python -m bench.operating_point
bench-portfolio: setup-pbx ## how fast people are imported, judged by the contact gate and claimed from ten million
	$(STAGE) run $(BIN)/python -m bench.portfolio
bench-demo: setup-pbx ## the demo watched, its figures beside the carrier's truth, one row a minute (MINUTES=45 DEBTORS= BOTS= CAMPAIGNS=)
	$(STAGE) run $(BIN)/python -m bench.demo_watch --start --minutes $(or $(MINUTES),45) \
	  --debtors $(or $(DEBTORS),120) --bots $(or $(BOTS),5) --campaigns $(or $(CAMPAIGNS),2)
faults: setup-pbx ## every fault in every phase of a call, audited (an hour; CASE=engine-kill-ringing: one; SEED=1)
	$(STAGE) run $(BIN)/python -m tests.lab.faults.run --seed $(or $(SEED),1) $(CASE)
try-docs: setup-web ## follows the marked commands of the how-tos on an empty Debian 12, as root (minutes; PAGE=install.md)
	$(STAGE) run $(BIN)/python -m tests.docs $(PAGE)
try-image: setup-pbx ## builds the product's image, and runs a campaign out of it; needs packages from the net (minutes)
	$(STAGE) docker tests/image
lab-docker: setup-venv ## the laboratory's Asterisk in Docker, left running (sip_lab/README.md; DOWN=1 ends it)
	$(STAGE) run $(BIN)/python -m sip_lab docker $(if $(DOWN),--down)

mutants: setup-venv ## breaks the code of gate, guard, reconcile, claims … and tells what no test notices (hours)
	$(STAGE) run $(BIN)/python -m tests.mutants

lock: setup-venv ## renew the hash locks from pyproject.toml
	$(UV_LOCK) --group dev pyproject.toml --output-file requirements.lock > /dev/null
	$(UV_LOCK) --group node --output-file requirements-node.lock > /dev/null
fmt: setup-venv ## format, and mend what ruff can mend
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .
clean: ## remove what was built here; downloads stay in the cache
	rm -rf .venv consoles/static consoles/web/node_modules .mypy_cache .ruff_cache .pytest_cache \
	  .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
