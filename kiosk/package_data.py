"""Where the files lie that belong to the program and are no modules: fonts, icons, words.

In the repository they are beside the package, in an installed wheel inside it (``setup.py``).
"""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_INSTALLED = _PACKAGE / "_data"
_FOLDER = _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent

ASSETS = _FOLDER / "assets"
CONFIG = _FOLDER / "config"
"""The settings that a site begins with."""
