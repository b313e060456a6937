# `make app` and `make test` are all a visitor needs: each makes .venv first when it is missing or out of date.
# `make assets MODEL=...` computes what ships for another model; without MODEL, what ships itself.
# `make check AUDIT="--ignore-vuln ID"` lets a vulnerability pass that is of no consequence here.
PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= 2

.PHONY: app test test-all check docs site frontend assets bench wheel lock sbom clean

app: .venv/app
	$(BIN)/streamlit run serve.py

# Processes share out the files of tests, and each computes in one thread; `make test WORKERS=0` runs all in one process.
# In the order of their names: by default files of few tests come last, and those of the browser have few and long ones.
test: .venv/dev
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --durations=10

test-all: .venv/dev
	$(BIN)/python -m pytest -m "not gpu" --durations=10

check: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/hadolint Dockerfile
	$(BIN)/python .ci/audit.py $(AUDIT)
	$(if $(wildcard frontend/map/node_modules),cd frontend/map && npm run --silent check)

# Pictures of all pages, as they are now, and the documents as a site in site/; pictures need Chromium, `make site` does not.
docs: .venv/docs
	$(BIN)/python -m docs.screenshots
	@$(MAKE) --no-print-directory site

site: .venv/docs
	$(BIN)/mkdocs build --quiet

# What the browser runs, built with the tools that package-lock.json pins; needs node 20 and npm.
frontend: frontend/map/node_modules
	cd frontend/map && npm run --silent check && npm run --silent build

frontend/map/node_modules: frontend/map/package-lock.json
	cd frontend/map && npm ci --no-audit --no-fund
	@touch $@

assets: .venv/app
	$(BIN)/python -m dlfa_core.bundle $(if $(MODEL),--model "$(MODEL)")

# Every table of benchmarks/README.md in one run, of at most half an hour on two cores; `make bench NAMES=encode` for one.
bench: .venv/benchmarks
	$(BIN)/python -m benchmarks $(NAMES)

# In dist/: what `pip install` takes, with all assets.
wheel: .venv/dev
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

# All packages that the requirements bring along, with their digests; from the public index, whatever this machine uses.
lock: .venv/dev
	$(BIN)/uv lock --default-index https://pypi.org/simple

# In dist/: the same packages as a bill of materials, CycloneDX in JSON.
sbom: .venv/dev
	@mkdir -p dist
	$(BIN)/uv export --quiet --frozen --all-extras --no-emit-project --output-file dist/locked.txt
	$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible -o dist/sbom.cdx.json dist/locked.txt

.venv/app: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -r requirements.txt
	@touch $@

.venv/dev: requirements-dev.txt .venv/app
	$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	@touch $@

.venv/docs: requirements-docs.txt .venv/dev
	$(BIN)/python -m pip install --quiet -r requirements-docs.txt
	@touch $@

.venv/benchmarks: requirements-benchmarks.txt .venv/dev
	$(BIN)/python -m pip install --quiet -r requirements-benchmarks.txt
	@touch $@

clean:
	rm -rf .venv .pytest_cache .ruff_cache
