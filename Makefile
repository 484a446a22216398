# Everything runs in .venv, made here from the committed locks. Nothing but make and Python is needed to start.
PYTHON ?= python3
# More options for `make report`, such as ARGS="--week 2025-W46".
ARGS ?=
# `make lock` takes the newest versions inside the bounds; `make lock LOCK_ARGS=` keeps those that still fit.
LOCK_ARGS ?= --upgrade
# Tests run on every core; on one, in order and with pdb, with `make test SPREAD=`. The cells of a notebook stay together.
SPREAD ?= --numprocesses logical --maxprocesses 8

export PIP_DISABLE_PIP_VERSION_CHECK := 1

BIN := .venv/bin
RUNTIME := .venv/.runtime-ready
DEV := .venv/.dev-ready

.PHONY: help setup report test check fix lab notebooks bench latency acceptance scale lock clean rebuild
.NOTPARALLEL:
.DEFAULT_GOAL := help

help:
	@echo 'Usage: make <target>'
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' Makefile

setup: $(RUNTIME) ## Install what the report needs into .venv (about a minute, once)
	@echo '.venv is ready. Next: make report'

report: $(RUNTIME) ## Render the report of the sample into reports/ (more options: ARGS="--help")
	@$(BIN)/prism report $(ARGS)

lab: $(RUNTIME) ## Open the notebooks in JupyterLab
	@$(BIN)/jupyter lab notebooks

test: $(DEV) ## Run the tests, then every notebook cell by cell
	@$(BIN)/python -m pytest $(SPREAD) --dist worksteal
	@$(BIN)/python -m pytest $(SPREAD) --dist loadfile --nbval-lax --nbval-current-env notebooks

check: $(DEV) ## Check format, lint, types and that notebooks are stripped
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/mypy
	@$(notebooks) -exec $(BIN)/nbstripout --keep-count --verify {} + \
	  || { echo 'Notebooks carry outputs or ids that do not belong in git. Run: make fix' >&2; exit 1; }

fix: $(DEV) ## Format, lint and strip notebooks, changing files in place
	@$(BIN)/ruff check --fix --exit-zero --quiet
	@$(BIN)/ruff format
	@$(notebooks) -exec $(BIN)/nbstripout --keep-count {} +

notebooks: $(DEV) ## Run the notebooks in place and keep the output that the tests compare
	@$(notebooks) -exec $(BIN)/jupyter nbconvert --to notebook --execute --inplace --log-level ERROR {} +
	@$(notebooks) -exec $(BIN)/nbstripout --keep-count {} +

bench: $(DEV) ## Time the report against papermill and nbconvert on the same notebooks
	@$(BIN)/python tests/bench.py

latency: $(DEV) ## Move every slider in JupyterLab; print ms from the hand to the redrawn chart (some notebooks: ARGS="dr_timeline")
	@$(BIN)/python tests/explore_latency.py $(ARGS)

acceptance: $(DEV) ## Pull a month of 40,000 rows on loopback; print requests, dollars, seconds, memory
	@$(BIN)/python tests/pull_acceptance.py

scale: $(DEV) ## Read generated exports of 1 and 10 million rows; print seconds and memory beside DuckDB alone and pandas
	@$(BIN)/python tests/line_items_scale.py

# uv writes the locks; it lives in a folder that is thrown away. rfc3987-syntax (and lark, its parser) stay out: jsonschema
# imports it when it is there, at 1.7 s for every process that touches a notebook, and checks URI formats no notebook has.
lock: ## Renew both locks (newest versions inside the bounds of pyproject.toml)
	@$(check_python); set -e; tmp=$$(mktemp -d); trap 'rm -rf "$$tmp"' EXIT; \
	"$(PYTHON)" -m venv "$$tmp/venv"; \
	"$$tmp/venv/bin/python" -m pip install -qq uv; \
	printf '%s ; python_version < "3"\n' rfc3987-syntax lark > "$$tmp/left-out.txt"; \
	"$$tmp/venv/bin/python" -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' > "$$tmp/build.in"; \
	for lock in requirements.lock requirements-dev.lock; do if [ -f $$lock ]; then cp $$lock "$$tmp"; fi; done; \
	compile() { UV_PYTHON_DOWNLOADS=never "$$tmp/venv/bin/uv" pip compile --quiet --no-config --universal --python-version 3.11 \
	  --generate-hashes --no-header --no-annotate --override "$$tmp/left-out.txt" $(LOCK_ARGS) "$$@" pyproject.toml "$$tmp/build.in"; }; \
	compile -o "$$tmp/requirements.lock"; \
	compile -o "$$tmp/requirements-dev.lock" --extra dev -c "$$tmp/requirements.lock"; \
	mv "$$tmp/requirements.lock" "$$tmp/requirements-dev.lock" .; \
	echo 'Renewed requirements.lock and requirements-dev.lock. Next: make check test'

