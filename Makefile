# One list of commands: `make help`.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OPEN ?= 1
SHORT ?= 0
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PYTHONPATH := $(CURDIR)

.PHONY: help setup setup-dev demo airflow refresh app docs test test-unit test-integration test-embedded test-real test-warehouse test-snowflake test-airflow test-e2e check format lock bench bench-app bench-scale-out bench-sink bench-scale bench-soak chaos screenshots clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 20

$(VENV)/.base: requirements/base.txt pyproject.toml infra/setup.sh
	@PYTHON=$(PYTHON) infra/setup.sh base

$(VENV)/.dev: requirements/dev.txt $(VENV)/.base
	@PYTHON=$(PYTHON) infra/setup.sh dev

$(VENV)/.snowflake: requirements/snowflake.txt $(VENV)/.base
	@PYTHON=$(PYTHON) infra/setup.sh snowflake

$(VENV)/.airflow: requirements/airflow.txt $(VENV)/.base
	@PYTHON=$(PYTHON) infra/setup.sh airflow

profiles.yml: | profiles.yml.example
	@cp profiles.yml.example $@

setup: $(VENV)/.base profiles.yml ## Install what it takes to run
setup-dev: $(VENV)/.dev setup ## Install what it takes to prove

demo: setup ## Nothing to the populated app: simulate, land, build, publish, open (OPEN=0: no app)
	@$(BIN)/python infra/demo.py $(if $(filter 0,$(OPEN)),--no-open,)

app: setup ## Open the app on the newest snapshot
	@$(BIN)/backbeat app

airflow: setup $(VENV)/.airflow ## Airflow on the project's DAGs, lake and settings, without Docker
	@$(BIN)/python -m infra.airflow_local

refresh: setup ## Build the warehouse from the lake and publish a snapshot
	@$(BIN)/backbeat refresh

docs: setup ## Write the docs of the warehouse, from topic to page, into one file: target/static_index.html
	@$(if $(wildcard .env),$(BIN)/dotenv run --no-override --) $(BIN)/dbt --quiet docs generate --static --profiles-dir .
	@echo "open target/static_index.html"

# Three at a time keep two cores busy, for some wait for servers; what finds faults soonest first, then the longest.
# Lines of three come mixed, each with its tier's name before it: kept back until a tier ends, they would leave a person
# without a word for minutes. What a tier installs, `test` needs: nothing changes in .venv while tests run.
TIERS := check test-real test-airflow test-warehouse test-embedded test-snowflake test-unit test-e2e

test: setup-dev $(VENV)/.snowflake $(VENV)/.airflow profiles.yml ## Everything that proves the project
	@$(MAKE) --no-print-directory -j3 $(TIERS:%=told-%)

told-%:
	@set -o pipefail; $(MAKE) --no-print-directory $* 2>&1 | awk '{ printf "%-9s | %s\n", "$(*:test-%=%)", $$0; fflush() }'

test-unit: setup-dev ## The pure core
	@$(BIN)/pytest tests/unit

test-integration: test-embedded test-real ## A real broker, a real S3 server

test-embedded: setup-dev ## Of these, what needs no server: the embedded broker, moto
	@$(BIN)/pytest tests/integration -m "not real"

# 5: nothing to run, where Java, Maven, Go or PostgreSQL are missing; with CI=true that is an error of its own.
test-real: setup-dev ## Of these, what needs Apache Kafka, an S3 server or PostgreSQL
	@$(BIN)/pytest tests/integration -m real || [ $$? -eq 5 ]

test-warehouse: setup-dev ## What dbt builds from small lakes, and how it is built
	@$(BIN)/pytest tests/warehouse

test-snowflake: setup-dev $(VENV)/.snowflake ## The same models through dbt-snowflake, on an emulator
	@infra/snowflake.sh install && $(BIN)/pytest tests/snowflake

test-airflow: setup-dev $(VENV)/.airflow profiles.yml ## Every DAG for real, in a running Airflow
	@$(BIN)/pytest tests/airflow

test-e2e: setup-dev ## Broker to browser
	@BACKBEAT_BROWSER="$$(infra/browser.sh)" && export BACKBEAT_BROWSER && $(BIN)/pytest tests/e2e

check: setup-dev ## Lint, types, rendered files
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint --disable-progress-bar models tests/dbt
	@$(BIN)/backbeat contracts render --check
	@$(BIN)/hadolint Dockerfile

format: setup-dev ## Put code and rendered files in order
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format --quiet .
	@$(BIN)/backbeat contracts render
	@$(BIN)/python infra/env_example.py

lock: setup-dev ## Compile requirements/*.txt anew from pyproject.toml
	@infra/lock.sh

bench: setup-dev ## Measure all but the sink, and write benchmarks/results/
	@$(BIN)/python -m benchmarks

bench-app: setup-dev ## How long people wait for the app, in a browser (APP="--plays 10M", APP="--snapshot FILE")
	@BACKBEAT_BROWSER="$$(infra/browser.sh)" && export BACKBEAT_BROWSER && $(BIN)/python -m benchmarks.app $(APP)

chaos: setup-dev ## Kill, stop and lie to the sink at random; totals in benchmarks/results/chaos.json (SHORT=1: a minute)
	@$(BIN)/python -m tests.chaos $(if $(filter 1,$(SHORT)),--short --no-results,--minutes 20) $(CHAOS)

bench-scale: setup-dev ## Lakes of many plays: full build, an hour more, a late day, publish (SCALE="--plays 10M --plays 100M")
	@$(BIN)/python -m benchmarks.scale $(SCALE)

bench-soak: setup-dev ## A hundred million records through one sink, and the memory it holds (SOAK="--records N")
	@$(BIN)/python -m benchmarks.soak $(SOAK)

bench-scale-out: setup-dev ## Two sinks against one, each with a part of a core (Linux, as root)
	@$(BIN)/python -m benchmarks.scale_out

bench-sink: setup-dev ## Measure the sink beside its peers on a real Kafka and S3 server (fetches them once)
	@$(BIN)/python -m benchmarks.sink $(BENCH_SINK)

screenshots: setup-dev ## Every page on the newest snapshot, into docs/pages/
	@BACKBEAT_BROWSER="$$(infra/browser.sh)" && export BACKBEAT_BROWSER && $(BIN)/python -m infra.screenshots

clean: ## Forget the local run: lake, warehouse, snapshots (the pseudonyms' key stays)
	@rm -rf var/demo var/lake var/warehouse.duckdb* var/evaluation.json var/snapshots target logs
