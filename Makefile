# make serve | test | check | format | bench | lock. Each sets up .venv first, which costs nothing when nothing changed.
# ARGS are passed on: make serve ARGS="--listen 127.0.0.1:0", make test ARGS="tests/log -x".

VENV ?= .venv
BIN := $(VENV)/bin
WORKERS ?= 2
export VENV

.DEFAULT_GOAL := help
.PHONY: help serve test check lint types layers tidy format bench lock setup-run setup-dev

help:
	@sed -n '1,2s/^# //p' Makefile

setup-run:
	@scripts/setup run

setup-dev:
	@scripts/setup dev

serve: setup-run
	@exec $(BIN)/cordwood serve --data ./data $(ARGS)

test: setup-dev
	@tests/clients/setup
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(ARGS)

check: lint types layers tidy

lint: setup-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: setup-dev
	$(BIN)/mypy

layers: setup-dev
	$(BIN)/lint-imports --no-logo

tidy: setup-dev
	$(BIN)/python -m pytest -q tests/tidy

format: setup-dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: setup-dev
	$(BIN)/python -m bench $(ARGS)

lock: setup-dev
	@scripts/lock $(ARGS)