clean: ## Remove .venv and caches (reports stay)
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis dist
	@find prismlib tests notebooks \( -name __pycache__ -o -name .ipynb_checkpoints \) -prune -exec rm -rf {} +

# --- how .venv is made -----------------------------------------------------------------------------------------------
# A stamp is touched last, so an install that was killed is done again by the next call. A half-made .venv, one whose
# Python is gone and one that was moved with its folder are made anew.

$(RUNTIME): requirements.lock pyproject.toml
	$(call install,requirements.lock,$(RUNTIME),about a minute)

$(DEV): requirements-dev.lock pyproject.toml
	$(call install,requirements-dev.lock,$(RUNTIME) $(DEV),with the tools for tests: a minute or two)

sound := [ ! -e .venv/.checkout ] || { [ ! -e .venv/.installing ] && [ "$$(cat .venv/.checkout)" = "$$(pwd -P)" ] && .venv/bin/python -c ''; } 2>/dev/null
$(RUNTIME) $(DEV): $(shell $(sound) || echo rebuild)

notebooks := find notebooks -name .ipynb_checkpoints -prune -o -name '*.ipynb'

check_python = seen='not there'; if command -v "$(PYTHON)" >/dev/null 2>&1; then seen=$$("$(PYTHON)" --version 2>&1 | tail -1); fi; \
	if ! "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	  echo 'This needs Python 3.11 or newer.' >&2; \
	  echo "  seen:  $(PYTHON) is $$seen" >&2; \
	  echo '  to do: install a newer Python, or name one you have: make $(MAKECMDGOALS) PYTHON=python3.12' >&2; exit 1; fi; \
	if ! "$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null; then \
	  echo 'This Python cannot make virtual environments.' >&2; \
	  echo "  seen:  $(PYTHON) is $$seen, without the modules venv and ensurepip" >&2; \
	  echo '  to do: install them (Debian, Ubuntu: the package python3-venv), or name another Python: make $(MAKECMDGOALS) PYTHON=...' >&2; exit 1; fi

pip_install = .venv/bin/python -m pip install --progress-bar off --no-deps

# $(call install,lock file,stamps to touch last,how long)
define install
@$(check_python); \
if other=$$(cat .venv/.installing 2>/dev/null) && kill -0 "$$other" 2>/dev/null && ! grep -qs ') Z ' "/proc/$$other/stat"; then \
  echo "Another make (process $$other) is setting up .venv. Wait for it, then run this again (or, if it is not one: make clean)." >&2; exit 1; fi; \
$(sound) || { echo 'Making .venv anew: the one here was half made or moved.'; rm -rf .venv; }; \
if [ -e .venv/bin/python ]; then echo 'Bringing .venv up to date...'; else echo 'Setting up .venv ($(3), once)...'; fi; \
mkdir -p .venv && pwd -P > .venv/.checkout && echo $$$$ > .venv/.installing \
&& { [ -x .venv/bin/python ] || "$(PYTHON)" -m venv .venv; } \
&& $(pip_install) --require-hashes -r $(1) >.venv/install.log 2>&1 \
&& $(pip_install) --no-build-isolation -e . >>.venv/install.log 2>&1 \
&& rm .venv/.installing && touch $(2) && exit 0; \
tail -n 15 .venv/install.log >&2; \
echo 'Setting up .venv failed. The last words of pip are above, all of them in .venv/install.log.' >&2; \
echo "  seen:  $$seen (the locked versions come ready-made for Python 3.11 to 3.14)" >&2; \
echo '  to do: check the network or name another Python with PYTHON=..., then run the same again' >&2; exit 1
endef
