# make book   sets up .venv and builds the book into _build/html
# make test   sets up .venv and passes all tests
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

# Two threads of linear algebra that wait for each other on two busy cores are slower than one.
export OPENBLAS_NUM_THREADS = 1

.PHONY: book test benchmark lint licences wheel exercises address requirements clean

book: $(VENV)/ready
	$(BIN)/jupyter-book build -W -n --keep-going .
	@echo "The book is in _build/html/index.html"

test: $(VENV)/ready
	$(BIN)/python -m pytest --nbmake --nbmake-timeout=600 -n logical --maxprocesses 4 --dist worksteal

benchmark: $(VENV)/ready
	$(BIN)/python benchmarks/compare.py

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/ruff format --check --line-length 78 chapters/*.ipynb pages/*.ipynb
	$(BIN)/mypy
	$(BIN)/codespell
	$(MAKE) --silent licences > /dev/null

# Lists the licences of all that is installed, and fails at one that is not known to be free and compatible. Two
# tools are not asked: codespell (GPL) is only run, axe-playwright-python (MIT) says nothing in its metadata.
licences: $(VENV)/ready
	$(BIN)/pip-licenses --from=mixed --order=license --ignore-packages axe-playwright-python codespell \
	  --partial-match --allow-only="Apache;BSD;CC-BY-4.0;CeCILL-2.1;ISC;MIT;Mozilla;MPL;PSF;Python Software Foundation"

# Builds wheel and sdist, installs the wheel with what it needs and no more, then runs the tests of the sdist with it.
WHEEL = _build/wheel
wheel: $(VENV)/ready
	rm -rf dist $(WHEEL)
	$(BIN)/python -m build --outdir dist
	$(PYTHON) -m venv $(WHEEL)/venv
	tar -xzf dist/forcelib-*.tar.gz -C $(WHEEL) --strip-components=1 --wildcards '*/tests' '*/benchmarks' '*/pyproject.toml'
	$(WHEEL)/venv/bin/pip install --quiet -c requirements.txt dist/forcelib-*.whl
	$(WHEEL)/venv/bin/python -m forcelib --seed 1 --N 200 --duration 0.2 --rls-start 0.05 --rls-stop 0.1 --output $(WHEEL)/run
	$(WHEEL)/venv/bin/pip install --quiet -c requirements.txt "$$(echo dist/forcelib-*.whl)[test]"
	cd $(WHEEL) && venv/bin/pytest -n logical --maxprocesses 4 --dist worksteal $(TESTS)

# Writes the exercises of forcelib.exercises into the notebooks.
exercises: $(VENV)/ready
	$(BIN)/python tools/fill_exercises.py

# Carries the author and the repository from _config.yml into the files that hold copies.
address: $(VENV)/ready
	$(BIN)/python tools/set_address.py

# Pins every package for Python 3.11, 3.12 and 3.13 in one file, and in another those that Binder needs of them.
PINS = --universal --python-version 3.11 --no-annotate --no-header
requirements:
	$(PYTHON) -m pip install --quiet uv
	$(PYTHON) -m uv pip compile $(PINS) --upgrade --extra develop pyproject.toml -o requirements.txt
	$(PYTHON) -m uv pip compile $(PINS) -c requirements.txt --extra lab pyproject.toml -o binder/requirements.txt

$(VENV)/ready: requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -r requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

clean:
	rm -rf _build $(VENV)
