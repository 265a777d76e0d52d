"""Bytes for the printer and words from it; the only place that knows ESC/POS.

``encoder`` turns a slip into bytes, ``transport`` carries them, ``replies`` reads what
comes back, ``protocol`` asks the questions, and ``virtual`` is a printer made of software.
"""
