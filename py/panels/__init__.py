"""Figures outside of the browser: in a window of matplotlib's, or in a notebook.

This is not part of the Python that the site brings to its readers.
"""

from panels.live import named
from panels.notebook import show

__all__ = ["named", "show"]
