"""The central queue server: the reference implementation of the queue contract.

It shares nothing with the package ``kiosk`` but that contract. All state is in one database, so
that any number of server processes can run in parallel.
"""

__version__ = "0.2.0"
