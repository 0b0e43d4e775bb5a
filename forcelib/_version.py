"""The version, apart from the rest so that it can be read without importing Brian2."""

__version__ = "0.1.0"
