"""Open a figure in a window: `python -m demos normal`; `python -m demos --list` lists them."""

import sys

from panels.command import main

if __name__ == "__main__":
    sys.exit(main())
