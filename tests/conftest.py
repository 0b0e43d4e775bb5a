"""What the tests share: settings of hypothesis, and the engines."""

import os

import hypothesis
import pytest

from forcelib import CompilerError
from forcelib.engines import kernel

# The same examples every time, and no limit on how long one takes.
hypothesis.settings.register_profile("forcelib", deadline=None, derandomize=True, max_examples=50)
hypothesis.settings.load_profile("forcelib")


@pytest.fixture(scope="session")
def native():
    """The native kernel. Only where FORCELIB_TESTS_WITHOUT_NATIVE_KERNEL is set may it be missing."""
    without = os.environ.get("FORCELIB_TESTS_WITHOUT_NATIVE_KERNEL")
    try:
        found = kernel.load_native()
    except CompilerError as error:
        if without:
            pytest.skip(str(error))
        pytest.fail(str(error))
    if without:
        pytest.fail("FORCELIB_TESTS_WITHOUT_NATIVE_KERNEL is set, but there is a native kernel")
    return found


@pytest.fixture(params=["native", "portable", "brian2"])
def engine(request):
    """Each engine in turn."""
    if request.param == "native":
        request.getfixturevalue("native")
    return request.param
