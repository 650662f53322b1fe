# Two commands matter: `make run` and `make test`. Each sets up all that it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq

.DEFAULT_GOAL := help
.PHONY: help run test test-long lint bench messages backup restore requirements

help:  ## what there is to say
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# `exec`: the signal that ends make reaches the program itself, with no shell between them.
run: $(VENV)/runtime  ## start everything on this machine: portal, decide server, worker, demo CRM
	@exec $(BIN)/python -m demo.run

test: $(VENV)/development  ## all tests, on servers that it starts and ends itself
	@exec $(BIN)/python -m tests.run

test-long: $(VENV)/development  ## the tests that take minutes
	@exec $(BIN)/python -m tests.run --long

lint: $(VENV)/development  ## format, style, types, arrows between the apps, migrations, deployment settings
	@exec $(BIN)/python -m tests.lint

bench: $(VENV)/development  ## how fast a decision is, as ratios
	@exec $(BIN)/python -m bench

messages: $(VENV)/development  ## the catalogues in locale/: what the code marks for translation now
	@exec $(BIN)/python -m tests.messages

backup: $(VENV)/runtime  ## the database and this host's spool into a new folder: make backup TO=/srv/backups
	@$(BIN)/python manage.py backup "$(or $(TO),var/backups)"

restore: $(VENV)/runtime  ## put a backup in place of the database: make restore FROM=/srv/backups/contactcenter-...
	@$(BIN)/python manage.py restore "$(FROM)" --yes

requirements: $(VENV)/development  ## pin requirements*.txt anew from requirements*.in
	$(BIN)/uv pip compile --universal --generate-hashes --python-version 3.11 requirements.in -o requirements.txt
	$(BIN)/uv pip compile --universal --generate-hashes --python-version 3.11 requirements-dev.in -o requirements-dev.txt

# The two stamps below are newer than the pinned requirements that are installed.
$(VENV)/runtime: requirements.txt | $(BIN)/pip
	@echo "Installing the packages of requirements.txt ..."
	@$(PIP) install --require-hashes -r requirements.txt
	@touch $@

$(VENV)/development: requirements-dev.txt $(VENV)/runtime
	@echo "Installing the packages of requirements-dev.txt ..."
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
		{ echo "Python's venv module is missing. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@echo "Creating $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
