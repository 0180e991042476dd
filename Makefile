# `make run` starts Cloudtally on this machine, `make test` proves that it works. Needs Python 3.11 to 3.13 only.
.DEFAULT_GOAL := help
PYTHON_IN_VENV := .venv/bin/python
.PHONY: help run test test-wide test-fast lint format check-long bench screenshots translations lock clean ready-to-run ready-to-develop

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ready-to-run ## start Cloudtally (HOST, PORT); the first start loads a demo world
	@exec $(PYTHON_IN_VENV) run.py

test: ready-to-develop ## what every change has to pass, on SQLite and on PostgreSQL, and in a browser (REQUIRE_BROWSER=1)
	@.ci/run-tests

test-wide: ready-to-develop ## what `make test` leaves out: every form, list and screen, and whatever starts processes
	@SUITE=wide .ci/run-tests

test-fast: ready-to-develop ## the suite on SQLite without browser, on all cores (ARGS="tests/customers -k import")
	@CLOUDTALLY_TEST_DATABASE=sqlite $(PYTHON_IN_VENV) -m pytest -n auto -m "not slow and not browser" $(ARGS)

lint: ready-to-develop ## style, formatting, types, and who may import whom
	@failed=; \
	$(PYTHON_IN_VENV) -m ruff check . || failed="$$failed style"; \
	$(PYTHON_IN_VENV) -m ruff format --check . || failed="$$failed formatting"; \
	$(PYTHON_IN_VENV) -m mypy || failed="$$failed types"; \
	PYTHONPATH=. .venv/bin/lint-imports --no-cache --no-logo || failed="$$failed imports"; \
	[ -z "$$failed" ] || { echo "To mend:$$failed" >&2; exit 1; }

format: ready-to-develop ## put imports and layout in order
	@$(PYTHON_IN_VENV) -m ruff check --fix .
	@$(PYTHON_IN_VENV) -m ruff format .

check-long: ready-to-develop ## what takes too long for every change
	@CLOUDTALLY_TEST_DATABASE=sqlite $(PYTHON_IN_VENV) -m pytest -m slow $(ARGS) || [ $$? -eq 5 ]
	@CLOUDTALLY_TEST_DATABASE=postgresql $(PYTHON_IN_VENV) -m pytest -m "slow and not once" $(ARGS) || [ $$? -eq 5 ]

bench: ready-to-develop ## CPU per request beside a stock Flask-AppBuilder application; of imports and pricing beside bare DuckDB; of reports by customers
	@$(PYTHON_IN_VENV) -m bench
	@$(PYTHON_IN_VENV) -m bench.usage_import
	@$(PYTHON_IN_VENV) -m bench.pricing --lines 1000000 --what-if-only
	@$(PYTHON_IN_VENV) -m bench.pricing
	@$(PYTHON_IN_VENV) -m bench.reports

screenshots: ready-to-develop ## pictures of every screen into screenshots/ (ARGS="home customers")
	@$(PYTHON_IN_VENV) -m tests.browser.screens $(ARGS)

translations: ready-to-develop ## collect the texts anew and bring every catalogue in translations/ up to date
	@.venv/bin/pybabel --quiet extract --mapping-file=pyproject.toml --keywords="_l lazy_gettext" \
		--keywords="lazy_ngettext:1,2 lazy_pgettext:1c,2" --sort-output --no-location --omit-header \
		--output-file=translations/messages.pot app
	@.venv/bin/pybabel --quiet update --input-file=translations/messages.pot --output-dir=translations \
		--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date

lock: ## fix all packages anew in both requirements files (needs uv; UPGRADE=--upgrade takes newer ones)
	@uv pip compile --quiet --universal --generate-hashes --no-strip-extras --python-version 3.11 --custom-compile-command "make lock" \
		$(UPGRADE) pyproject.toml -o requirements.txt > /dev/null
	@uv pip compile --quiet --universal --generate-hashes --no-strip-extras --python-version 3.11 --custom-compile-command "make lock" \
		-c requirements.txt pyproject.toml --group dev -o requirements-dev.txt > /dev/null

clean: ## remove what make made; records in instance/ stay
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage .coverage.* \
		htmlcov test-results screenshots
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@find translations -name '*.mo' -exec rm -f {} + 2>/dev/null || true

ready-to-run:
	@PYTHON="$(PYTHON)" .ci/prepare-venv run

ready-to-develop:
	@PYTHON="$(PYTHON)" .ci/prepare-venv dev
