"""What the wheel holds beside the modules: assets, and the settings that a site begins with.

The rest of the metadata is in ``setup.cfg``. Assets and settings lie beside the package in the
repository; in a wheel they are put inside it, as ``kiosk/_data``, because nothing outside a package
has a place that the program can find.
"""

from setuptools import find_packages, setup

DATA = {"kiosk._data.assets": "assets", "kiosk._data.config": "config"}
PACKAGES = find_packages(
    include=[f"{name}{tail}" for tail in ("", ".*")
             for name in ("kiosk", "menu", "queue_server", "reports", "virtual_printer")]
)  # fmt: skip

setup(packages=[*PACKAGES, *DATA], package_dir=DATA)
