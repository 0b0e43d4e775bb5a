"""What the tests share: a compiler or a reason to skip, and a cache of compiled networks of their own."""

import os

import hypothesis
import pytest

from forcelib import CompilerError
from forcelib.engines import fast

# The same examples every time, and no limit on how long one takes.
hypothesis.settings.register_profile("forcelib", deadline=None, derandomize=True, max_examples=50)
hypothesis.settings.load_profile("forcelib")


@pytest.fixture(scope="session", autouse=True)
def network_cache(tmp_path_factory):
    """Keep compiled networks in a folder of this session, unless FORCELIB_CACHE names one."""
    with pytest.MonkeyPatch.context() as patch:
        if not os.environ.get("FORCELIB_CACHE"):
            patch.setenv("FORCELIB_CACHE", str(tmp_path_factory.mktemp("networks")))
        yield


@pytest.fixture(scope="session")
def compiler():
    """A C++ compiler. Without one tests are skipped, but on CI they fail.

    On CI, a job on a system without the fast engine skips them by setting FORCELIB_TESTS_WITHOUT_FAST_ENGINE.
    Where that is set and there is a compiler all the same, they fail.
    """
    known = bool(os.environ.get("FORCELIB_TESTS_WITHOUT_FAST_ENGINE"))
    try:
        found = fast.find_compiler()
    except CompilerError as error:
        if os.environ.get("CI") and not known:
            pytest.fail(f"CI must have a C++ compiler: {error}")
        pytest.skip(f"no C++ compiler: {error}")
    if known:
        set_for_nothing = "FORCELIB_TESTS_WITHOUT_FAST_ENGINE is set, but there is a C++ compiler"
        pytest.fail(f"{set_for_nothing}: {found.command}")
    return found


@pytest.fixture(params=["fast", "runtime"])
def engine(request):
    """Each engine in turn."""
    if request.param == "fast":
        request.getfixturevalue("compiler")
    return request.param
