# make demo   sets everything up in $(VENV) and runs the embedded demo
# make test   sets everything up in $(VENV) and runs the tests
# make smoke  sets everything up in $(VENV) and runs the few tests that every stack must pass
# make lint   checks style
# make docs   makes the site of all documents, build/site/index.html
# Nothing but Python >= 3.10 and make is needed. Another Python or folder: make demo PYTHON=python3.12 VENV=other
# OpenMMLab's fork: make demo EXTRAS=onedl VENV=other; each stack wants a folder of its own
PYTHON ?= python3
VENV ?= .venv
EXTRAS ?= openmmlab
PYTEST_ARGS ?=
# One test process a core, but no more than this: each needs a gigabyte of memory or more.
TEST_PROCESSES ?= 4

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

RUN_TESTS = $(BIN)/python -m pytest -n logical --maxprocesses $(TEST_PROCESSES) --dist worksteal $(PYTEST_ARGS)

.PHONY: demo test smoke lint docs clean

demo: $(VENV)/.extras-$(EXTRAS)
	$(BIN)/python tools/test.py configs/neglabel/neglabel_demo.py

test: $(VENV)/.extras-$(EXTRAS),tests
	$(RUN_TESTS)

smoke: $(VENV)/.extras-$(EXTRAS),tests
	$(RUN_TESTS) -m smoke

lint: $(VENV)/.extras-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

docs: $(VENV)/.extras-$(EXTRAS),docs
	$(BIN)/python -m sphinx -W --keep-going -b html -c docs . build/site

clean:
	rm -rf build dist *.egg-info $(VENV)/.extras-*

# One stamp for each set of extras: installed again only when what they name may have changed.
$(VENV)/.extras-%: setup.py pyproject.toml | $(BIN)/pip
	$(PIP) install --editable '.[$*]'
# OpenCV's usual build wants a display's libraries, which a bare server lacks; its headless build does not.
	@$(BIN)/python -c 'import cv2' 2>/dev/null || { $(PIP) uninstall --yes opencv-python \
	    && $(PIP) install --force-reinstall --no-deps opencv-python-headless; }
	@touch '$@'

# `bin/pip` comes last in a new environment, so one that failed half-way is made again. A pip older than 21.3
# (Python 3.10.0 has one) knows no editable install of today's form.
$(BIN)/pip:
	@command -v $(PYTHON) >/dev/null || { echo 'error: no $(PYTHON) here: install Python >= 3.10, or name yours: make PYTHON=...'; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "error: mmneglabel needs Python >= 3.10 and $(PYTHON) is %d.%d: name a newer one, make PYTHON=python3.12" % sys.version_info[:2])'
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --upgrade pip
