"""The fixtures of the tests that open the built book in a browser."""

from browser import axe, browser, open_page, site  # noqa: F401 - fixtures
