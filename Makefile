# make run    set everything up and start the bot
# make test   set up what the tests need and run them all
# make check  what CI runs: lint, types, tests
PYTHON ?= python3
UV := .bootstrap/bin/uv
IN_VENV := VIRTUAL_ENV=$(CURDIR)/.venv
# most tests wait for other programs, so there may be more of them than processors; in the order of their folders, as the
# longest are in the first
WORKERS ?= 8

.PHONY: run setup setup-dev programs test check collected lint types lock

run: setup
	.venv/bin/magpie run

setup: .venv/.ready

setup-dev: .venv/.ready-dev

$(UV): bootstrap.lock
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --upgrade --target .bootstrap --require-hashes --only-binary :all: -r bootstrap.lock
	@touch $@

# compiled at once: children that read what strangers made write nothing, and would compile it again each time
.venv/.ready: requirements.lock build.lock pyproject.toml | $(UV)
	$(UV) venv --quiet --allow-existing --python $(PYTHON) .venv
	$(IN_VENV) $(UV) pip install --quiet --require-hashes -r build.lock
	$(IN_VENV) $(UV) pip install --quiet --compile-bytecode --require-hashes --no-build-isolation-package pyaes -r requirements.lock
	$(IN_VENV) $(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	.venv/bin/python -m compileall -q bot handlers jobs locales models services simulator
	@touch $@

.venv/.ready-dev: requirements-dev.lock .venv/.ready
	$(IN_VENV) $(UV) pip install --quiet --compile-bytecode --require-hashes -r requirements-dev.lock
	@touch $@

# aria2, qBittorrent, ffmpeg, opentracker and Chromium, where the system's package manager may be used
programs:
	@sh tests/programs.sh

test: setup-dev programs
	.venv/bin/pytest --numprocesses $(WORKERS) --dist loadgroup --no-loadscope-reorder

lint: setup-dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .

types: setup-dev
	.venv/bin/mypy

# what pytest makes of the tests is written down once, not by every worker
collected: setup-dev
	PYTHONDONTWRITEBYTECODE= .venv/bin/pytest --collect-only --quiet > /dev/null

check: setup-dev
	$(MAKE) --no-print-directory --jobs 2 --output-sync lint types programs collected
	$(MAKE) --no-print-directory test

# pin every dependency anew, with hashes and for every platform
lock: $(UV)
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --upgrade --group sources -o build.lock
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --upgrade --group build pyproject.toml -o requirements.lock
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --upgrade --group build --group dev pyproject.toml -o requirements-dev.lock
