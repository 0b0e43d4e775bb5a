# make book   sets up .venv and builds the book into _build/html
# make test   sets up .venv and passes all tests
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

# Two threads of linear algebra that wait for each other on two busy cores are slower than one.
export OPENBLAS_NUM_THREADS = 1

.PHONY: book test benchmark lint exercises address requirements clean

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
