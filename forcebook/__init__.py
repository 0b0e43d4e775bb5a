"""What the book's pages are made with: drawings, explorers, exercises, sound, and numbers for the prose.

The science is in :mod:`forcelib`, which needs nothing of this.
"""

from . import drawings, exercises, sound
from ._glue import glue
from .explorer import Control, Explorer, Frame, explore, seconds_ahead

__all__ = [
    "Control",
    "Explorer",
    "Frame",
    "drawings",
    "exercises",
    "explore",
    "glue",
    "seconds_ahead",
    "sound",
]
