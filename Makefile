# The two commands are `make demo` and `make test`; everything they need they install themselves.
.PHONY: demo stop status reset logs test unit compat lint messages docs pictures bench verify python clean

SANDBOX = python3 -m sandbox
VENV = $${SANDBOX_STATE:-.sandbox}/venv/horizon/bin
# Unit tests need nobody else, so each processor runs its share; all others share one sandbox and go one by one.
UNIT = $(VENV)/python -m pytest tests/unit tests/campaign --numprocesses=logical --maxprocesses=8 --dist=worksteal

demo: python
	@$(SANDBOX) up

stop status reset logs: python
	@$(SANDBOX) $(subst stop,down,$@)

test: python
	@$(SANDBOX) install --unit
	@# What lint needs is installed: it works while the sandbox comes up, and is told after that.
	@told=$$(mktemp); $(MAKE) --no-print-directory lint >$$told 2>&1 & lint=$$!; \
	  $(SANDBOX) up --tests; up=$$?; wait $$lint; lint=$$?; cat $$told; rm $$told; [ $$up = 0 ] && [ $$lint = 0 ]
	@# Mostly packages that unpack: it needs one processor of two. Where it fails, the test that wants it tries again, and tells.
	@$(SANDBOX) install --servers & $(UNIT); unit=$$?; wait; exit $$unit
	@python3 -m tests.compat --brief
	@$(VENV)/python -m pytest tests --ignore=tests/unit --ignore=tests/campaign --durations=25

unit: python
	@$(SANDBOX) install --unit
	@$(UNIT)

compat: python
	@python3 -m tests.compat $(RELEASE) $(if $(PYTHON),--python $(PYTHON))

lint:
	@$(VENV)/ruff check --output-format concise .
	@$(VENV)/mypy
	@$(VENV)/lint-imports
	@$(VENV)/python tests/packaging.py

messages:
	@DJANGO_SETTINGS_MODULE=tests.settings $(VENV)/python -m tests.messages

docs: python
	@$(SANDBOX) install --docs
	@$(VENV)/python -m sphinx --fail-on-warning --keep-going --fresh-env --quiet docs build/docs
	@echo "The pages are in build/docs/index.html."

pictures: python
	@$(VENV)/python -m tests.pictures

bench: python
	@$(VENV)/python -m bench

verify: python docs
	@$(VENV)/python -m pytest tests/verify --timeout=7200

python:
	@command -v python3 >/dev/null || { \
	  if [ "$$(id -u)" = 0 ]; then apt-get update -q && apt-get install -q -y python3; \
	  else sudo apt-get update -q && sudo apt-get install -q -y python3; fi; }

clean:
	@$(SANDBOX) down
	@rm -rf $${SANDBOX_STATE:-.sandbox} build dist *.egg-info
