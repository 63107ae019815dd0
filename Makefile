# Kakehashi, from a machine with git, make and Python 3.11 or newer. `make help` lists the targets.

PYTHON ?= python3
STACK := $(PYTHON) deploy/local/stack.py
RUN := .venv/bin

# Tests and the demo start hundreds of processes: without bytecode each compiles for two seconds.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install and build all that the stack needs, start nothing
	@$(STACK) setup

demo: up ## Start everything, follow one lead through all services, then many
	@$(STACK) exec -- $(RUN)/python -m handoff.examples
	@$(STACK) exec -- $(RUN)/python -m examples.journey
	@$(STACK) exec -- $(RUN)/python -m lead_scoring.examples
	@$(STACK) exec -- $(RUN)/python -m budget_calendar.examples

up: ## Start what isn't running, restart what has new code or settings; harmless otherwise
	@$(STACK) up

status: ## Show what runs, since when, on which ports
	@$(STACK) status

logs: ## Follow the logs of all processes
	@$(STACK) logs

down: ## Stop everything; data stays
	@$(STACK) down

reset: ## Stop everything and forget its data
	@$(STACK) reset

lint: setup ## Check style, types and the rules between packages
	$(RUN)/ruff check
	$(RUN)/ruff format --check
	$(RUN)/mypy
	$(RUN)/lint-imports

# Files side by side, those first whose tests wait for processes more than they compute.
SIDE_BY_SIDE := -n 3 --dist loadfile --no-loadscope-reorder

check: lint ## Check style and types, run unit and contract tests: the loop to work in
	$(RUN)/pytest -q -n 2 tests/unit tests/contract

test: lint ## Check and test everything, on servers of its own beside a running demo
ifeq ($(ARGS),)
	@$(STACK) --instance test run -- sh -ec '\
	    $(RUN)/pytest $(SIDE_BY_SIDE) -m "not disruptive" tests/e2e tests/integration tests/unit tests/contract; \
	    $(RUN)/pytest -m disruptive tests/e2e'
else
	@$(STACK) --instance test run -- $(RUN)/pytest $(ARGS)
endif

bench: ## Measure lead-scoring and budget-calendar against floors and a peer
	@$(STACK) --instance test run -- $(STACK) --instance test exec -- $(RUN)/python -m benchmarks $(ARGS)

bench-handoffs: ## Measure whole handoffs against workflows that do nothing
	@$(STACK) --instance test run -- $(STACK) --instance test exec -- $(RUN)/python -m benchmarks.handoffs $(ARGS)

bench-followups: ## Measure followup: behaviours decided, mails sent, memory of sequences
	@$(STACK) --instance test run -- $(STACK) --instance test exec -- $(RUN)/python -m benchmarks.followups $(ARGS)

replay: ## Run recorded leads through the broker: make replay FILE=leads.csv.gz
	@test -f "$(FILE)" || { echo "error: name a file: make replay FILE=leads.csv.gz" >&2; exit 2; }
	@$(STACK) up
	@$(STACK) exec -- $(RUN)/lead-scoring replay "$(FILE)" $(ARGS)

.PHONY: help setup demo up status logs down reset lint check test bench bench-handoffs bench-followups replay
