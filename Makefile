# One entry point a job. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
# Tests start a hundred processes of ours, which compile once what they import.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null && { echo $$p; break; }; done)
PORT ?= 8080
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes
# Not what the build itself writes.
UI_SOURCES := $(shell find ui -type f -not -path '*/node_modules/*' -not -path 'ui/dist/*' \
	-not -path 'ui/src/words/generated/*' -not -name .wardwatch-npm.lock 2>/dev/null)
LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet

PEERS := python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good \
	gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly gstreamer1.0-tools vlc-bin vlc-plugin-base \
	gstreamer1.0-nice gir1.2-gst-plugins-bad-1.0

.PHONY: help setup demo test checks unit collected test-peers prove lint types fmt ui-test openapi lock

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

setup: .setup/runtime .setup/ui ## everything `wardwatch` needs, once; nothing to do when up to date

.setup/venv:
	@test -n "$(PYTHON)" || { echo "wardwatch needs Python 3.11 to 3.13; none was found" >&2; exit 1; }
	@echo "set-up: virtual environment ($$($(PYTHON) --version))"
	@$(PYTHON) -m venv .venv
	@mkdir -p .setup && touch $@

.setup/runtime: .setup/venv requirements/runtime.txt requirements/build.txt pyproject.toml
	@echo "set-up: Python packages"
	@$(PIP) -r requirements/runtime.txt -r requirements/build.txt
	@mkdir -p ui/dist
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.setup/ui: .setup/runtime $(UI_SOURCES)
	@echo "set-up: user interface"
	@$(BIN)/python -m wardwatch.node ui build
	@touch $@

.setup/test: .setup/runtime requirements/test.txt
	@echo "set-up: test packages"
	@$(PIP) -r requirements/test.txt
	@touch $@

demo: setup ## sample cameras, detector, record and screens on 127.0.0.1 (PORT=8080)
	@exec $(BIN)/wardwatch demo --port $(PORT)

test: .setup/runtime ## what CI runs: lint, types, import contracts, pytest and the UI's tests
	@$(MAKE) --no-print-directory --jobs=2 checks

# Two at a time: the UI is built and tested while packages are installed, types are checked while
# pytest collects.
checks: ui-test lint types unit

# Three processes on two cores: much of a test is waiting for what it has started.
unit: collected ui-test lint
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

collected: .setup/test # once alone: three that begin at the same moment would each compile every test
	@$(BIN)/python -m pytest --collect-only -qq > .setup/collected || { tail -n 40 .setup/collected; exit 1; }

prove: setup .setup/test ## the full counts: kills, faults, soaks and benches; writes docs/proofs/
	@$(BIN)/python -m tests.prove

test-peers: setup .setup/test ## against GStreamer and VLC, which it installs from Debian's packages when it may
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "set-up: $(PEERS)"; \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $(PEERS); } >/dev/null \
			|| echo "not all of them could be installed; their tests say so and skip"; \
	fi
	@$(BIN)/python -m pytest -m peers
	@$(BIN)/python -m pytest tests/wardwatch/test_whip_ffmpeg.py

lint: .setup/test ## ruff and the table of rooms
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports

types: .setup/test ## mypy, strict
	@$(BIN)/mypy

fmt: .setup/test ## put the code in shape
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

ui-test: .setup/ui ## the UI's types, tests and size
	@$(BIN)/python -m wardwatch.node ui test

openapi: setup ## write the OpenAPI description and the UI's client
	@$(BIN)/python -m api.openapi > ui/openapi.json
	@$(BIN)/python -m wardwatch.node ui generate

lock: ## resolve the requirements anew (needs uv)
	@$(LOCK) requirements/runtime.in -o requirements/runtime.txt
	@$(LOCK) requirements/build.in -o requirements/build.txt
	@$(LOCK) --override requirements/overrides.txt requirements/test.in -o requirements/test.txt
